// From each code of the API document to a `CrmError`.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCodes } from "paydunya-crm";
import { assertFields, message, refusal, rejection, scripted } from "./scripted-fetch.mjs";

describe("the 24 codes", () => {
  const numbers = Array.from({ length: 24 }, (_, index) => 101 + index);
  // Of a send of two messages.
  const expected = (number) => {
    if ([101, 102, 103, 116].includes(number)) return { kind: "refused", delivery: "unknown" };
    if (number === 117 || number === 118 || number > 120) return { kind: "credentials", delivery: "not-sent" };
    return { kind: "refused", delivery: "not-sent" };
  };

  it("are all there, each with its word, its meaning and an advice", () => {
    assert.deepEqual(
      Object.keys(errorCodes),
      numbers.map((number) => `ERROR_${number}`),
    );
    assert.ok(Object.isFrozen(errorCodes));
    for (const entry of Object.values(errorCodes)) {
      assert.deepEqual(Object.keys(entry), ["message", "meaning", "advice"]);
      for (const words of Object.values(entry)) assert.ok(words.length > 8);
    }
    assert.equal(errorCodes.ERROR_102.message, "inufficient_balance");
    assert.equal(errorCodes.ERROR_115.message, "invalid_ende_date");
  });

  for (const number of numbers) {
    const code = `ERROR_${number}`;
    const renewed = number > 120;

    it(`${code} as the answer to a send`, async () => {
      for (const status of [200, 422]) {
        const { client, count } = scripted({ send: () => refusal(code, { status }) });
        const error = await rejection(client.send([message, { ...message, text: "Un autre." }]));
        assertFields(error, {
          ...expected(number),
          code,
          status,
          description: "A sentence.",
          attempts: renewed ? 2 : 1,
          issues: undefined,
        });
        assert.ok(error.message.includes(errorCodes[code].advice), error.message);
        assert.ok(error.message.includes(code) && error.message.includes(errorCodes[code].message));
        assert.equal(count("send"), renewed ? 2 : 1);
      }
    });

    it(`${code} as the answer to a login and to stats`, async () => {
      const atLogin = await rejection(scripted({ login: () => refusal(code) }).client.login());
      assertFields(atLogin, { kind: expected(number).kind, delivery: undefined, code, attempts: 0 });
      const atStats = await rejection(scripted({ stats: () => refusal(code) }).client.stats({ receivers: message.to }));
      assertFields(atStats, { kind: expected(number).kind, delivery: undefined, code, attempts: renewed ? 2 : 1 });
    });
  }

  it("leave one message without money surely not sent", async () => {
    const { client } = scripted({ send: () => refusal("ERROR_102") });
    assertFields(await rejection(client.send(message)), { kind: "refused", delivery: "not-sent" });
  });

  it("are not all: an unknown one is refused, and nobody knows what it means", async () => {
    const { client } = scripted({ send: () => refusal("ERROR_199") });
    assertFields(await rejection(client.send(message)), {
      kind: "refused",
      delivery: "unknown",
      code: undefined,
      status: 200,
      description: "A sentence.",
    });
  });
});
