// One token for all calls: who logs in, when, and what becomes of those who wait.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  accepted,
  assertFields,
  forbidStrayErrors,
  json,
  keys,
  message,
  noStats,
  refusal,
  rejection,
  scripted,
  thrown,
  token,
  turn,
  until,
} from "./scripted-fetch.mjs";

forbidStrayErrors();
const patience = { timeout: 20_000 };

/** A login that gives T1, T2 and so on. */
const numbered = () => {
  let logins = 0;
  return () => json({ ...token, access_token: `T${++logins}` });
};
const bearer = (request) => request.init.headers.Authorization;
const bearers = (requests) => requests.map(bearer).filter(Boolean);

describe("a token", patience, () => {
  it("is fetched by `send` and `stats` themselves, and shared", async () => {
    const { client, requests } = scripted({ login: numbered() });
    await client.stats({ receivers: message.to });
    await client.send(message);
    await client.send(message);
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "stats", "send", "send"],
    );
    assert.deepEqual(bearers(requests), ["Bearer T1", "Bearer T1", "Bearer T1"]);
  });

  it("of `login` serves the calls after it, and each `login` posts", async () => {
    const { client, requests } = scripted({ login: numbered() });
    assert.equal((await client.login()).accessToken, "T1");
    assert.equal((await client.login()).accessToken, "T2");
    await client.send(message);
    assert.deepEqual(bearers(requests), ["Bearer T2"]);
  });

  it("is kept until 60 seconds before its end", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
    const { client, requests } = scripted({ login: numbered() });
    await client.send(message);
    t.mock.timers.tick(3_539_999);
    await client.send(message);
    t.mock.timers.tick(1);
    await client.send(message);
    assert.deepEqual(bearers(requests), ["Bearer T1", "Bearer T1", "Bearer T2"]);
  });

  it("that lives a minute or less is used once", async () => {
    const { client, requests } = scripted({ login: () => json({ ...token, expires_in: 60 }) });
    await client.send(message);
    await client.send(message);
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send", "login", "send"],
    );
  });

  for (const [name, refuse] of [
    ["ERROR_121", () => refusal("ERROR_121", { status: 401 })],
    ["ERROR_122", () => refusal("ERROR_122")],
    ["ERROR_123", () => refusal("ERROR_123", { status: 400 })],
    ["ERROR_124", () => refusal("ERROR_124")],
    ["a 401 without an envelope", () => new Response("Unauthorized", { status: 401 })],
  ]) {
    it(`that is refused by ${name} is renewed once, and the same request is posted again`, async () => {
      for (const call of ["send", "stats"]) {
        const { client, requests } = scripted({
          login: numbered(),
          send: (request) => (bearer(request) === "Bearer T1" ? refuse() : accepted(request)),
          stats: (request) => (bearer(request) === "Bearer T1" ? refuse() : noStats(request)),
        });
        await (call === "send" ? client.send(message) : client.stats({ receivers: message.to }));
        assert.deepEqual(
          requests.map((request) => request.call),
          ["login", call, "login", call],
        );
        assert.equal(requests[1].init.body, requests[3].init.body);
      }
    });
  }

  it("that is old and refused does not throw a newer one away", async () => {
    let answerOld;
    const { client, requests, count } = scripted({
      login: numbered(),
      send: (request) =>
        bearer(request) === "Bearer T1"
          ? new Promise((resolve) => (answerOld = () => resolve(refusal("ERROR_121"))))
          : accepted(request),
    });
    const slow = client.send(message);
    await until(() => count("send") === 1);
    await client.login();
    answerOld();
    await slow;
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send", "login", "send"],
    );
    assert.deepEqual(bearers(requests), ["Bearer T1", "Bearer T2"]);
  });

  it("belongs to one client", async () => {
    const { client, requests, fetch } = scripted({ login: numbered() });
    await client.login();
    await new CrmClient({ ...keys, fetch }).send(message);
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "login", "send"],
    );
  });
});

