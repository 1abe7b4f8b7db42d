// The API that every runtime talks to: sandboxes of the packed package, over HTTP on loopback.
//
//   POST   /control/sandboxes           makes a sandbox of its own: its options as JSON in, { id, baseUrl } out;
//                                       beside them redirects: { send: url } answers this call with 307 to the URL,
//                                       and closes: ["send"] processes it, and then closes the connection in order
//   GET    /control/sandboxes/1         { sent, requests, received, closed, balance }: see `report`;
//            ?received=2&closed=1       … as soon as so many requests were received, or given up by the client
//   POST   /control/sandboxes/1/logout  logs every token out
//   POST   /control/closed-port         { baseUrl } of a port where nothing listens
//   POST   /1/api/v1/…                  the API of sandbox 1
//
// Pages of any origin may ask: preflights are answered, and every answer has its CORS headers.
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "Authorization, Content-Type, Accept",
  "access-control-allow-private-network": "true",
  "access-control-expose-headers": "Retry-After",
  "access-control-max-age": "600",
};

/** Starts the server, with the class that `paydunya-crm/sandbox` exports; gives its `origin`, and `close()`. */
export async function serve(Sandbox) {
  const accounts = [];
  const server = createServer((request, response) => {
    answer(accounts, Sandbox, request, response).catch((error) => {
      if (response.headersSent) response.destroy();
      else reply(response, 400, { error: String(error) });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: originOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const originOf = (server) => `http://127.0.0.1:${server.address().port}`;

async function answer(accounts, Sandbox, request, response) {
  for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const [first, second, id, action] = pathname.split("/").slice(1);
  if (request.method === "OPTIONS") return reply(response, 204);

  const account = accounts[Number(first === "control" ? id : first)];
  if (account && first !== "control") return account.answer(request, response);

  switch (`${request.method} ${[second, account ? "one" : id, action].filter(Boolean).join("/")}`) {
    case "POST sandboxes": {
      const { redirects, closes, ...options } = JSON.parse(await bodyOf(request));
      const number = accounts.push(new Account(new Sandbox(options), { redirects, closes })) - 1;
      return reply(response, 201, { id: number, baseUrl: `http://${request.headers.host}/${number}/api/v1` });
    }
    case "GET sandboxes/one": {
      const goals = { received: Number(searchParams.get("received")), closed: Number(searchParams.get("closed")) };
      await account.reaches(goals);
      return reply(response, 200, account.report());
    }
    case "POST sandboxes/one/logout":
      account.sandbox.logout();
      return reply(response, 204);
    case "POST closed-port":
      return reply(response, 200, { baseUrl: await closedPort() });
    default:
      return reply(response, 404, { error: `${request.method} ${pathname} is no path of this server` });
  }
}

/** A sandbox, and what came over the wire to it. */
class Account {
  received = [];
  closed = 0;
  #redirects;
  #closes;
  #waiting = [];

  constructor(sandbox, { redirects = {}, closes = [] }) {
    this.sandbox = sandbox;
    this.#redirects = redirects;
    this.#closes = closes;
  }

  /** What the server knows of one sandbox, as JSON. */
  report() {
    const { sent, requests, balance } = this.sandbox;
    // `received` is every request that came whole: { method, path, headers, body }, the body parsed.
    // `closed` says how many of them the client gave up before it had its answer.
    return { sent, requests, received: this.received, closed: this.closed, balance: Number.isFinite(balance) ? balance : null };
  }

  /** Settles as soon as so many requests were received and given up. */
  async reaches({ received, closed }) {
    while (this.received.length < received || this.closed < closed) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  async answer(request, response) {
    const body = await bodyOf(request);
    const { method, headers } = request;
    const path = request.url.replace(/^\/\d+/, "");
    this.received.push({ method, path, headers, body: parsed(body) });
    response.on("close", () => {
      if (!response.writableFinished) this.closed++;
      this.#tell();
    });
    this.#tell();

    const call = path.slice(path.lastIndexOf("/") + 1);
    const location = this.#redirects[call];
    if (location) return void response.writeHead(307, { location }).end();
    const answer = this.sandbox.answer({ method, path, headers, body });
    if (this.#closes.includes(call)) return void request.socket.end();
    if (answer.latency > 0) await sleep(answer.latency);
    if (answer.lost === "hang") return;
    if (answer.lost === "reset") return request.socket.resetAndDestroy();

    const whole = Buffer.from(answer.body);
    response.writeHead(answer.status, { ...answer.headers, "content-length": whole.length });
    if (!answer.lost) return response.end(whole);
    response.write(whole.subarray(0, whole.length >> 1), () => {
      // A reset that overtakes what was written would be another fault.
      if (answer.lost === "half") setTimeout(() => request.socket.resetAndDestroy(), 50);
    });
  }

  #tell() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function reply(response, status, value) {
  if (value === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = originOf(server);
  server.close();
  await once(server, "close");
  return origin;
}
