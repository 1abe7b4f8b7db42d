// What goes wrong on the way: always a `CrmError` of the right kind, which says whether anything can have been sent.
import { equal, fields, ok, rejection } from "./assertions.mjs";
import { account, calls, closedPort, keys, message } from "./account.mjs";

const nobodyKnows = { delivery: "unknown", attempts: 1 };

export const errors = (suite) => ({
  async "of wrong keys are `credentials`"() {
    const { client, report } = await account(suite);
    for (const [wrong, code] of [
      [{ secretKey: "other" }, "ERROR_117"],
      [{ userKey: "other" }, "ERROR_118"],
    ]) {
      const error = await rejection(client(wrong).send(message));
      fields(error, { kind: "credentials", code, status: 401, delivery: "not-sent", attempts: 0 });
    }
    equal(calls(await report()), ["login", "login"]);
  },
  async "of the input are `invalid`, and name each fault"() {
    const { client, report } = await account(suite);
    const error = await rejection(client().send([message, { to: "+22173214354", text: "" }, { to: "12" }]));
    fields(error, { kind: "invalid", delivery: "not-sent", attempts: 0 });
    equal(
      error.issues.filter(({ severity }) => severity === "error").map(({ index, field }) => [index, field]),
      [
        [1, "to"],
        [1, "text"],
        [2, "to"],
        [2, "text"],
      ],
    );
    equal((await report()).received, []);
  },
  async "of an empty account are `refused`"() {
    const { client } = await account(suite, { balance: 0 });
    const error = await rejection(client().send(message));
    fields(error, { kind: "refused", code: "ERROR_102", status: 402, delivery: "not-sent", attempts: 1 });
  },
  async "that leave it open say so"() {
    const { client, report } = await account(suite, {
      faults: [{ on: "send", fault: "code", code: "ERROR_103", processed: true }],
    });
    const error = await rejection(client().send(message));
    fields(error, { kind: "refused", code: "ERROR_103", ...nobodyKnows });
    equal((await report()).sent.length, 1);
  },
  async "of a page that is not the API's are `unreadable`"() {
    for (const fault of [{ fault: "html" }, { fault: "garbage" }, { fault: "empty", status: 204 }, { fault: "status", status: 500 }]) {
      const { client, report } = await account(suite, { faults: [{ on: "send", ...fault }] });
      const error = await rejection(client().send(message));
      fields(error, { kind: "unreadable", status: fault.status ?? 200, ...nobodyKnows });
      equal(calls(await report()), ["login", "send"], `the calls at ${fault.fault}`);
    }
  },
  async "are `CrmError`s by class, by name and by brand"() {
    const { client } = await account(suite);
    const { CrmError, isCrmError } = suite.crm;
    const error = await rejection(client().send([]));
    ok(error instanceof CrmError && error instanceof Error && isCrmError(error), "it is of another class");
    equal(error.name, "CrmError");
    equal(Object.prototype.toString.call(error), "[object Error]");
    for (const other of [undefined, null, "CrmError", {}, new Error("x"), { name: "CrmError" }]) {
      equal(isCrmError(other), false);
    }
  },
  async "show no key, token, text or number"() {
    const canaries = { userKey: "CANARY-1", secretKey: "CANARY-2", appKey: "CANARY-3" };
    const sms = { from: "MaBoutique", to: "+221776665544", text: "CANARY-4" };
    const faults = ["reset-before", "reset-after", "half", "html"].map((fault) => ({ on: "send", fault }));
    for (const options of [{ balance: 0 }, ...faults.map((fault) => ({ faults: [fault] }))]) {
      const { client } = await account(suite, { ...canaries, ...options });
      const crm = client(canaries);
      hidden(await rejection(crm.send(sms)));
      hidden(await rejection(crm.send([sms, { ...sms, to: "+2217766655440" }, { ...sms, text: "CANARY\u0007" }])));
      hidden(await rejection(client({ ...canaries, secretKey: "CANARY-6" }).send(sms)));
      equal(JSON.stringify(crm).includes("CANARY"), false);
    }
  },
});

function hidden(error) {
  const shown = [String(error), JSON.stringify(error), error.message, error.stack, JSON.stringify(error.issues)].join("\n");
  ok(!/CANARY|776665544/.test(shown), shown);
}

export const connection = (suite) => ({
  async "that is refused is `network`, and nothing was sent"() {
    const client = new suite.crm.CrmClient({ ...keys, sender: "MaBoutique", baseUrl: await closedPort(suite) });
    const error = await rejection(client.send(message));
    fields(error, { kind: "network", delivery: "not-sent", attempts: 0, status: undefined });
    ok("cause" in error, "it has no cause");
    fields(await rejection(client.login()), { kind: "network", delivery: undefined });
  },
  async "that breaks before the answer is `network`, and nobody knows"() {
    for (const fault of ["reset-before", "reset-after"]) {
      const { client, report } = await account(suite, { faults: [{ on: "send", fault }] });
      fields(await rejection(client().send(message)), { kind: "network", ...nobodyKnows });
      ok((await report()).sent.length === 0 || fault === "reset-after", "a message was sent");
    }
  },
  async "that breaks in the answer is `network`, and nobody knows"() {
    const { client, report } = await account(suite, { faults: [{ on: "send", fault: "half" }] });
    fields(await rejection(client().send(message)), { kind: "network", ...nobodyKnows });
    const { sent, received } = await report();
    equal([sent.length, received.length], [1, 2]);
  },
  async "goes where the base URL says and nowhere else: no redirect is followed"() {
    const elsewhere = await account(suite);
    for (const call of ["login", "send"]) {
      const path = call === "login" ? "auth/login" : "sms/send";
      const { client, report } = await account(suite, { redirects: { [call]: `${elsewhere.baseUrl}/${path}` } });
      const error = await rejection(client().send(message));
      fields(error, { kind: "unreadable", delivery: call === "login" ? "not-sent" : "unknown" });
      ok(error.message.includes("a redirect, which is never followed"), error.message);
      equal((await report()).received.length, call === "login" ? 1 : 2);
    }
    equal((await elsewhere.report()).received, []);
  },
});

export const keptConnections = (suite) => ({
  async "that are reset are not posted on again by the runtime: one send is one POST"() {
    await postsOnce(suite, { faults: [{ on: "send", fault: "reset-after" }] });
  },
  async "that are closed in order are not posted on again by the runtime"() {
    await postsOnce(suite, { closes: ["send"] });
  },
});

// The send leaves on the connection that the login left open.
async function postsOnce(suite, options) {
  const { client, report } = await account(suite, options);
  fields(await rejection(client().send(message)), { kind: "network", ...nobodyKnows });
  const known = await report();
  equal([calls(known), known.sent.length], [["login", "send"], 1]);
}
