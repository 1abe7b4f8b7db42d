// Sends a million messages, 50 at a time, among failures, checks and questions, then makes and frees 200,000 clients;
// ends well if the wasm's memory, which can never shrink, is as large after all of it as after the first tenth.
//
//   node soak.mjs [sends [clients]]
import assert from "node:assert/strict";

const [sends = 20_000, clients = 200_000] = process.argv.slice(2).map(Number);
const OVERLAPPING = 20;
const ROUND = 100;

// The package makes its instance at the first use, and gives its memory to nobody.
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  memory = instance.exports.memory;
  return instance;
};
const { CrmClient, CrmError, measureText, parsePhone } = await import("paydunya-crm");
const pages = () => memory.buffer.byteLength / 65_536;

const keys = { userKey: "USER-KEY", secretKey: "SECRET-KEY", appKey: "APP-KEY", sender: "MaBoutique" };
const words = { message: "sms_sent", description: "The sms sent successfully" };
const answer = (value, status = 200, headers = []) => ({ status, text: async () => value, headers: new Map(headers) });
const json = (value, status, headers) => answer(JSON.stringify(value), status, headers);
const code = (code) => json({ code, message: "word", description: "Not to +221776665544." }, 400);

let logins = 0;
function accepted(body) {
  const sms = body.send_sms_request.sms.map(({ from, to, text }, index) => ({
    code: `CODE-${index}`,
    sender_addresss: from,
    receiver_address: to,
    text,
  }));
  return JSON.stringify({ code: "00", ...words, data: { sms } });
}

/** What becomes of the sends of a round; all others are accepted. */
const faults = new Map([
  [3, { kind: "unreadable", answer: () => answer("<!DOCTYPE html>".padEnd(100_000), 502) }],
  [13, { kind: "network", answer: () => Promise.reject(new TypeError("fetch failed")) }],
  [23, { kind: "refused", answer: () => code("ERROR_110") }],
  [33, { kind: "unreadable", answer: () => answer('{"code":"00","data":{"sms":[') }],
  [43, { kind: "unreadable", answer: () => new Response(" ".repeat((1 << 20) + 1)) }],
  [53, { kind: "aborted", answer: (abort) => (abort(), new Promise(() => {})) }],
  [63, { kind: "network", answer: () => { throw new Error("sync"); } }],
  [73, { kind: "credentials", answer: () => code("ERROR_117") }],
  [83, { kind: "unreadable", answer: () => answer(`{"code":"00","data":${"[".repeat(100_000)}`) }],
  [93, { kind: "invalid", text: "" }],
]);

let next;
async function fetch(url, { body }) {
  if (url.endsWith("/auth/login")) return json({ access_token: `T${++logins}`, token_type: "bearer", expires_in: 3600 });
  if (url.endsWith("/sms/stats")) {
    const asked = JSON.parse(body).sms_sent.filters.receiver_address;
    const valid = asked.map(({ value }) => ({ [value.slice(1)]: [{ code: "CODE", content: "Bonjour" }] }));
    return json({ code: "00", ...words, data: { valid_number: valid } });
  }
  const read = JSON.parse(body);
  const { fault, abort } = next.get(read.send_sms_request.sms[0].text) ?? {};
  if (fault) return fault.answer(abort);
  const text = accepted(read);
  // By `text()` and as a stream, like the runtime's own.
  return read.send_sms_request.sms[0].text.endsWith("0") ? new Response(text) : answer(text);
}

const numbers = Array.from({ length: 50 }, (_, index) => `+22177666${5500 + index}`);

async function send(client, index) {
  const fault = faults.get(index % ROUND);
  const name = `Votre commande ${index}`;
  const messages = numbers.map((to, place) => ({
    to,
    text: place === 0 ? (fault?.text ?? name) : `Prête : « ${place} » `.repeat(1 + (place % 4)),
  }));
  const controller = new AbortController();
  next.set(name, { fault, abort: () => controller.abort() });
  const sent = client.send(messages, { signal: controller.signal });
  const outcome = await sent.then(
    (receipt) => {
      assert.equal(receipt.unknown.length, 0);
      assert.equal(receipt.sms[49].code, "CODE-49");
    },
    (error) => (assert.ok(error instanceof CrmError), error.kind),
  );
  assert.equal(outcome, fault?.kind, String(index));
  next.delete(name);
}

async function beside(client, index) {
  const report = client.check(numbers.map((to) => ({ to, text: `Rappel ${index} : échéance` })));
  assert.ok(report.ok);
  assert.ok(parsePhone("77 666 55 44", { defaultCountry: "SN" }).ok);
  assert.equal(parsePhone("97 12 34 56", { defaultCountry: "BJ" }).ok, false);
  assert.equal(measureText("prête".repeat(100)).encoding, "UCS-2");
  if (index % ROUND === 0) assert.equal((await client.stats({ receivers: numbers })).validNumbers.length, 50);
}

/** Does work in tenths, and asserts that the memory stays as large as it is after the first. */
async function flat(what, count, work) {
  const start = performance.now();
  const tenth = Math.ceil(count / 10);
  await work(0, tenth);
  const first = pages();
  await work(tenth, count);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const resident = Math.round(process.memoryUsage.rss() / 2 ** 20);
  console.log(`${what}: ${seconds} s; ${first} pages of wasm memory after a tenth, ${pages()} after all; ${resident} MiB in all`);
  assert.equal(pages(), first, "the wasm's memory grew");
}

const million = (sends * 50).toLocaleString("en");
await flat(`${million} messages in ${sends.toLocaleString("en")} sends`, sends, async (from, to) => {
  next = new Map();
  const client = new CrmClient({ ...keys, fetch, maxRetries: 0 });
  for (let index = from; index < to; index += OVERLAPPING) {
    const overlapping = Array.from({ length: Math.min(OVERLAPPING, to - index) }, (_, place) => send(client, index + place));
    await Promise.all([...overlapping, beside(client, index)]);
  }
  client.free();
});

await flat(`${clients.toLocaleString("en")} clients, each freed`, clients, (from, to) => {
  for (let index = from; index < to; index++) {
    const client = new CrmClient({ ...keys, fetch, baseUrl: `https://crm.example/${index % 7}`, onEvent() {}, tokenStore: new Map() });
    if (index % 100 === 0) assert.ok(client.check({ to: numbers[0], text: "Bonjour" }).ok);
    client.free();
  }
});
