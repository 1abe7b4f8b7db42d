// Texts the rows of a CSV file of any length, with one line of progress in a terminal, and writes those that were not sent
// into another. What it did is in a journal: killed and run again, it goes on where it was. Without a file it makes one of 10,000 rows, so that it can be tried against `npx paydunya-crm sandbox`.
//
// usage: node campaign.mjs [customers.csv] [not-sent.csv] [customers.csv.journal]
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync, renameSync } from "node:fs";
import { parse } from "csv-parse";
import { CrmClient } from "paydunya-crm";
import { FileJournal } from "paydunya-crm/node";

const [file = "campaign.csv", rejects = "not-sent.csv", journalFile = `${file}.journal`] = process.argv.slice(2);
if (!existsSync(file)) await makeCustomers(file, 10_000);

const stop = new AbortController();
process.once("SIGINT", () => stop.abort()); // a second Ctrl-C ends it at once
const crm = new CrmClient({ ...settings(), defaultCountry: "SN" });
const journal = await FileJournal.open(journalFile);
await crm.reconcile(journal); // asks stats for what an earlier run left in doubt, where that is 15 minutes old
const customers = createReadStream(file).pipe(parse({ columns: true, bom: true, skip_empty_lines: true }));
const campaign = crm.sendAll(customers, { concurrency: 4, journal, signal: stop.signal, onProgress: progressLine() });

const output = createWriteStream(rejects);
output.write("row,to,text,status,why\n"); // the row of a spreadsheet: 1 has the names
for await (const outcome of campaign) {
  const { index, message, status, code, issues, error } = outcome;
  if (status === "sent") continue; // here you would store `code` with `message.id`
  const why = issues?.find(({ severity }) => severity === "error")?.message ?? code ?? error?.message;
  const line = [index + 2, message.to, message.text, status, why].map(quoted).join(",");
  if (!output.write(`${line}\n`)) await once(output, "drain");
}
output.end();
await once(output, "finish");
await journal.close();

if (process.stdout.isTTY) console.log(); // below the line of progress
const { failures, segments, stoppedBecause, ...counts } = await campaign.report();
for (const [status, count] of Object.entries(counts)) if (count > 0) console.log(`${status.padEnd(8)} ${count}`);
console.log(`segments ${segments}`);
if (failures.length > 0) console.log(`${rejects} has the ${failures.length} that were not sent. Ask stats before sending one that is unknown.`);
if (counts.unknown > 0) console.log(`${counts.unknown} may have been sent. Run this again in 15 minutes: it asks stats for them.`);
if (stoppedBecause) console.log(`It stopped before the end: ${stoppedBecause}.`);
process.exitCode = stoppedBecause || counts.unknown > 0 ? 1 : 0;

function settings() {
  const names = ["BASE_URL", "USER_KEY", "SECRET_KEY", "APP_KEY", "SENDER"].map((name) => `PAYDUNYA_${name}`);
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`Set ${missing.join(", ")}.\nFor a trial \`npx paydunya-crm sandbox\` prints its base URL and keys.`);
    process.exit(2);
  }
  const [baseUrl, userKey, secretKey, appKey, sender] = names.map((name) => process.env[name]);
  return { baseUrl, userKey, secretKey, appKey, sender };
}

/** One line that is written over and over; a log file gets none. */
function progressLine() {
  if (!process.stdout.isTTY) return undefined;
  return ({ done, sent, failed, unknown, perSecond }) => {
    const line = `${done} done: ${sent} sent, ${failed} failed, ${unknown} unknown, ${perSecond.toFixed(0)}/s`;
    process.stdout.write(`\r\x1b[K${line}`);
  };
}

async function makeCustomers(file, count) {
  const output = createWriteStream(`${file}.part`);
  output.write("id,to,text\n");
  for (let i = 0; i < count; i++) {
    const number = String(1_000_000 + i);
    // Every hundredth has a digit too few.
    const to = i % 100 === 99 ? `77 ${number.slice(0, 6)}` : `77 ${number.slice(0, 3)} ${number.slice(3, 5)} ${number.slice(5)}`;
    const line = [i, to, `Bonjour, votre commande n° ${i} est arrivée. À bientôt, la boutique`].map(quoted).join(",");
    if (!output.write(`${line}\n`)) await once(output, "drain");
  }
  output.end();
  await once(output, "finish");
  renameSync(`${file}.part`, file); // killed before, it leaves no half of a file
}

function quoted(value) {
  const text = String(value ?? "");
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
