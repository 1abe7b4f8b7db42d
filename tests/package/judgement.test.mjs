// How numbers, texts and senders are judged: what is refused, what is only doubtful, and as what it leaves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient, measureText, parsePhone } from "paydunya-crm";
import { accepted, assertIssues, forbidStrayErrors, message, rejection, scripted } from "./scripted-fetch.mjs";

forbidStrayErrors();

const checker = (options) => new CrmClient({ sender: "SENDER-ID", ...options });
const reasons = (issues) => issues.map(({ reason }) => reason);

describe("the report of `check`", () => {
  it("has the number, the measure and the issues of each message, and the sums", () => {
    const report = checker({ defaultCountry: "SN" }).check([
      { to: "77 666 55 44", text: "Un sms de test." },
      { to: "+221776665544", text: "Un sms de test." },
      { to: "+221773332211", text: `${"x".repeat(69)}ê!` },
      { to: "77 666 55 4", text: "Un sms de test." },
    ]);

    assert.deepEqual(Object.keys(report), ["ok", "messages", "segments", "ucs2", "duplicates"]);
    assert.deepEqual([report.ok, report.segments, report.ucs2, report.duplicates], [false, 5, 1, [[0, 1]]]);
    assert.deepEqual(report.messages[0], {
      index: 0,
      ok: true,
      issues: [],
      phone: {
        ok: true,
        e164: "+221776665544",
        callingCode: "221",
        nationalNumber: "776665544",
        country: "SN",
        kind: "sms",
        normalized: true,
      },
      text: { encoding: "GSM-7", units: 15, segments: 1, unitsPerSegment: 160, unitsLeft: 145, offenders: [] },
    });
    const [, , costly, short] = report.messages;
    assert.deepEqual(
      [costly.ok, reasons(costly.issues), costly.text.segments, costly.text.segmentsIfGsm7],
      [true, ["ucs2"], 2, 1],
    );
    assert.deepEqual(
      [short.ok, reasons(short.issues), "phone" in short, short.text.segments],
      [false, ["too-short"], false, 1],
    );
  });

  it("has no measure of a text that is refused, and counts none", () => {
    const { messages, segments, ucs2 } = checker({ maxSegments: 1 }).check([
      { ...message, text: "ê".repeat(71) },
      { ...message, text: "ê\u0007" },
      { ...message, text: "x".repeat(160) },
    ]);
    assert.deepEqual(
      messages.map(({ ok, text }) => [ok, text?.segments]),
      [
        [false, undefined],
        [false, undefined],
        [true, 1],
      ],
    );
    assert.deepEqual([segments, ucs2], [1, 0]);
  });

  it("names each character as it is, in ASCII or not", () => {
    const { messages } = checker().check([
      { to: "+221776665544", text: `${"é".repeat(69)}ê!` },
      { to: "7😀", text: "" },
    ]);
    assert.deepEqual(
      messages.flatMap(({ issues }) => issues.map(({ message }) => message)),
      [
        "text: ê at 69 makes this UCS-2: 2 segments instead of 1",
        'to: "😀" at 1 does not belong in a phone number: remove it',
        "text: no character: write at least one",
      ],
    );
  });

  it("has numbers of all countries as `parsePhone` reads them", () => {
    const numbers = Array.from({ length: 1000 }, (_, code) => `+${code}912345678`);
    const read = numbers.map((to) => parsePhone(to)).filter(({ ok }) => ok);
    assert.ok(new Set(read.map(({ country }) => country)).size > 100);
    const { messages } = checker().check(numbers.map((to) => ({ to, text: "a" })));
    assert.deepEqual(
      messages.flatMap(({ phone }) => phone ?? []),
      read,
    );
  });

  it("needs no keys and no network", () => {
    const fetch = () => assert.fail("fetch was called");
    assert.ok(new CrmClient({ fetch }).check(message).ok);
  });
});

describe("what is only doubtful", () => {
  it("is sent, with a warning in the receipt", async () => {
    const { client } = scripted({
      send: (request) => accepted(request, (sms) => ({ ...sms, sender_addresss: "SMS-TEST" })),
    });
    const text = `${"x".repeat(70)}ê`;
    const { warnings, unknown } = await client.send([message, message, { ...message, to: "+221338765432", text }]);
    assert.deepEqual(unknown, []);
    assert.ok(warnings.every(({ severity }) => severity === "warning"));
    assertIssues(warnings, [
      ["to", 2, "landline", undefined],
      ["text", 2, "ucs2", undefined],
      ["batch", 1, "duplicate", undefined],
      ["from", 0, "sender-replaced", undefined],
      ["from", 1, "sender-replaced", undefined],
      ["from", 2, "sender-replaced", undefined],
    ]);
  });

  it("is nothing, a warning or a fault, as `phoneCheck` says", async () => {
    const doubtful = { ...message, to: "+221338765432" };
    for (const [phoneCheck, severities] of [
      ["length", []],
      [undefined, ["warning"]],
      ["warn", ["warning"]],
      ["strict", ["error"]],
    ]) {
      const [checked] = checker({ phoneCheck }).check(doubtful).messages;
      assert.deepEqual(
        checked.issues.map(({ severity }) => severity),
        severities,
      );
      assert.equal(checked.ok, phoneCheck !== "strict");
      assert.equal(checked.phone.kind, "landline");
      // What is too short stays a fault.
      assert.ok(!checker({ phoneCheck }).check({ ...message, to: "+22133876543" }).ok);
    }
    const { client, requests } = scripted({}, { phoneCheck: "strict" });
    assertIssues((await rejection(client.send(doubtful))).issues, [["to", 0, "landline", "ERROR_110"]]);
    assert.equal(requests.length, 0);
  });
});

