// What somebody hung on `Object.prototype` is nobody's option, field or message.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient, parsePhone } from "paydunya-crm";
import {
  assertFields,
  forbidStrayErrors,
  json,
  keys,
  message,
  rejection,
  scripted,
  serve,
  token,
} from "./scripted-fetch.mjs";

forbidStrayErrors();

describe("a polluted `Object.prototype`", () => {
  /** Runs with properties of everything. */
  async function polluted(properties, run) {
    Object.assign(Object.prototype, properties);
    try {
      return await run();
    } finally {
      for (const name of Object.keys(properties)) delete Object.prototype[name];
    }
  }
  const evil = () => assert.fail("the polluted fetch was called");
  const everything = {
    userKey: "EVIL",
    secretKey: "EVIL",
    appKey: "EVIL",
    sender: "EVIL",
    defaultCountry: "FR",
    phoneCheck: "strict",
    smartEncoding: "strip-accents",
    maxSegments: 1,
    baseUrl: "https://evil.example",
    timeout: 1,
    maxRetries: 10,
    fetch: evil,
    tokenStore: { get: evil, set: evil },
    onEvent: evil,
    accessToken: "EVIL",
    expiresAt: 9e15,
    unknown: 1,
    to: "+33612345678",
    text: "EVIL",
    from: "EVIL",
    id: 5,
    receivers: "+33612345678",
    startDate: "EVIL",
    endDate: "EVIL",
    kind: "EVIL",
    delivery: "EVIL",
    code: "EVIL",
    issues: "EVIL",
    attempts: 99,
    cause: "EVIL",
    retryAfter: 9,
    description: "EVIL",
  };

  it("has no effect on a client, a message or a query", async () => {
    const { client, requests } = scripted();
    await polluted(everything, async () => {
      assert.ok(new CrmClient({}));
      const own = new CrmClient({ userKey: "U", secretKey: "S", fetch: async () => json(token) });
      assert.equal((await own.login({})).accessToken, "TOKEN");
      const error = await rejection(own.send(message, {}));
      assert.match(error.message, /option appKey: missing/);

      await client.send({ ...message, text: "prête" }, {});
      const faults = client.check([{}]).messages[0].issues;
      assert.deepEqual(
        faults.map(({ field, reason }) => [field, reason]),
        [
          ["to", "missing"],
          ["text", "missing"],
          ["from", "missing"],
        ],
      );
      await client.stats({ receivers: message.to });
      assert.deepEqual(
        (await rejection(client.stats({}))).issues.map(({ reason }) => reason),
        ["wrong-type"],
      );
    });
    assert.deepEqual(requests[1].json.send_sms_request.sms, [{ ...message, text: "prête" }]);
    assert.equal(requests[2].json.sms_sent.filters.start_date, "");
  });

  it("has no effect on the options of a call, or of a number", async () => {
    const { client, requests } = scripted();
    // A `signal` of everything else, too: only for these calls.
    await polluted({ signal: AbortSignal.abort("EVIL"), timeout: 1, defaultCountry: "FR" }, async () => {
      for (const options of [undefined, {}]) {
        await client.login(options);
        await client.send({ ...message, from: "OWN" }, options);
        await client.stats({ receivers: message.to }, options);
        assert.equal(parsePhone("77 666 55 44", options).reason, "missing-calling-code");
      }
    });
    assert.equal(requests.length, 6);
  });

  it("has no effect on what a custom `fetch` is told", async () => {
    const { client, requests } = scripted();
    const evil = { configurable: true, get: () => "EVIL", set() {} };
    const names = ["redirect", "method", "Authorization"];
    for (const name of names) Object.defineProperty(Object.prototype, name, evil);
    try {
      await client.send(message);
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
    assert.deepEqual(
      requests.map(({ init }) => [init.redirect, init.method, init.headers.Authorization]),
      [
        ["manual", "POST", undefined],
        ["manual", "POST", "Bearer TOKEN"],
      ],
    );
  });

  it("leaves no call pending, whatever of a property's descriptor it has", async () => {
    const { client } = scripted({ login: () => Promise.reject("down") });
    for (const properties of [{ get: 5 }, { set: 5 }, { value: 5 }, { writable: false }]) {
      const errors = await polluted(properties, () => Promise.all([rejection(client.login()), rejection(client.send([]))]));
      assert.deepEqual(
        errors.map(({ kind, attempts }) => [kind, attempts]),
        [
          ["network", 0],
          ["invalid", 0],
        ],
      );
    }
  });

  it("has no effect on errors", async () => {
    const { client } = scripted({ login: () => Promise.reject("down") });
    await polluted(everything, async () => {
      const error = await rejection(client.login());
      assert.deepEqual({ ...error }, { kind: "network", attempts: 0 });
      assert.equal(error.cause, "down");
      client.free();
      const freed = await rejection(client.login());
      assertFields(freed, { kind: "invalid", attempts: 0 });
      assert.equal(freed.issues[0].reason, "freed");
    });
  });

  it("has no effect on what the runtime's own `fetch` posts", async (t) => {
    const posted = [];
    const baseUrl = await serve(t, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      posted.push({ method: request.method, type: request.headers["content-type"], evil: request.headers.evil, body });
      response.end(JSON.stringify(token));
    });
    const client = new CrmClient({ ...keys, baseUrl });
    // A `body` or a `signal` there breaks Node's own requests and listeners.
    const request = { method: "PUT", headers: { evil: "1" }, redirect: "follow" };
    await polluted(request, () => client.login());
    assert.deepEqual(posted, [
      {
        method: "POST",
        type: "application/json",
        evil: undefined,
        body: JSON.stringify({ user_key: keys.userKey, secret_key: keys.secretKey }),
      },
    ]);
  });
});
