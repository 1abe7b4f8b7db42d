// A worker in workerd, timed from outside: a worker cannot ask for its own CPU time, and its clock stands still while it works.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { workerBundle } from "./bundles.mjs";
import { executable } from "./children.mjs";

const package_ = "@cloudflare/workerd-linux-64";

/** Makes the client with the module, and does what a request's path says. */
const source = (file, origin) => `import * as subject from "./clients/${file}.mjs";
const { create, loopback, check, send } = subject;
const message = { to: "+221776665544", text: "Bonjour Awa, la commande 10000 est arrivée à la boutique. Passez avant samedi. Merci !" };
const client = create(loopback("${origin}"));
export default {
  async fetch(request) {
    if (request.url.endsWith("/check")) check?.(client, message);
    if (request.url.endsWith("/message")) await send?.(client, message);
    return new Response("done");
  },
};`;

/** Bundles a worker that uses the client in clients/; gives a function that starts workerd with it. */
export async function worker(file, origin, settings) {
  const folder = join(import.meta.dirname, "workers", file);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = await workerBundle(source(file, origin), settings);
  for (const { path, contents } of files) writeFileSync(join(folder, path), contents);
  const { version } = JSON.parse(readFileSync(join(settings.runtimes, package_, "package.json"), "utf8"));
  writeFileSync(join(folder, "config.capnp"), config(files, version));
  const workerd = executable(settings.runtimes, package_, "bin/workerd");
  return () => start(workerd, folder);
}

/** What was spent since the start of workerd when it answered the first request, one that checks and one that sends. */
async function start(workerd, folder) {
  const started = performance.now();
  const child = spawn(workerd, ["serve", "config.capnp", "--control-fd=3"], { cwd: folder, stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  try {
    const origin = `http://127.0.0.1:${await port(child)}`;
    const marks = {};
    for (const name of ["client", "check", "message"]) {
      const answer = await fetch(`${origin}/${name}`);
      if (!answer.ok) throw new Error(await answer.text());
      await answer.text();
      marks[name] = { cpu: cpu(child.pid), wall: performance.now() - started };
    }
    return marks;
  } catch (error) {
    child.kill();
    await ended;
    // What the worker itself says is nearer to the cause.
    throw new Error(/\w*Error: .*/.exec(complaints)?.[0] ?? error.message);
  } finally {
    child.kill();
    await ended;
  }
}

/** Milliseconds of CPU of all threads that a process has. */
function cpu(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return threads.reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e6;
}

async function port(child) {
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd does not listen");
}

function config(files, version) {
  // A release knows the compatibility dates up to its own.
  const date = version.replace(/^\d+\.(\d{4})(\d\d)(\d\d)\..*/, "$1-$2-$3");
  // The first module is the worker. The other providers' clients need what the flag brings, and ours does not.
  const modules = files.map(({ path }) => `(name = "${path}", ${path.endsWith(".wasm") ? "wasm" : "esModule"} = embed "${path}")`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "${date}",
      compatibilityFlags = ["nodejs_compat"],
      modules = [${modules.join(", ")}]
    )),
    (name = "internet", network = (allow = ["private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
}