describe("a text", () => {
  it("leaves in NFC, and is measured so", async () => {
    const { client, requests } = scripted();
    const text = "pre\u0302te, de\u0301ja\u0300";
    const receipt = await client.send({ ...message, text });
    assert.equal(requests[1].json.send_sms_request.sms[0].text, "prête, déjà");
    assert.equal(receipt.sms[0].text, "prête, déjà");
    assert.equal(client.check({ ...message, text }).messages[0].text.units, 11);
  });

  it("is measured in NFC with every character", () => {
    const texts = [];
    for (let code = 0x300; code < 0x10000; code++) {
      if (code < 0xd800 || code > 0xdfff) texts.push(`a${String.fromCharCode(code)}`);
    }
    const { messages } = checker().check(texts.map((text) => ({ ...message, text })));
    assert.deepEqual(
      messages.map(({ text }) => text),
      texts.map((text) => measureText(text.normalize())),
    );
  });

  it("leaves as it is, whatever it holds", async () => {
    const { client, requests } = scripted();
    const texts = ['"\\/\u2028\u2029</script>', "😀 🇸🇳", "\tline\r\nline\f", "ߊߋ", "x".repeat(160), "{}[]^~|€"];
    await client.send(texts.map((text) => ({ ...message, text })));
    assert.deepEqual(
      requests[1].json.send_sms_request.sms.map(({ text }) => text),
      texts,
    );
  });

  it("is rewritten by `smartEncoding` where that makes it GSM-7, and the receipt says so", async () => {
    const quotes = { ...message, text: "L’été…" };
    const accents = { ...message, to: "+221773332211", text: "La fête" };
    for (const [smartEncoding, texts, rewritten] of [
      ["off", ["L’été…", "La fête"], []],
      ["typographic", ["L'été...", "La fête"], [0]],
      ["strip-accents", ["L'été...", "La fete"], [0, 1]],
    ]) {
      const { client, requests } = scripted({}, { smartEncoding });
      const { warnings, sms } = await client.send([quotes, accents]);
      assert.deepEqual(
        requests[1].json.send_sms_request.sms.map(({ text }) => text),
        texts,
      );
      assert.deepEqual(
        sms.map(({ text }) => text),
        texts,
      );
      assert.deepEqual(
        warnings.filter(({ reason }) => reason === "rewritten").map(({ index }) => index),
        rewritten,
      );
    }
  });

  it("is refused beyond `maxSegments`", async () => {
    const { client } = scripted({}, { maxSegments: 2 });
    assert.equal((await client.send({ ...message, text: "x".repeat(306) })).sms[0].segments, 2);
    const error = await rejection(client.send({ ...message, text: "x".repeat(307) }));
    assertIssues(error.issues, [["text", 0, "too-many-segments", "ERROR_113"]]);
    assert.match(error.message, /3 segments, at most 2/);
  });
});

describe("a sender", () => {
  it("is the message's own, else the client's", async () => {
    const { client, requests } = scripted({}, { sender: "MaBoutique" });
    await client.send([
      { ...message, from: undefined },
      { ...message, text: "2" },
    ]);
    assert.deepEqual(
      requests[1].json.send_sms_request.sms.map(({ from }) => from),
      ["MaBoutique", "SENDER-ID"],
    );
  });

  it("that is null or empty is a fault, not the client's own", () => {
    for (const from of [null, ""]) assert.equal(checker().check({ ...message, from }).ok, false);
  });
});

describe("a number", () => {
  it("without a calling code is read by `defaultCountry` alone", async () => {
    const { client, requests } = scripted({}, { defaultCountry: "SN" });
    const typed = ["77 666 55 44", "00221 77 333 22 11", "+225 07 07 07 07 07", "tel:+221-70-123-45-67"];
    const { sms } = await client.send(typed.map((to) => ({ ...message, to })));
    const wanted = ["+221776665544", "+221773332211", "+2250707070707", "+221701234567"];
    assert.deepEqual(
      sms.map(({ to }) => to),
      wanted,
    );
    assert.deepEqual(
      requests[1].json.send_sms_request.sms.map(({ to }) => to),
      wanted,
    );
    assertIssues((await rejection(scripted().client.send({ ...message, to: typed[0] }))).issues, [
      ["to", 0, "missing-calling-code", "ERROR_110"],
    ]);
  });

  it("of a stats query is never asked as one of another country", async () => {
    const { client, requests } = scripted();
    const inSenegal = scripted({}, { defaultCountry: "SN" });
    // +776665544 would be one of Kazakhstan.
    for (const [asked, receivers, reason] of [
      [client, "77 666 55 44", "missing-calling-code"],
      [inSenegal.client, "77 666 55 4", "too-short"],
      [inSenegal.client, "33 821 00 00 1", "too-long"],
    ]) {
      assertIssues((await rejection(asked.stats({ receivers }))).issues, [["receivers", 0, reason, "ERROR_110"]]);
    }
    assert.deepEqual([requests.length, inSenegal.requests.length], [0, 0]);
    await client.stats({ receivers: "+77 666 55 44" });
    assert.deepEqual(requests[1].json.sms_sent.filters.receiver_address, [{ value: "+776665544" }]);
  });

  it("of a stats query is read the same way", async () => {
    const { client, requests } = scripted({}, { defaultCountry: "SN" });
    await client.stats({ receivers: ["77 666 55 44"] });
    assert.deepEqual(requests[1].json.sms_sent.filters.receiver_address, [{ value: "+221776665544" }]);
  });
});
