#!/usr/bin/env node
// The package's one command: the sandbox as a server on loopback, for tests in another process or language.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Sandbox } from "paydunya-crm/sandbox";

const usage = `Usage: paydunya-crm sandbox [options]

Serves the PayDunya CRM SMS API from memory: nothing is sent, nothing is charged.
The first line of the output is the base URL.

  --port <n>             default 8080; 0 picks a free one
  --host <name>          127.0.0.1 (default), ::1 or localhost
  --user-key <key>       default user-key
  --secret-key <key>     default secret-key
  --app-key <key>        default app-key
  --balance <n>          SMS segments that can be sent; default unlimited
  --token-lifetime <s>   seconds; default 3600
  --single-token         a login logs the older tokens out
  --senders <a,b>        the senders of the account; another becomes SMS-TEST; default: every well-formed one
  --max-segments <n>     a longer text is too long; default 255
  --latency <ms>         before each answer; default 0
  --faults <json|file>   what goes wrong, as in sandbox/README.md: '[{"on":"send","nth":2,"fault":"reset-after"}]'
  --help, --version

  GET  /sandbox/sent      the SMS that were accepted
  GET  /sandbox/requests  the requests that came
  POST /sandbox/logout    logs every token out
  POST /sandbox/reset     forgets everything
`;

const flags = {
  port: { type: "string", default: "8080" },
  host: { type: "string", default: "127.0.0.1" },
  "user-key": { type: "string" },
  "secret-key": { type: "string" },
  "app-key": { type: "string" },
  balance: { type: "string" },
  "token-lifetime": { type: "string" },
  "single-token": { type: "boolean" },
  senders: { type: "string" },
  "max-segments": { type: "string" },
  latency: { type: "string" },
  faults: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

// The API takes 50 messages at once, which is some 100 kB at the longest.
const largestBody = 1024 * 1024;

/** What the user can mend; its message is one sentence. */
class UsageError extends Error {}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  fail(error.message);
}

function main(args) {
  const { values, positionals } = parse(args);
  if (values.help) return void process.stdout.write(usage);
  if (values.version) return console.log(JSON.parse(readFileSync(new URL("../package.json", import.meta.url))).version);
  const [command, ...more] = positionals;
  if (command !== "sandbox") {
    throw new UsageError("there is one command, `paydunya-crm sandbox`: see `paydunya-crm --help`");
  }
  if (more.length > 0) {
    throw new UsageError("only flags stand behind `sandbox`, such as --port 9000: see `paydunya-crm --help`");
  }
  if (!["127.0.0.1", "::1", "localhost"].includes(values.host)) {
    throw new UsageError("--host must be 127.0.0.1, ::1 or localhost: the sandbox is for this machine alone");
  }
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) {
    throw new UsageError("--port must be a number from 0 to 65535");
  }
  serve(makeSandbox(values), values);
}

function parse(args) {
  try {
    return parseArgs({ args, options: flags, allowPositionals: true });
  } catch (error) {
    if (!String(error?.code).startsWith("ERR_PARSE_ARGS")) throw error;
    // Its first sentence names the flag, the rest is about positional arguments.
    throw new UsageError(`${error.message.split(/[.\n]/)[0]}: see \`paydunya-crm --help\``);
  }
}

