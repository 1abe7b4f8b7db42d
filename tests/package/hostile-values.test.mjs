// Values that throw at the first look: they are wrong, and nothing worse.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { CrmClient, measureText, parsePhone } from "paydunya-crm";
import { assertFields, forbidStrayErrors, message, rejection, scripted, thrown } from "./scripted-fetch.mjs";

forbidStrayErrors();

describe("a revoked proxy", () => {
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };

  for (const [name, target] of [
    ["an object", {}],
    ["an array", []],
  ]) {
    it(`of ${name} is \`invalid\` wherever it comes`, async () => {
      const { client, requests } = scripted();
      for (const call of [
        () => client.send(revoked(target)),
        () => client.send([message, revoked(target)]),
        () => client.send({ ...message, to: revoked(target) }),
        () => client.send(message, revoked(target)),
        () => client.send(message, { signal: revoked(target) }),
      ]) {
        assertFields(await rejection(call()), { kind: "invalid", delivery: "not-sent", attempts: 0 });
      }
      for (const query of [revoked(target), { receivers: revoked(target) }, { receivers: [revoked(target)] }]) {
        assertFields(await rejection(client.stats(query)), { kind: "invalid", attempts: 0 });
      }
      assertFields(
        thrown(() => new CrmClient(revoked(target))),
        { kind: "invalid" },
      );
      assertFields(
        thrown(() => client.check(revoked(target))),
        { kind: "invalid" },
      );
      assertFields(
        thrown(() => measureText(revoked(target))),
        { kind: "invalid" },
      );
      assert.equal(parsePhone(revoked(target)).reason, "wrong-type");
      assert.equal(parsePhone(message.to, revoked(target)).ok, false);
      assert.equal(requests.length, 0);
    });
  }
});

describe("a date", () => {
  const asked = async (startDate) => {
    const { client, requests } = scripted();
    await client.stats({ receivers: message.to, startDate });
    return requests[1].json.sms_sent.filters.start_date;
  };

  it("that only looks like one is `invalid`", async () => {
    for (const startDate of [Object.create(Date.prototype), new Proxy(new Date(), {}), { getTime: () => 0 }]) {
      const error = await rejection(scripted().client.stats({ receivers: message.to, startDate }));
      assert.deepEqual(
        error.issues.map(({ field, reason, code }) => [field, reason, code]),
        [["startDate", "bad-date", "ERROR_114"]],
      );
    }
  });

  it("is taken at its time, whatever its class or realm makes of it", async () => {
    class Odd extends Date {
      getTime() {
        throw new Error("getTime");
      }
      toISOString() {
        return 5;
      }
    }
    assert.equal(await asked(new Odd(Date.UTC(2026, 0, 31))), "2026-01-31 00:00:00");
    assert.equal(await asked(runInNewContext("new Date(Date.UTC(2026, 0, 31))")), "2026-01-31 00:00:00");
  });
});
