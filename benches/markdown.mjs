// The record in Markdown: all of it, and what the README says.
import { summary } from "./chart.mjs";
import { clients, handWritten } from "./clients.mjs";
import { digits, holds, percent, row } from "./report.mjs";

/** @typedef {import("./report.mjs").Record} Record */

const [ours, ...others] = clients;
const begin = "<!-- Down to the next such line: written by `cargo xtask bench`. -->";
const end = "<!-- Up to here. -->";

/** The README with the record's figures in the place of those that it had. */
export function intoReadme(readme, record) {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`The README has no place for the figures: ${begin} and ${end}`);
  return `${before}${begin}\n${readmeSection(record)}${end}${after}`;
}

/** What the README says of the record. @param {Record} record */
export function readmeSection(record) {
  const parts = [
    conditions(record),
    threeFigures(record),
    `![${summary(record)}](benches/results/figures.svg)`,
    clientTable(record),
    startTable(record),
    sendTable(record),
    checkTable(record),
    ahead(record),
  ];
  return `\n${parts.join("\n\n")}\n\n`;
}

function conditions({ date, machine, versions }) {
  const { processor, processors, architecture } = machine;
  const runtimes = ["Node", "Deno", "Bun", "workerd"].map((name) => `${name} ${versions[name]}`);
  const own = ["Node", "Deno", "Bun", "workerd", ours.name, "numbering data"];
  const peers = Object.entries(versions).filter(([name]) => !own.includes(name));
  return `paydunya-crm ${versions[ours.name]}, measured on ${date} with ${list(runtimes)}, on ${processors} cores of ${processor} (${architecture}) and over loopback. Medians of interleaved runs; the less the better. Beside it: ${list(peers.map(([name, version]) => `${name} ${version}`))}.`;
}

function threeFigures(record) {
  const value = (id, subject = ours.name) => digits(row(record, id, subject).value.median);
  const brotli = record.figures.some(({ id }) => id === "bundle-node-brotli") ? `, ${value("bundle-node-brotli")} kB with brotli` : "";
  const times = (pair) => digits(row(record, "judgement-check", pair).ratio.median);
  const [usual, quickest] = ["usual-pair", "quickest-pair"].map((id) => record.budgets.find((budget) => budget.id === id).what.replace("check against ", ""));
  return markdownTable(["", "", ""], [
    ["on the wire", `**${value("bundle-node-gzip")} kB**`, `gzip${brotli}: all that a program needs that makes a client and sends; ${value("bundle-workerd-gzip")} kB in a Worker`],
    ["to the first message", `**${value("start-node-message-wall")} ms**`, `after the start of Node, which itself is not counted; a login and the answers of a server on loopback are. A hand-written \`fetch\` takes ${value("start-node-message-wall", handWritten.name)} ms`],
    ["a checked message", `**1/${times(usual)}**`, `of what it costs with ${usual}, and 1/${times(quickest)} of what it costs with the quickest pair, ${quickest}: ${digits(row(record, "judgement-check", "check").value.median / 1000)} µs for number and text`],
  ]);
}

function clientTable(record) {
  const columns = [
    ["installed", "installed-megabytes", "MB"],
    ["packages", "installed-packages", ""],
    ["bundle for Node, gzip", "bundle-node-gzip", "kB"],
    ["for a Worker, gzip", "bundle-workerd-gzip", "kB"],
    ["start of Node to a client, CPU", "start-node-client-cpu", "ms"],
    ["to the first message", "start-node-message-wall", "ms"],
  ];
  const rows = clients.map(({ name }) => [
    name,
    ...columns.map(([, id, unit]) => cell(row(record, id, name), unit)),
    `${digits(perMessage(record, name))} µs`,
    types(record, name),
  ]);
  return markdownTable(["", ...columns.map(([heading]) => heading), "CPU per message sent, 50 in a POST where it can", "TypeScript's check, beside no import"], rows);
}

/** Ours fifty in a POST, the others' one, as that is what they can. */
function perMessage(record, name) {
  return row(record, name === ours.name ? "send-50-1-cpu" : "send-1-1-cpu", name).value.median;
}

function types(record, name) {
  const { value, missing } = row(record, "types-cpu", name);
  return missing ?? `× ${(value.median / row(record, "types-cpu", "nothing").value.median).toFixed(2)}`;
}

function startTable(record) {
  const runtimes = ["Node", "Deno", "Bun", "workerd"];
  const cells = (mark, subject) => runtimes.map((runtime) => {
    const of = (clock) => row(record, `start-${runtime.toLowerCase()}-${mark}-${clock}`, subject);
    return of("cpu").missing ?? `${digits(of("cpu").value.median)} ms (${digits(of("wall").value.median)} ms)`;
  });
  return markdownTable(
    ["CPU (and time) over the bare runtime", ...runtimes],
    [
      ["until there is a client", ...cells("client", ours.name)],
      ["until a message is checked", ...cells("check", ours.name)],
      ["until a message is sent, with a login", ...cells("message", ours.name)],
      ["the same, by a hand-written `fetch`", ...cells("message", handWritten.name)],
    ],
  );
}

