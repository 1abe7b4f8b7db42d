// An abort at every stage: the call rejects at once, with the signal's reason as its cause.
import assert from "node:assert/strict";
import { getEventListeners, getMaxListeners, setMaxListeners } from "node:events";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  accepted,
  assertFields,
  forbidStrayErrors,
  json,
  keys,
  message,
  rejection,
  scripted,
  serve,
  token,
  turn,
  until,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 60_000 };
const never = () => new Promise(() => {});
const reasons = [new Error("enough"), "enough", undefined, null, 0];

/** How a call ends that is aborted as soon as `when` holds. */
async function aborted({ client, call = (options) => client.send(message, options), when, reason }) {
  const controller = new AbortController();
  const error = rejection(call({ signal: controller.signal }));
  await until(when);
  controller.abort(reason);
  const found = await error;
  assertFields(found, { kind: "aborted" });
  assert.ok(Object.is(found.cause, controller.signal.reason));
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  return found;
}

describe("an abort", patience, () => {
  for (const reason of reasons) {
    it(`with ${reason} before the call posts nothing`, async () => {
      const { client, requests } = scripted();
      const signal = AbortSignal.abort(reason);
      assert.equal(requests.length, 0);
      for (const call of [
        client.send(message, { signal }),
        client.login({ signal }),
        client.stats({ receivers: message.to }, { signal }),
      ]) {
        const error = await rejection(call);
        assertFields(error, { kind: "aborted", attempts: 0 });
        assert.ok(Object.is(error.cause, signal.reason));
      }
      assertFields(await rejection(client.send(message, { signal })), { delivery: "not-sent" });
      assert.equal(requests.length, 0);
    });

    it(`with ${reason} during the login sends nothing`, async () => {
      const { client, requests, count } = scripted({ login: never });
      const error = await aborted({ client, reason, when: () => count("login") === 1 });
      assertFields(error, { delivery: "not-sent", attempts: 0 });
      assert.equal(requests[0].init.signal.aborted, true);
    });

    it(`with ${reason} during the send leaves it unknown, and aborts the request`, async () => {
      const { client, requests, count } = scripted({ send: never });
      const error = await aborted({ client, reason, when: () => count("send") === 1 });
      assertFields(error, { delivery: "unknown", attempts: 1, status: undefined });
      const { signal } = requests[1].init;
      assert.ok(signal.aborted && Object.is(signal.reason, error.cause));
    });

    it(`with ${reason} in the body leaves it unknown`, async () => {
      let pulled = false;
      const body = () => new ReadableStream({ pull: () => ((pulled = true), never()) }, { highWaterMark: 0 });
      const { client } = scripted({ send: () => new Response(body()) });
      const error = await aborted({ client, reason, when: () => pulled });
      assertFields(error, { delivery: "unknown", attempts: 1, status: 200 });
    });
  }

  it("goes through to the connection", async (t) => {
    let closed = false;
    let received = false;
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") return response.end(JSON.stringify(token));
      received = true;
      request.socket.on("close", () => (closed = true));
    });
    const client = new CrmClient({ ...keys, baseUrl });
    assertFields(await aborted({ client, reason: "enough", when: () => received }), { delivery: "unknown" });
    await until(() => closed);
  });

  it("of a stats call has no delivery", async () => {
    const { client, count } = scripted({ stats: never });
    const call = (options) => client.stats({ receivers: message.to }, options);
    const error = await aborted({ client, call, when: () => count("stats") === 1 });
    assertFields(error, { delivery: undefined, attempts: 1 });
    assert.equal(error.cause.name, "AbortError");
  });

  it("by `AbortSignal.timeout` has its TimeoutError as the cause", async () => {
    const { client } = scripted({ send: never });
    // The signal's own timer keeps no process alive.
    const alive = setTimeout(() => {}, 5_000);
    const error = await rejection(client.send(message, { signal: AbortSignal.timeout(20) }));
    clearTimeout(alive);
    assertFields(error, { kind: "aborted", delivery: "unknown" });
    assert.equal(error.cause.name, "TimeoutError");
  });

  it("after the call is nothing", async () => {
    const { client } = scripted();
    const controller = new AbortController();
    await client.send(message, { signal: controller.signal });
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    controller.abort();
    await turn();
  });

  it("of one call leaves the others alone, also where they waited for its login", async () => {
    const waiting = [];
    const { client, count } = scripted({
      login: () => new Promise((resolve) => waiting.push(() => resolve(json(token)))),
    });
    const controller = new AbortController();
    const first = rejection(client.send(message, { signal: controller.signal }));
    const second = client.send(message);
    await until(() => count("login") === 1);
    controller.abort("enough");
    assertFields(await first, { kind: "aborted", delivery: "not-sent", cause: "enough" });
    await until(() => count("login") === 2);
    waiting[1]();
    assert.equal((await second).sms[0].status, "sent");
  });

  it("at the very end of a wait posts nothing", async (t) => {
    const { setTimeout } = globalThis;
    t.after(() => Object.assign(globalThis, { setTimeout }));
    const controller = new AbortController();
    let loggedIn = false;
    // After the timer has fired, and before the call goes on.
    globalThis.setTimeout = (handler, ms) =>
      setTimeout(() => {
        handler();
        if (loggedIn && ms < 1000) controller.abort("enough");
      }, ms);
    const { client, count } = scripted({ login: async () => (await turn(), (loggedIn = true), json(token)) });
    const first = client.send(message);
    const error = await rejection(client.send(message, { signal: controller.signal }));
    assertFields(error, { kind: "aborted", delivery: "not-sent", attempts: 0, cause: "enough" });
    await first;
    assert.equal(count("send"), 1);
  });

  it("as the login is answered rejects at once, whatever the store does then", async () => {
    const controller = new AbortController();
    const onEvent = ({ type }) => type === "response" && controller.abort("enough");
    // A tenth of the timeout is longer than the test may take.
    const { client, requests } = scripted({}, { onEvent, tokenStore: { get: () => null, set: never }, timeout: 6_000_000 });
    const error = await rejection(client.send(message, { signal: controller.signal }));
    assertFields(error, { kind: "aborted", delivery: "not-sent", attempts: 0, cause: "enough" });
    assert.equal(requests.length, 1);
  });

  it("while waiting for another's login rejects at once", async () => {
    let logIn;
    const { client, count } = scripted({ login: () => new Promise((resolve) => (logIn = () => resolve(json(token)))) });
    const first = client.send(message);
    const error = await aborted({ client, reason: "enough", when: () => count("login") === 1 });
    assertFields(error, { delivery: "not-sent", attempts: 0 });
    logIn();
    assert.equal((await first).unknown.length, 0);
  });
});

