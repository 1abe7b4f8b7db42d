// Runs the conformance suite in each runtime of matrix.json:
//
//   node run.mjs --project <folder> --modules <folder> --workspaces <folder> [--report <file>] [--quick] [name…]
//
// `--project` is a folder with the packed package installed in its node_modules, `--modules` the node_modules of
// package.json beside this file. `cargo xtask runtimes [name…]` does all that and calls this.
//
// A row of matrix.json:
//
//   name     of the row, for the command line and the totals
//   runner   the file runners/<runner>.mjs
//   options  what the runner wants to know; rows of one runner differ in it
//   without  { group: reason } for each of the suite's groups that it does not run; default none
//   with     more groups that its runner runs: "ended-requests" of ended-requests.mjs; default none
//   quick    whether `--quick` runs it
//
// A runner has one function, which runs the suite in its runtime and gives what `runAll` of suite/conformance.mjs gave there:
//
//   export async function run({ entry, workspace, modules, server, conformance, processes, note })
//
//   entry        the row, and its `groups`, a list of those that it runs: pass them to `runAll`, which passes over those
//                that are not the suite's
//   workspace    a fresh folder: package.json, node_modules with the packed package, and a copy of suite/
//   modules      the node_modules of the development dependencies; it lies above the workspace, so imports find it
//   server       the origin of server.mjs: pass it to `runAll`
//   conformance  the path of workspace/suite/conformance.mjs: import or bundle it
//   processes    starts programs, see processes.mjs; all of them are ended after the row
//   note         shows a line, such as the version that ran
//
// What it keeps for its next row it ends in a second function, `close()`, which is called after the last row.
//
// It rejects if the runtime can't run here; that is a failure, as is a test that is missing.
import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { groups as allGroups, tests } from "./suite/conformance.mjs";
import { group as endedRequests, tests as testsOfEndedRequests } from "./ended-requests.mjs";
import { Processes } from "./processes.mjs";
import { serve } from "./server.mjs";
import { fillWorkspace } from "./workspace.mjs";

/** How long a row may take, in milliseconds. */
const patience = 180_000;

const signals = ["SIGINT", "SIGTERM"];

/** How many rows run at once: most of a row's time is waiting. */
const lanes = 2;

const suite = fileURLToPath(new URL("suite", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: "string" },
    modules: { type: "string" },
    workspaces: { type: "string" },
    report: { type: "string" },
    quick: { type: "boolean" },
  },
});
for (const name of ["project", "modules", "workspaces"]) {
  if (values[name] === undefined) fail(`--${name} is missing: see the top of run.mjs`);
}

const matrix = JSON.parse(await readFile(new URL("matrix.json", import.meta.url), "utf8"));
const unknown = positionals.filter((name) => !matrix.some((row) => row.name === name));
if (unknown.length > 0) fail(`matrix.json has no row ${unknown.join(", ")}, but ${matrix.map(({ name }) => name).join(", ")}`);
const rows = matrix.map((row) => ({ ...row, groups: groupsOf(row) })).filter(wanted);

const project = resolve(values.project);
const require = createRequire(join(project, "package.json"));
const server = await serve(require("paydunya-crm/sandbox").Sandbox);
const promised = [
  ...tests({ crm: require("paydunya-crm"), sandbox: require("paydunya-crm/sandbox"), server: server.origin }),
  ...testsOfEndedRequests({}),
];

const totals = [];
/** The second functions of the runners. */
const closers = new Set();
const next = rows.entries();
await Promise.all(Array.from({ length: lanes }, runLane));
for (const close of closers) await close();
server.close();
if (values.report) await writeFile(values.report, JSON.stringify(totals));
process.exitCode = totals.every(({ failed }) => failed === 0) ? 0 : 1;

/** Runs rows until none is left; the rows of all lanes share `next`. */
async function runLane() {
  for (const [index, row] of next) totals[index] = await runRow(row);
}

