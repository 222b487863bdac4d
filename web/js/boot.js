// Starts everything, after checking its digest: both programs of the page, and the Worker that the first one asks.
// Not here: what Workers do (worker.js), running untrusted code (sandbox.js), anything that decides.

// A page that frames this one could lead a click to a button of it, such as the one that trusts a key. A policy in a meta
// element cannot refuse that, so in a frame no program starts, and there is nothing to click.
window.top === window.self ? page() : framed();

async function page() {
  early();
  const [glue, wasm, worker, sandbox] = ["link[rel=modulepreload]", "link[type='application/wasm']", "#worker", "#sandbox"].map(
    (name) => document.querySelector(name),
  );
  try {
    const [module, , ...scripts] = await Promise.all([
      compile(wasm.href, wasm.integrity),
      import(glue.href),
      ...[glue, worker, sandbox].map(script),
    ]);
    const inspector = lasting(worker.href, { program: { glue: scripts[0], module }, worker: scripts[1], sandbox: scripts[2] });
    const heard = (name) =>
      new Promise((resolve) => inspector.addEventListener("message", ({ data }) => data[name] && resolve()));
    const [ready, equipped] = [heard("ready"), heard("equipped")];
    const first = await load(glue.href, module);
    await pause();
    first.page(inspector, workbench(inspector, first, ready));
    // From here on a dropped file is answered, and all about it shown, without the network.
    await Promise.all([ready, equipped]);
    document.documentElement.dataset.ready = "";
  } catch (error) {
    console.error(error);
    document.getElementById("early")?.remove();
    document.getElementById("unsupported").hidden = false;
  }
}

/** The field of the page itself, for whoever begins to type before any program is there. It is the home view's alone. */
function early() {
  if (!["", "#", "#/"].includes(location.hash)) return;
  document.getElementById("app").append(document.getElementById("begin").content.cloneNode(true));
  const field = document.getElementById("early");
  field.onsubmit = (event) => {
    event.preventDefault();
    field.dataset.submitted = "";
  };
}

async function load(glue, module) {
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

/**
 * A script as text, if its digest fits: Workers run what was checked here, and not what the host says the next time.
 * The script of the first Worker is fetched once more, by the browser, which takes no digest for it.
 */
async function script({ href, integrity }) {
  const response = await fetch(href, { integrity, credentials: "same-origin" });
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${href}`);
  return response.text();
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

/**
 * The inspector as both programs know it. One that breaks down is replaced by another, and whoever waits for an answer of it
 * is told. One that never came to its feet is replaced when the next question comes: until then another would fare no better.
 */
function lasting(url, given) {
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
    const mine = (worker = new Worker(url, { type: "module", name: "inspector" }));
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
    mine.postMessage(given);
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
    const [href, wasm] = named.map((name) => new URL(name, document.baseURI).href);
    const [module, glue] = await Promise.all([compile(wasm, named[2]), script({ href, integrity: named[3] }), checked(href, named[3])]);
    tools = { glue, module };
    const program = await load(href, module);
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

function framed() {
  document.getElementById("app").remove();
  const said = document.getElementById("framed");
  said.querySelector("code").textContent = location.href;
  said.hidden = false;
}
