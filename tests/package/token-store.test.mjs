// A store of tokens of the caller's own: it spares logins, and no call fails for it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { Sandbox } from "paydunya-crm/sandbox";
import {
  accepted,
  assertFields,
  forbidStrayErrors,
  json,
  keys,
  message,
  refusal,
  rejection,
  scripted,
  thrown,
  token,
  until,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 20_000 };

const stored = (accessToken, lasts = 3_600_000) => ({
  accessToken,
  tokenType: "bearer",
  expiresIn: 3600,
  expiresAt: Date.now() + lasts,
});
const bearers = (requests) => requests.map(({ init }) => init.headers.Authorization).filter(Boolean);
const calls = (requests) => requests.map(({ call }) => call);
const never = () => new Promise(() => {});

describe("a token store", patience, () => {
  it("spares the login, and is asked once", async () => {
    let asked = 0;
    const tokenStore = { get: () => (asked++, stored("STORED")), set: () => assert.fail("nobody logged in") };
    const { client, requests } = scripted({}, { tokenStore });
    await Promise.all([client.send(message), client.send(message), client.stats({ receivers: message.to })]);
    assert.ok(!calls(requests).includes("login"));
    assert.deepEqual(new Set(bearers(requests)), new Set(["Bearer STORED"]));
    assert.equal(asked, 1);
  });

  it("gets the token of each login, as `login` gives it, before the call goes on", async () => {
    const kept = [];
    const tokenStore = { get: async () => null, set: async (token) => void kept.push(token) };
    const { client } = scripted({ send: (request) => (assert.equal(kept.length, 1), accepted(request)) }, { tokenStore });
    await client.send(message);
    assert.deepEqual(await client.login(), kept[1]);
    assert.deepEqual(Object.keys(kept[0]), ["accessToken", "tokenType", "expiresIn", "expiresAt"]);
  });

  it("may be a class, with its own fields", async () => {
    class Cell {
      #token = null;
      async get() {
        return this.#token;
      }
      async set(token) {
        this.#token = token;
      }
    }
    const tokenStore = new Cell();
    const first = scripted({}, { tokenStore });
    await first.client.send(message);
    const second = scripted({}, { tokenStore });
    await second.client.send(message);
    assert.deepEqual([calls(first.requests), calls(second.requests)], [["login", "send"], ["send"]]);
  });

  it("has its methods read once", async () => {
    const reads = [];
    const methods = { get: () => null, set() {} };
    const tokenStore = new Proxy(methods, { get: (target, name) => (reads.push(name), target[name]) });
    const { client } = scripted({}, { tokenStore });
    await client.login();
    await client.login();
    assert.deepEqual(reads, ["get", "set"]);
  });

  it("is asked for a newer token when one is refused, and a refused one leads to one login and a set", async () => {
    const kept = [];
    const held = [stored("OLD"), stored("NEW"), stored("NEW")];
    const tokenStore = { get: () => held.shift(), set: ({ accessToken }) => void kept.push(accessToken) };
    const { client, requests } = scripted(
      {
        send: (request) =>
          request.init.headers.Authorization === "Bearer TOKEN" ? accepted(request) : refusal("ERROR_121"),
      },
      { tokenStore },
    );
    await client.send(message);
    assert.deepEqual(calls(requests), ["send", "send", "login", "send"]);
    assert.deepEqual(bearers(requests), ["Bearer OLD", "Bearer NEW", "Bearer TOKEN"]);
    assert.deepEqual(kept, ["TOKEN"]);
  });

  for (const [name, get] of [
    ["nothing", () => undefined],
    ["null", async () => null],
    ["a token as JSON", () => JSON.stringify(stored("STORED"))],
    ["a token that ends within a minute", () => stored("STORED", 59_000)],
    ["a token that no header may hold", () => stored("a\r\nX-Evil: 1")],
    ["a token without a type", () => ({ ...stored("STORED"), tokenType: undefined })],
    ["an inherited token", () => Object.create(stored("STORED"))],
    ["a getter that throws", () => Object.defineProperty(stored("STORED"), "accessToken", { get: () => assert.fail() })],
    ["a Proxy that throws", () => new Proxy({}, { get: () => assert.fail(), getOwnPropertyDescriptor: () => assert.fail() })],
    [
      "an exception",
      () => {
        throw new Error("store");
      },
    ],
    ["a rejection", () => Promise.reject(new Error("store"))],
    ["a rejection with nothing", () => Promise.reject()],
    ["a thenable that throws", () => ({ then: () => assert.fail() })],
  ]) {
    it(`that gives ${name} is as none`, async () => {
      const set = () => Promise.reject(new Error("store"));
      const { client, requests } = scripted({}, { tokenStore: { get, set } });
      assert.equal((await client.send(message)).sms[0].status, "sent");
      assert.deepEqual(bearers(requests), ["Bearer TOKEN"]);
    });
  }

  it("that hangs costs a tenth of the timeout", async () => {
    for (const store of [
      { get: never, set() {} },
      { get: () => null, set: never },
    ]) {
      const { client } = scripted({}, { tokenStore: store, timeout: 1_000 });
      const start = performance.now();
      await client.send(message);
      const took = performance.now() - start;
      assert.ok(took >= 95 && took < 900, `${took} ms`);
    }
  });

  it("that answers too late, by a rejection, disturbs nobody", async () => {
    let reject;
    const get = () => new Promise((_, no) => (reject = no));
    const { client } = scripted({}, { tokenStore: { get, set() {} }, timeout: 100 });
    await client.send(message);
    reject(new Error("late"));
  });

  it("that hangs holds up no abort", async () => {
    let asked = false;
    const { client, requests } = scripted({}, { tokenStore: { get: () => ((asked = true), never()), set() {} } });
    const controller = new AbortController();
    const error = rejection(client.send(message, { signal: controller.signal }));
    await until(() => asked);
    controller.abort("enough");
    assertFields(await error, { kind: "aborted", delivery: "not-sent", attempts: 0, cause: "enough" });
    assert.equal(requests.length, 0);
  });

  it("must have both methods, and none of them from `Object.prototype`", () => {
    for (const tokenStore of [null, {}, { get() {} }, { get() {}, set: 5 }, "store", 5, new Proxy({}, { get: () => assert.fail() })]) {
      const error = thrown(() => new CrmClient({ tokenStore }));
      assert.deepEqual(
        error.issues.map(({ reason }) => reason),
        ["wrong-type"],
      );
      assert.match(error.message, /^option tokenStore: expected an object with the methods get and set, got /);
    }
    assert.ok(new CrmClient({ tokenStore: new Map() }));
    Object.assign(Object.prototype, { get() {}, set() {} });
    try {
      assert.throws(() => new CrmClient({ tokenStore: {} }), /option tokenStore/);
    } finally {
      delete Object.prototype.get;
      delete Object.prototype.set;
    }
  });
});

