// What `send` and `check` say of messages before anything is posted.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import {
  assertFields,
  assertIssues,
  forbidStrayErrors,
  json,
  message,
  rejection,
  scripted,
  thrown,
} from "./scripted-fetch.mjs";

forbidStrayErrors();

const checker = (options) => new CrmClient({ sender: "SENDER-ID", ...options });
const numbered = (count) =>
  Array.from({ length: count }, (_, index) => ({ ...message, to: `+22177666${5000 + index}` }));

describe("the number of messages", () => {
  it("is 1 to 50", async () => {
    for (const count of [1, 50]) {
      const { client, requests } = scripted();
      const receipt = await client.send(numbered(count));
      assert.deepEqual(
        receipt.sms.map(({ code }) => code),
        numbered(count).map((_, index) => `CODE-${index}`),
      );
      assert.deepEqual(requests[1].json.send_sms_request.sms, numbered(count));
    }
  });

  it("is refused before the network otherwise", async () => {
    const { client, requests } = scripted();
    const none = await rejection(client.send([]));
    assertFields(none, { kind: "invalid", delivery: "not-sent", attempts: 0, code: undefined });
    assertIssues(none.issues, [["batch", undefined, "none", "ERROR_109"]]);
    const many = await rejection(client.send(numbered(51)));
    assertIssues(many.issues, [["batch", undefined, "too-many", "ERROR_111"]]);
    assert.match(many.message, /51 messages, at most 50 at once/);
    assert.equal(requests.length, 0);
  });

  it("is told at once of an array that no memory holds", async () => {
    const { client, requests } = scripted();
    const endless = new Array(2 ** 32 - 1);
    const refused = await rejection(client.send(endless));
    assertFields(refused, { kind: "invalid", delivery: "not-sent" });
    assertIssues(refused.issues, [["batch", undefined, "too-many", "ERROR_111"]]);
    assertIssues(thrown(() => client.check(endless)).issues, [["batch", undefined, "too-many", "ERROR_111"]]);
    const unasked = await rejection(client.stats({ receivers: endless }));
    assertIssues(unasked.issues, [["receivers", undefined, "too-many", "ERROR_111"]]);
    assert.equal(requests.length, 0);
  });

  it("is any for `check`", () => {
    const report = checker().check(numbered(1000));
    assert.ok(report.ok);
    assert.deepEqual([report.messages.length, report.segments, report.messages[999].index], [1000, 1000, 999]);
    assert.deepEqual(checker().check([]), { ok: true, messages: [], segments: 0, ucs2: 0, duplicates: [] });
  });

  it("is that of an array or of one object, and of nothing else", async () => {
    const { client, requests } = scripted();
    for (const odd of [
      undefined,
      null,
      "+221776665544",
      5,
      true,
      Symbol("message"),
      new Set([message]),
      new Map(),
      (function* () {})(),
    ]) {
      assertFields(await rejection(client.send(odd)), { kind: "invalid", delivery: "not-sent" });
      assertIssues(thrown(() => client.check(odd)).issues, [["batch", undefined, "wrong-type", undefined]]);
    }
    assert.equal(requests.length, 0);
  });
});

describe("a receipt", () => {
  it("has sender, number and text of each message as they left", async () => {
    const { client, requests } = scripted({}, { sender: "Shop", defaultCountry: "SN", smartEncoding: "typographic" });
    const receipt = await client.send([
      { to: "77 666 50 01", text: "L\u2019une" },
      { to: "+221776665002", text: "Prêt" },
      { to: "+221776665003", text: "e\u0301", from: "Other" },
      { to: "+221776665004", text: "Prêt", from: "Other" },
      { to: "00221776665005", text: "Prêt" },
      { to: "+221776665006", text: "L\u2019une" },
    ]);
    const left = [
      { from: "Shop", to: "+221776665001", text: "L'une" },
      { from: "Shop", to: "+221776665002", text: "Prêt" },
      { from: "Other", to: "+221776665003", text: "é" },
      { from: "Other", to: "+221776665004", text: "Prêt" },
      { from: "Shop", to: "+221776665005", text: "Prêt" },
      { from: "Shop", to: "+221776665006", text: "L'une" },
    ];
    assert.deepEqual(requests[1].json.send_sms_request.sms, left);
    assert.deepEqual(receipt.sms.map(({ from, to, text }) => ({ from, to, text })), left);
  });

  it("has a text with a noncharacter too", async () => {
    const { client, requests } = scripted();
    const text = "Prix\ufffe5";
    const receipt = await client.send({ ...message, text });
    assert.equal(requests[1].json.send_sms_request.sms[0].text, text);
    assert.equal(receipt.sms[0].text, text);
  });

  it("tells the doubts of the messages and then those of the answer, with their indexes", async () => {
    const answer = ({ json: { send_sms_request: { sms } } }) =>
      json({
        code: "00",
        message: "sms_sent",
        description: "",
        data: { sms: sms.map(({ to, text }, i) => ({ code: `C${i}`, sender_addresss: i === 0 ? "SMS-TEST" : "SENDER-ID", receiver_address: to, text })) },
      });
    const { client } = scripted({ send: answer });
    const { warnings } = await client.send([message, { ...message, text: "autre" }, message]);
    assertIssues(warnings, [
      ["batch", 2, "duplicate", undefined],
      ["from", 0, "sender-replaced", undefined],
    ]);
  });
});

