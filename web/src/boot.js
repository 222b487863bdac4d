// Starts everything: the page, its inspector (a Worker with the same compiled module) and the sandbox (a Worker of its
// own for each run of untrusted code). One file for the three, so that its one digest names them all.
// Not here: anything that decides. The rules of the sandbox are those of shared/src/wasm/sandbox.rs.

// Of a run, counted from the end of compilation. The copy ends it before on all but slow devices: it counts its steps.
const LIMIT_MS = 3000;
// What compiles longer is left alone: that is then nobody's fault and no verdict. Modules whose shape makes engines slow are
// refused before (shared/src/wasm/node.rs), so this waits for busy machines.
const COMPILE_LIMIT_MS = 900;
const START_LIMIT_MS = 20000;
const MAX_RETURNED = 4194304n;
const [RETURN_STEPS, RETURN_SHIFT] = [150, 2n];

const role = typeof document === "object" ? "page" : self.name;
// A page that frames this one could lead a click to a button of it, such as the one that trusts a key. A policy in a meta
// element cannot refuse that, so in a frame no program starts, and there is nothing to click.
if (role === "page") window.top === window.self ? page() : framed();
else if (role === "sandbox") self.onmessage = ({ data }) => run(data);
else if (role === "comparer") comparer();
else inspector();

async function load({ glue, module }) {
  const bindings = await import(glue);
  await pause();
  await bindings.default({ module_or_path: module });
  return bindings;
}

/** Lets the browser draw and listen in between: reading a script, starting its program and drawing by it are three tasks. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

function compile(url, integrity) {
  const fetched = () => fetch(url, { integrity, credentials: "same-origin" });
  return (
    WebAssembly.compileStreaming(fetched())
      // Some hosts do not name the type of a wasm file.
      .catch(async () => WebAssembly.compile(await (await fetched()).arrayBuffer()))
  );
}

/** Fetches a script ahead if its digest fits: no `import` has a digest of its own, but takes what was fetched this way. */
function checked(href, integrity) {
  const link = document.createElement("link");
  if (!link.relList.supports("modulepreload")) return;
  return new Promise((onload, onerror) => {
    Object.assign(link, { rel: "modulepreload", href, integrity, onload, onerror });
    document.head.append(link);
  });
}

function framed() {
  document.getElementById("app").remove();
  const said = document.getElementById("framed");
  said.querySelector("code").textContent = location.href;
  said.hidden = false;
}

async function page() {
  const glue = document.querySelector("link[rel=modulepreload]").href;
  const wasm = document.querySelector("link[rel=preload][as=fetch]");
  try {
    const [, module] = await Promise.all([import(glue), compile(wasm.href, wasm.integrity)]);
    const worker = lasting({ glue, module });
    const heard = (name) =>
      new Promise((resolve) => worker.addEventListener("message", ({ data }) => data[name] && resolve()));
    const [ready, equipped] = [heard("ready"), heard("equipped")];
    const first = await load({ glue, module });
    await pause();
    first.page(worker, workbench(worker, first, ready));
    // From here on a dropped file is answered, and all about it shown, without the network.
    await Promise.all([ready, equipped]);
    document.documentElement.dataset.ready = "";
  } catch (error) {
    console.error(error);
    document.getElementById("unsupported").hidden = false;
  }
}

/**
 * The inspector as both programs know it. One that breaks down is replaced by another, and whoever waits for an answer of it
 * is told. One that never came to its feet is replaced when the next question comes: until then another would fare no better.
 */
function lasting(program) {
  const waiting = new Set();
  const listeners = [];
  let worker;
  let onmessage;
  const tell = (data) => {
    if (!data.more) waiting.delete(data.id);
    onmessage?.({ data });
    listeners.forEach((listener) => listener({ data }));
  };
  const start = () => {
    const mine = (worker = new Worker(import.meta.url, { type: "module", name: "inspector" }));
    let stood = false;
    const end = (event) => {
      console.error(event.message ?? event);
      if (mine !== worker) return;
      mine.terminate();
      worker = undefined;
      if (stood) start();
      for (const id of [...waiting]) tell({ id, ended: stood, failed: "the program in the background could not be started" });
    };
    mine.onmessage = ({ data }) => {
      stood ||= data.ready;
      "broken" in data ? end(data.broken) : tell(data);
    };
    mine.onerror = end;
    mine.postMessage(program);
  };
  start();
  return {
    set onmessage(listener) {
      onmessage = listener;
    },
    addEventListener: (_, listener) => listeners.push(listener),
    postMessage: (data) => {
      if ("id" in data) {
        waiting.add(data.id);
        if (!worker) start();
      }
      worker?.postMessage(data);
    },
  };
}

/**
 * The second program, fetched when the first asks for one of its views: `(element, view) => Promise`.
 * Without an element it is fetched ahead, once the inspector is ready.
 */
function workbench(worker, first, ready) {
  const waiting = new Map();
  let next = 2 ** 31; // the first program counts from 1
  let tools;
  let bindings;
  worker.addEventListener("message", ({ data }) => {
    if (!waiting.has(data.id)) return;
    const { resolve, reject, heard } = waiting.get(data.id);
    if (data.more) return heard?.(data.said);
    waiting.delete(data.id);
    "failed" in data ? reject(data.failed) : resolve(data);
  });
  const ask = ({ heard, ...message }) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject, heard });
      worker.postMessage({ ...message, id, tools });
    });
  const start = async () => {
    const named = document.querySelector("meta[name=workbench]").content.split(" ");
    const [glue, wasm] = named.map((name) => new URL(name, document.baseURI).href);
    const [module] = await Promise.all([compile(wasm, named[2]), checked(glue, named[3])]);
    tools = { glue, module };
    const program = await load(tools);
    worker.postMessage({ tools });
    return program;
  };
  const started = () =>
    (bindings ??= start().catch((error) => {
      bindings = undefined;
      throw error;
    }));
  return async (element, view) => {
    try {
      if (!element) await ready;
      const program = await started();
      await pause();
      if (element) program.open(element, view, ask, first);
    } catch (error) {
      console.error(error);
      if (element) element.textContent = "This part could not be loaded. Look at the connection and open it again.";
    }
    element?.removeAttribute("aria-busy");
  };
}

