// What can go wrong between a client and the API, and what must come of it.
//
// A fault:
//
//   name         for the table
//   call         which call it hits: "send", unless it says another; the calls before it go well
//   tls          the server speaks TLS; `certificate` is the one that it shows from the hit call on, "valid" without
//   fresh        the login's connection is closed, so that the hit call needs a new one
//   connected    (socket) => void: what happens to the connection of the hit call, before a byte is read
//   early        (exchange) => void: what happens when the head of the hit call is there
//   answer       (exchange) => void: what happens when the whole of it is there; without it all goes well
//   afterLogin   (exchange) => void: what happens to the connection of the login after its answer
//   baseUrl      where to post, if not to the server
//   silentFor    milliseconds in which not even a connection to the server is answered
//   timeout      the hit call's, in milliseconds, where it is to pass
//   large        50 long messages are sent, not two short ones
//   expect       what must come of it: { all, node, deno, … }, where a runtime's own goes before `all`
//   exempt       { runtime: reason } where a message may be accepted twice
//
// An expectation is one of these or a list of them, where it is left to chance: "sent 1", or kind and delivery and how many requests of the call the server took, as in
// "network unknown 1"; login and stats have no delivery.
import { gzipSync } from "node:zlib";
import { envelope } from "./server.mjs";

/** Milliseconds that a call which waits in vain is given. */
const short = 400;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const json = (value) => JSON.stringify(value);
const refusal = (code) => json({ code, message: "word", description: "A sentence." });
const html = "<!doctype html><title>Gateway</title><h1>It works</h1>";

// How a connection can end, in the middle of whatever was said.
const ends = {
  close: (exchange) => exchange.close(),
  reset: (exchange) => exchange.reset(),
  hang: (exchange) => exchange.hang(),
};
const lost = { close: "network unknown 1", reset: "network unknown 1", hang: "timeout unknown 1" };

// A page can't have it otherwise: see the README's limits.
const exempt = { chromium: "posts again by itself when a connection that it kept breaks before the answer" };

/** One fault for each end; `resent` are those after which Chromium posts again. */
function eachEnd(name, begin, resent = []) {
  return Object.entries(ends).map(([end, finish]) => ({
    name: `${name}, ${end}`,
    answer(exchange) {
      begin(exchange);
      finish(exchange);
    },
    ...(end === "hang" && { timeout: short }),
    expect: { all: lost[end], ...(resent.includes(end) && { chromium: "network unknown 2" }) },
    ...(resent.includes(end) && { exempt }),
  }));
}

/** A fault that is one status, with a body. */
const status = (number, expected, { headers = {}, body = html, name = `${number}` } = {}) => ({
  name: `status ${name}`,
  answer: (exchange) => exchange.answer(number, headers, body),
  expect: { all: expected },
});

const provable = { node: "network not-sent 0", bun: "network not-sent 0", deno: "network not-sent 0" };
const nothing = { all: "network unknown 0", ...provable };

const connecting = [
  {
    name: "unknown host, at the login",
    call: "login",
    baseUrl: "https://paydunya-crm.invalid/api/v1",
    expect: { all: "network not-sent 0" },
  },
  {
    name: "black hole, at the login",
    call: "login",
    // Node goes on with a connection that it was told to give up, and would not end before it.
    silentFor: 10 * short,
    timeout: short,
    // Chromium may take so long to start that it is over.
    expect: { all: "timeout not-sent 0", chromium: ["timeout not-sent 0", "network not-sent 0"] },
  },
  {
    name: "refused",
    fresh: true,
    afterLogin: (exchange) => exchange.server.refuse(),
    expect: nothing,
  },
  {
    name: "reset on accept",
    fresh: true,
    connected: (socket) => socket.resetAndDestroy(),
    // It may come while the runtime still connects, and then proves that nothing left.
    expect: { all: ["network unknown 0", "network not-sent 0"] },
  },
  {
    name: "closed on accept",
    fresh: true,
    connected: (socket) => socket.end(),
    expect: { all: "network unknown 0" },
  },
  {
    name: "silent on accept",
    fresh: true,
    connected() {},
    timeout: short,
    expect: { all: "timeout unknown 0" },
  },
];

const requests = [
  {
    name: "reset while uploading",
    large: true,
    early: (exchange) => exchange.reset(),
    expect: { all: "network unknown 0" },
  },
  {
    name: "closed while uploading",
    large: true,
    early: (exchange) => exchange.socket.destroy(),
    expect: { all: "network unknown 0" },
  },
  {
    name: "never read",
    large: true,
    early: (exchange) => exchange.socket.pause(),
    timeout: short,
    expect: { all: "timeout unknown 0" },
  },
  ...eachEnd("request read", () => {}, ["close", "reset"]),
  ...eachEnd("accepted", (exchange) => exchange.process(), ["close", "reset"]),
];