describe("the faults of a batch", () => {
  it("come all in one error, each with its index, field, reason and code, and nothing is posted", async () => {
    const { client, requests } = scripted();
    const batch = [
      message,
      { ...message, to: "+22177666554" },
      { ...message, to: "77 666 55 44", text: "" },
      { to: message.to, text: message.text },
      { ...message, from: "TwelveLetters" },
      { to: 221776665544, text: null, from: 5, id: {} },
      { ...message, text: "cut\ud83d" },
      { ...message, text: "bell\u0007" },
      { ...message, text: "é".repeat(70) + "ê".repeat(67 * 255) },
      {},
      null,
      message.to,
      { ...message, to: "+999776665544", id: "mine" },
    ];
    const error = await rejection(client.send(batch));

    assertFields(error, { kind: "invalid", delivery: "not-sent", attempts: 0 });
    assertIssues(
      error.issues.filter(({ severity }) => severity === "error"),
      [
        ["to", 1, "too-short", "ERROR_110"],
        ["to", 2, "missing-calling-code", "ERROR_110"],
        ["text", 2, "empty-text", "ERROR_112"],
        ["from", 3, "missing", "ERROR_108"],
        ["from", 4, "sender-too-long", "ERROR_108"],
        ["to", 5, "wrong-type", "ERROR_110"],
        ["text", 5, "wrong-type", "ERROR_112"],
        ["from", 5, "wrong-type", "ERROR_108"],
        ["id", 5, "wrong-type", undefined],
        ["text", 6, "lone-surrogate", "ERROR_112"],
        ["text", 7, "control-character", "ERROR_112"],
        ["text", 8, "too-many-segments", "ERROR_113"],
        ...[9, 10, 11].flatMap((index) => [
          ["to", index, "missing", "ERROR_110"],
          ["text", index, "missing", "ERROR_112"],
          ["from", index, "missing", "ERROR_108"],
        ]),
        ["to", 12, "unknown-calling-code", "ERROR_110"],
      ],
    );
    assert.match(error.message, /^22 faults, the first: messages\[1\]\.to: 8 digits after \+221 \(Senegal\), expected 9/);
    assert.equal(requests.length, 0);
  });

  it("are those that `check` finds", async () => {
    const batch = [
      { ...message, to: "12", text: "" },
      { ...message, from: "" },
    ];
    const { client } = scripted();
    const error = await rejection(client.send(batch));
    assert.deepEqual(
      error.issues,
      client.check(batch).messages.flatMap(({ issues }) => issues),
    );
  });

  it("repeat no whole number, no text, no sender's text", async () => {
    const { client } = scripted();
    const secrets = ["0776665544", "221776665544", "776665544", "CANARY"];
    const batch = [
      { ...message, to: "+221 0776665544" },
      { ...message, to: "776665544" },
      { ...message, to: "+221776665544 / +221776665544" },
      { ...message, to: "+221776665544 CANARY" },
      { ...message, to: "0776665544000000000" },
      { ...message, text: "CANARY\u0007 ê" },
      { ...message, text: "CANARY\ud800" },
      { ...message, text: `CANARY${"x".repeat(153 * 255)}` },
      { ...message, from: "CANARYCANARY" },
      { ...message, from: "CANARY\n" },
    ];
    const error = await rejection(client.send(batch));
    const report = batch.map((row) => client.check(row).messages[0].issues);
    const said = JSON.stringify([error.message, error.issues, report]);
    for (const secret of secrets) assert.ok(!said.includes(secret), said);
    assert.ok(error.issues.length >= batch.length);
  });
});

describe("a row", () => {
  it("may be a class with getters, with other fields, frozen, or without a prototype", async () => {
    class Customer {
      #phone = message.to;
      name = "Awa";
      get to() {
        return this.#phone;
      }
      get text() {
        return message.text;
      }
    }
    class Vip extends Customer {
      from = message.from;
    }
    const { client, requests } = scripted();
    const bare = Object.assign(Object.create(null), message);
    await client.send([
      new Vip(),
      Object.freeze({ ...message, text: "2", city: "Dakar" }),
      Object.assign(bare, { text: "3" }),
    ]);
    assert.deepEqual(requests[1].json.send_sms_request.sms, [
      message,
      { ...message, text: "2" },
      { ...message, text: "3" },
    ]);
  });

  it("whose getter throws is a fault of that row alone", async () => {
    const row = {
      ...message,
      get text() {
        throw new Error("CANARY");
      },
    };
    const error = await rejection(scripted().client.send([message, row]));
    assertIssues(error.issues, [["text", 1, "wrong-type", "ERROR_112"]]);
    assert.ok(!error.message.includes("CANARY"));
  });

  it("that is missing from a sparse array is a fault of it", async () => {
    const error = await rejection(scripted().client.send([message, , message])); // eslint-disable-line no-sparse-arrays
    assert.deepEqual([...new Set(error.issues.map(({ index }) => index))], [1]);
  });

  it("is read before `send` returns: later changes change nothing", async () => {
    const { client, requests } = scripted();
    const row = { ...message };
    const sent = client.send([row]);
    row.to = "+221773332211";
    row.text = "changed";
    await sent;
    assert.deepEqual(requests[1].json.send_sms_request.sms, [message]);
  });
});