describe("two programs with the same keys", patience, () => {
  const options = { userKey: "user-key", secretKey: "secret-key", appKey: "app-key", sender: "SENDER-ID" };
  const sms = { to: message.to, text: message.text };

  it("that end each other's tokens stop with an error that says so", async () => {
    const sandbox = new Sandbox({ singleToken: true });
    const clients = [0, 1].map(() => new CrmClient({ ...options, fetch: sandbox.fetch }));
    const errors = [];
    for (let turn = 0; turn < 40; turn++) {
      await clients[turn % 2].send(sms).catch((error) => errors.push(error));
    }
    assert.ok(errors.length > 0);
    for (const error of errors) {
      assertFields(error, { kind: "credentials", delivery: "not-sent" });
      assert.match(error.message, /another program logs in with the same keys/);
    }
    const logins = sandbox.requests.filter(({ call }) => call === "login").length;
    assert.ok(logins <= 10, `${logins} logins`);
    assert.equal(sandbox.sent.length, 40 - errors.length);
  });

  it("that share a store share the token", async () => {
    const sandbox = new Sandbox({ singleToken: true });
    let held = null;
    const tokenStore = { get: () => held, set: (token) => void (held = token) };
    const clients = [0, 1].map(() => new CrmClient({ ...options, fetch: sandbox.fetch, tokenStore }));
    for (let turn = 0; turn < 40; turn++) {
      if (turn % 10 === 9) sandbox.logout();
      await clients[turn % 2].send(sms);
    }
    const logins = sandbox.requests.filter(({ call }) => call === "login").length;
    assert.equal(logins, 5);
    assert.equal(sandbox.sent.length, 40);
  });
});
