// The calls of a client that go well.
import { equal, fields, ok, rejection, thrown } from "./assertions.mjs";
import { account, calls, keys, message, messages } from "./account.mjs";

const accept = "application/vnd.apisms.v1+json";

// What a runtime or a proxy may add to any request; everything else would be the client's.
const ofTheRuntime = [
  /^(accept-encoding|accept-language|cache-control|connection|content-length|dnt|host|origin|pragma|priority|referer)$/,
  /^(te|transfer-encoding|user-agent)$/,
  /^(sec|cf)-/,
];

const ofTheClient = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheRuntime.some((pattern) => pattern.test(name))));

export const login = (suite) => ({
  async "gives the token and when it ends"() {
    const { client } = await account(suite);
    const before = Date.now();
    const { accessToken, tokenType, expiresIn, expiresAt } = await client().login();
    ok(typeof accessToken === "string" && accessToken.length > 0, `accessToken is ${typeof accessToken}`);
    equal([tokenType, expiresIn], ["bearer", 3600]);
    ok(expiresAt >= before + 3_500_000 && expiresAt <= Date.now() + 3_600_000, `expiresAt is ${expiresAt}`);
  },
  async "posts the keys as JSON, and nothing else"() {
    const { client, report } = await account(suite);
    await client().login();
    const { received } = await report();
    equal(received.length, 1);
    const [{ method, path, headers, body }] = received;
    equal([method, path], ["POST", "/api/v1/auth/login"]);
    equal(body, { user_key: "user-key", secret_key: "secret-key" });
    equal(ofTheClient(headers), { accept, "content-type": "application/json" });
  },
});

export const send = (suite) => ({
  async "gives a receipt that names the SMS"() {
    const { client, report } = await account(suite);
    const receipt = await client().send([{ ...message, id: "commande-1" }]);
    const { to, text } = message;
    equal(receipt.sms, [{ status: "sent", code: "SMS-000001", from: "MaBoutique", to, text, segments: 1 }]);
    fields(receipt, { code: "00", message: "sms_sent", unknown: [], warnings: [] });
    const { sent } = await report();
    equal(
      sent.map(({ from, to, text }) => ({ from, to, text })),
      [{ from: "MaBoutique", to, text }],
    );
  },
  async "takes one message without an array, and numbers as people type them"() {
    const { client, report } = await account(suite);
    const { sms } = await client({ defaultCountry: "SN" }).send({ ...message, to: "77 666 55 44" });
    equal(sms[0].to, "+221776665544");
    equal((await report()).sent[0].to, "+221776665544");
  },
  async "sends 50 messages in one POST, and answers in their order"() {
    const { client, report } = await account(suite);
    const batch = messages(50);
    const { sms } = await client().send(batch);
    equal(
      sms.map(({ status, to, text }) => ({ status, to, text })),
      batch.map((one) => ({ status: "sent", ...one })),
    );
    equal(new Set(sms.map(({ code }) => code)).size, 50);
    equal(calls(await report()), ["login", "send"]);
  },
  async "refuses 51 before the network"() {
    const { client, report } = await account(suite);
    const error = await rejection(client().send(messages(51)));
    fields(error, { kind: "invalid", delivery: "not-sent", attempts: 0 });
    equal(error.issues[0].reason, "too-many");
    equal((await report()).received, []);
  },
  async "posts what the document says, with the token"() {
    const { client, report } = await account(suite);
    const crm = client();
    const { accessToken } = await crm.login();
    await crm.send({ to: message.to, text: "Ça coûte 5 € 😀" });
    const { method, path, headers, body } = (await report()).received[1];
    equal([method, path], ["POST", "/api/v1/sms/send"]);
    equal(ofTheClient(headers), {
      accept,
      authorization: `Bearer ${accessToken}`,
      "content-type": "application/json",
    });
    equal(body, {
      send_sms_request: {
        type: "application",
        app_key: "app-key",
        sms: [{ from: "MaBoutique", to: message.to, text: "Ça coûte 5 € 😀" }],
      },
    });
  },
  async "renews a token that the API refuses, once"() {
    const { client, report, logout } = await account(suite);
    const crm = client();
    await crm.login();
    await logout();
    equal((await crm.send(message)).sms[0].status, "sent");
    const known = await report();
    equal(calls(known), ["login", "send", "login", "send"]);
    equal(known.sent.length, 1);
  },
  async "warns of a sender that was replaced"() {
    const { client } = await account(suite, { senders: ["Autre"] });
    const { sms, warnings } = await client().send({ to: message.to, text: "Bonjour" });
    equal(sms[0].status, "sent");
    equal(
      warnings.map(({ reason, index }) => [reason, index]),
      [["sender-replaced", 0]],
    );
  },
});

