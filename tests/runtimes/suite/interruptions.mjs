// Calls that end before their answer came: by the caller's signal, or by the clock.
import { equal, fields, ok, rejection } from "./assertions.mjs";
import { account, calls, message } from "./account.mjs";

export const abort = (suite) => ({
  async "before the call posts nothing"() {
    const { client, report } = await account(suite);
    const crm = client();
    const { signal, reason } = abortedAlready();
    for (const call of [crm.send(message, { signal }), crm.login({ signal }), crm.stats({ receivers: message.to }, { signal })]) {
      const error = await rejection(call);
      fields(error, { kind: "aborted", attempts: 0 });
      ok(error.cause === reason, "its cause is another");
    }
    fields(await rejection(crm.send(message, { signal })), { delivery: "not-sent" });
    equal((await report()).received, []);
  },
  async "during the login sends nothing, and ends the request"() {
    const known = await abortedSend(suite, { faults: [{ on: "login", fault: "hang" }] }, 1, { delivery: "not-sent", attempts: 0 });
    equal(calls(known), ["login"]);
  },
  async "during the send leaves it unknown, and ends the request"() {
    const faults = [{ on: "send", fault: "hang-after" }];
    const known = await abortedSend(suite, { faults }, 2, { delivery: "unknown", attempts: 1, status: undefined });
    equal([calls(known), known.sent.length], [["login", "send"], 1]);
  },
  async "in the answer leaves it unknown, and ends the request"() {
    await abortedSend(suite, { faults: [{ on: "send", fault: "half-hang" }] }, 2, { delivery: "unknown", attempts: 1 });
  },
  async "with a string, or without a reason, is the same"() {
    for (const reason of ["enough", undefined]) {
      const { client, report } = await account(suite, { faults: [{ on: "send", fault: "hang" }] });
      const controller = new AbortController();
      const call = rejection(client().send(message, { signal: controller.signal }));
      await report({ received: 2 });
      controller.abort(reason);
      const error = await call;
      fields(error, { kind: "aborted", delivery: "unknown" });
      ok(error.cause === controller.signal.reason, "its cause is another");
    }
  },
  async "after the call is nothing"() {
    const { client } = await account(suite);
    const crm = client();
    const controller = new AbortController();
    await crm.send(message, { signal: controller.signal });
    controller.abort();
    equal((await crm.send(message)).unknown, []);
  },
  async "of one call leaves the others alone"() {
    const { client, report } = await account(suite, { faults: [{ on: "login", nth: 1, fault: "hang" }] });
    const crm = client();
    const controller = new AbortController();
    const first = rejection(crm.send(message, { signal: controller.signal }));
    const second = crm.send({ ...message, text: "Bonjour" });
    await report({ received: 1 });
    controller.abort();
    fields(await first, { kind: "aborted", delivery: "not-sent" });
    equal((await second).sms[0].status, "sent");
    equal((await report()).sent.length, 1);
  },
  async "of a stats call has no delivery"() {
    const { client, report } = await account(suite, { faults: [{ on: "stats", fault: "hang" }] });
    const controller = new AbortController();
    const call = rejection(client().stats({ receivers: message.to }, { signal: controller.signal }));
    await report({ received: 2 });
    controller.abort();
    fields(await call, { kind: "aborted", delivery: undefined, attempts: 1 });
  },
});

/** Aborts a send when the server has so many requests; asserts its error and gives what the server knows then. */
async function abortedSend(suite, options, received, expected) {
  const { client, report } = await account(suite, options);
  const controller = new AbortController();
  const call = rejection(client().send(message, { signal: controller.signal }));
  await report({ received });
  const reason = new Error("enough");
  controller.abort(reason);
  const error = await call;
  fields(error, { kind: "aborted", ...expected });
  ok(error.cause === reason, "its cause is another");
  return report({ closed: 1 });
}

export const timeouts = (suite) => ({
  async "end a send that gets no answer, and leave it unknown"() {
    const { client, report } = await account(suite, { faults: [{ on: "send", fault: "hang-after" }] });
    fields(await rejection(client({ timeout: 300 }).send(message)), { kind: "timeout", delivery: "unknown", attempts: 1 });
    const { sent, received } = await report({ closed: 1 });
    equal([sent.length, received.length], [1, 2]);
  },
  async "end a send whose answer stops half way"() {
    const { client, report } = await account(suite, { faults: [{ on: "send", fault: "half-hang" }] });
    fields(await rejection(client({ timeout: 300 }).send(message)), { kind: "timeout", delivery: "unknown", attempts: 1 });
    equal((await report({ closed: 1 })).received.length, 2);
  },
  async "end a login, and nothing is sent"() {
    const { client, report } = await account(suite, { faults: [{ on: "login", fault: "hang" }] });
    fields(await rejection(client({ timeout: 200 }).send(message)), { kind: "timeout", delivery: "not-sent", attempts: 0 });
    equal((await report({ closed: 1 })).sent, []);
  },
  async "may be given to one call"() {
    const { client } = await account(suite, { faults: [{ on: "send", nth: 1, fault: "hang" }] });
    const crm = client();
    fields(await rejection(crm.send(message, { timeout: 200 })), { kind: "timeout", delivery: "unknown" });
    equal((await crm.send(message)).sms[0].status, "sent");
  },
  async "do not end what comes in time"() {
    const { client } = await account(suite, { latency: 50 });
    equal((await client({ timeout: 5000 }).send(message)).sms[0].status, "sent");
  },
});

function abortedAlready() {
  const controller = new AbortController();
  const reason = new Error("enough");
  controller.abort(reason);
  return { signal: controller.signal, reason };
}
