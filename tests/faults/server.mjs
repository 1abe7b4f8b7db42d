// The API as a raw TCP server that goes wrong on purpose. Each fault has a server of its own, with its own port: what
// a runtime pools by origin is then no other fault's, and all of them can run at once.
import { once } from "node:events";
import { createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { blackhole } from "./blackhole.mjs";
import { token } from "./suite/canaries.mjs";

const cors = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
  "Access-Control-Allow-Private-Network": "true",
  "Access-Control-Expose-Headers": "Retry-After",
};

const calls = { "/auth/login": "login", "/sms/send": "send", "/sms/stats": "stats" };

export class FaultServer {
  /** What came whole, by call; the logins and the calls that a fault doesn't hit too. */
  received = { login: 0, send: 0, stats: 0 };
  /** How often each message was accepted, by its text. */
  accepted = new Map();
  /** Requests that came where a redirect leads to. */
  astray = 0;

  #fault;
  #contexts;
  #sockets = new Set();
  #servers = [];
  #loggedIn = false;

  /** A fault of faults.mjs, and the secure contexts by name. */
  constructor(fault, contexts) {
    this.#fault = fault;
    this.#contexts = contexts;
  }

  /** Listens on loopback; the base URL is ready then. */
  async listen() {
    const port = await this.#listen((socket) => this.#connected(socket));
    const elsewhere = await this.#listen((socket) => socket.on("data", () => (this.astray++, socket.destroy())));
    this.elsewhere = `http://127.0.0.1:${elsewhere}/api/v1/sms/send`;
    if (this.#fault.silentFor) {
      this.baseUrl = `http://127.0.0.1:${await blackhole(this.#fault.silentFor)}/api/v1`;
      return;
    }
    const origin = `${this.#fault.tls ? "https://localhost" : "http://127.0.0.1"}:${port}`;
    // A path of its own as well: Node's proof that nothing left is lost where another request to the path is written.
    this.baseUrl = this.#fault.baseUrl ?? `${origin}/${port}/api/v1`;
    this.samePath = `/${port}/api/v1/sms/send`;
  }

  /** Lets nobody in any more; those who are in stay. */
  refuse() {
    this.#servers[0].close();
  }

  close() {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts the messages of a send; gives the API's answer as the document has it. */
  process({ body }) {
    const { sms } = JSON.parse(body).send_sms_request;
    return envelope(
      sms.map(({ from, to, text }, index) => {
        this.accepted.set(text, (this.accepted.get(text) ?? 0) + 1);
        return { code: `CODE-${index}`, sender_addresss: from, receiver_address: to, text };
      }),
    );
  }

  /** Answers a question: nothing was ever sent. */
  stats({ body }) {
    const receivers = JSON.parse(body).sms_sent.filters.receiver_address;
    const valid_number = receivers.map(({ value }) => ({ [value.slice(1)]: [] }));
    return JSON.stringify({ code: "00", message: "success", description: "Done", data: { valid_number } });
  }

  async #listen(onConnection) {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      onConnection(socket);
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server.address().port;
  }

  #connected(socket) {
    const hit = this.#loggedIn || this.#fault.call === "login";
    if (hit && this.#fault.connected) return this.#fault.connected(socket);
    if (!this.#fault.tls) return this.#converse(socket, socket);
    const secureContext = this.#contexts[(hit && this.#fault.certificate) || "valid"];
    const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
    secure.on("error", () => {});
    this.#converse(secure, socket);
  }

  /** Reads the requests of a connection and answers them. */
  #converse(socket, transport) {
    let unread = Buffer.alloc(0);
    let requests = 0;
    socket.on("data", (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      for (;;) {
        const request = readHead(unread);
        if (request === null) return;
        const exchange = new Exchange(this, socket, transport, request, requests > 0);
        const isHit = request.call === this.#fault.call;
        if (isHit && this.#fault.early) return this.#fault.early(exchange);
        const rest = readBody(unread, request);
        if (rest === null) return;
        unread = rest;
        if (request.method !== "OPTIONS") requests++;
        this.#answer(exchange, isHit);
      }
    });
  }

  #answer(exchange, isHit) {
    const { method, call } = exchange.request;
    if (method === "OPTIONS") return exchange.answer(204, {}, "");
    this.received[call]++;
    if (isHit && this.#fault.answer) return this.#fault.answer(exchange);
    if (call === "send") return exchange.answer(200, {}, this.process(exchange.request));
    if (call === "stats") return exchange.answer(200, {}, this.stats(exchange.request));
    this.#loggedIn = true;
    const body = JSON.stringify({ access_token: token, token_type: "bearer", expires_in: 3600 });
    const last = this.#fault.fresh;
    exchange.answer(200, last ? { Connection: "close" } : {}, body);
    if (last) exchange.close();
    this.#fault.afterLogin?.(exchange);
  }
}

/** A request, and what can be done about it. */
class Exchange {
  constructor(server, socket, transport, request, reused) {
    Object.assign(this, { server, socket, transport, request, reused });
  }

  /** Writes a well-formed answer. */
  answer(status, headers, body) {
    this.head(status, { "Content-Length": Buffer.byteLength(body), ...headers });
    this.write(body);
  }

  head(status, headers = {}) {
    const lines = Object.entries({ "Content-Type": "application/json", ...cors, ...headers });
    this.write(`HTTP/1.1 ${status} Word\r\n${lines.map((line) => `${line.join(": ")}\r\n`).join("")}\r\n`);
  }

  write(bytes) {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Accepts the messages; gives the answer. */
  process() {
    return this.server.process(this.request);
  }

  /** Ends the connection in order. */
  close() {
    this.socket.end();
  }

  /** Breaks it, once what was written has left. */
  reset() {
    setTimeout(() => this.transport.resetAndDestroy(), this.socket.writableLength > 0 ? 50 : 5);
  }

  hang() {}
}

export const envelope = (sms) =>
  JSON.stringify({ code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms } });

/** The head of a request, or null while it is not whole. */
function readHead(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method, path] = line.split(" ");
  const header = (name) => lines.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
  const call = Object.entries(calls).find(([suffix]) => path.endsWith(suffix))?.[1];
  const isChunked = header("transfer-encoding") === "chunked";
  return { method, call, from: end + 4, length: Number(header("content-length") ?? 0), isChunked, body: "" };
}

/** Reads the body; gives what follows it, or null while it is not whole. */
function readBody(bytes, request) {
  if (request.isChunked) return readChunks(bytes, request);
  const end = request.from + request.length;
  if (bytes.length < end) return null;
  request.body = bytes.subarray(request.from, end).toString();
  return bytes.subarray(end);
}

function readChunks(bytes, request) {
  const chunks = [];
  for (let at = request.from; ; ) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return null;
    const length = Number.parseInt(bytes.subarray(at, line).toString(), 16);
    const end = line + 2 + length;
    if (bytes.length < end + 2) return null;
    if (length === 0) {
      request.body = Buffer.concat(chunks).toString();
      return bytes.subarray(end + 2);
    }
    chunks.push(bytes.subarray(line + 2, end));
    at = end + 2;
  }
}
