// Options are read strictly: every fault at once, own properties alone, each once, no secret repeated.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient, parsePhone } from "paydunya-crm";
import { assertFields, forbidStrayErrors, keys, message, rejection, scripted, thrown } from "./scripted-fetch.mjs";

forbidStrayErrors();

const refused = (options) => thrown(() => new CrmClient(options));
const accepts = (options) => assert.ok(new CrmClient(options));

describe("the options of a client", () => {
  it("may be absent, and each may be undefined", () => {
    accepts();
    accepts(undefined);
    accepts({});
    accepts(Object.create(null));
    const names = ["userKey", "secretKey", "appKey", "sender", "defaultCountry", "phoneCheck", "smartEncoding"];
    const others = [
      "maxSegments",
      "baseUrl",
      "timeout",
      "maxRetries",
      "fetch",
      "tokenStore",
      "onEvent",
      "dangerouslyAllowBrowser",
    ];
    accepts(Object.fromEntries([...names, ...others].map((name) => [name, undefined])));
  });

  for (const [name, value, reason] of [
    ["userkey", "USER-KEY", "unknown-option"],
    ["maxRetries", -1, "bad-option"],
    ["maxRetries", 11, "bad-option"],
    ["maxRetries", 0.5, "bad-option"],
    ["maxRetries", NaN, "bad-option"],
    ["maxRetries", Infinity, "bad-option"],
    ["maxRetries", "2", "wrong-type"],
    ["maxRetries", true, "wrong-type"],
    ["onEvents", undefined, "unknown-option"],
    ["userKey", null, "wrong-type"],
    ["userKey", "", "bad-option"],
    ["secretKey", 5, "wrong-type"],
    ["appKey", new String("APP-KEY"), "wrong-type"],
    ["sender", "", "bad-option"],
    ["sender", "TwelveLetters", "bad-option"],
    ["sender", "Épicerie", "bad-option"],
    ["sender", "Bout\ud800", "lone-surrogate"],
    ["defaultCountry", "sn", "bad-option"],
    ["defaultCountry", "XX", "bad-option"],
    ["defaultCountry", "221", "bad-option"],
    ["defaultCountry", null, "wrong-type"],
    ["phoneCheck", "none", "bad-option"],
    ["phoneCheck", true, "wrong-type"],
    ["smartEncoding", true, "wrong-type"],
    ["smartEncoding", "on", "bad-option"],
    ["maxSegments", 0, "bad-option"],
    ["maxSegments", 256, "bad-option"],
    ["maxSegments", 1.5, "bad-option"],
    ["maxSegments", "3", "wrong-type"],
    ["baseUrl", new URL("https://crm.paydunya.com/api/v1"), "wrong-type"],
    ["timeout", 0, "bad-option"],
    ["timeout", -1, "bad-option"],
    ["timeout", 0.5, "bad-option"],
    ["timeout", NaN, "bad-option"],
    ["timeout", Infinity, "bad-option"],
    ["timeout", 2 ** 31, "bad-option"],
    ["timeout", "30000", "wrong-type"],
    ["timeout", 30_000n, "wrong-type"],
    ["timeout", null, "wrong-type"],
    ["fetch", null, "wrong-type"],
    ["fetch", {}, "wrong-type"],
    ["dangerouslyAllowBrowser", "true", "wrong-type"],
    ["dangerouslyAllowBrowser", 1, "wrong-type"],
    ["dangerouslyAllowBrowser", null, "wrong-type"],
  ]) {
    it(`refuse ${name}: ${typeof value === "string" ? JSON.stringify(value) : String(value)}`, () => {
      const error = refused({ [name]: value });
      assertFields(error, { kind: "invalid", delivery: undefined, attempts: 0 });
      assert.deepEqual(
        error.issues.map((issue) => [issue.severity, issue.field, issue.reason]),
        [["error", "option", reason]],
      );
      assert.ok(error.issues[0].message.startsWith(`option ${name}: `), error.message);
      assert.equal(error.message, error.issues[0].message);
    });
  }

  it("are no array, no string, no null", () => {
    for (const options of [null, [], "USER-KEY", 5, true, Symbol("options"), 5n]) {
      const error = refused(options);
      assert.deepEqual(
        error.issues.map(({ reason }) => reason),
        ["wrong-type"],
      );
    }
  });

  it("are refused for all their faults at once", () => {
    const error = refused({ userkey: "", [Symbol("key")]: 1, timeout: "5", sender: "", baseUrl: "nowhere", fetch: 1 });
    assert.deepEqual(error.issues.map(({ message }) => message.split(":")[0]).sort(), [
      "option a symbol",
      "option baseUrl",
      "option fetch",
      "option sender",
      "option timeout",
      "option userkey",
    ]);
    assert.match(error.message, /^6 faults, the first: option /);
    assert.ok(Object.isFrozen(error.issues) && Object.isFrozen(error.issues[0]));
  });

  it("take all that is documented", () => {
    accepts({ timeout: 1, maxRetries: 0, maxSegments: 1, sender: "MaBoutique", defaultCountry: "SN", phoneCheck: "length" });
    accepts({ timeout: 2 ** 31 - 1, maxRetries: 10, maxSegments: 255, phoneCheck: "strict", smartEncoding: "typographic" });
    accepts({ phoneCheck: "warn", smartEncoding: "strip-accents", fetch: async () => {} });
  });

  it("name no key that is refused", () => {
    for (const bad of [
      "CANARY key",
      "CANARY\r\nX-Evil: 1",
      "CANARY\0",
      "CANARYé",
      "\ud800CANARY",
      " CANARY",
      "CANARY\n",
    ]) {
      for (const name of Object.keys(keys)) {
        const error = refused({ [name]: bad });
        assert.ok(!/CANARY|Evil/.test(JSON.stringify(error) + error.message + error.stack), name);
        assert.equal(error.issues.length, 1);
      }
    }
  });
});

