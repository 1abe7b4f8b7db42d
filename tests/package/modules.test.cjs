// The package as CommonJS has it.
const assert = require("node:assert/strict");
const { describe, it } = require("node:test");
const { CrmClient, CrmError, isCrmError, parsePhone } = require("paydunya-crm");
const { Sandbox } = require("paydunya-crm/sandbox");

const keys = { userKey: "user-key", secretKey: "secret-key", appKey: "app-key" };
const message = { to: "+221776665544", text: "Votre commande est prête." };

describe("the package, required", () => {
  it("sends, and reads the stats back", async () => {
    const sandbox = new Sandbox();
    const client = new CrmClient({ ...keys, sender: "MaBoutique", fetch: sandbox.fetch });
    const { sms } = await client.send([message]);
    const { validNumbers } = await client.stats({ receivers: message.to });
    assert.deepEqual(validNumbers, [{ number: message.to, sms: [{ code: sms[0].code, content: message.text }] }]);
  });

  it("rejects with a `CrmError` that the ES module knows too", async () => {
    const esm = await import("paydunya-crm");
    const client = new CrmClient({ ...keys, fetch: new Sandbox().fetch });
    const error = await client.send([]).catch((error) => error);
    assert.ok(error instanceof CrmError && isCrmError(error) && esm.isCrmError(error));
    assert.ok(!(error instanceof esm.CrmError));
    assert.deepEqual([error.name, error.kind, error.delivery], ["CrmError", "invalid", "not-sent"]);
  });

  it("lives beside the ES module in one process", async () => {
    const esm = await import("paydunya-crm");
    const sandbox = new Sandbox();
    const options = { ...keys, sender: "MaBoutique", fetch: sandbox.fetch };
    await Promise.all([new CrmClient(options).send(message), new esm.CrmClient(options).send(message)]);
    assert.equal(sandbox.sent.length, 2);
    assert.deepEqual(parsePhone(message.to), esm.parsePhone(message.to));
  });

  it("refuses a client of the other copy", async () => {
    const esm = await import("paydunya-crm");
    const error = await CrmClient.prototype.send.call(new esm.CrmClient(keys), message).catch((error) => error);
    assert.ok(isCrmError(error));
    assert.equal(error.kind, "invalid");
  });
});
