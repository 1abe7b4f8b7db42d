// What is posted again, after which wait, and what never is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  accepted,
  assertFields,
  closedPort,
  forbidStrayErrors,
  hurried,
  json,
  keys,
  message,
  noStats,
  refusal,
  rejection,
  scripted,
  token,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 20_000 };

/** A client that repeats as one does by default. */
const retrying = (script, options) => scripted(script, { maxRetries: undefined, ...options });

/** Gives the answers one after the other, then the last for ever. */
const inTurn = (...answers) => {
  let next = 0;
  return (request) => answers[Math.min(next++, answers.length - 1)](request);
};
const status = (status, headers) => () => new Response("", { status, headers });
const lost = () => Promise.reject(new TypeError("fetch failed"));

describe("a send", patience, () => {
  it("is repeated after HTTP 429, with the same body, and then resolves", async (t) => {
    const waits = hurried(t);
    const { client, requests } = retrying({ send: inTurn(status(429), status(429), accepted) });
    const receipt = await client.send(message);
    assert.equal(receipt.sms[0].status, "sent");
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send", "send", "send"],
    );
    assert.equal(requests[1].init.body, requests[3].init.body);
    assert.deepEqual(waits, [500, 1000]);
  });

  it("is repeated where no connection could be made, and says so when that is in vain", async (t) => {
    const waits = hurried(t);
    const client = new CrmClient({ ...keys, baseUrl: await closedPort() });
    const error = await rejection(client.send(message));
    // The login is what fails.
    assertFields(error, { kind: "network", delivery: "not-sent", attempts: 0 });
    // Node's own fetch has a timer too.
    assert.deepEqual(
      waits.filter((ms) => ms !== 499),
      [500, 1000],
    );
  });

  it("is never repeated where the API may have had it", async (t) => {
    const waits = hurried(t);
    for (const [answer, kind] of [
      [lost, "network"],
      [status(500), "unreadable"],
      [status(503, { "Retry-After": "0" }), "unreadable"],
      [() => refusal("ERROR_116"), "refused"],
      [() => new Response('{"code":"00","mess'), "unreadable"],
    ]) {
      const { client, count } = retrying({ send: answer }, { maxRetries: 10 });
      assertFields(await rejection(client.send(message)), { kind, delivery: "unknown", attempts: 1 });
      assert.equal(count("send"), 1);
    }
    assert.deepEqual(waits, []);
  });

  it("whose login fails is `not-sent` after as many logins as it may try", async (t) => {
    hurried(t);
    for (const maxRetries of [0, 1, 2]) {
      const { client, requests } = retrying({ login: lost }, { maxRetries });
      assertFields(await rejection(client.send(message)), { kind: "network", delivery: "not-sent", attempts: 0 });
      assert.equal(requests.length, 1 + maxRetries);
    }
  });
});

describe("`login` and `stats`", patience, () => {
  for (const [name, answer] of [
    ["a lost connection", lost],
    ["HTTP 503", status(503)],
    ["HTTP 429", status(429)],
    ["code 116", () => refusal("ERROR_116")],
  ]) {
    it(`are repeated after ${name}`, async (t) => {
      const waits = hurried(t);
      const { client, count } = retrying({
        login: inTurn(answer, answer, () => json(token)),
        stats: inTurn(answer, answer, noStats),
      });
      await client.stats({ receivers: message.to });
      assert.deepEqual([count("login"), count("stats")], [3, 3]);
      assert.deepEqual(waits, [500, 1000, 500, 1000]);
    });
  }

  it("are not repeated after what would come again", async () => {
    for (const answer of [() => refusal("ERROR_107"), status(404), status(302), () => new Response("<html>")]) {
      const { client, count } = retrying({ stats: answer });
      assertFields(await rejection(client.stats({ receivers: message.to })), { attempts: 1, delivery: undefined });
      assert.equal(count("stats"), 1);
    }
  });
});

describe("maxRetries", patience, () => {
  it("of a call goes before that of the client", async (t) => {
    hurried(t);
    for (const [ofClient, ofCall, attempts] of [
      [undefined, undefined, 3],
      [0, undefined, 1],
      [0, 1, 2],
      [10, 0, 1],
    ]) {
      const { client } = retrying({ send: status(429) }, { maxRetries: ofClient });
      const error = await rejection(client.send(message, { maxRetries: ofCall }));
      assertFields(error, { kind: "refused", status: 429, delivery: "not-sent", attempts });
    }
  });

  it("of 0 still renews a refused token", async () => {
    const { client, count } = retrying({ send: inTurn(() => refusal("ERROR_121"), accepted) }, { maxRetries: 0 });
    await client.send(message);
    assert.deepEqual([count("login"), count("send")], [2, 2]);
  });
});

describe("Retry-After", patience, () => {
  for (const [name, headers, wait] of [
    ["seconds", () => ({ "Retry-After": "7" }), 7_000],
    ["no time", () => ({ "Retry-After": "0" }), 0],
    ["a date", (now) => ({ "Retry-After": new Date(now + 20_000).toUTCString() }), 20_000],
    [
      "a date by the server's own clock",
      (now) => ({
        "Retry-After": new Date(now + 3_620_000).toUTCString(),
        Date: new Date(now + 3_600_000).toUTCString(),
      }),
      20_000,
    ],
    ["nonsense", () => ({ "Retry-After": "-7" }), 500],
  ]) {
    it(`of ${name} is obeyed`, async (t) => {
      t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
      const waits = hurried(t);
      const answer = () => status(429, headers(Date.now()))();
      const { client } = retrying({ send: inTurn(answer, accepted) });
      await client.send(message);
      assert.deepEqual(waits, [wait]);
    });
  }

  it("of more than a minute ends the call, and the error tells it", async (t) => {
    const waits = hurried(t);
    const { client, count } = retrying({ send: status(429, { "Retry-After": "61" }) });
    const error = await rejection(client.send(message));
    assertFields(error, { kind: "refused", delivery: "not-sent", retryAfter: 61, attempts: 1 });
    assert.match(error.message, /Wait 61 s/);
    assert.equal(count("send"), 1);
    assert.deepEqual(waits, []);
  });
});

describe("an abort", patience, () => {
  it("between two attempts ends the call at once, and nothing was sent", async () => {
    const { client, requests } = retrying({ send: status(429, { "Retry-After": "60" }) });
    const controller = new AbortController();
    const error = rejection(client.send(message, { signal: controller.signal }));
    while (requests.length < 2) await new Promise(setImmediate);
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 5);
    assertFields(await error, { kind: "aborted", delivery: "not-sent", attempts: 1, cause: reason });
    assert.equal(requests.length, 2);
  });
});
