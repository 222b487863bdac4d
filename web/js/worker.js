// What the Workers of the page begin with. The inspector answers questions and passes comparisons on, each to a Worker of its
// own that can be stopped; messages are carried, and read by the programs alone. Every other script is run from the text that
// boot.js has checked. Not here: anything that decides.

// Of a run, counted from the end of compilation. The copy ends it before on all but slow devices: it counts its steps.
const LIMIT_MS = 3000;
// What compiles longer is left alone: that is then nobody's fault and no verdict. Modules whose shape makes engines slow are
// refused before (shared/src/wasm/node.rs), so this waits for busy machines.
const COMPILE_LIMIT_MS = 900;
const START_LIMIT_MS = 20000;

// A name for a script's text. What stands there needs no network any more.
const named = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));

// The names of the two scripts that Workers of Workers are started from.
let scripts;

self.name === "comparer" ? comparer() : inspector();

async function load({ glue, module }) {
  const url = named(glue);
  const bindings = await import(url);
  URL.revokeObjectURL(url);
  await bindings.default({ module_or_path: module });
  return bindings;
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
      scripts = { worker: named(data.worker), sandbox: named(data.sandbox) };
      bindings = load(data.program);
      bindings.then(() => self.postMessage({ ready: true }));
    } else if (data.ask) {
      (await bindings).answer(data, sandbox);
    } else if (data.comparer) {
      const { code } = await bindings;
      compared({ ...data, modules: data.modules.map((it) => (typeof it === "number" ? code(it) : it)) });
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
function compared({ id, comparer, job, modules, end: ends, tools }) {
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
    const worker = new Worker(scripts.worker, { type: "module", name: "comparer" });
    const pending = new Set();
    worker.onmessage = ({ data }) => {
      if (!data.more) pending.delete(data.id);
      self.postMessage(data);
    };
    worker.onerror = (event) => {
      event.preventDefault(); // else it is our own error as well
      end(event.message ?? "the comparison could not be started");
    };
    worker.postMessage({ program: tools, sandbox: scripts.sandbox });
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
    if (data.program) {
      scripts = { sandbox: data.sandbox };
      return (program = load(data.program));
    }
    try {
      const { compare } = await program;
      const heard = (said) => self.postMessage({ id: data.id, said, more: true });
      self.postMessage({ id: data.id, done: await compare(data.job, data.modules, sandbox, heard) });
    } catch (error) {
      self.postMessage({ id: data.id, failed: String(error) });
    }
  };
}

/**
 * Runs one plan in a Worker of its own. Resolves to `{ end, reason, returned, called, mark }`, never rejects. The end is
 * "returned", "trapped", "invalid", "limit", or "not-started" where the module had no chance to say anything.
 */
function sandbox(plan) {
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
      worker = new Worker(scripts.sandbox, { type: "module", name: "sandbox" });
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
