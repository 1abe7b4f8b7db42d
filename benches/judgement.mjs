// The judgement of numbers and texts through JavaScript, beside the libraries that an application would use instead.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import googleLibphonenumber from "google-libphonenumber";
import { parsePhoneNumberFromString as parseWithFewest } from "libphonenumber-js/min";
import { parsePhoneNumberFromString as parseWithAll } from "libphonenumber-js/max";
import { CrmClient, measureText, parsePhone, phoneDataVersion } from "paydunya-crm";
import { SegmentedMessage } from "sms-segments-calculator";
import splitSms from "split-sms";
import { beside, timed } from "./comparison.mjs";
import { messages } from "./messages.mjs";
import { row } from "./report.mjs";

// Who judges. A peer is asked for what `check` tells too, and for nothing more.

const country = "SN";
const client = new CrmClient({ sender: "MaBoutique", defaultCountry: country });
const google = googleLibphonenumber.PhoneNumberUtil.getInstance();
const { E164 } = googleLibphonenumber.PhoneNumberFormat;

const phones = {
  "libphonenumber-js/max"(typed) {
    const phone = parseWithAll(typed, { defaultCountry: country, extract: false });
    return { e164: phone?.number, possible: phone?.isPossible() ?? false, type: phone?.getType() };
  },
  // Without the patterns that tell a mobile number.
  "libphonenumber-js/min"(typed) {
    const phone = parseWithFewest(typed, { defaultCountry: country, extract: false });
    return { e164: phone?.number, possible: phone?.isPossible() ?? false };
  },
  "google-libphonenumber"(typed) {
    try {
      const phone = google.parse(typed, country);
      return { e164: google.format(phone, E164), possible: google.isPossibleNumber(phone), type: google.getNumberType(phone) };
    } catch {
      return { possible: false };
    }
  },
};

const texts = {
  "sms-segments-calculator"(text) {
    const message = new SegmentedMessage(text);
    return { encoding: message.encodingName, segments: message.segmentsCount };
  },
  "split-sms"(text) {
    const message = splitSms.split(text, { summary: true });
    return { encoding: message.characterSet, segments: message.parts.length };
  },
};

/** The usual pair, and the quickest one. */
const usual = "libphonenumber-js/max + sms-segments-calculator";
const pairs = [usual, "google-libphonenumber + sms-segments-calculator", "libphonenumber-js/max + split-sms", "libphonenumber-js/min + split-sms"];

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure({ quick, root }) {
  const groups = groupsOf(join(root, "tests/data"));
  const effort = quick ? { rounds: 5, milliseconds: 10 } : { rounds: 31, milliseconds: 25 };
  const figures = [];
  for (const { id, title, row, contenders } of groups) {
    const times = await timed(contenders, effort);
    const rows = contenders.map(({ name }, place) => ({ subject: name, ...beside(times[place].cpu, times[0].cpu) }));
    figures.push({ id: `judgement-${id}`, title, unit: `ns of CPU per ${row}`, rows });
  }
  const times = (pair) => row({ figures }, "judgement-check", pair).ratio.median;
  const quickest = pairs.filter((pair) => pair.endsWith("split-sms")).reduce((one, other) => (times(one) < times(other) ? one : other));
  return {
    figures,
    budgets: [
      { id: "usual-pair", what: `check against ${usual}`, unit: "times faster", value: times(usual), atLeast: 200, aim: 500 },
      { id: "quickest-pair", what: `check against ${quickest}`, unit: "times faster", value: times(quickest), atLeast: 5, aim: 15 },
    ],
    versions: { ...versions(), "numbering data": phoneDataVersion },
  };
}

