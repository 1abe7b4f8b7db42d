// Runtimes, and tools for tests, that lack a global or put their own in its place: a call settles all the same.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { assertFields, forbidStrayErrors, keys, message, rejection, scripted } from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 60_000 };

/** Puts values in the place of globals until the test ends; `undefined` takes one away. */
function replaced(t, globals) {
  for (const [name, value] of Object.entries(globals)) {
    const original = Object.getOwnPropertyDescriptor(globalThis, name);
    t.after(() => Object.defineProperty(globalThis, name, original));
    if (value === undefined) delete globalThis[name];
    else Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  }
}

/** A global `fetch` of a test, which takes a URL or a Request. */
function mockFetch() {
  const { fetch, requests } = scripted();
  const mock = async (input, init) => {
    if (typeof input === "string") return fetch(input, init);
    const { url, method, redirect } = input;
    return fetch(url, { method, redirect, body: await input.text() });
  };
  return { mock, requests };
}

class Throwing {
  constructor() {
    throw "not even an Error";
  }
}

describe("a runtime", patience, () => {
  for (const name of ["Request", "Headers", "URLSearchParams", "URL", "AbortController"]) {
    for (const [how, value] of [
      ["without", undefined],
      ["with a broken", Throwing],
      ["with a stub of", class {}],
    ]) {
      it(`${how} ${name} still sends through its \`fetch\`, once, and follows no redirect`, async (t) => {
        const { mock, requests } = mockFetch();
        replaced(t, { fetch: mock, [name]: value });
        const receipt = await new CrmClient(keys).send(message);
        assert.equal(receipt.sms[0].status, "sent");
        assert.deepEqual(
          requests.map(({ call, init }) => [call, init.method, init.redirect]),
          [
            ["login", "POST", "manual"],
            ["send", "POST", "manual"],
          ],
        );
      });
    }
  }

  it("whose `abort()` throws has timeouts", async (t) => {
    class Controller {
      signal = {};
      abort() {
        throw new Error("abort");
      }
    }
    replaced(t, { AbortController: Controller });
    const { client } = scripted({ send: () => new Promise(() => {}) }, { timeout: 50 });
    assertFields(await rejection(client.send(message)), { kind: "timeout", delivery: "unknown" });
  });

  it("whose `fetch` rejects with what throws when it is looked at", async (t) => {
    const revoked = (target) => {
      const { proxy, revoke } = Proxy.revocable(target, {});
      revoke();
      return proxy;
    };
    const boom = () => {
      throw new Error("boom");
    };
    for (const reason of [
      { errors: new Proxy([], { get: boom }) },
      { errors: Object.assign([], { [Symbol.iterator]: 5 }) },
      { errors: revoked([]) },
      { cause: revoked({}) },
      revoked({}),
    ]) {
      replaced(t, { fetch: () => Promise.reject(reason) });
      const error = await rejection(new CrmClient(keys).send(message));
      assertFields(error, { kind: "network", delivery: "not-sent", attempts: 0 });
      assert.ok(error.cause === reason);
    }
  });
});
