// The judgement of numbers and texts through JavaScript, beside the libraries that an application would use instead.
//
// usage: node --expose-gc judgement.mjs <folder of the labelled data> [--quick] [--json <file>]
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { CrmClient, measureText, parsePhone, phoneDataVersion, version } from "paydunya-crm";
import { SegmentedMessage } from "sms-segments-calculator";
import splitSms from "split-sms";
import { compare } from "./comparison.mjs";
import { messages } from "./messages.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "string" } },
});
const effort = options.quick ? { rounds: 7, milliseconds: 10 } : { rounds: 31, milliseconds: 25 };

// What is judged.

const country = "SN";
const client = new CrmClient({ sender: "MaBoutique", defaultCountry: country });
const batch = messages(50);
const french = batch.map(({ text }) => text);
const numbers = every(20, column("numbers.tsv.gz", 0));
const texts = every(20, column("sms_segments.tsv.gz", 0)).map((json) => JSON.parse(json));

/** One column of a labelled file, without its heading. */
function column(file, place) {
  const lines = gunzipSync(readFileSync(join(positionals[0], file))).toString().trimEnd().split("\n");
  return lines.slice(1).map((line) => line.split("\t")[place]);
}

function every(step, rows) {
  return rows.filter((_, i) => i % step === 0);
}

// Who judges. A peer is asked for what `check` tells too, and for nothing more.

const peers = {
  "libphonenumber-js/max"(typed) {
    const phone = parsePhoneNumberFromString(typed, { defaultCountry: country, extract: false });
    return { e164: phone?.number, possible: phone?.isPossible() ?? false, type: phone?.getType() };
  },
  "sms-segments-calculator"(text) {
    const message = new SegmentedMessage(text);
    return { encoding: message.encodingName, segments: message.segmentsCount };
  },
  "split-sms"(text) {
    const message = splitSms.split(text, { summary: true });
    return { encoding: message.characterSet, segments: message.parts.length };
  },
};
const phoneOf = peers["libphonenumber-js/max"];
const pair = (textOf) => () => batch.map(({ to, text }) => [phoneOf(to), textOf(text)]);

const eachOf = (rows, judge) => () => {
  let last;
  for (const row of rows) last = judge(row);
  return last;
};
const fiftyAtOnce = (rows, message) => {
  const batches = [];
  for (let i = 0; i < rows.length; i += 50) batches.push(rows.slice(i, i + 50).map(message));
  return eachOf(batches, (batch) => client.check(batch));
};
const asNumber = (to) => ({ to, text: "ok" });
const asText = (text) => ({ to: "+221776665544", text });
const textPeers = ["sms-segments-calculator", "split-sms"];

const groups = [
  {
    title: "check of 50 messages of 86 characters",
    row: "message",
    contenders: [
      { name: "check", run: () => client.check(batch) },
      ...textPeers.map((name) => ({ name: `libphonenumber-js/max + ${name}`, run: pair(peers[name]) })),
    ].map((contender) => ({ ...contender, rows: batch.length })),
  },
  {
    title: `numbers of the whole world (${numbers.length} of the labelled ones)`,
    row: "number",
    contenders: [
      { name: "parsePhone", run: eachOf(numbers, (typed) => parsePhone(typed, { defaultCountry: country })) },
      { name: "check, 50 at once", run: fiftyAtOnce(numbers, asNumber) },
      { name: "libphonenumber-js/max", run: eachOf(numbers, phoneOf) },
    ].map((contender) => ({ ...contender, rows: numbers.length })),
  },
  textGroup(`texts of all kinds (${texts.length} of the labelled ones)`, texts),
  textGroup("French texts of 86 characters", french),
];

function textGroup(title, rows) {
  return {
    title,
    row: "text",
    contenders: [
      { name: "measureText", run: eachOf(rows, measureText) },
      { name: "check, 50 at once", run: fiftyAtOnce(rows, asText) },
      ...textPeers.map((name) => ({ name, run: eachOf(rows, peers[name]) })),
    ].map((contender) => ({ ...contender, rows: rows.length })),
  };
}