function wanted({ name, quick }) {
  return positionals.length > 0 ? positionals.includes(name) : quick || !values.quick;
}

/** The groups that a row runs: all but those that it gives a reason for leaving out, and those that it adds. */
function groupsOf({ name, without = {}, with: more = [] }) {
  const unknown = Object.keys(without).filter((group) => !allGroups.includes(group));
  if (unknown.length > 0) fail(`matrix.json: ${name} leaves out what is no group of the suite: ${unknown.join(", ")}`);
  const strange = more.filter((group) => group !== endedRequests);
  if (strange.length > 0) fail(`matrix.json: ${name} adds what is no group: ${strange.join(", ")}`);
  return [...allGroups.filter((group) => !(group in without)), ...more];
}

async function runRow(entry) {
  const lines = [`-- ${entry.name}`];
  const note = (text) => lines.push(`   ${text}`);
  for (const [group, reason] of Object.entries(entry.without ?? {})) note(`without ${group}: ${reason}`);
  const start = performance.now();
  const results = await resultsOf(entry, note);
  const seconds = (performance.now() - start) / 1000;

  for (const { group, name, ok, error } of results) {
    if (!ok) note(`FAILED ${group}: ${name}\n${String(error).replace(/^/gm, "      ")}`);
  }
  const passedIn = (group) => results.filter((result) => result.ok && result.group === group).length;
  const passed = results.filter(({ ok }) => ok).length;
  const failed = results.length - passed;
  if (passed > 0) note(entry.groups.map((group) => `${group} ${passedIn(group)}`).join(", "));
  note(`${passed} passed, ${failed} failed in ${seconds.toFixed(1)} s`);
  // Some build what is large. What failed is left to be looked at.
  if (failed === 0) await rm(workspaceOf(entry), { recursive: true, force: true });
  // At once, since another row may write too.
  console.log(`\n${lines.join("\n")}`);
  return { name: entry.name, passed, failed, seconds };
}

/** What the runtime gave, judged, or one failure that says why it gave nothing. */
async function resultsOf(entry, note) {
  const processes = new Processes();
  const stop = (signal) => {
    processes.stop();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, stop);
  let timer;
  try {
    const workspace = workspaceOf(entry);
    await fillWorkspace(workspace, { project, suite });
    const { run, close } = await import(new URL(`runners/${entry.runner}.mjs`, import.meta.url));
    if (close) closers.add(close);
    const modules = resolve(values.modules);
    const conformance = join(workspace, "suite/conformance.mjs");
    const results = run({ entry, workspace, modules, server: server.origin, conformance, processes, note });
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`No results within ${patience / 1000} s.`)), patience);
    });
    return judged(entry, await Promise.race([results, late]));
  } catch (error) {
    return [failure("runs the suite", error?.stack ?? error)];
  } finally {
    clearTimeout(timer);
    processes.stop();
    for (const signal of signals) process.off(signal, stop);
  }
}

/** The results, and a failure for each test that the matrix promises and that did not run once, or that it does not promise. */
function judged({ groups }, results) {
  if (!Array.isArray(results)) throw new Error(`The runner gave no list: ${JSON.stringify(results)}`);
  const key = ({ group, name }) => `${group}: ${name}`;
  const expected = promised.filter(({ group }) => groups.includes(group)).map(key);
  const ran = results.map(key);
  const missing = expected.filter((test) => !ran.includes(test));
  const more = ran.filter((test, index) => !expected.includes(test) || ran.indexOf(test) !== index);
  return [
    ...results,
    ...missing.map((name) => failure(name, "This test did not run.")),
    ...more.map((name) => failure(name, "This test ran, but the matrix does not promise it.")),
  ];
}

function failure(name, error) {
  return { group: "runtime", name, ok: false, error };
}

function workspaceOf({ name }) {
  return join(resolve(values.workspaces), name);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}
