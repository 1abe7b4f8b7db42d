// What is spent from the start of a process until a client can be used, and until its first message is sent; that of the
// bare runtime, with one file, is subtracted round by round.
import { join } from "node:path";
import { executable, run, server } from "./children.mjs";
import { clients, handWritten } from "./clients.mjs";
import { order } from "./comparison.mjs";
import { manifest } from "./installed.mjs";
import { row, spread } from "./report.mjs";
import { worker } from "./workerd.mjs";

const marks = { client: "make a client", check: "make a client and check a message", message: "make a client and send a message" };
const units = { cpu: "ms of CPU", wall: "ms" };
const bare = "bare";

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure(settings) {
  const { origin, close } = await server();
  const figures = [];
  for (const [runtime, starter] of Object.entries(starters(settings, origin))) {
    const starts = await startersOf(starter);
    const rounds = settings.quick ? 5 : runtime === "Node" ? 21 : 11;
    figures.push(...runtimeFigures(runtime, starts, await interleaved(starts, rounds)));
  }
  close();
  const { value } = row({ figures }, "start-node-client-cpu", "paydunya-crm");
  return {
    figures,
    versions: versions(settings),
    budgets: [{ id: "start", what: "start in Node: import and make a client, over bare Node", unit: "ms of CPU", value: value.median, atMost: 15, aim: 8 }],
  };
}

function versions({ runtimes }) {
  const of = (name) => manifest(join(runtimes, name)).version;
  return { Deno: of("@deno/linux-x64-glibc"), Bun: of("@oven/bun-linux-x64"), workerd: of("@cloudflare/workerd-linux-64") };
}

/** For each runtime a function of a file in clients/, which gives one that starts the runtime and says what was spent. */
function starters(settings, origin) {
  const deno = ["run", "--allow-all", "--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual"];
  const commands = {
    Node: [process.execPath],
    Deno: [executable(settings.runtimes, "@deno/linux-x64-glibc/deno"), ...deno],
    Bun: [executable(settings.runtimes, "@oven/bun-linux-x64/bin/bun"), "--no-install"],
  };
  const programs = Object.entries(commands).map(([name, runtime]) => [name, (file) => () => run("start", [file, origin], { runtime })]);
  return Object.fromEntries([...programs, ["workerd", (file) => worker(file, origin, settings)]]);
}

/** Of each client, or why it does not start there. The first run of each fills the caches of the disk. */
async function startersOf(starter) {
  const starts = [];
  for (const { name, file } of [{ name: bare, file: bare }, ...clients, handWritten]) {
    try {
      const start = await starter(file);
      await start();
      starts.push({ name, start });
    } catch (error) {
      starts.push({ name, missing: error.message });
    }
  }
  return starts;
}

/** In each round every client is started once. */
async function interleaved(starts, rounds) {
  const started = starts.filter(({ start }) => start);
  const runs = Object.fromEntries(started.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const place of order(started.length, round)) {
      const { name, start } = started[place];
      runs[name].push(await start());
    }
  }
  return runs;
}

function runtimeFigures(runtime, starts, runs) {
  return Object.keys(marks).flatMap((mark) =>
    Object.entries(units).map(([unit, words]) => {
      // No other client checks.
      const shown = starts.filter(({ name }) => (mark === "check" ? name === clients[0].name : name !== bare));
      const over = (name) => runs[name].map((spent, round) => spent[mark][unit] - runs[bare][round][mark][unit]);
      const rows = shown.map(({ name, missing }) => (missing ? { subject: name, missing } : { subject: name, value: spread(over(name)) }));
      return {
        id: `start-${runtime.toLowerCase()}-${mark}-${unit}`,
        title: `from the start of ${runtime} to: ${marks[mark]}, over bare ${runtime}`,
        unit: words,
        rows: withRatios(rows),
      };
    }),
  );
}

/** Of the medians: differences of single runs are too rough to be divided. */
function withRatios([first, ...others]) {
  const ratio = ({ value }) => value.median / first.value.median;
  return [first, ...others].map((row) => (row.value ? { ...row, ratio: { low: ratio(row), median: ratio(row), high: ratio(row) } } : row));
}
