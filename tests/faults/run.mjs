// Meets each fault of faults.mjs in each runtime, and prints one table:
//
//   node run.mjs --project <folder> --modules <folder> --workspaces <folder> [--report <file>] [runtime…]
//
// The folders are those of ../runtimes/run.mjs, whose runners it uses. `cargo xtask faults [runtime…]` does all that and
// calls this. It fails if an outcome is not the one that faults.mjs has, or if one of these doesn't hold:
//
//   once     no message is accepted twice, but where faults.mjs exempts a runtime with a reason
//   true     nothing that the server accepted is "not-sent", and nothing is "sent" that it did not accept
//   settled  no call stays open past its time
//   silent   no key, token, number or text is in an error at any depth, in an event or on the console
//   home     nothing follows a redirect
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Processes } from "../runtimes/processes.mjs";
import { fillWorkspace } from "../runtimes/workspace.mjs";
import { certificates } from "./certificates.mjs";
import { faults } from "./faults.mjs";
import { FaultServer } from "./server.mjs";
import { canaries } from "./suite/canaries.mjs";

/** How long a runtime may take for all faults, in milliseconds. */
const patience = 120_000;

// `family` is what faults.mjs calls it; `lanes` how many faults it meets at once; `tls: false` leaves out those of TLS.
const runtimes = [
  { name: "node20", family: "node", runner: "node", options: { modules: "esm" }, lanes: 16 },
  { name: "node24", family: "node", runner: "node", options: { modules: "esm", version: 24 }, lanes: 16 },
  { name: "deno", family: "deno", runner: "deno", options: { modules: "esm", hosts: "localhost,127.0.0.1,paydunya-crm.invalid" }, lanes: 16 },
  { name: "bun", family: "bun", runner: "bun", options: { how: "run", modules: "esm" }, lanes: 16 },
  // A request there has six connections at most.
  { name: "workerd", family: "workerd", runner: "workerd", options: { date: "newest" }, lanes: 5 },
  { name: "chromium", family: "chromium", runner: "chromium", options: { bundler: "none", where: "page" }, lanes: 16, tls: false },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: "string" },
    modules: { type: "string" },
    workspaces: { type: "string" },
    report: { type: "string" },
  },
});
const unknown = positionals.filter((name) => !runtimes.some((runtime) => runtime.name === name));
if (unknown.length > 0) {
  console.error(`There is no runtime ${unknown.join(", ")}, but ${runtimes.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const wanted = runtimes.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const folder = join(resolve(values.workspaces), "certificates");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const { authority, contexts } = await certificates(folder);
// What Node and Bun, and what Deno trust beside the authorities of the world.
Object.assign(process.env, { NODE_EXTRA_CA_CERTS: authority, DENO_CERT: authority });

const columns = [];
/** The second functions of the runners. */
const closers = new Set();
for (const runtime of wanted) columns.push(await column(runtime));
for (const close of closers) await close();
print(columns);
if (values.report) await writeFile(values.report, JSON.stringify(columns.map(total)));
process.exitCode = columns.every((column) => total(column).failed === 0) ? 0 : 1;

/** Meets the faults in one runtime; gives a cell for each. */
async function column(runtime) {
  const start = performance.now();
  const met = faults.filter((fault) => !fault.tls || runtime.tls !== false);
  const servers = met.map((fault) => new FaultServer(fault, contexts));
  await Promise.all(servers.map((server) => server.listen()));
  const notes = [];
  try {
    const results = await resultsOf(runtime, met, servers, (text) => notes.push(text));
    const cells = met.map((fault, index) => judged(fault, servers[index], results[index], runtime));
    const leaks = [...results.at(-1).leaks, ...canaries.filter((canary) => notes.join("\n").includes(canary))];
    const broken = leaks.length > 0 ? [`silent: ${leaks.join(", ")} on the console`] : [];
    return { runtime, cells, broken, notes, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { runtime, cells: [], broken: [`could not run: ${error.message}`], notes, seconds: 0 };
  } finally {
    for (const server of servers) server.close();
  }
}

async function resultsOf({ name, runner, options, lanes }, met, servers, note) {
  const processes = new Processes();
  let timer;
  try {
    const cases = met.map(({ name, call, timeout, large }, index) => {
      const { baseUrl } = servers[index];
      return { name, call, timeout, large, baseUrl };
    });
    const suite = fileURLToPath(new URL("suite", import.meta.url));
    const workspace = join(resolve(values.workspaces), name);
    await fillWorkspace(workspace, { project: resolve(values.project), suite });
    const { run, close } = await import(new URL(`../runtimes/runners/${runner}.mjs`, import.meta.url));
    if (close) closers.add(close);
    const entry = { name, options: { ...options, authority }, groups: { cases, lanes } };
    const results = run({
      entry,
      workspace,
      modules: resolve(values.modules),
      server: "",
      conformance: join(workspace, "suite/conformance.mjs"),
      processes,
      note,
    });
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`No results within ${patience / 1000} s.`)), patience);
    });
    return await Promise.race([results, late]);
  } finally {
    clearTimeout(timer);
    processes.stop();
  }
}

/** What a call came to, and what is wrong with it. */
function judged(fault, server, { outcome, claimed, late, leaks }, { name, family }) {
  const found = `${outcome} ${server.received[fault.call]}`;
  const expected = [fault.expect[name] ?? fault.expect[family] ?? fault.expect.all].flat();
  const accepted = server.accepted.size;
  const twice = [...server.accepted.values()].some((times) => times > 1);
  const exempt = twice && fault.exempt?.[family] !== undefined;
  const rules = [
    [!twice || exempt, "once: a message was accepted twice"],
    [!outcome.endsWith("not-sent") || accepted === 0, `true: ${accepted} accepted messages are "not-sent"`],
    [claimed <= accepted, `true: ${claimed} are "sent", and ${accepted} were accepted`],
    [!late, "settled: the call stayed open"],
    [leaks.length === 0, `silent: ${leaks.join(", ")} in the error or an event`],
    [server.astray === 0, "home: a redirect was followed"],
    [expected.includes(found), `${expected.join(" or ")} was expected`],
  ];
  return { fault, found, exempt, broken: rules.filter(([holds]) => !holds).map(([, rule]) => rule) };
}

function total({ runtime, cells, broken, seconds }) {
  const passed = cells.filter((cell) => cell.broken.length === 0).length;
  // A runtime that could not run is one failure.
  return { name: runtime.name, passed, failed: cells.length - passed + broken.length, seconds };
}

function print(columns) {
  const first = Math.max(...faults.map(({ name }) => name.length)) + 2;
  const width = 18;
  const brief = (found) => found.replace("not-sent", "no").replace("unknown", "?");
  console.log("kind, delivery (? unknown, no not-sent), and how often the server received the call; ! is wrong, * exempt\n");
  console.log("fault".padEnd(first) + columns.map(({ runtime }) => runtime.name.padEnd(width)).join(""));
  for (const fault of faults) {
    const cells = columns.map(({ cells }) => {
      const cell = cells.find((cell) => cell.fault === fault);
      if (cell === undefined) return "-".padEnd(width);
      return `${brief(cell.found)}${cell.exempt ? " *" : ""}${cell.broken.length > 0 ? " !" : ""}`.padEnd(width);
    });
    console.log((fault.name.padEnd(first) + cells.join("")).trimEnd());
  }
  for (const column of columns) {
    const { passed, failed, seconds } = total(column);
    console.log(`\n${column.runtime.name}: ${passed} passed, ${failed} failed in ${seconds.toFixed(1)} s`);
    // The first is the version; the others are a runtime's own words about what fails here on purpose.
    const notes = column.cells.length > 0 ? column.notes.slice(0, 1) : column.notes;
    for (const note of notes) console.log(`   ${note}`);
    for (const text of column.broken) console.log(`   ! ${text}`);
    for (const { fault, broken, found } of column.cells) {
      for (const text of broken) console.log(`   ! ${fault.name}: ${found}: ${text}`);
    }
  }
}
