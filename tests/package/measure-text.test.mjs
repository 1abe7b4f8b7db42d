// `measureText` as a user has it; the alphabet itself is tested in Rust.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CrmClient, measureText } from "paydunya-crm";
import { seededRandom } from "./seeded-random.mjs";
import { assertFields, assertIssues, thrown } from "./scripted-fetch.mjs";

describe("measureText", () => {
  it("gives all of a text that fits GSM-7", () => {
    assert.deepEqual(measureText("Un sms de test."), {
      encoding: "GSM-7",
      units: 15,
      segments: 1,
      unitsPerSegment: 160,
      unitsLeft: 145,
      offenders: [],
    });
  });

  it("gives what forces UCS-2, and what it would be without", () => {
    const text = `${"x".repeat(60)}fête, fêtes “là”`;
    assert.deepEqual(measureText(text), {
      encoding: "UCS-2",
      units: 76,
      segments: 2,
      unitsPerSegment: 67,
      unitsLeft: 58,
      offenders: [
        { char: "ê", index: 61, count: 2, suggestion: "e" },
        { char: "“", index: 72, count: 1, suggestion: '"' },
        { char: "”", index: 75, count: 1, suggestion: '"' },
      ],
      segmentsIfGsm7: 1,
    });
  });

  it("gives no suggestion where there is none, and positions in UTF-16", () => {
    const { offenders, ...measure } = measureText("😀😀 ߊ");
    assert.deepEqual(offenders, [
      { char: "😀", index: 0, count: 2 },
      { char: "ߊ", index: 5, count: 1 },
    ]);
    assert.ok(!("segmentsIfGsm7" in measure));
    assert.equal(measure.units, 6);
  });

  for (const [name, text, encoding, units, segments] of [
    ["nothing", "", "GSM-7", 0, 1],
    ["160 of GSM-7", "x".repeat(160), "GSM-7", 160, 1],
    ["161 of GSM-7", "x".repeat(161), "GSM-7", 161, 2],
    ["306 of GSM-7", "x".repeat(306), "GSM-7", 306, 2],
    ["307 of GSM-7", "x".repeat(307), "GSM-7", 307, 3],
    ["80 of the extension table", "€".repeat(80), "GSM-7", 160, 1],
    ["the whole extension table", "^{}\\[~]|€\f", "GSM-7", 20, 1],
    ["an escape pair at a segment's end", `${"x".repeat(152)}€${"x".repeat(152)}`, "GSM-7", 306, 3],
    ["70 of UCS-2", "ê".repeat(70), "UCS-2", 70, 1],
    ["71 of UCS-2", "ê".repeat(71), "UCS-2", 71, 2],
    ["a surrogate pair at a segment's end", `${"ê".repeat(66)}😀${"ê".repeat(66)}`, "UCS-2", 134, 3],
    ["French accents of GSM-7", "éèùàÉÇ", "GSM-7", 6, 1],
    ["a decomposed accent", "e\u0301", "UCS-2", 2, 1],
    ["half of a character", "a\ud800", "UCS-2", 2, 1],
  ]) {
    it(`measures ${name}`, () => {
      const measure = measureText(text);
      assert.deepEqual([measure.encoding, measure.units, measure.segments], [encoding, units, segments]);
    });
  }

  it("throws a `CrmError` where it is given no string", () => {
    const odd = [undefined, null, 5, 5n, true, Symbol("text"), {}, [], new String("text"), () => {}];
    for (const value of odd) {
      const error = thrown(() => measureText(value));
      assertFields(error, { kind: "invalid", delivery: undefined, attempts: 0 });
      assertIssues(error.issues, [["text", undefined, "wrong-type", undefined]]);
    }
  });

  it("holds together, for any string", () => {
    const random = seededRandom(338);
    const alphabets = ["abcé€{", "aê’😀", "\ud83d\ude00ߊa", "\u0000\n\f\uffff€"];
    for (let round = 0; round < 5_000; round++) {
      const alphabet = alphabets[random(alphabets.length)];
      const text = Array.from({ length: random(400) }, () => alphabet[random(alphabet.length)]).join("");
      const { encoding, units, segments, unitsPerSegment, unitsLeft, offenders, segmentsIfGsm7 } = measureText(text);

      const [alone, chained] = encoding === "GSM-7" ? [160, 153] : [70, 67];
      assert.equal(unitsPerSegment, segments === 1 ? alone : chained);
      assert.ok(unitsLeft >= 0 && unitsLeft <= unitsPerSegment);
      assert.ok(units + unitsLeft <= segments * unitsPerSegment);
      assert.equal(encoding === "GSM-7", offenders.length === 0);
      if (encoding === "UCS-2") assert.equal(units, text.length);
      if (segmentsIfGsm7 !== undefined) assert.ok(offenders.every(({ suggestion }) => suggestion !== undefined));
      for (const { char, index, count } of offenders.filter(({ char }) => char !== "\ufffd")) {
        assert.equal(text.indexOf(char), index);
        assert.equal(text.split(char).length - 1, count);
      }
    }
  });

  it("agrees with `check`", () => {
    const client = new CrmClient({ sender: "SENDER-ID" });
    for (const text of ["Un sms de test.", "La fête", "€".repeat(200), "😀".repeat(50)]) {
      const [checked] = client.check({ to: "+221776665544", text }).messages;
      assert.deepEqual(checked.text, measureText(text));
    }
  });
});
