// Runs untrusted code: one plan, once, in a Worker of its own, and posts what came of it. Whoever started the Worker ends it.
// Not here: the rules, which are those of shared/src/wasm/sandbox.rs.

const MAX_RETURNED = 4194304n;
const [RETURN_STEPS, RETURN_SHIFT] = [150, 2n];

self.onmessage = async ({ data: { bytes, name, functions, memory, mark } }) => {
  let reach;
  let marked;
  let returned;
  const unsigned = (value) => BigInt.asUintN(64, value);
  const capture = (length, address) => {
    [length, address] = [unsigned(length), unsigned(address)];
    const available = reach ? BigInt(reach.buffer.byteLength) : 0n;
    if (length > MAX_RETURNED || (length > 0n && address + length > available)) {
      throw new WebAssembly.RuntimeError("value_return reaches outside the memory");
    }
    marked.value -= RETURN_STEPS + Number(length >> RETURN_SHIFT);
    if (marked.value < 0) throw new WebAssembly.RuntimeError("no steps are left");
    returned = length ? new Uint8Array(reach.buffer, Number(address), Number(length)).slice() : new Uint8Array();
  };
  const stub = ({ name, results }) => {
    const zeros = results.map((type) => (type === "i64" ? 0n : 0));
    let noted = false;
    return (...values) => {
      if (!noted) self.postMessage({ called: name });
      noted = true;
      if (name === "value_return") capture(...values);
      return zeros.length > 1 ? zeros : zeros[0];
    };
  };
  try {
    self.postMessage({ compiling: true });
    const module = await WebAssembly.compile(bytes);
    self.postMessage({ compiled: true });
    // Names are hostile: an object without a prototype knows no other names than those given to it.
    const env = Object.create(null);
    for (const host of functions) env[host.name] = stub(host);
    const { exports } = await WebAssembly.instantiate(module, Object.assign(Object.create(null), { env }));
    const own = (name) => (name === undefined ? undefined : exports[name]);
    [reach, marked] = [own(memory), own(mark)];
    exports[name]();
    self.postMessage({ end: "returned", reason: "", returned });
  } catch (error) {
    // Any other error says that this device has less memory or stack than a node, and nothing about the code.
    const ends = { RuntimeError: "trapped", CompileError: "invalid" };
    const end = Object.keys(ends).find((kind) => error instanceof WebAssembly[kind]);
    self.postMessage({ end: ends[end] ?? "not-started", reason: String(error?.message ?? error).slice(0, 200), mark: marked?.value });
  }
};
