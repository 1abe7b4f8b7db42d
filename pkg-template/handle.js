import { CrmError } from "./error.js";

/**
 * Makes a class of wasm-bindgen safe to free: once, twice, or while calls run. The generated class throws plain
 * errors for a handle that is gone ("null pointer passed to rust"); here a method rejects, or throws if it is
 * synchronous, with a `CrmError`. Calls in flight hold what they need, so freeing lets them settle.
 *
 * @param {string} type the name of the class, which a minifier may change
 * @param {Function} handle the generated class
 * @param {{ promised: string[], direct: string[] }} methods by whether they return a promise
 */
export function guardHandle(type, handle, { promised, direct }) {
  Object.defineProperty(handle, "name", { value: type, configurable: true });
  const { prototype } = handle;
  const isGone = (object) => !(object instanceof handle) || !object.__wbg_ptr;

  for (const name of [...promised, ...direct]) {
    const call = prototype[name];
    define(prototype, name, {
      [name](...args) {
        if (!isGone(this)) return call.apply(this, args);
        const error = gone(type, name);
        if (direct.includes(name)) throw error;
        return Promise.reject(error);
      },
    }[name]);
  }

  const free = prototype.free;
  const freeOnce = {
    free() {
      if (isGone(this)) return;
      try {
        free.call(this);
      } catch {
        // A getter of what a call reads may free the client of that call. The handle is gone then, and what the call
        // borrows is left to it.
      }
    },
  }.free;
  define(prototype, "free", freeOnce);
  if (Symbol.dispose) define(prototype, Symbol.dispose, freeOnce);
}

function define(prototype, name, value) {
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true, enumerable: false });
}

function gone(type, method) {
  const message = `${type}.${method}: not a client, or one that was freed: make a new one`;
  return new CrmError(message, {
    kind: "invalid",
    ...(method === "send" && { delivery: "not-sent" }),
    issues: [{ severity: "error", field: "option", reason: "freed", message }],
  });
}