export const stats = (suite) => ({
  async "gives what was sent, in the order asked"() {
    const { client } = await account(suite);
    const crm = client();
    const batch = messages(3);
    const { sms } = await crm.send(batch);
    const receivers = [batch[2].to, message.to, batch[0].to, "+22173214354"];
    const { code, validNumbers, invalidNumbers } = await crm.stats({ receivers });
    const of = (index) => [{ code: sms[index].code, content: batch[index].text }];
    equal(code, "00");
    equal(validNumbers, [
      { number: batch[2].to, sms: of(2) },
      { number: message.to, sms: [] },
      { number: batch[0].to, sms: of(0) },
    ]);
    equal(invalidNumbers, ["+22173214354"]);
  },
  async "writes dates in UTC"() {
    const { client, report } = await account(suite);
    await client().stats({
      receivers: message.to,
      startDate: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
      endDate: "2026-02-03 04:05:06",
    });
    const { app_key, type, filters } = (await report()).received[1].body.sms_sent;
    equal([app_key, type], ["app-key", "application"]);
    equal([filters.start_date, filters.end_date], ["2026-01-02 03:04:05", "2026-02-03 04:05:06"]);
  },
  async "asks for more than 50 receivers in several POSTs"() {
    const { client, report } = await account(suite);
    const receivers = messages(51).map(({ to }) => to);
    const { validNumbers } = await client().stats({ receivers });
    equal(
      validNumbers.map(({ number }) => number),
      receivers,
    );
    equal(calls(await report()), ["login", "stats", "stats"]);
  },
});

export const free = (suite) => ({
  async "may be called twice, and ends all use"() {
    const { client, report } = await account(suite);
    const crm = client();
    await crm.login();
    crm.free();
    crm.free();
    for (const call of [() => crm.send(message), () => crm.login(), () => crm.stats({ receivers: message.to })]) {
      const error = await rejection(call());
      ok(error instanceof suite.crm.CrmError, String(error));
      equal([error.kind, error.issues[0].reason], ["invalid", "freed"]);
    }
    equal(thrown(() => crm.check(message)).kind, "invalid");
    equal(calls(await report()), ["login"]);
  },
  async "lets calls in flight settle"() {
    const { client, report } = await account(suite, { latency: 50 });
    const crm = client();
    const call = crm.send(message);
    await report({ received: 1 });
    crm.free();
    equal((await call).sms[0].status, "sent");
  },
  "is what `Symbol.dispose` does, where the runtime has it"() {
    const client = new suite.crm.CrmClient(keys);
    equal(typeof client[Symbol.dispose ?? "none"], Symbol.dispose ? "function" : "undefined");
    if (Symbol.dispose) client[Symbol.dispose]();
    else client.free();
    equal(thrown(() => client.check(message)).issues[0].reason, "freed");
  },
});

export const concurrency = (suite) => ({
  async "makes one login for 20 sends at once"() {
    const { client, report } = await account(suite, { latency: 20 });
    const crm = client();
    const receipts = await Promise.all(messages(20).map((one) => crm.send(one)));
    equal(
      receipts.map(({ sms }) => sms[0].status),
      Array(20).fill("sent"),
    );
    const known = await report();
    equal(calls(known).filter((call) => call === "login").length, 1);
    equal(new Set(known.sent.map(({ to }) => to)).size, 20);
    equal(known.sent.length, 20);
  },
  async "keeps clients apart"() {
    const one = await account(suite);
    const other = await account(suite);
    await Promise.all([one.client().send(message), other.client({ sender: "Autre" }).send(message)]);
    equal((await one.report()).sent[0].from, "MaBoutique");
    equal((await other.report()).sent[0].from, "Autre");
  },
});
