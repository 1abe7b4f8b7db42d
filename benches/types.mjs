// What TypeScript takes to check a program of five lines, beside the same compiler with one that imports nothing.
import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { clients } from "./clients.mjs";
import { beside, order } from "./comparison.mjs";
import { installedFolder, manifest } from "./installed.mjs";

const bare = "nothing";

/** As each client's own guide would have it. */
const programs = {
  [bare]: `const crm = { userKey: "u", secretKey: "s", appKey: "a" };
const message = { to: "+221776665544", text: "Bonjour" };
async function main(): Promise<void> {
  console.log(await Promise.resolve({ ...crm, ...message }));
}`,
  "paydunya-crm": `import { CrmClient } from "paydunya-crm";
const crm = new CrmClient({ userKey: "u", secretKey: "s", appKey: "a" });
export async function main(): Promise<void> {
  console.log((await crm.send({ to: "+221776665544", text: "Bonjour" })).sms[0]?.code);
}`,
  twilio: `import twilio from "twilio";
const client = twilio("AC0", "token");
export async function main(): Promise<void> {
  console.log((await client.messages.create({ from: "MaBoutique", to: "+221776665544", body: "Bonjour" })).sid);
}`,
  telnyx: `import Telnyx from "telnyx";
const client = new Telnyx({ apiKey: "key" });
export async function main(): Promise<void> {
  console.log((await client.messages.send({ from: "MaBoutique", to: "+221776665544", text: "Bonjour" })).data?.id);
}`,
  plivo: `import * as plivo from "plivo";
const client = new plivo.Client("MA0", "token");
export async function main(): Promise<void> {
  console.log((await client.messages.create("MaBoutique", "+221776665544", "Bonjour")).messageUuid);
}`,
  "@vonage/sms": `import { Auth } from "@vonage/auth";
import { SMS } from "@vonage/sms";
export async function main(): Promise<void> {
  console.log((await new SMS(new Auth({ apiKey: "key", apiSecret: "secret" })).send({ from: "MaBoutique", to: "+221776665544", text: "Bonjour" })).messages);
}`,
  africastalking: undefined,
  smsapi: `import { SMSAPI } from "smsapi";
const client = new SMSAPI("token");
export async function main(): Promise<void> {
  console.log((await client.sms.sendSms("+221776665544", "Bonjour", { from: "MaBoutique" })).count);
}`,
  "@aws-sdk/client-sns": `import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
const client = new SNSClient({ region: "eu-west-1" });
export async function main(): Promise<void> {
  console.log((await client.send(new PublishCommand({ PhoneNumber: "+221776665544", Message: "Bonjour" }))).MessageId);
}`,
};

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure({ quick, tools }) {
  const subjects = Object.keys(programs).filter((name) => programs[name]);
  for (const name of subjects) write(name, tools);
  const runs = Object.fromEntries(subjects.map((name) => [name, []]));
  const rounds = quick ? 3 : 9;
  // The first run of each fills the caches of the disk.
  for (let round = -1; round < rounds; round++) {
    for (const place of order(subjects.length, Math.abs(round))) {
      const spent = await check(subjects[place], tools);
      if (round >= 0) runs[subjects[place]].push(spent);
    }
  }
  const figure = (key, unit) => ({
    id: `types-${key}`,
    title: "TypeScript's check of five lines that import",
    unit,
    rows: [bare, ...clients.map(({ name }) => name)].map((name) => {
      if (!programs[name]) return { subject: name, missing: "has no types" };
      const values = (subject) => runs[subject].map((spent) => spent[key]);
      return { subject: name, ...beside(values(name), values(bare)) };
    }),
  });
  return {
    figures: [figure("cpu", "ms of CPU"), figure("wall", "ms"), figure("memory", "MB")],
    versions: { typescript: manifest(installedFolder("typescript", tools)).version },
  };
}

function folderOf(name) {
  return join(import.meta.dirname, "types", name.replaceAll("/", "-"));
}

function write(name, tools) {
  const folder = folderOf(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.mts"), programs[name]);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: "es2022",
    module: "nodenext",
    // As a backend's project has it: `tsc --init` sets the one, and the other describes Node.
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(tools, "@types")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.mts"] }));
}

async function check(name, tools) {
  const compiler = [process.execPath, join(tools, "typescript/bin/tsc"), "--project", folderOf(name), "--extendedDiagnostics"];
  // The shell's own clock counts the CPU time of what it ran, to the millisecond.
  const command = 'TIMEFORMAT="%3R %3U %3S"; time "$@"';
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", command, "bash", ...compiler]).catch((error) => {
    throw new Error(`${name}: ${error.stdout}`);
  });
  const [real, user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  const [, kilobytes] = /Memory used:\s+(\d+)K/.exec(stdout);
  return { wall: real * 1000, cpu: (user + system) * 1000, memory: Number(kilobytes) / 1000 };
}
