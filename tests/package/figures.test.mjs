// The README's figures are those that the benchmark wrote down.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";

const root = process.env.PAYDUNYA_CRM_ROOT;
const benches = join(root, "benches");
const { chart } = await import(pathToFileURL(join(benches, "chart.mjs")));
const { fullTables, intoReadme, readmeSection } = await import(pathToFileURL(join(benches, "markdown.mjs")));
const { holds, table } = await import(pathToFileURL(join(benches, "report.mjs")));

const text = (path) => readFileSync(join(root, path), "utf8");
const record = JSON.parse(text("benches/results/figures.json"));

/** The record, with another value for some subjects of one figure. */
function recordWith(id, values) {
  const changed = structuredClone(record);
  const { rows } = changed.figures.find((figure) => figure.id === id);
  for (const row of rows) {
    const value = values[row.subject] ?? row.value.median;
    row.value = { low: value, median: value, high: value };
  }
  return changed;
}

/** Lengths of the chart's bars, in the order of the first column. */
function bars(record) {
  return [...chart(record).matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
}

describe("the figures", () => {
  it("stand in the README as they were recorded", () => assert.equal(text("README.md"), intoReadme(text("README.md"), record)));

  it("are drawn in the chart as they were recorded", () => assert.equal(text("benches/results/figures.svg"), chart(record)));

  it("stand in the full tables as they were recorded", () => assert.equal(text("benches/results/figures.md"), fullTables(record)));
});

describe("the README's list of what others do better", () => {
  it("names whoever is smaller, the smallest first, and nobody else", () => {
    const sizes = { "paydunya-crm": 50, twilio: 40.5, telnyx: 30, plivo: 50, "@vonage/sms": 51, africastalking: 60, smsapi: 70, "@aws-sdk/client-sns": 80 };
    const section = readmeSection(recordWith("bundle-node-gzip", sizes));
    assert.match(section, /^- bundled for Node, gzip: telnyx 30 kB and twilio 40\.5 kB, against 50 kB$/m);
  });

  it("has no line where nobody is", () => {
    const section = readmeSection(recordWith("bundle-node-gzip", { "paydunya-crm": 1 }));
    assert.doesNotMatch(section, /^- bundled for Node, gzip/m);
  });
});

describe("the chart", () => {
  it("draws a bar twice as long where a figure is twice as large", () => {
    const [ours, twilio] = bars(recordWith("bundle-node-gzip", { "paydunya-crm": 200, twilio: 400 }));
    assert.ok(Math.abs(twilio / ours - 2) < 0.01, `${ours}, ${twilio}`);
  });

  it("draws what is next to nothing as a line", () => {
    assert.equal(bars(recordWith("bundle-node-gzip", { smsapi: 0.001 }))[6], 1);
  });
});

describe("a budget", () => {
  const budget = { id: "size", what: "size", unit: "kB", value: 90 };

  it("holds up to its limit and is broken beyond", () => {
    assert.ok(holds({ ...budget, atMost: 90 }) && holds({ ...budget, atLeast: 90 }));
    assert.ok(!holds({ ...budget, atMost: 89.9 }) && !holds({ ...budget, atLeast: 90.1 }));
  });

  it("is told to be broken", () => {
    const lines = table({ figures: [], budgets: [{ ...budget, atMost: 80, aim: 70 }] }).split("\n");
    assert.match(lines.at(-1), /size, kB +90 +<= 80 +70 +BROKEN$/);
  });
});
