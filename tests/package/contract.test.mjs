// The API document, to the letter: what leaves, and what is made of the documented answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  accepted,
  assertFields,
  base,
  json,
  keys,
  message,
  rejection,
  scripted,
  serve,
  token,
} from "./scripted-fetch.mjs";

const document = (name) =>
  JSON.parse(readFileSync(join(process.env.PAYDUNYA_CRM_ROOT, "tests/data/document", `${name}.json`), "utf8"));

const accept = "application/vnd.apisms.v1+json";
const plain = { "Content-Type": "application/json", Accept: accept };
const authorized = (token) => ({ ...plain, Authorization: `Bearer ${token}` });

describe("login", () => {
  it("posts the keys of the document as JSON, and gives the token of its answer", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
    const answer = document("login-answer");
    const { client, requests } = scripted({ login: () => json(answer) });

    assert.deepEqual(await client.login(), {
      accessToken: answer.access_token,
      tokenType: "bearer",
      expiresIn: 3600,
      expiresAt: 1_700_003_600_000,
    });
    assert.equal(requests.length, 1);
    const [{ url, init }] = requests;
    assert.equal(url, `${base}/auth/login`);
    assert.equal(init.body, '{"user_key":"USER-KEY","secret_key":"SECRET-KEY"}');
    assert.deepEqual(init.headers, plain);
  });

  it("takes a lifetime that is missing from the token, and one that is a string", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_552_651_076_000 });
    const { expires_in, ...answer } = document("login-answer");
    assert.equal((await scripted({ login: () => json(answer) }).client.login()).expiresIn, 3900);
    const other = scripted({ login: () => json({ ...answer, expires_in: "120" }) });
    assert.equal((await other.client.login()).expiresIn, 120);
    const opaque = scripted({ login: () => json({ access_token: "opaque" }) });
    assert.deepEqual(await opaque.client.login(), {
      accessToken: "opaque",
      tokenType: "bearer",
      expiresIn: 3600,
      expiresAt: 1_552_654_676_000,
    });
  });
});

describe("send", () => {
  it("posts the document's request, and gives its answer", async () => {
    const { client, requests } = scripted({ send: () => json(document("send-answer")) });
    const receipt = await client.send([message]);

    const [, { url, init }] = requests;
    assert.equal(url, `${base}/sms/send`);
    assert.equal(init.body, JSON.stringify(document("send-request")));
    assert.deepEqual(init.headers, authorized("TOKEN"));
    assert.deepEqual(receipt, {
      code: "00",
      message: "sms_sent",
      description: "The sms sent successfully",
      sms: [{ status: "sent", code: "CODE-SMS", ...message, segments: 1 }],
      unknown: [],
      warnings: [],
    });
  });

  it("takes one message without an array", async () => {
    const { client, requests } = scripted();
    assert.equal((await client.send(message)).sms.length, 1);
    assert.deepEqual(requests[1].json, document("send-request"));
  });

  it("reads the misspelt key of the answer and the right one", async () => {
    for (const key of ["sender_addresss", "sender_address"]) {
      const { client } = scripted({
        send: (request) => accepted(request, ({ sender_addresss, ...sms }) => ({ ...sms, [key]: "SMS-TEST" })),
      });
      const receipt = await client.send(message);
      assert.deepEqual(
        receipt.warnings.map(({ reason, index }) => [reason, index]),
        [["sender-replaced", 0]],
        key,
      );
      assert.equal(receipt.sms[0].from, "SENDER-ID");
    }
  });

  it("says which messages the answer does not account for", async () => {
    const batch = ["+221776665544", "+221773332211", "+2250707070707"].map((to) => ({ ...message, to }));
    const { client } = scripted({
      send: ({ json: { send_sms_request } }) =>
        json({
          code: "00",
          message: "sms_sent",
          description: "",
          // In another order, without `+`.
          data: {
            sms: [send_sms_request.sms[2], send_sms_request.sms[0]].map(({ to }) => ({
              code: `FOR-${to}`,
              receiver_address: to.slice(1),
            })),
          },
        }),
    });
    const { sms, unknown } = await client.send(batch);
    assert.deepEqual(unknown, [1]);
    assert.deepEqual(
      sms.map(({ status, code, to }) => [status, code, to]),
      [
        ["sent", "FOR-+221776665544", "+221776665544"],
        ["unknown", undefined, "+221773332211"],
        ["sent", "FOR-+2250707070707", "+2250707070707"],
      ],
    );
  });

  it("rejects where the answer accounts for none", async () => {
    for (const data of [undefined, {}, { sms: [] }, { sms: [{ code: "1", receiver_address: "+33600000000" }] }, []]) {
      const { client } = scripted({ send: () => json({ code: "00", message: "sms_sent", description: "", data }) });
      assertFields(await rejection(client.send(message)), {
        kind: "unreadable",
        delivery: "unknown",
        attempts: 1,
        status: 200,
      });
    }
  });
});

