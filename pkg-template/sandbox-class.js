import { MemoryApi } from "./sandbox_bg.js";

/** The API in memory; sandbox.d.ts documents it. */
export class Sandbox {
  #api;
  #sent = Object.freeze([]);
  #requests = Object.freeze([]);

  constructor(options = {}) {
    this.#api = new MemoryApi(plainJson(options));
    // Own and bound: a client calls it without `this`.
    Object.defineProperty(this, "fetch", { value: (input, init) => fetchFrom(this, input, init) });
  }

  get sent() {
    const api = this.#api;
    this.#sent = grown(this.#sent, api.sentCount, (from) => api.sent(from));
    return this.#sent;
  }

  get requests() {
    const api = this.#api;
    this.#requests = grown(this.#requests, api.receivedCount, (from) => api.received(from));
    return this.#requests;
  }

  get balance() {
    return this.#api.balance ?? Infinity;
  }

  answer({ method, path, headers = {}, body = "" }) {
    const { authorization, "content-type": contentType } = headers;
    return JSON.parse(this.#api.answer(method, path, authorization, contentType, body, Date.now()));
  }

  logout() {
    this.#api.logOut();
  }

  reset() {
    this.#api.reset();
    this.#sent = this.#requests = Object.freeze([]);
  }
}

// A minifier may rename the class.
Object.defineProperty(Sandbox, "name", { value: "Sandbox", configurable: true });

// JSON leaves functions and symbols out, and what is left out would be accepted and ignored. Null is refused everywhere.
function plainJson(options) {
  return JSON.stringify(options, (_, value) => (["function", "symbol", "bigint"].includes(typeof value) ? null : value));
}

// Only what is new crosses the border, and a list in somebody's hand doesn't change.
function grown(list, count, rest) {
  if (list.length === count) return list;
  const added = JSON.parse(rest(list.length), (_, value) => Object.freeze(value));
  return Object.freeze([...list, ...added]);
}

async function fetchFrom(sandbox, input, init) {
  const signal = init?.signal === undefined ? input?.signal : init.signal;
  if (signal?.aborted) throw signal.reason;

  // Without the signal: a Request would leave a listener on it.
  const request = new Request(input, { ...init, signal: null });
  const answer = sandbox.answer({
    method: request.method,
    path: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });

  const { lost, latency } = answer;
  await wait(lost === "hang" ? Infinity : latency, signal);
  if (lost === "reset") throw new TypeError("fetch failed", { cause: connectionReset() });
  return response(answer, signal);
}

/** Rejects with the signal's reason as soon as it is aborted. */
function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    if (milliseconds === 0) return resolve();

    const timer = milliseconds === Infinity ? undefined : setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    }
  });
}

function response({ status, headers, body, lost }, signal) {
  if ([204, 205, 304].includes(status)) return new Response(null, { status, headers });
  return new Response(lost ? firstHalf(body, lost, signal) : body, { status, headers });
}

// Then what Node's fetch gives: a reset, or silence until the signal.
function firstHalf(body, lost, signal) {
  const whole = new TextEncoder().encode(body);
  const half = whole.subarray(0, whole.length >> 1);
  let given = false;
  let abort;
  return new ReadableStream(
    {
      pull(controller) {
        if (!given) {
          given = true;
          controller.enqueue(half);
        } else if (lost === "half") {
          controller.error(new TypeError("terminated", { cause: connectionReset() }));
        } else if (signal?.aborted) {
          controller.error(signal.reason);
        } else {
          abort = () => controller.error(signal.reason);
          signal?.addEventListener("abort", abort, { once: true });
          // Until it settles, the stream asks for no more.
          return new Promise(() => {});
        }
      },
      cancel() {
        signal?.removeEventListener("abort", abort);
      },
    },
    { highWaterMark: 0 },
  );
}

function connectionReset() {
  return Object.assign(new Error("read ECONNRESET"), { errno: -104, code: "ECONNRESET", syscall: "read" });
}