describe("a signal", patience, () => {
  /** What Node warns of while 50 calls listen to a signal at once. */
  async function warnings(signal) {
    const warned = [];
    const keep = ({ name }) => warned.push(name);
    process.on("warning", keep);
    const { client } = scripted();
    await Promise.all(Array.from({ length: 50 }, (_, index) => client.send({ ...message, text: `${index}` }, { signal })));
    await turn();
    process.off("warning", keep);
    return warned;
  }

  it("may be that of many calls, and nothing warns of a leak", async () => {
    assert.deepEqual(await warnings(new AbortController().signal), []);
  });

  it("keeps the number of listeners that its owner has set", async () => {
    const { signal } = new AbortController();
    setMaxListeners(20, signal);
    assert.deepEqual(await warnings(signal), ["MaxListenersExceededWarning"]);
    assert.equal(getMaxListeners(signal), 20);
  });
});

/** A signal of no class of the runtime's, as polyfills have. */
class ForeignSignal {
  aborted = false;
  reason = undefined;
  listeners = new Set();
  addEventListener(_, listener) {
    this.listeners.add(listener);
  }
  removeEventListener(_, listener) {
    this.listeners.delete(listener);
  }
  abort(reason) {
    Object.assign(this, { aborted: true, reason });
    for (const listener of this.listeners) listener();
  }
}

describe("a foreign signal", patience, () => {
  it("that keeps its listeners may be aborted after the call", async () => {
    for (const removeEventListener of [
      undefined,
      () => {
        throw new Error("deaf");
      },
    ]) {
      const signal = Object.assign(new ForeignSignal(), { removeEventListener });
      await scripted().client.send(message, { signal });
      assert.ok(signal.listeners.size > 0);
      signal.abort();
    }
  });

  it("aborts as the runtime's own does, with either fetch", async (t) => {
    let received = false;
    const baseUrl = await serve(t, (request, response) => {
      if (request.url === "/auth/login") return response.end(JSON.stringify(token));
      received = true;
    });
    const own = scripted({ send: () => ((received = true), never()) }).client;
    for (const client of [own, new CrmClient({ ...keys, baseUrl })]) {
      received = false;
      const signal = new ForeignSignal();
      const error = rejection(client.send(message, { signal }));
      await until(() => received);
      signal.abort("enough");
      assertFields(await error, { kind: "aborted", delivery: "unknown", cause: "enough" });
      assert.equal(signal.listeners.size, 0);
    }
  });

  it("is stopped listening to when the call ends", async () => {
    const signal = new ForeignSignal();
    await scripted().client.send(message, { signal });
    assert.equal(signal.listeners.size, 0);
    signal.abort();
  });

  it("that throws fails the call alone, and leaves no timer behind", async (t) => {
    const timers = [];
    const { setTimeout, clearTimeout } = globalThis;
    t.after(() => Object.assign(globalThis, { setTimeout, clearTimeout }));
    const running = new Set();
    globalThis.setTimeout = (...input) => {
      const timer = setTimeout(...input);
      running.add(timer);
      timers.push(timer);
      return timer;
    };
    globalThis.clearTimeout = (timer) => {
      running.delete(timer);
      clearTimeout(timer);
    };
    const { client, requests } = scripted();
    const signal = new ForeignSignal();
    signal.addEventListener = () => {
      throw new Error("deaf");
    };
    const error = await rejection(client.send(message, { signal }));
    assertFields(error, { delivery: "not-sent", attempts: 0 });
    assert.equal(error.cause.message, "deaf");
    assert.equal(requests.length, 0);
    assert.deepEqual([timers.length, running.size], [1, 0]);
    assert.equal((await client.send(message)).unknown.length, 0);
  });

  it("whose getters throw fails nothing", async () => {
    const signal = new ForeignSignal();
    const { client } = scripted({ send: accepted });
    Object.defineProperty(signal, "reason", {
      get() {
        throw new Error("reason");
      },
    });
    assert.equal((await client.send(message, { signal })).unknown.length, 0);
    signal.aborted = true;
    assertFields(await rejection(client.send(message, { signal })), { kind: "aborted", delivery: "not-sent" });
  });
});
