// Texts the customers of a CSV file, as a shop would: says which rows can't be sent, sends the others, and asks the
// API what it has. The customers and their numbers are made up: try it against `npx paydunya-crm sandbox`.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { CrmClient, isCrmError, parsePhone } from "paydunya-crm";

const batchSize = 50; // the API takes no more at once
const documentNumbers = ["+221776665544", "+221773332211", "+22173214354"]; // of the API document's own example

try {
  await main();
} catch (error) {
  if (!isCrmError(error)) throw error;
  console.error(`\nStopped. ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const crm = new CrmClient(settings());
  const messages = choose(crm, readCustomers(new URL("customers.csv", import.meta.url)));

  await crm.login(); // `send` does this by itself; here wrong keys end it before the first batch
  const started = new Date();
  const { sent, unknown, notSent } = await sendInBatches(crm, messages);

  if (notSent.length > 0) console.log(`\nNot sent: ${notSent.length} messages. Send lines ${lines(notSent)} again.`);
  if (unknown.length > 0) await lookFor(crm, unknown, started);
  if (notSent.length + unknown.length > 0) process.exitCode = 1;
  if (sent.length > 0) await show(crm, sent);
}

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

function readCustomers(file) {
  const records = parse(readFileSync(file), { columns: true, bom: true, info: true, skip_empty_lines: true });
  return records.map(({ record, info }) => ({ ...record, line: info.lines }));
}

// Each row has its own country, so its number is read here; `check` judges the rest, as `send` would.
function choose(crm, customers) {
  const rows = customers.map((row) => {
    const phone = parsePhone(row.phone, { defaultCountry: row.country || undefined });
    return { ...row, phone, to: phone.ok ? phone.e164 : row.phone };
  });
  const report = crm.check(rows);
  const repeats = new Set(report.duplicates.flatMap(([, ...later]) => later));
  const say = ({ line, name }, what, why) => console.log(`  line ${line}\t${name.padEnd(16)}  ${what}  ${why}`);

  console.log(`${rows.length} customers. What needs a look:`);
  const messages = rows.filter((row, i) => {
    const { issues } = report.messages[i];
    const fault = row.phone.ok ? issues.find(({ severity }) => severity === "error")?.message : row.phone.hint;
    if (fault) say(row, "left out", fault);
    else if (repeats.has(i)) say(row, "left out", "the same number and text stand in an earlier row");
    else for (const { field, message } of issues) if (field === "to") say(row, "doubtful", message);
    return !fault && !repeats.has(i);
  });
  const { segments, ucs2 } = crm.check(messages);
  console.log(`\n${messages.length} messages, ${segments} segments; ${ucs2} texts need UCS-2, for ê, « or ’.`);
  return messages;
}

async function sendInBatches(crm, messages) {
  const sent = [], unknown = [], notSent = [];
  for (let start = 0; start < messages.length; start += batchSize) {
    const batch = messages.slice(start, start + batchSize);
    const progress = `${String(start + batch.length).padStart(5)} of ${messages.length}`;
    try {
      const { sms, warnings } = await crm.send(batch);
      sms.forEach((one, i) => (one.status === "sent" ? sent : unknown).push({ ...batch[i], ...one }));
      const replaced = warnings.find(({ reason }) => reason === "sender-replaced");
      console.log(`${progress}  sent${replaced ? `, but ${replaced.message}` : ""}`);
    } catch (error) {
      if (!isCrmError(error)) throw error;
      // After "unknown" a second send could text everybody twice.
      (error.delivery === "not-sent" ? notSent : unknown).push(...batch);
      console.log(`${progress}  ${error.message}`);
    }
  }
  return { sent, unknown, notSent };
}

async function lookFor(crm, messages, since) {
  console.log(`\nUnknown: ${messages.length} messages, lines ${lines(messages)}. Asking the stats.`);
  const startDate = new Date(since.getTime() - 60_000); // the API's clock may differ
  const { validNumbers } = await crm.stats({ receivers: messages.map(({ to }) => to), startDate });
  const texts = new Map(validNumbers.map(({ number, sms }) => [number, sms.map(({ content }) => content)]));
  const lost = messages.filter(({ to, text }) => !texts.get(to)?.includes(text.normalize()));
  console.log(`  ${messages.length - lost.length} were sent.`);
  if (lost.length > 0) console.log(`  ${lost.length} were not. Send lines ${lines(lost)} again.`);
}

async function show(crm, sent) {
  const some = sent.slice(-3);
  const segments = sent.reduce((total, message) => total + message.segments, 0);
  console.log(`\nSent: ${sent.length} messages, ${segments} segments. Some of their codes:`);
  for (const { line, name, code } of some) console.log(`  line ${line}, ${name}: ${code}`);
  const masked = (number) => `${number.slice(0, 6)}…${number.slice(-2)}`;
  const receivers = [...documentNumbers, ...some.map(({ to }) => to)];
  const { validNumbers, invalidNumbers } = await crm.stats({ receivers });
  console.log("\nWhat the API has, for the numbers of its document and these:");
  for (const { number, sms } of validNumbers) console.log(`  ${masked(number)}  sent: ${sms.map(({ code }) => code)}`);
  for (const number of invalidNumbers) console.log(`  ${masked(number)}  is not a valid number`);
}

// "2-4, 7": what is logged are lines of the file, never numbers.
function lines(messages) {
  const runs = [];
  for (const { line } of messages) runs.at(-1)?.at(-1) === line - 1 ? (runs.at(-1)[1] = line) : runs.push([line]);
  return runs.map((run) => run.join("-")).join(", ");
}