describe("calls at the same time", patience, () => {
  it("make one login: 200 cold sends", async () => {
    const { client, requests, count } = scripted({ login: async () => (await turn(), json(token)) });
    const texts = Array.from({ length: 200 }, (_, index) => `Message ${index}`);
    const receipts = await Promise.all(texts.map((text) => client.send({ ...message, text })));
    assert.equal(count("login"), 1);
    assert.deepEqual(
      receipts.map(({ sms }) => sms[0].text),
      texts,
    );
    assert.equal(new Set(requests.map(({ init }) => init.body)).size, 201);
  });

  it("share the login of `login`", async () => {
    const { client, count } = scripted({ login: async () => (await turn(), json(token)) });
    const [first, second] = await Promise.all([client.login(), client.login(), client.send(message)]);
    assert.deepEqual(first, second);
    assert.equal(count("login"), 1);
  });

  it("renew a refused token together", async () => {
    const { client, count } = scripted({
      login: numbered(),
      send: (request) => (bearer(request) === "Bearer T1" ? refusal("ERROR_121") : accepted(request)),
    });
    await client.login();
    await Promise.all(Array.from({ length: 50 }, () => client.send(message)));
    assert.equal(count("login"), 2);
  });

  it("share one failure, which later calls don't inherit", async () => {
    let fail = true;
    const { client, count } = scripted({
      login: async () => (await turn(), fail ? refusal("ERROR_117") : json(token)),
    });
    const errors = await Promise.all(Array.from({ length: 200 }, () => rejection(client.send(message))));
    assert.equal(count("login"), 1);
    for (const error of errors)
      assertFields(error, { kind: "credentials", code: "ERROR_117", delivery: "not-sent", attempts: 0 });
    assert.equal(new Set(errors).size, 200);
    fail = false;
    await client.send(message);
    assert.equal(count("login"), 2);
  });

  it("share one failed connection, each with the cause", async () => {
    const cause = new Error("down");
    const { client, count } = scripted({ login: () => turn().then(() => Promise.reject(cause)) });
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => rejection(client.stats({ receivers: message.to }))),
    );
    assert.equal(count("login"), 1);
    for (const error of errors) assertFields(error, { kind: "network", delivery: undefined, cause });
  });

  it("are not held up by a login that hangs for longer than they wait", async () => {
    const { client, count } = scripted({ login: () => new Promise(() => {}) });
    const patient = rejection(client.send(message, { timeout: 150 }));
    await until(() => count("login") === 1);
    const hasty = await rejection(client.send(message, { timeout: 50 }));
    assertFields(hasty, { kind: "timeout", delivery: "not-sent", attempts: 0 });
    assertFields(await patient, { kind: "timeout", delivery: "not-sent", attempts: 0 });
  });
});