function makeSandbox(values) {
  const number = (text) => (/^\d+$/.test(text ?? "") ? Number(text) : text);
  try {
    return new Sandbox({
      userKey: values["user-key"],
      secretKey: values["secret-key"],
      appKey: values["app-key"],
      balance: number(values.balance),
      tokenLifetime: number(values["token-lifetime"]),
      singleToken: values["single-token"],
      senders: values.senders?.split(","),
      maxSegments: number(values["max-segments"]),
      latency: number(values.latency),
      faults: values.faults === undefined ? undefined : readFaults(values.faults),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const asFlag = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(error.message.replace(/^the option (\w+)/, (_, name) => `--${asFlag(name)}`));
  }
}

function readFaults(value) {
  const json = value.trimStart().startsWith("[");
  let text = value;
  try {
    if (!json) text = readFileSync(value, "utf8");
  } catch (error) {
    throw new UsageError(`--faults must be a JSON array or a file that holds one: ${error.code} at reading the file`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--faults ${json ? "is" : "names a file that is"} not JSON`);
  }
}

function serve(sandbox, values) {
  const server = createServer((request, response) => {
    handle(sandbox, request, response).catch(() => request.socket.destroy());
  });
  server.on("error", (error) => {
    const reasons = { EADDRINUSE: "is in use: choose another, or 0 for a free one", EACCES: "may not be used by you" };
    fail(`port ${values.port} of ${values.host} ${reasons[error.code] ?? `can't be used (${error.code})`}`);
  });
  server.listen(Number(values.port), values.host, () => greet(server.address().port, sandbox, values));

  // Whoever reads the output may go away before the server does.
  process.stdout.on("error", () => {});
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      server.close();
      server.closeAllConnections();
      process.exit(0);
    });
  }
}

function greet(port, sandbox, values) {
  const origin = `http://${values.host.includes(":") ? `[${values.host}]` : values.host}:${port}`;
  const keys = ["user-key", "secret-key", "app-key"].map((name) =>
    values[name] === undefined ? name : `(the --${name} given)`,
  );
  console.log(`${origin}/api/v1`);
  console.log("This is the PayDunya CRM SMS API in memory: nothing is sent, nothing is charged. Ctrl-C stops it.");
  const balance = Number.isFinite(sandbox.balance) ? `${sandbox.balance} segments` : "unlimited";
  console.log(`userKey, secretKey, appKey: ${keys.join(", ")}; balance: ${balance}`);
  console.log(`What it accepted: GET ${origin}/sandbox/sent`);
}

async function handle(sandbox, request, response) {
  const body = await bodyOf(request);
  const path = request.url.split("?")[0];
  const own = ownPage(sandbox, request.method, path);
  if (own) return send(response, own);
  if (body === undefined) return send(response, { status: 413, headers: { connection: "close" }, body: "" });

  const answer = sandbox.answer({ method: request.method, path, headers: request.headers, body });
  console.log(line(sandbox.requests.at(-1), request.method, path));

  if (answer.latency > 0) await sleep(answer.latency);
  if (answer.lost === "hang") return;
  if (answer.lost === "reset") return request.socket.resetAndDestroy();
  if (!answer.lost) return send(response, answer);

  const whole = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": whole.length });
  response.write(whole.subarray(0, whole.length >> 1), () => {
    // A reset that overtakes what was written would be another fault.
    if (answer.lost === "half") setTimeout(() => request.socket.resetAndDestroy(), 50);
  });
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  return size <= largestBody ? Buffer.concat(chunks).toString() : undefined;
}

function ownPage(sandbox, method, path) {
  const json = (value) => ({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
  switch (`${method} ${path}`) {
    case "GET /sandbox/sent":
      return json(sandbox.sent);
    case "GET /sandbox/requests":
      return json(sandbox.requests);
    case "POST /sandbox/logout":
      sandbox.logout();
      return { status: 204, headers: {}, body: "" };
    case "POST /sandbox/reset":
      sandbox.reset();
      return { status: 204, headers: {}, body: "" };
  }
}

function send(response, { status, headers, body }) {
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries(headers)));
  response.end(body);
}

// No key, token, text or number: a path that is not the API's is shown, as it is most often a wrong base URL.
function line({ at, call, status, code, accepted, fault, reason }, method, path) {
  const shown = path.slice(0, 80).replace(/[^\w/.-]/g, "?").replace(/\d{4,}/g, "#");
  return [
    new Date(at).toISOString().slice(11, 19),
    call ?? `${method} ${shown}`,
    status ?? "no answer",
    code,
    accepted && `${accepted} accepted`,
    fault && `fault ${fault}`,
    reason,
  ]
    .filter(Boolean)
    .join("  ");
}

function fail(message) {
  console.error(`paydunya-crm: ${message}`);
  process.exitCode = 2;
}
