// Kills campaigns until there were enough kills and messages, and prints what became of all of it:
//
//   node run.mjs --project <folder> --workspace <folder> [--kills 1000] [--messages 0] [--seed <number>] [--report <file>]
//
// `project` is a folder with the packed package installed; `workspace` is made anew. `cargo xtask chaos` does all that
// and calls this. It fails if one of these doesn't hold:
//
//   never twice   the API accepted no message more often than it was given
//   never lost    each message has an outcome, what was accepted is sent or in doubt, and what is sent stays so
//   truly sent    what is called sent was accepted, and has its own code
//   fit to fail   each of the bugs of suite/planted.mjs is found in a few campaigns
//
// A campaign has a number, from the seed on, which decides what happens to it: `--kills 1 --seed <number>` runs it again.
// Only the machine is never as fast as it was.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Processes } from "../runtimes/processes.mjs";
import { fillWorkspace } from "../runtimes/workspace.mjs";
import { faults } from "./faults.mjs";
import { killedCampaign } from "./killed-campaign.mjs";
import { expected } from "./suite/planted.mjs";

/** Campaigns at the same time. */
const LANES = 4;

/** Campaigns in which a planted bug has to be found. */
const FEW = 5;

const { values } = parseArgs({
  options: {
    project: { type: "string" },
    workspace: { type: "string" },
    kills: { type: "string", default: "1000" },
    messages: { type: "string", default: "0" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    report: { type: "string" },
  },
});
const [kills, messages, seed] = [values.kills, values.messages, values.seed].map(Number);
const workspace = resolve(values.workspace);
await fillWorkspace(workspace, { project: resolve(values.project), suite: fileURLToPath(new URL("suite", import.meta.url)) });

const processes = new Processes();
try {
  console.log(`seed ${seed}\n`);
  const campaigns = await killed();
  const held = print(campaigns);
  const found = printPlanted(await planted());
  const checks = [...campaigns.map(({ isSound }) => isSound), ...held, ...found];
  const passed = checks.filter(Boolean).length;
  if (values.report) await writeFile(values.report, JSON.stringify({ passed, failed: checks.length - passed }));
  process.exitCode = passed === checks.length ? 0 : 1;
} finally {
  processes.stop();
}

/** Runs campaigns until there were enough; gives them by their numbers. */
async function killed() {
  const campaigns = [];
  let [number, killed, given] = [seed, 0, 0];
  const options = { workspace, processes, rows: 1_000, kills: 10, onKill: () => killed++ };
  await inLanes(async () => {
    while (killed < kills || given < messages) {
      given += options.rows;
      campaigns.push(await killedCampaign(number++, options));
    }
  });
  return campaigns.sort((one, other) => one.seed - other.seed);
}

/** Plants each bug; gives the campaigns in which it was found, and how many there were. */
async function planted() {
  const found = new Map();
  const waiting = Object.entries(expected);
  await inLanes(async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [bug, { breaks }] = next;
      for (let nth = 1; nth <= FEW && !found.has(bug); nth++) {
        const campaign = await killedCampaign(seed + nth, { workspace, processes, rows: 1_000, kills: 5, bug });
        if (campaign[breaks].length > 0) found.set(bug, { ...campaign, nth });
      }
    }
  });
  return found;
}

async function inLanes(work) {
  await Promise.all(Array.from({ length: LANES }, work));
}

function sum(list, number) {
  return list.reduce((total, item) => total + number(item), 0);
}

function line(number, words) {
  console.log(`${number.toLocaleString("en").padStart(8)}  ${words}`);
}

/** Prints what became of the campaigns; says whether there was enough of everything. */
function print(campaigns) {
  const all = campaigns.flatMap(({ kills }) => kills);
  const aimed = all.filter(({ isAimed }) => isAimed);
  const met = (name) => sum(campaigns, (campaign) => campaign.met.get(name) ?? 0);
  const total = sum(campaigns, (campaign) => campaign.messages);
  line(campaigns.length, "campaigns");
  line(total, "messages");
  line(sum(campaigns, (campaign) => campaign.processes), "processes");
  line(all.length, `kills, ${aimed.length} of them while the server held a request`);
  for (const moment of new Set([...aimed, ...all].map((kill) => kill.moment))) {
    line(all.filter((kill) => kill.moment === moment).length, `  ${moment}`);
  }
  line(sum(faults, ({ name }) => met(name)), "faults");
  for (const { name } of faults) line(met(name), `  ${name}`);
  console.log();
  const found = { doubled: "sent twice", lost: "lost", falselySent: "falsely sent", failures: "processes that failed" };
  for (const [name, words] of Object.entries(found)) {
    line(sum(campaigns, (campaign) => campaign[name].length), words);
  }
  const share = (place) => `${((100 * sum(campaigns, ({ inDoubt }) => inDoubt[place])) / total).toFixed(1)} %`;
  line(share(0), "in doubt when the campaigns had gone through");
  line(share(1), "still in doubt when stats were asked: these the API had not accepted; sent again, all arrived once");
  for (const campaign of campaigns.filter(({ isSound }) => !isSound)) {
    console.log(`\ncampaign ${campaign.seed}, ${campaign.file}; again: cargo xtask chaos --kills 1 --seed ${campaign.seed}`);
    for (const name of Object.keys(found)) for (const text of campaign[name]) console.log(`   ! ${found[name]}: ${text}`);
  }
  // A short run, to look at one campaign, cannot have everything.
  return kills < 200 ? [] : [2 * aimed.length >= all.length, faults.every(({ name }) => met(name) > 0)];
}

/** Prints in which campaign each bug was found; says for each whether it was. */
function printPlanted(found) {
  console.log("\nbugs that were planted, and after how many campaigns they were found");
  return Object.keys(expected).map((bug) => {
    const campaign = found.get(bug);
    if (campaign === undefined) {
      line("!", `${bug}: not found`);
      return false;
    }
    const { nth, doubled, lost, falselySent } = campaign;
    line(nth, `${bug}: ${doubled.length} sent twice, ${lost.length} lost, ${falselySent.length} falsely sent`);
    return true;
  });
}