function sendTable(record) {
  const times = (id, subject) => `× ${row(record, id, subject).ratio.median.toFixed(2)}`;
  const figure = (id) => record.figures.find((figure) => figure.id === id);
  const [count] = figure("campaign-20-wall").title.split(" ");
  const heap = figure("memory-heap").rows;
  const memory = heap.map(({ subject, value }) => `${digits(value.median)} MiB for ${subject}`);
  return `${markdownTable(
    ["beside a hand-written `fetch` of the same JSON", "CPU", "time"],
    [
      ["`send` of 1, one after the other", times("send-1-1-cpu", ours.name), times("send-1-1-wall", ours.name)],
      ["`send` of 50, one after the other", times("send-50-1-cpu", ours.name), times("send-50-1-wall", ours.name)],
      ["`send` of 50, 50 at once", times("send-50-50-cpu", ours.name), times("send-50-50-wall", ours.name)],
      [`\`sendAll\` of ${count}, answers after 20 ms`, times("campaign-20-cpu", "sendAll"), times("campaign-20-wall", "sendAll")],
      [`\`sendAll\` of ${count}, answers at once`, times("campaign-0-cpu", "sendAll"), times("campaign-0-wall", "sendAll")],
    ],
  )}\n\nWhat the hand-written one does not do is to check, to match the answer to the messages and to know what may be sent again. JavaScript's heap during \`sendAll\`, at most: ${list(memory)}.`;
}

function checkTable(record) {
  const { rows } = record.figures.find(({ id }) => id === "judgement-check");
  const perSecond = (id, subject) => Number((1e9 / row(record, id, subject).value.median).toPrecision(3)).toLocaleString("en");
  const numbers = (subject) => perSecond("judgement-numbers", subject);
  const texts = (subject) => perSecond("judgement-french-texts", subject);
  const batched = "check, 50 at once";
  return `${markdownTable(
    ["number and text of 50 messages, 86 characters each", "CPU per message", ""],
    rows.map(({ subject, value, ratio }) => [subject === "check" ? "`check`" : subject, `${digits(value.median / 1000)} µs`, `× ${digits(ratio.median)}`]),
  )}\n\nIn a second of CPU \`check\` judges ${perSecond("judgement-check", "check")} such messages, or ${numbers(batched)} numbers of the whole world alone, or ${texts(batched)} French texts. The others: ${list(
    [
      ...["libphonenumber-js/max", "google-libphonenumber"].map((name) => `${name} ${numbers(name)} numbers`),
      ...["sms-segments-calculator", "split-sms"].map((name) => `${name} ${texts(name)} texts`),
    ],
  )}.`;
}

/** Where another client has the smaller figure. */
function ahead(record) {
  const subjects = [
    ["installed", "installed-megabytes", "MB"],
    ["bundled for Node, gzip", "bundle-node-gzip", "kB"],
    ["bundled for a Worker, gzip", "bundle-workerd-gzip", "kB"],
    ["from the start of Node to a client, CPU", "start-node-client-cpu", "ms"],
    ["from the start of Node to the first message", "start-node-message-wall", "ms"],
  ];
  const lines = subjects.flatMap(([what, id, unit]) => {
    const own = row(record, id, ours.name).value.median;
    const better = others
      .map(({ name }) => ({ name, value: row(record, id, name).value?.median }))
      .filter(({ value }) => value < own)
      .sort((a, b) => a.value - b.value);
    const named = better.map(({ name, value }) => `${name} ${digits(value)} ${unit}`);
    return named.length > 0 ? [`- ${what}: ${list(named)}, against ${digits(own)} ${unit}`] : [];
  });
  return lines.length > 0 ? `Others are ahead here:\n\n${lines.join("\n")}` : "None of the others is ahead in size or start.";
}

/** All figures, and whether the budgets hold. @param {Record} record */
export function fullTables(record) {
  const sections = record.figures.map(({ title, unit, rows }) => {
    const cells = rows.map(({ subject, value, ratio, missing }) =>
      value ? [subject, digits(value.median), percent(value), ratio ? digits(ratio.median) : "", ratio ? percent(ratio) : ""] : [subject, missing, "", "", ""],
    );
    return `## ${title}, ${unit}\n\n${markdownTable(["", "median", "spread", "ratio", "spread"], cells)}`;
  });
  const budgets = record.budgets.map((budget) => {
    const { what, unit, value, atMost, atLeast, aim } = budget;
    const limit = atMost === undefined ? `at least ${digits(atLeast)}` : `at most ${digits(atMost)}`;
    return [unit ? `${what}, ${unit}` : what, digits(value), limit, aim === undefined ? "" : digits(aim), holds(budget) ? "holds" : "broken"];
  });
  const parts = [
    "# Figures",
    "Written by `cargo xtask bench`, from `figures.json`. The spread is the distance of the farther quartile from the median; a ratio is to the first row.",
    conditions(record),
    `## Budgets\n\n${markdownTable(["", "", "budget", "aim", "verdict"], budgets)}`,
    ...sections,
  ];
  return `${parts.join("\n\n")}\n`;
}

function cell({ value, missing }, unit) {
  // Why it is so stands in the full tables.
  return missing ? "fails" : `${digits(value.median)}${unit && ` ${unit}`}`;
}

function markdownTable(headings, rows) {
  const line = (cells) => `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
  return [line(headings), line(headings.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

function list(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