/** What is judged. */
function groupsOf(folder) {
  const batch = messages(50);
  const disagreements = disagreementsAbout(batch);
  if (disagreements.length > 0) throw new Error(`The contenders differ:\n${disagreements.join("\n")}`);
  const numbers = everyTwentieth(column(folder, "numbers.tsv.gz"));
  const allKinds = everyTwentieth(column(folder, "sms_segments.tsv.gz")).map((json) => JSON.parse(json));
  const french = batch.map(({ text }) => text);
  const withRows = (rows, contenders) => contenders.map(([name, run]) => ({ name, run, rows: rows.length }));
  const textContenders = (rows) =>
    withRows(rows, [
      ["measureText", eachOf(rows, measureText)],
      ["check, 50 at once", fiftyAtOnce(rows, (text) => ({ to: "+221776665544", text }))],
      ...Object.entries(texts).map(([name, judge]) => [name, eachOf(rows, judge)]),
    ]);
  return [
    {
      id: "check",
      title: "check of 50 messages of 86 characters",
      row: "message",
      contenders: withRows(batch, [["check", () => client.check(batch)], ...pairs.map((pair) => [pair, judgedBy(pair, batch)])]),
    },
    {
      id: "numbers",
      title: `numbers of the whole world (${numbers.length} of the labelled ones)`,
      row: "number",
      contenders: withRows(numbers, [
        ["parsePhone", eachOf(numbers, (typed) => parsePhone(typed, { defaultCountry: country }))],
        ["check, 50 at once", fiftyAtOnce(numbers, (to) => ({ to, text: "ok" }))],
        ...Object.entries(phones).map(([name, judge]) => [name, eachOf(numbers, judge)]),
      ]),
    },
    { id: "texts", title: `texts of all kinds (${allKinds.length} of the labelled ones)`, row: "text", contenders: textContenders(allKinds) },
    { id: "french-texts", title: "French texts of 86 characters", row: "text", contenders: textContenders(french) },
  ];
}

function judgedBy(pair, batch) {
  const [phone, text] = pair.split(" + ");
  return () => batch.map((message) => [phones[phone](message.to), texts[text](message.text)]);
}

function eachOf(rows, judge) {
  return () => {
    let last;
    for (const row of rows) last = judge(row);
    return last;
  };
}

function fiftyAtOnce(rows, message) {
  const batches = [];
  for (let i = 0; i < rows.length; i += 50) batches.push(rows.slice(i, i + 50).map(message));
  return eachOf(batches, (batch) => client.check(batch));
}

/** The first column of a labelled file, without its heading. */
function column(folder, file) {
  const lines = gunzipSync(readFileSync(join(folder, file))).toString().trimEnd().split("\n");
  return lines.slice(1).map((line) => line.split("\t")[0]);
}

function everyTwentieth(rows) {
  return rows.filter((_, i) => i % 20 === 0);
}

/** They have to agree on what they are timed with, or the times compare nothing. */
function disagreementsAbout(batch) {
  const found = [];
  const report = client.check(batch);
  if (!report.ok) found.push("check refuses one of the messages");
  const { MOBILE, FIXED_LINE_OR_MOBILE } = googleLibphonenumber.PhoneNumberType;
  const mobile = ["MOBILE", "FIXED_LINE_OR_MOBILE", MOBILE, FIXED_LINE_OR_MOBILE];
  for (const [i, { to, text }] of batch.entries()) {
    if (text.length !== 86) found.push(`text ${i} has ${text.length} characters`);
    const judged = report.messages[i];
    for (const [name, judge] of Object.entries(phones)) {
      const { e164, type } = judge(to);
      const isSms = type === undefined ? judged.phone?.kind === "sms" : mobile.includes(type);
      if (judged.phone?.e164 !== e164 || (judged.phone.kind === "sms") !== isSms) found.push(`number ${i}: ${name}`);
    }
    for (const [name, judge] of Object.entries(texts)) {
      if (judge(text).segments !== judged.text?.segments) found.push(`segments of text ${i}: ${name}`);
    }
  }
  return found;
}

function versions() {
  const require = createRequire(import.meta.url);
  const names = ["libphonenumber-js", "google-libphonenumber", ...Object.keys(texts)];
  return Object.fromEntries(names.map((name) => [name, require(`${name}/package.json`).version]));
}
