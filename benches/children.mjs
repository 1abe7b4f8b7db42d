// The processes that benchmarks run in: each measurement that another could disturb has one of its own.
import { execFile, fork } from "node:child_process";
import { chmodSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";

const programs = join(import.meta.dirname, "programs");

/** Runs a program of programs/ to its end; gives what it wrote as JSON. */
export async function run(name, args, { runtime = [process.execPath, "--expose-gc"] } = {}) {
  const [file, ...flags] = runtime;
  const started = performance.timeOrigin + performance.now();
  const all = [...flags, join(programs, `${name}.mjs`), ...args, started].map(String);
  const env = {
    ...process.env,
    // One client warns of Node 20's age, which is no cost of that client.
    NODE_NO_WARNINGS: "1",
    // Where a machine has its own, Node reads them at each start, for longer than most of the clients take.
    NODE_EXTRA_CA_CERTS: undefined,
    DENO_NO_UPDATE_CHECK: "1",
    // What they keep between runs, as they do for their users.
    DENO_DIR: join(import.meta.dirname, ".deno"),
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: join(import.meta.dirname, ".bun"),
  };
  const { stdout } = await promisify(execFile)(file, all, { cwd: import.meta.dirname, env, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

/** A server that answers after some ms; `close` ends it. */
export async function server(latency = 0) {
  const child = fork(join(programs, "server.mjs"), [String(latency)]);
  const [origin] = await once(child, "message");
  return { origin, close: () => child.disconnect() };
}

/** A program that npm brought; npm does not keep who may run it. */
export function executable(...path) {
  const file = join(...path);
  chmodSync(file, 0o755);
  return file;
}