/** How many times longer the slower one has to take at least. */
const budgets = [
  { contender: "libphonenumber-js/max + sms-segments-calculator", least: 200, aim: 500 },
  { contender: "libphonenumber-js/max + split-sms", least: 5, aim: 15 },
];

// They have to agree on what they are timed with, or the times compare nothing.

function disagreements() {
  const found = [];
  const report = client.check(batch);
  if (!report.ok) found.push("check refuses one of the messages");
  for (const [i, { to, text }] of batch.entries()) {
    if (text.length !== 86) found.push(`text ${i} has ${text.length} characters`);
    const judged = report.messages[i];
    const phone = phoneOf(to);
    const isSms = ["MOBILE", "FIXED_LINE_OR_MOBILE"].includes(phone.type);
    if (judged.phone?.e164 !== phone.e164 || (judged.phone.kind === "sms") !== isSms) found.push(`number ${i}`);
    for (const name of textPeers) {
      if (peers[name](text).segments !== judged.text?.segments) found.push(`segments of text ${i}: ${name}`);
    }
  }
  return found;
}

const disagreed = disagreements();
if (disagreed.length > 0) {
  console.error(`The contenders differ:\n${disagreed.join("\n")}`);
  process.exit(1);
}

// What came of it.

const results = groups.map(({ title, row, contenders }) => ({ title, row, results: compare(contenders, effort) }));

function digits(number) {
  return number >= 100 ? Math.round(number).toLocaleString("en") : number.toPrecision(3);
}

/** The larger distance of a quartile from the median, in percent of it. */
function percent({ low, median, high }) {
  return `±${Math.ceil((100 * Math.max(median - low, high - median)) / median)} %`;
}

for (const { title, row, results: lines } of results) {
  console.log(`\n${title}`);
  console.log(`${"".padEnd(50)}${`${row}s/s`.padStart(12)}${`ns/${row}`.padStart(13)}${"".padStart(8)}${"ratio".padStart(9)}`);
  for (const { name, nanoseconds, times } of lines) {
    const cells = [
      `  ${name}`.padEnd(50),
      digits(1e9 / nanoseconds.median).padStart(12),
      digits(nanoseconds.median).padStart(13),
      percent(nanoseconds).padStart(8),
      digits(times.median).padStart(9),
      percent(times).padStart(8),
    ];
    console.log(cells.join(""));
  }
}

const held = budgets.map((budget) => {
  const { times } = results[0].results.find(({ name }) => name === budget.contender);
  return { ...budget, times: times.median, holds: times.median >= budget.least };
});
console.log();
for (const { contender, least, aim, times, holds } of held) {
  const verdict = holds ? "holds" : "BROKEN";
  console.log(`check against ${contender}: ${digits(times)} times faster; budget ${least}, aim ${aim}: ${verdict}`);
}

if (options.json !== undefined) {
  const { round } = Math;
  const rounded = ({ low, median, high }, unit) => ({ low: round(low * unit) / unit, median: round(median * unit) / unit, high: round(high * unit) / unit });
  const record = {
    date: new Date().toISOString().slice(0, 10),
    machine: { processor: cpus()[0]?.model, processors: cpus().length, architecture: process.arch, system: process.platform },
    versions: {
      node: process.versions.node,
      "paydunya-crm": version,
      phoneData: phoneDataVersion,
      ...Object.fromEntries(["libphonenumber-js", ...textPeers].map((name) => [name, versionOf(name)])),
    },
    effort,
    groups: results.map(({ title, row, results: lines }) => ({
      title,
      row,
      results: lines.map(({ name, nanoseconds, times }) => ({
        name,
        nanoseconds: rounded(nanoseconds, 1),
        times: rounded(times, 100),
      })),
    })),
    budgets: held.map((budget) => ({ ...budget, times: round(budget.times * 10) / 10 })),
  };
  writeFileSync(options.json, `${JSON.stringify(record, null, 2)}\n`);
}

function versionOf(name) {
  return createRequire(import.meta.url)(`${name}/package.json`).version;
}

process.exitCode = held.every(({ holds }) => holds) ? 0 : 1;
