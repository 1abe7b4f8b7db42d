// When a failed send is "not-sent": only where the runtime's own `fetch` proves that no byte of it left.
import assert from "node:assert/strict";
import channels from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { assertFields, closedPort, forbidStrayErrors, keys, message, rejection, token } from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 60_000 };
const nobodyKnows = { kind: "network", delivery: "unknown" };

/** A server that answers the login, takes so many sends, resets each, and is gone; counts the sends that it took. */
async function mortal(t, sends = 0) {
  const taken = { sends: 0 };
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const isSend = request.url.endsWith("/sms/send");
    if (isSend) taken.sends++;
    if (taken.sends >= sends) server.close();
    if (isSend) request.socket.resetAndDestroy();
    else response.setHeader("connection", "close").end(JSON.stringify(token));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  taken.baseUrl = `http://127.0.0.1:${server.address().port}`;
  return taken;
}

/** Puts a function in the place of the global `fetch` until the test ends. */
function patched(t, fetch) {
  const original = globalThis.fetch;
  t.after(() => (globalThis.fetch = original));
  globalThis.fetch = fetch(original);
}

// First of all: later the runtime has been asked already.
describe("a runtime that tells nobody what it posts", patience, () => {
  it("proves nothing", async (t) => {
    const { baseUrl } = await mortal(t);
    const { getBuiltinModule } = process;
    t.after(() => (process.getBuiltinModule = getBuiltinModule));
    for (const replaced of [undefined, () => undefined, () => ({}), () => assert.fail()]) {
      process.getBuiltinModule = replaced;
      const error = await rejection(new CrmClient({ ...keys, maxRetries: 0, baseUrl: (await mortal(t)).baseUrl }).send(message));
      assertFields(error, nobodyKnows);
    }
  });
});

describe("a connection that cannot be made", patience, () => {
  it("is `network`, and nothing was sent", async () => {
    const client = new CrmClient({ ...keys, maxRetries: 0, baseUrl: await closedPort() });
    const error = await rejection(client.send(message));
    assertFields(error, { kind: "network", delivery: "not-sent", attempts: 0, status: undefined });
    assert.equal(error.cause.cause.code, "ECONNREFUSED");
    assertFields(await rejection(client.login()), { kind: "network", delivery: undefined });
  });

  it("after the login is the same", async (t) => {
    const { baseUrl } = await mortal(t);
    const error = await rejection(new CrmClient({ ...keys, maxRetries: 0, baseUrl }).send(message));
    assertFields(error, { kind: "network", delivery: "not-sent" });
    assert.equal(error.cause.cause.code, "ECONNREFUSED");
  });
});

describe("a refused connection proves nothing", patience, () => {
  const twice = (fetch) => async (input, init) => {
    const first = typeof input === "string" ? input : input.clone();
    return fetch(first, init).catch(() => fetch(input, init));
  };
  const lyingOf = (fetch, function_) => Object.assign(function_, { toString: () => fetch.toString() });

  for (const [name, patch] of [
    ["a wrapper", twice],
    ["a bound one", (fetch) => twice(fetch).bind(globalThis)],
    ["a proxy", (fetch) => new Proxy(fetch, { apply: (_, __, args) => twice(fetch)(...args) })],
    ["one that shows the original's text", (fetch) => lyingOf(fetch, twice(fetch))],
  ]) {
    it(`where a tool's \`fetch\` may repeat: ${name}`, async (t) => {
      const server = await mortal(t, 1);
      patched(t, patch);
      const error = await rejection(new CrmClient({ ...keys, maxRetries: 0, baseUrl: server.baseUrl }).send(message));
      assertFields(error, nobodyKnows);
      assert.equal(error.cause.cause.code, "ECONNREFUSED");
      assert.equal(server.sends, 1);
    });
  }

  it("where a dispatcher repeats below the runtime's own `fetch`", async (t) => {
    const server = await mortal(t, 1);
    const slot = Symbol.for("undici.globalDispatcher.1");
    await assert.rejects(fetch(await closedPort()));
    const original = globalThis[slot];
    t.after(() => (globalThis[slot] = original));
    globalThis[slot] = original.compose((dispatch) => (options, handler) => {
      const body = [];
      async function* kept() {
        for await (const chunk of options.body ?? []) yield (body.push(chunk), chunk);
      }
      const first = new Proxy(handler, {
        get(target, name) {
          const again = () => void dispatch({ ...options, body }, handler);
          if (name === "onError" || name === "onResponseError") return again;
          const value = target[name];
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      return dispatch({ ...options, body: options.body && kept() }, first);
    });
    const error = await rejection(new CrmClient({ ...keys, maxRetries: 0, baseUrl: server.baseUrl }).send(message));
    assertFields(error, nobodyKnows);
    assert.equal(error.cause.cause.code, "ECONNREFUSED");
    assert.equal(server.sends, 1);
  });

  it("where it comes from the option `fetch`, even if that is the runtime's own", async (t) => {
    const { baseUrl } = await mortal(t);
    assertFields(await rejection(new CrmClient({ ...keys, maxRetries: 0, baseUrl, fetch }).send(message)), nobodyKnows);
  });

  it("where the global `fetch` is another at each look: the one that is called is the one that was recognised", async (t) => {
    const server = await mortal(t, 1);
    const client = new CrmClient({ ...keys, maxRetries: 0, baseUrl: server.baseUrl });
    await client.login();
    // One that posts past the runtime and then says that it could not connect.
    const liar = (url, init) =>
      new Promise((_, reject) => {
        const refused = () => reject(Object.assign(new TypeError("fetch failed"), { cause: { syscall: "connect" } }));
        httpRequest(url, { method: "POST", headers: init.headers }, refused).on("error", refused).end(init.body);
      });
    const [original, own] = [globalThis.fetch, Object.getOwnPropertyDescriptor(globalThis, "fetch")];
    t.after(() => Object.defineProperty(globalThis, "fetch", own));
    let looks = 0;
    Object.defineProperty(globalThis, "fetch", { configurable: true, get: () => (looks++ === 0 ? original : liar) });
    assertFields(await rejection(client.send(message)), nobodyKnows);
    assert.equal(server.sends, 1);
  });
});

describe("the look-out for what is posted", patience, () => {
  it("is set up once for all calls, and harms no other", async (t) => {
    const { subscribe } = channels;
    t.after(() => (channels.subscribe = subscribe));
    let times = 0;
    channels.subscribe = (...told) => (times++, subscribe(...told));
    const { baseUrl } = await mortal(t);
    const client = new CrmClient({ ...keys, maxRetries: 0, baseUrl });
    await Promise.all([client.login(), client.login()]);
    await Promise.all([rejection(client.send(message)), rejection(client.send(message))]);
    assert.equal(times, 0);
    const told = channels.channel("undici:client:sendHeaders");
    for (const message of [undefined, null, 5, {}, { request: { get path() { throw new Error("no"); } } }]) told.publish(message);
  });
});