function inspector() {
  let bindings;
  let toolbox;
  const tools = (named) =>
    (toolbox ??= load(named).catch((error) => {
      toolbox = undefined;
      throw error;
    }));
  // Nothing here fails but what has its answer: a program that did is not to be asked again.
  self.onunhandledrejection = ({ reason }) => self.postMessage({ broken: String(reason) });
  self.onmessage = async ({ data }) => {
    if (!bindings) {
      bindings = load(data);
      Promise.all([bindings, kept]).then(() => self.postMessage({ ready: true }));
    } else if (data.ask) {
      (await bindings).answer(data, sandbox);
    } else if (data.comparer) {
      const { code } = await bindings;
      const file = await kept;
      compared({ ...data, modules: data.modules.map((it) => (typeof it === "number" ? code(it) : it)) }, file);
    } else {
      try {
        const { work } = await tools(data.tools);
        if (!data.job) return self.postMessage({ equipped: true });
        const { code } = await bindings;
        self.postMessage({ id: data.id, done: await work(data.job, [...data.ids.map(code), ...data.given], sandbox) });
      } catch (error) {
        self.postMessage({ id: data.id, failed: String(error) });
      }
    }
  };
}

const comparers = new Map();

/** In the inspector: passes a question on to the Worker of its comparison, which is started before it is needed and ended when nobody wants it. */
function compared({ id, comparer, job, modules, end: ends, tools }, file) {
  const end = (reason) => {
    const { worker, pending } = comparers.get(comparer) ?? {};
    comparers.delete(comparer);
    worker?.terminate();
    pending?.forEach((id) => self.postMessage({ id, failed: reason }));
  };
  if (ends) {
    end("the comparison was stopped");
    return self.postMessage({ id, done: "" });
  }
  if (!comparers.has(comparer)) {
    const worker = new Worker(file, { type: "module", name: "comparer" });
    const pending = new Set();
    worker.onmessage = ({ data }) => {
      if (!data.more) pending.delete(data.id);
      self.postMessage(data);
    };
    worker.onerror = (event) => {
      event.preventDefault(); // else it is our own error as well
      end(event.message ?? "the comparison could not be started");
    };
    worker.postMessage({ tools });
    comparers.set(comparer, { worker, pending });
  }
  if (job === undefined) return self.postMessage({ id, done: "" });
  const { worker, pending } = comparers.get(comparer);
  pending.add(id);
  worker.postMessage({ id, job, modules });
}

/** The Worker of one comparison. */
function comparer() {
  let program;
  self.onmessage = async ({ data }) => {
    if (data.tools) return (program = load(data.tools));
    try {
      const { compare } = await program;
      const heard = (said) => self.postMessage({ id: data.id, said, more: true });
      self.postMessage({ id: data.id, done: await compare(data.job, data.modules, sandbox, heard) });
    } catch (error) {
      self.postMessage({ id: data.id, failed: String(error) });
    }
  };
}

/** This file once more, kept: a run of untrusted code must not need the network, which may be gone by then. */
const kept =
  (role === "inspector" || role === "comparer") &&
  fetch(import.meta.url)
    .then((response) => (response.ok ? response.blob() : Promise.reject()))
    .then((file) => URL.createObjectURL(new Blob([file], { type: "text/javascript" })))
    .catch(() => import.meta.url);

/**
 * Runs one plan in a Worker of its own. Resolves to `{ end, reason, returned, called, mark }`, never rejects. The end is
 * "returned", "trapped", "invalid", "limit", or "not-started" where the module had no chance to say anything.
 */
async function sandbox(plan) {
  const file = await kept;
  return new Promise((resolve) => {
    const called = [];
    let worker;
    let timer;
    let began = false;
    const end = (end, reason, returned, mark) => {
      clearTimeout(timer);
      worker?.terminate();
      resolve({ end, reason, returned, called, mark });
    };
    const limit = (milliseconds, ...ending) => {
      clearTimeout(timer);
      timer = setTimeout(() => end(...ending), milliseconds);
    };
    try {
      worker = new Worker(file, { type: "module", name: "sandbox" });
      worker.onmessage = ({ data }) => {
        if (data.compiling) limit(COMPILE_LIMIT_MS, "not-started", "the browser did not compile it in time");
        else if (data.compiled) limit(LIMIT_MS, "limit", "");
        else if ("called" in data) called.push(data.called);
        else end(data.end, data.reason, data.returned, data.mark);
        began ||= data.compiled;
      };
      // What the code itself does wrong is caught in the Worker; what ends the Worker after that is the code's doing as well.
      worker.onerror = (event) => {
        event.preventDefault(); // else it is the error of whoever runs this as well
        began ? end("trapped", "it ended the Worker") : end("not-started", event.message ?? "the browser made no Worker");
      };
      limit(START_LIMIT_MS, "not-started", "the browser made no Worker in time");
      worker.postMessage(plan);
    } catch (error) {
      end("not-started", String(error?.message ?? error));
    }
  });
}

/** In the sandbox: runs the plan once and posts what came of it. */
async function run({ bytes, name, functions, memory, mark }) {
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
}