const answers = [
  ...eachEnd(
    "half a status line",
    (exchange) => {
      exchange.process();
      exchange.write("HTTP/1.1 20");
    },
    ["reset"],
  ),
  ...eachEnd(
    "half a head",
    (exchange) => {
      exchange.process();
      exchange.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Le");
    },
    ["reset"],
  ),
  ...eachEnd("half a body", (exchange) => {
    const body = exchange.process();
    exchange.head(200, { "Content-Length": body.length });
    exchange.write(body.slice(0, body.length / 2));
  }),
  ...eachEnd("half the chunks", (exchange) => {
    const body = exchange.process();
    exchange.head(200, { "Transfer-Encoding": "chunked" });
    exchange.write(`${body.length.toString(16)}\r\n${body.slice(0, body.length / 2)}`);
  }),
  {
    name: "no length, whole",
    answer(exchange) {
      exchange.head(200, { Connection: "close" });
      exchange.write(exchange.process());
      exchange.close();
    },
    expect: { all: "sent 1" },
  },
  {
    name: "no length, cut",
    answer(exchange) {
      exchange.head(200, { Connection: "close" });
      exchange.write(exchange.process().slice(0, -20));
      exchange.close();
    },
    expect: { all: "unreadable unknown 1" },
  },
  {
    name: "no HTTP",
    answer(exchange) {
      exchange.process();
      exchange.write("220 mail.example ESMTP\r\n");
      exchange.close();
    },
    expect: { all: "network unknown 1" },
  },
  {
    name: "a length that is none",
    answer(exchange) {
      const body = exchange.process();
      exchange.head(200, { "Content-Length": "abc" });
      exchange.write(body);
      exchange.close();
    },
    expect: { all: "network unknown 1", chromium: "sent 1" },
  },
  {
    name: "two lengths",
    answer(exchange) {
      const body = exchange.process();
      exchange.head(200, { "Content-Length": `${body.length}\r\nContent-Length: 5` });
      exchange.write(body);
      exchange.close();
    },
    expect: { all: "network unknown 1" },
  },
  {
    name: "a length and chunks",
    answer(exchange) {
      const body = exchange.process();
      exchange.head(200, { "Content-Length": 5, "Transfer-Encoding": "chunked" });
      exchange.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    },
    expect: { all: "sent 1", node: "network unknown 1" },
  },
  {
    name: "slow head",
    async answer(exchange) {
      const body = exchange.process();
      for (const byte of "HTTP/1.1 200 OK\r\nX-Slow: ") {
        exchange.write(byte);
        await wait(50);
      }
      exchange.write(`1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    },
    timeout: short,
    expect: { all: "timeout unknown 1" },
  },
  {
    name: "slow body",
    async answer(exchange) {
      const body = exchange.process();
      exchange.head(200, { "Content-Length": body.length });
      for (const byte of body.slice(0, 20)) {
        exchange.write(byte);
        await wait(50);
      }
      exchange.write(body.slice(20));
    },
    timeout: short,
    expect: { all: "timeout unknown 1" },
  },
  {
    name: "no gzip",
    answer: (exchange) => exchange.answer(200, { "Content-Encoding": "gzip" }, exchange.process()),
    // Once in a while Node 20 tells nobody that it cannot unpack the body: then the timeout ends it.
    expect: { all: "network unknown 1", node: ["network unknown 1", "timeout unknown 1"] },
  },
  {
    name: "gzip bomb",
    answer(exchange) {
      exchange.process();
      exchange.answer(200, { "Content-Encoding": "gzip" }, bomb);
    },
    expect: { all: "unreadable unknown 1" },
  },
  {
    name: "endless body",
    answer(exchange) {
      exchange.process();
      endless(exchange);
    },
    expect: { all: "unreadable unknown 1" },
  },
  {
    name: "a head of 300 kB",
    answer: (exchange) => exchange.answer(200, { "X-Long": "x".repeat(300_000) }, exchange.process()),
    expect: { all: "sent 1", node: "network unknown 1", chromium: "network unknown 1" },
  },
];

const bomb = gzipSync(Buffer.alloc(100 << 20));

const statuses = [
  status(200, "unreadable unknown 1", { name: "200, HTML" }),
  status(200, "unreadable unknown 1", { name: "200, empty", body: "" }),
  {
    name: "status 204",
    answer(exchange) {
      exchange.process();
      exchange.write("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
    },
    expect: { all: "unreadable unknown 1" },
  },
  status(400, "unreadable unknown 1"),
  status(401, "credentials not-sent 2"),
  status(401, "credentials not-sent 2", { name: "401, code 121", body: refusal("ERROR_121") }),
  {
    name: "status 401, code 121, once",
    answer(exchange) {
      if (exchange.server.received.send === 1) exchange.answer(401, {}, refusal("ERROR_121"));
      else exchange.answer(200, {}, exchange.process());
    },
    expect: { all: "sent 2" },
  },
  status(403, "unreadable unknown 1"),
  status(404, "unreadable unknown 1"),
  status(413, "refused not-sent 1"),
  {
    name: "status 413, before the body",
    large: true,
    early(exchange) {
      exchange.answer(413, { Connection: "close" }, html);
      exchange.close();
    },
    // workerd is still sending when the connection ends: now and then it tells of that instead of the answer.
    expect: { all: "refused not-sent 0", workerd: ["refused not-sent 0", "network unknown 0"], chromium: "network unknown 0" },
  },
  status(429, "refused not-sent 2"),
  status(429, "refused not-sent 2", { name: "429, Retry-After 1", headers: { "Retry-After": 1 } }),
  status(429, "refused not-sent 1", { name: "429, Retry-After 3600", headers: { "Retry-After": 3600 } }),
  ...[500, 501, 502, 503, 504].map((number) => ({
    name: `status ${number}, accepted`,
    answer(exchange) {
      exchange.process();
      exchange.answer(number, { "Retry-After": 0 }, html);
    },
    expect: { all: "unreadable unknown 1" },
  })),
  {
    name: "status 200, code 116, accepted",
    answer(exchange) {
      exchange.process();
      exchange.answer(200, {}, refusal("ERROR_116"));
    },
    expect: { all: "refused unknown 1" },
  },
  ...[302, 307, 308].flatMap((number) =>
    Object.entries({ "same origin": "samePath", "another origin": "elsewhere" }).map(([where, target]) => ({
      name: `status ${number}, ${where}`,
      answer: (exchange) => exchange.answer(number, { Location: exchange.server[target] }, ""),
      expect: { all: "unreadable unknown 1" },
    })),
  ),
];

/** A fault that hits only a connection that was used before; on any other all goes well. */
const reused = (name, answer, expect, more) => ({
  name: `reuse, ${name}`,
  answer(exchange) {
    if (exchange.reused) answer(exchange);
    else exchange.answer(200, {}, exchange.process());
  },
  expect,
  ...more,
});

// Deno and Bun have a new connection for each send, so they never meet these.
const own = { bun: "sent 1", deno: "sent 1" };

const reuses = [
  ...Object.entries(ends).map(([end, finish]) =>
    reused(
      `accepted, ${end}`,
      (exchange) => {
        exchange.process();
        finish(exchange);
      },
      { all: lost[end], ...own, ...(end !== "hang" && { chromium: "sent 2" }) },
      end === "hang" ? { timeout: short } : { exempt },
    ),
  ),
  reused(
    "half an answer",
    (exchange) => {
      exchange.process();
      exchange.write("HTTP/1.1 200 OK\r\n");
      exchange.close();
    },
    { all: "network unknown 1", ...own },
  ),
  reused(
    "status 408",
    (exchange) => {
      exchange.answer(408, { Connection: "close" }, "");
      exchange.close();
    },
    { all: "unreadable unknown 1", ...own, chromium: "sent 2" },
  ),
  // Fetch has it posted once more: by RFC 9110 it was not processed.
  reused("status 421", (exchange) => exchange.answer(421, {}, ""), {
    all: "unreadable unknown 1",
    node: "sent 2",
    chromium: "sent 2",
    ...own,
  }),
  { name: "reuse, closed while idle", afterLogin: (exchange) => exchange.close(), expect: { all: "sent 1" } },
  { name: "reuse, reset while idle", afterLogin: (exchange) => exchange.reset(), expect: { all: "sent 1" } },
  {
    name: "reuse, 408 while idle",
    afterLogin(exchange) {
      setTimeout(() => {
        exchange.answer(408, { Connection: "close" }, "");
        exchange.close();
      }, 5);
    },
    expect: { all: "sent 1" },
  },
];

const certificate = (name) => ({ name: `TLS, ${name}`, tls: true, fresh: true, certificate: name, expect: nothing });
const handshake = (name, connected, expect, more) => ({
  name: `TLS, ${name}`,
  tls: true,
  fresh: true,
  connected,
  expect,
  ...more,
});
const onHello = (act) => (socket) => socket.once("data", () => act(socket));

const tls = [
  { name: "TLS, all well", tls: true, expect: { all: "sent 1" } },
  certificate("self-signed"),
  certificate("wrong name"),
  certificate("expired"),
  handshake(
    "no TLS",
    onHello((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
    { all: "network unknown 0", deno: "network not-sent 0" },
  ),
  handshake(
    "reset in the handshake",
    onHello((socket) => socket.resetAndDestroy()),
    { all: "network unknown 0", deno: "network not-sent 0" },
  ),
  handshake(
    "closed in the handshake",
    onHello((socket) => socket.end()),
    { all: "network unknown 0", deno: "network not-sent 0" },
  ),
  handshake(
    "silent in the handshake",
    // See the black hole.
    onHello((socket) => setTimeout(() => socket.destroy(), 5 * short)),
    { all: "timeout unknown 0" },
    { timeout: short },
  ),
  ...["reset", "close"].map((end) => ({
    name: `TLS, accepted, ${end}`,
    tls: true,
    answer(exchange) {
      exchange.process();
      ends[end](exchange);
    },
    expect: { all: lost[end] },
  })),
  ...["reset", "close"].map((end) =>
    reused(
      `TLS, accepted, ${end}`,
      (exchange) => {
        exchange.process();
        ends[end](exchange);
      },
      { all: lost[end], ...own },
      { tls: true },
    ),
  ),
];

/** An answer of the right form whose entries are changed. */
const shape = (name, change, expected) => ({
  name: `shape, ${name}`,
  answer(exchange) {
    const { data } = JSON.parse(exchange.process());
    const changed = change(data.sms);
    exchange.answer(200, {}, typeof changed === "string" ? changed : envelope(changed));
  },
  expect: { all: expected },
});

const shapes = [
  shape("one entry less", (sms) => sms.slice(1), "partly sent 1"),
  shape("one entry more", (sms) => [...sms, { ...sms[0], code: "CODE-9", receiver_address: "+221770000000" }], "sent 1"),
  shape("one number twice", ([first]) => [first, { ...first, code: "CODE-9" }], "partly sent 1"),
  shape("other order", (sms) => sms.toReversed(), "sent 1"),
  shape("trimmed texts", (sms) => sms.map((entry) => ({ ...entry, text: entry.text.slice(0, 5) })), "sent 1"),
  shape("numbers without +", (sms) => sms.map((e) => ({ ...e, receiver_address: e.receiver_address.slice(1) })), "sent 1"),
  shape("no entries", () => [], "unreadable unknown 1"),
  shape("entries of others", (sms) => sms.map((e) => ({ ...e, receiver_address: "+221770000000" })), "unreadable unknown 1"),
  shape("an unknown code", () => refusal("ERROR_999"), "refused unknown 1"),
  shape("code 00 alone", () => json({ code: "00", message: "sms_sent", description: "" }), "unreadable unknown 1"),
  shape("a number as code", (sms) => json({ code: 0, data: { sms } }), "unreadable unknown 1"),
  shape("an object for a list", ([first]) => json({ code: "00", message: "", data: { sms: first } }), "unreadable unknown 1"),
  shape("no codes", (sms) => sms.map(({ code, ...entry }) => entry), "unreadable unknown 1"),
  shape("depth of 100,000", () => "[".repeat(100_000), "unreadable unknown 1"),
  shape("no UTF-8", () => "\xff\xfe{}", "unreadable unknown 1"),
];

/** What hits the login or the stats, which nothing is sent by. */
const others = ["login", "stats"].flatMap((call) =>
  [
    { name: "HTML", answer: (exchange) => exchange.answer(200, {}, html), expect: "unreadable 1" },
    // Chromium posts once more by itself, and Deno does where it kept the connection of the login.
    { name: "reset", answer: ends.reset, expect: "network 2", again: call === "stats" ? ["chromium", "deno"] : ["chromium"] },
    { name: "hang", answer: ends.hang, timeout: short, expect: "timeout 2" },
    { name: "status 503", answer: (exchange) => exchange.answer(503, {}, html), expect: "unreadable 2" },
    { name: "endless body", answer: endless, expect: "unreadable 1" },
  ].map(({ name, expect, again = [], ...fault }) => {
    // The send that logs in first has sent nothing.
    const all = call === "login" ? expect.replace(" ", " not-sent ") : expect;
    const once = again.map((family) => [family, all.replace("2", "3")]);
    return { ...fault, name: `${call}, ${name}`, call, expect: { all, ...Object.fromEntries(once) } };
  }),
);

async function endless(exchange) {
  exchange.head(200, { Connection: "close" });
  const spaces = Buffer.alloc(1 << 16, 0x20);
  while (!exchange.socket.destroyed) {
    if (exchange.socket.writableLength < 1 << 20) exchange.write(spaces);
    await wait(0);
  }
}

export const faults = [
  { name: "none", expect: { all: "sent 1" } },
  ...connecting,
  ...requests,
  ...answers,
  ...statuses,
  ...reuses,
  ...tls,
  ...shapes,
  ...others,
].map((fault) => ({ call: "send", ...fault }));
