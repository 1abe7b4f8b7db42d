// What a listener is told, and that it disturbs nothing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  accepted,
  assertFields,
  forbidStrayErrors,
  hurried,
  json,
  message,
  refusal,
  rejection,
  scripted,
  thrown,
  token,
  turn,
} from "./scripted-fetch.mjs";

forbidStrayErrors();

describe("onEvent", { timeout: 20_000 }, () => {
  it("hears of each POST, each answer and each repeat, in order", async (t) => {
    hurried(t);
    const events = [];
    const sends = [
      () => new Response("", { status: 429, headers: { "Retry-After": "7" } }),
      () => refusal("ERROR_121", { status: 401 }),
      accepted,
    ];
    const { client } = scripted(
      { send: (request) => sends.shift()(request) },
      { maxRetries: 2, onEvent: (event) => void events.push(event) },
    );
    await client.send([message, { ...message, text: "2" }]);
    for (const event of events) {
      if (event.type !== "response") continue;
      assert.ok(Number.isInteger(event.ms) && event.ms >= 0);
      delete event.ms;
    }
    assert.deepEqual(events, [
      { type: "request", call: "login", attempt: 1 },
      { type: "response", call: "login", attempt: 1, status: 200 },
      { type: "request", call: "send", attempt: 1, messages: 2 },
      { type: "response", call: "send", attempt: 1, status: 429 },
      { type: "retry", call: "send", attempt: 1, inMs: 7000, because: "too many requests" },
      { type: "request", call: "send", attempt: 2, messages: 2 },
      { type: "response", call: "send", attempt: 2, status: 401, code: "ERROR_121" },
      { type: "retry", call: "send", attempt: 2, inMs: 0, because: "the token was refused" },
      { type: "request", call: "login", attempt: 1 },
      { type: "response", call: "login", attempt: 1, status: 200 },
      { type: "request", call: "send", attempt: 3, messages: 2 },
      { type: "response", call: "send", attempt: 3, status: 200, code: "00" },
    ]);
  });

  it("is called without `this`", async () => {
    let receiver = "nobody";
    const { client } = scripted(
      {},
      {
        onEvent() {
          receiver = this;
        },
      },
    );
    await client.login();
    assert.equal(receiver, undefined);
  });

  for (const [name, onEvent] of [
    [
      "throws",
      () => {
        throw new Error("listener");
      },
    ],
    ["rejects", () => Promise.reject(new Error("listener"))],
    ["never settles", () => new Promise(() => {})],
    ["gives a thenable that throws", () => ({ then: () => assert.fail() })],
    ["gives a Proxy that throws", () => new Proxy({}, { get: () => assert.fail() })],
    ["empties the event", (event) => Object.keys(event).forEach((name) => delete event[name])],
  ]) {
    it(`disturbs nothing when it ${name}`, async () => {
      const { client, requests } = scripted({}, { onEvent });
      assert.equal((await client.send(message)).sms[0].status, "sent");
      assert.equal(requests.length, 2);
      await turn();
    });
  }

  it("may call and free the client that it listens to", async () => {
    let calls = 0;
    const { client, count } = scripted(
      {},
      {
        onEvent: ({ type, call }) => {
          if (type === "response" && call === "send" && ++calls === 1) {
            void client.send(message);
            void client.login();
            client.free();
          }
        },
      },
    );
    await client.send(message);
    while (count("login") < 2 || count("send") < 2) await turn();
  });

  it("may abort the call that it hears of, before it leaves", async () => {
    for (const call of ["login", "send"]) {
      const controller = new AbortController();
      const onEvent = (event) => event.call === call && controller.abort("enough");
      const { client, count } = scripted({}, { onEvent });
      const error = await rejection(client.send(message, { signal: controller.signal }));
      assertFields(error, { kind: "aborted", delivery: "not-sent", attempts: 0, cause: "enough" });
      assert.equal(count(call), 0);
    }
  });

  it("hears no secret, text, number or word of the API, whatever comes", async (t) => {
    hurried(t);
    const told = [];
    const canaries = { userKey: "CANARY-USER", secretKey: "CANARY-SECRET", appKey: "CANARY-APP" };
    for (const send of [
      accepted,
      () => json({ code: "CANARY", message: "CANARY", description: "CANARY" }),
      () => new Response("CANARY", { status: 429 }),
      () => Promise.reject(new Error("CANARY")),
      () => refusal("ERROR_110"),
    ]) {
      const { client } = scripted(
        { send, login: () => json({ ...token, access_token: "CANARY-TOKEN" }) },
        { ...canaries, maxRetries: 1, onEvent: (event) => void told.push(JSON.stringify(event)) },
      );
      await client.send({ ...message, text: "CANARY", id: "CANARY" }).catch(() => {});
    }
    assert.ok(told.length > 20);
    assert.deepEqual(
      told.filter((event) => /CANARY|776665544/.test(event)),
      [],
    );
  });

  it("must be a function", () => {
    for (const onEvent of [null, {}, "log"]) {
      assertFields(
        thrown(() => new CrmClient({ onEvent })),
        { kind: "invalid" },
      );
    }
  });

  it("hears nothing of what is refused before the network", async () => {
    const { client } = scripted({}, { onEvent: () => assert.fail() });
    assertFields(await rejection(client.send({ ...message, to: "1" })), { kind: "invalid" });
    client.check(message);
  });
});