describe("a client that is freed", patience, () => {
  const calls = {
    login: (client) => client.login(),
    send: (client) => client.send(message),
    stats: (client) => client.stats({ receivers: message.to }),
  };

  it("rejects later calls, and `check` throws", async () => {
    const { client, requests } = scripted();
    assert.equal(client.free(), undefined);
    client.free();
    for (const [name, call] of Object.entries(calls)) {
      const error = await rejection(call(client));
      assertFields(error, { kind: "invalid", delivery: name === "send" ? "not-sent" : undefined, attempts: 0 });
      assert.deepEqual(
        error.issues.map(({ reason, field }) => [reason, field]),
        [["freed", "option"]],
      );
      assert.ok(error.message.includes(`CrmClient.${name}`));
    }
    assertFields(
      thrown(() => client.check(message)),
      { kind: "invalid", delivery: undefined },
    );
    assert.equal(requests.length, 0);
  });

  it("lets the calls in flight settle, at every stage", async () => {
    for (const held of ["login", "send"]) {
      let release;
      const hold = (answer) => (request) => new Promise((resolve) => (release = () => resolve(answer(request))));
      const { client, count } = scripted({ [held]: hold(held === "login" ? () => json(token) : accepted) });
      const sent = client.send(message);
      const waits = client.send({ ...message, text: "2" });
      await until(() => count(held) > 0 && (held === "login" || count("send") === 1));
      client.free();
      const first = release;
      first();
      if (held === "send") {
        await until(() => release !== first);
        release();
      }
      assert.deepEqual([(await sent).sms[0].status, (await waits).sms[0].status], ["sent", "sent"]);
    }
  });

  it("lets 200 calls of every kind settle with what they would have given", async () => {
    const answered = (answer) => async (request) => {
      for (let turns = requests.length % 7; turns > 0; turns--) await turn();
      return answer(request);
    };
    const { client, requests, count } = scripted({
      login: answered(() => json(token)),
      send: answered((request) => (requests.length % 5 === 0 ? refusal("ERROR_110") : accepted(request))),
      stats: answered(noStats),
    });
    const every = [
      (index) => client.send({ ...message, text: `Message ${index}` }),
      (index) => client.stats({ receivers: `+2217766655${10 + (index % 90)}` }),
      () => client.login(),
      (index) => client.send({ ...message, text: `Message ${index}` }, { signal: AbortSignal.timeout(20_000) }),
    ];
    const running = Promise.allSettled(Array.from({ length: 200 }, (_, index) => every[index % every.length](index)));
    await until(() => count("send") > 30);
    client.free();
    const settled = await running;
    let refused = 0;
    settled.forEach(({ value, reason }, index) => {
      if (reason) {
        refused += 1;
        assertFields(reason, { kind: "refused", code: "ERROR_110", delivery: "not-sent" });
      } else if (index % every.length === 1) {
        assert.deepEqual(value.validNumbers, [{ number: `+2217766655${10 + (index % 90)}`, sms: [] }]);
      } else if (index % every.length === 2) {
        assert.equal(value.accessToken, "TOKEN");
      } else {
        assert.equal(value.sms[0].text, `Message ${index}`);
      }
    });
    assert.ok(refused > 0 && refused < 50, String(refused));
    assert.equal(count("send"), 100);
    assert.equal(count("stats"), 50);
  });

  it("in the middle of a call that reads what it is given ends with that call, and throws nothing", async () => {
    const calls = {
      check: async (client, row) => client.check(row),
      send: (client, row) => client.send(row),
    };
    for (const call of Object.values(calls)) {
      const { client } = scripted();
      let freed;
      const row = {
        ...message,
        get text() {
          freed = client.free();
          return message.text;
        },
      };
      const { messages: checked, sms } = await call(client, row);
      assert.equal((checked ?? sms).length, 1);
      assert.equal(freed, undefined);
      assert.equal(thrown(() => client.check(message)).issues[0].reason, "freed");
    }
  });

  it("leaves other clients alone", async () => {
    const { client } = scripted();
    new CrmClient(keys).free();
    await client.send(message);
  });

  it("may be disposed of, where the runtime can", async (t) => {
    if (!Symbol.dispose) return t.skip("no Symbol.dispose");
    const { client } = scripted();
    client[Symbol.dispose]();
    client[Symbol.dispose]();
    assert.equal((await rejection(client.login())).issues[0].reason, "freed");
  });
});

describe("methods", patience, () => {
  it("without their client reject, and `check` throws", async () => {
    const { login, send, stats, check, free } = scripted().client;
    for (const call of [() => login(), () => send(message), () => stats({ receivers: message.to })]) {
      assertFields(await rejection(call()), { kind: "invalid", attempts: 0 });
    }
    for (const odd of [{}, Object.create(CrmClient.prototype)]) {
      assertFields(await rejection(send.call(odd, message)), { kind: "invalid", delivery: "not-sent" });
    }
    assert.match(thrown(() => check(message)).message, /not a client/);
    free();
  });

  it("work when they are bound, and in a subclass", async () => {
    const { client, fetch } = scripted();
    const send = client.send.bind(client);
    assert.equal((await send(message)).unknown.length, 0);
    class Shop extends CrmClient {
      greet = (to) => this.send({ ...message, to });
    }
    const shop = new Shop({ ...keys, fetch });
    assert.ok(shop instanceof CrmClient);
    assert.equal((await shop.greet(message.to)).unknown.length, 0);
  });
});
