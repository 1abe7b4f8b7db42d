// Sends many messages through `sendAll`, or through the loop that an application would write instead.
//
// usage: node campaign.mjs <how> <origin of the server> <how many>
import { create, loopback } from "../clients/paydunya-crm.mjs";
import * as written from "../clients/fetch.mjs";

const concurrency = 4;
const batchSize = 50;
const ways = { sendAll: timed(sendAll), "hand-written": timed(handWritten), memory };
const [how, origin, count] = process.argv.slice(2);
console.log(JSON.stringify(await ways[how](Number(count))));
process.exit();

function* rows(count) {
  for (let i = 0; i < count; i++) {
    const number = String(1_000_000 + (i % 9_000_000));
    yield { to: `+22177${number}`, text: `Bonjour, la commande ${i} est arrivée à la boutique. Passez avant samedi. Merci !` };
  }
}

async function sendAll(messages) {
  const crm = create(loopback(origin));
  let sent = 0;
  for await (const { status, code } of crm.sendAll(messages, { concurrency })) if (status === "sent" && code) sent++;
  return sent;
}

async function handWritten(messages) {
  const client = written.create(written.loopback(origin));
  let sent = 0;
  let ended = false;
  const work = async () => {
    while (!ended) {
      const batch = [];
      while (batch.length < batchSize) {
        const { done, value } = messages.next();
        if (done) ended = true;
        if (done) break;
        batch.push(value);
      }
      if (batch.length === 0) break;
      for (const { code } of await written.sendBatch(client, batch)) if (code) sent++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return sent;
}

function timed(send) {
  return async (count) => {
    await send(rows(2_000));
    const before = process.cpuUsage();
    const start = performance.now();
    const sent = await send(rows(count));
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    if (sent !== count) throw new Error(`${sent} of ${count} were sent.`);
    return { wall: wall / 1000, cpu: (user + system) / 1e6 };
  };
}

async function memory(count) {
  const token = JSON.stringify({ access_token: "TOKEN", token_type: "bearer", expires_in: 3600 });
  const fetch = async (url, { body }) => {
    // As a network would: not in the same breath.
    await new Promise(setImmediate);
    return { status: 200, text: () => (url.endsWith("login") ? token : answer(body)) };
  };
  const crm = create({ fetch });
  let peak = 0;
  let heap = 0;
  let done = 0;
  for await (const { status } of crm.sendAll(rows(count), { concurrency })) {
    if (status !== "sent") throw new Error(status);
    if (++done % 5_000 === 0) {
      globalThis.gc();
      const { rss, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, rss);
      heap = Math.max(heap, heapUsed);
    }
  }
  return { rss: peak / 2 ** 20, heap: heap / 2 ** 20 };
}

function answer(body) {
  const { sms } = JSON.parse(body).send_sms_request;
  const answered = sms.map(({ from, to, text }, i) => ({ code: `CODE-${i}`, sender_addresss: from, receiver_address: to, text }));
  return JSON.stringify({ code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms: answered } });
}
