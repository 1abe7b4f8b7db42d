// What keeps a runtime from posting a send again by itself when a connection breaks.
import { isObject } from "./evidence.js";
import { denoPostsOnce } from "./runtime.js";

/**
 * The connection of one send: a new one where the runtime posts again on those that it keeps. Made for each send, because Deno closes the
 * connections of a client no sooner than the client.
 *
 * @param {string} body
 * @returns {{ isNew: boolean, told?: object, close(): void }} whether it is new for sure; what the second argument of `fetch` gets besides
 */
export function connectionOfSend(body) {
  const { Bun, Deno } = globalThis;
  if (isObject(Deno)) return connectionOfDeno(Deno, body);
  return isObject(Bun) ? { ...ANY, told: { keepalive: false } } : ANY;
}

/** One that nothing is asked of. */
export const ANY = { isNew: false, told: undefined, close() {} };

function connectionOfDeno(Deno, body) {
  const client = clientWithoutPool(Deno);
  const told = {};
  if (client !== undefined) told.client = client;
  if (client === undefined || !denoPostsOnce()) {
    try {
      // What streams cannot be posted again, but leaves in chunks. That of a `Response` can: Deno knows the text behind it.
      told.body = new Blob([body]).stream();
    } catch {}
  }
  return {
    isNew: client !== undefined,
    told,
    close() {
      try {
        client?.close();
      } catch {
        // It is collected.
      }
    },
  };
}

function clientWithoutPool(Deno) {
  try {
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    return isObject(client) ? client : undefined;
  } catch {
    return undefined;
  }
}