describe("an unknown option", () => {
  it("is named, but no number in its place", async () => {
    const error = await rejection(scripted().client.stats({ receivers: message.to, [message.to]: 1, user_key: 2 }));
    assert.ok(error.issues.some(({ message }) => message.startsWith("option user_key: unknown")));
    assert.ok(!/\d{4}/.test(JSON.stringify(error) + error.message));
  });
});

describe("the options of a call", () => {
  const calls = {
    login: (client, options) => client.login(options),
    send: (client, options) => client.send(message, options),
    stats: (client, options) => client.stats({ receivers: message.to }, options),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`${name} reads strictly`, async () => {
      const { client, requests } = scripted();
      for (const options of [
        null,
        [],
        5,
        "signal",
        { timeOut: 5 },
        { maxRetries: 11 },
        { maxRetries: -1 },
        { maxRetries: null },
        { timeout: "5" },
        { timeout: 0 },
        { timeout: null },
        { signal: null },
        { signal: {} },
        { signal: 5 },
        { signal: { aborted: 0, addEventListener() {} } },
      ]) {
        const error = await rejection(call(client, options));
        assertFields(error, { kind: "invalid", attempts: 0, delivery: name === "send" ? "not-sent" : undefined });
        assert.equal(error.issues.length, 1);
      }
      assert.equal(requests.length, 0);
      for (const options of [
        undefined,
        {},
        { signal: undefined, timeout: undefined, maxRetries: undefined },
        { signal: new AbortController().signal, timeout: 1000, maxRetries: 0 },
      ]) {
        await call(client, options);
      }
    });
  }
});

describe("getters and proxies", () => {
  it("are read once each", async () => {
    const reads = [];
    const options = new Proxy(
      { ...keys, sender: "SENDER-ID" },
      { get: (target, name) => (reads.push(name), target[name]) },
    );
    accepts(options);
    assert.deepEqual(reads.sort(), ["appKey", "secretKey", "sender", "userKey"]);

    let read = 0;
    accepts({
      get timeout() {
        return ++read === 1 ? 1000 : "later";
      },
    });
    assert.equal(read, 1);
  });

  it("that throw give a `CrmError` with the cause", async () => {
    const cause = new Error("getter");
    const fail = () => {
      throw cause;
    };
    const { client } = scripted();
    for (const options of [
      Object.defineProperty({}, "timeout", { get: fail, enumerable: true }),
      new Proxy({}, { ownKeys: fail }),
    ]) {
      assertFields(refused(options), { kind: "invalid", cause });
      assertFields(await rejection(client.send(message, options)), { kind: "invalid", delivery: "not-sent", cause });
      assert.equal(parsePhone("+221776665544", options).ok, false);
    }
  });
});