describe("stats", () => {
  const receivers = ["+221776665544", "+221773332211", "+22173214354"];

  it("posts the document's request, a number of no plan included, and gives its answer", async () => {
    const { client, requests } = scripted({ stats: () => json(document("stats-answer")) });
    const stats = await client.stats({ receivers, startDate: "2018-01-01 00:00:00" });

    const [, { url, init }] = requests;
    assert.equal(url, `${base}/sms/stats`);
    assert.equal(init.body, JSON.stringify(document("stats-request")));
    assert.deepEqual(init.headers, authorized("TOKEN"));
    assert.deepEqual(stats, {
      code: "00",
      message: "success",
      description: "The request is success",
      validNumbers: [
        { number: "+221776665544", sms: [{ code: "CODE-SMS", content: "Un sms de test." }] },
        { number: "+221773332211", sms: [] },
      ],
      invalidNumbers: ["+22173214354"],
    });
  });

  it("reads an answer without invalid numbers", async () => {
    const { data, ...answer } = document("stats-answer");
    const { client } = scripted({ stats: () => json({ ...answer, data: { valid_number: data.valid_number } }) });
    assert.deepEqual((await client.stats({ receivers })).invalidNumbers, []);
  });

  it("writes dates in UTC, and none as an empty string", async () => {
    const { client, requests } = scripted();
    await client.stats({
      receivers: receivers[0],
      startDate: new Date(Date.UTC(2026, 0, 31, 23, 59, 58, 999)),
      endDate: undefined,
    });
    const { filters } = requests[1].json.sms_sent;
    assert.deepEqual(filters, {
      receiver_address: [{ value: receivers[0] }],
      start_date: "2026-01-31 23:59:58",
      end_date: "",
    });
  });

  it("asks more than 50 receivers in several POSTs, and merges the answers", async () => {
    const many = Array.from({ length: 120 }, (_, index) => `+22177666${1000 + index}`);
    const { client, requests, count } = scripted();
    const stats = await client.stats({ receivers: many });

    assert.equal(count("stats"), 3);
    assert.deepEqual(
      requests.slice(1).flatMap((request) => request.json.sms_sent.filters.receiver_address.map(({ value }) => value)),
      many,
    );
    assert.deepEqual(
      stats.validNumbers.map(({ number }) => number),
      many,
    );
  });

  it("gives invalid numbers as they were asked", async () => {
    const { client } = scripted({ stats: () => json(document("stats-answer")) });
    const { invalidNumbers } = await client.stats({ receivers: ["+221 73 214 354"] });
    assert.deepEqual(invalidNumbers, ["+221 73 214 354"]);
  });
});

describe("every request", () => {
  it("is a POST that follows no redirect, with a signal, and fetch has no `this`", async () => {
    const { client, requests } = scripted();
    await client.send(message);
    await client.stats({ receivers: message.to });

    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send", "stats"],
    );
    for (const { init, input, receiver } of requests) {
      assert.equal(input.length, 2);
      assert.equal(receiver, undefined);
      const { method, headers, body, signal, redirect, ...rest } = init;
      assert.deepEqual([method, redirect, rest], ["POST", "manual", {}]);
      assert.ok(signal instanceof AbortSignal);
      assert.equal(typeof body, "string");
      assert.equal(Object.getPrototypeOf(headers), Object.prototype);
    }
  });

  it("is the same through the runtime's own fetch", async (t) => {
    const received = [];
    const baseUrl = await serve(t, async (request, response) => {
      const { method, url, headers } = request;
      const body = await text(request);
      received.push([method, url, headers["content-type"], headers.accept, headers.authorization, body]);
      response.end(JSON.stringify(url === "/auth/login" ? token : document("send-answer")));
    });
    const receipt = await new CrmClient({ ...keys, baseUrl }).send(message);

    assert.equal(receipt.sms[0].code, "CODE-SMS");
    const login = JSON.stringify({ user_key: keys.userKey, secret_key: keys.secretKey });
    assert.deepEqual(received, [
      ["POST", "/auth/login", "application/json", accept, undefined, login],
      ["POST", "/sms/send", "application/json", accept, "Bearer TOKEN", JSON.stringify(document("send-request"))],
    ]);
  });

  it("goes under `baseUrl`, with or without a slash at its end", async () => {
    for (const baseUrl of ["http://localhost:8080/v1", "http://localhost:8080/v1/"]) {
      const { client, requests } = scripted({}, { baseUrl });
      await client.login();
      assert.equal(requests[0].url, "http://localhost:8080/v1/auth/login");
    }
  });
});
