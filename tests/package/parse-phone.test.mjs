// `parsePhone` as a user has it; the numbering plans themselves are tested in Rust.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePhone, phoneDataVersion } from "paydunya-crm";
import { seededRandom } from "./seeded-random.mjs";

const sn = { defaultCountry: "SN" };

describe("parsePhone", () => {
  it("gives all of a number", () => {
    assert.deepEqual(parsePhone("+221776665544"), {
      ok: true,
      e164: "+221776665544",
      callingCode: "221",
      nationalNumber: "776665544",
      country: "SN",
      kind: "sms",
      normalized: false,
    });
    assert.deepEqual(parsePhone("33 876 54 32", sn), {
      ok: true,
      e164: "+221338765432",
      callingCode: "221",
      nationalNumber: "338765432",
      country: "SN",
      kind: "landline",
      normalized: true,
    });
  });

  it("gives the reason of a refusal, a hint, and where it can, the place", () => {
    const letters = parsePhone("77 666 55 4O", sn);
    assert.deepEqual(Object.keys(letters), ["ok", "reason", "hint", "index"]);
    assert.deepEqual([letters.ok, letters.reason, letters.index], [false, "letters", 11]);
    const short = parsePhone("+22177666554");
    assert.deepEqual([short.reason, "index" in short], ["too-short", false]);
    assert.match(short.hint, /8 digits after \+221 \(Senegal\), expected 9/);
  });

  for (const [typed, options, e164] of [
    ["+221 77 666 55 44", undefined, "+221776665544"],
    ["+221.77.666-55/44", undefined, "+221776665544"],
    ["(+221) 77 666 55 44", undefined, "+221776665544"],
    ["00221776665544", undefined, "+221776665544"],
    ["tel:+221-77-666-55-44", undefined, "+221776665544"],
    ["\u202a+221\u202f77\u00a0666\u200955\u200744\u202c", undefined, "+221776665544"],
    ["＋２２１７７６６６５５４４", undefined, "+221776665544"],
    ["٧٧٦٦٦٥٥٤٤", sn, "+221776665544"],
    ["۷۷۶۶۶۵۵۴۴", sn, "+221776665544"],
    ["߇߇߆߆߆߅߅߄߄", sn, "+221776665544"],
    ["77 666 55 44", sn, "+221776665544"],
    ["221776665544", sn, "+221776665544"],
    ["07 07 07 07 07", { defaultCountry: "CI" }, "+2250707070707"],
    ["024 123 4567", { defaultCountry: "GH" }, "+233241234567"],
    ["+33 (0)6 12 34 56 78", undefined, "+33612345678"],
    ["+229 01 97 12 34 56", sn, "+2290197123456"],
  ]) {
    it(`reads ${JSON.stringify(typed)}${options ? ` in ${options.defaultCountry}` : ""}`, () => {
      assert.equal(parsePhone(typed, options).e164, e164);
    });
  }

  for (const [typed, options, reason] of [
    ["", undefined, "empty"],
    ["+", undefined, "empty"],
    ["77 666 55 44", undefined, "missing-calling-code"],
    ["+221 77 ORANGE 1", undefined, "letters"],
    ["77 666 55 44 x12", sn, "extension"],
    ["77 666 55 44 / 70 123 45 67", sn, "several-numbers"],
    ["2.21777E+11", undefined, "spreadsheet"],
    ["221776665544.0", undefined, "spreadsheet"],
    ["707070707", { defaultCountry: "CI" }, "lost-leading-zero"],
    ["+229 97 12 34 56", undefined, "old-plan"],
    ["+225 07 07 07 07", undefined, "old-plan"],
    ["0776665544", sn, "leading-zero"],
    ["+999123456789", undefined, "unknown-calling-code"],
    ["17", sn, "short-code"],
    ["*144#", sn, "short-code"],
    ["77 666 55 44 ?", sn, "unexpected-character"],
    ["+2217766655443322", undefined, "too-long"],
    ["+221\ud800776665544", undefined, "lone-surrogate"],
  ]) {
    it(`refuses ${JSON.stringify(typed)}${options ? ` in ${options.defaultCountry}` : ""}: ${reason}`, () => {
      const refusal = parsePhone(typed, options);
      assert.deepEqual([refusal.ok, refusal.reason], [false, reason]);
      assert.ok(refusal.hint.length > 10 && !refusal.hint.includes("776665544"));
    });
  }

  it("never throws, whatever it is given", () => {
    const boom = () => {
      throw new Error("boom");
    };
    const odd = [
      undefined,
      null,
      221776665544,
      5n,
      NaN,
      true,
      Symbol("77"),
      {},
      [],
      () => {},
      new Date(),
      new String("77"),
    ];
    const hostile = [
      new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom }),
      { toString: boom, valueOf: boom },
    ];
    for (const value of [...odd, ...hostile]) {
      const refusal = parsePhone(value);
      assert.deepEqual([refusal.ok, refusal.reason], [false, "wrong-type"]);
    }
    assert.equal(parsePhone().ok, false);
    for (const options of [...odd.slice(1), ...hostile]) {
      assert.equal(typeof parsePhone("+221776665544", options).ok, "boolean");
    }
  });

  it("refuses options that are wrong, and says which", () => {
    for (const [options, reason, word] of [
      [{ defaultCountry: "Senegal" }, "bad-option", "defaultCountry"],
      [{ defaultCountry: "sn" }, "bad-option", "defaultCountry"],
      [{ defaultCountry: 221 }, "wrong-type", "defaultCountry"],
      [{ country: "SN" }, "unknown-option", "country"],
      ["SN", "wrong-type", "an object with defaultCountry"],
      [null, "wrong-type", "an object with defaultCountry"],
    ]) {
      const refusal = parsePhone("+221776665544", options);
      assert.deepEqual([refusal.ok, refusal.reason], [false, reason]);
      assert.ok(refusal.hint.includes(word), refusal.hint);
    }
    assert.ok(parsePhone("+221776665544", { defaultCountry: undefined }).ok);
  });

  it("reads its own result again, for any string", () => {
    const random = seededRandom(221);
    const pieces = [
      "+",
      "00",
      "221",
      "77",
      "0",
      "6665544",
      "225",
      "07",
      " ",
      "-",
      "(0)",
      "\u202f",
      "٧",
      "x",
      "é",
      "\ud83d",
      "E+11",
      "/",
      "tel:",
    ];
    const countries = [undefined, "SN", "CI", "BJ", "GH", "FR", "US", "TJ"];
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const typed = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join("");
      const options = { defaultCountry: countries[random(countries.length)] };
      const phone = parsePhone(typed, options);
      if (!phone.ok) {
        assert.equal(typeof phone.hint, "string");
        continue;
      }
      accepted++;
      const { e164, kind, callingCode, nationalNumber } = phone;
      assert.match(e164, /^\+[1-9]\d{4,14}$/);
      assert.equal(`+${callingCode}${nationalNumber}`, e164);
      assert.equal(phone.normalized, typed !== e164);
      const again = parsePhone(e164);
      assert.deepEqual([again.e164, again.kind, again.normalized], [e164, kind, false], typed);
    }
    assert.ok(accepted > 200, `${accepted} numbers`);
  });

  it("says which data it judges by", () => {
    assert.match(phoneDataVersion, /^\d+\.\d+\.\d+$/);
  });
});
