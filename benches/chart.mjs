// The chart of the README: what clients weigh and take to start, and what a checked message costs.
//
// Bars begin at zero and are as long as what they stand for. The colours can be read on white and on black.
import { clients } from "./clients.mjs";
import { digits, row } from "./report.mjs";

const width = 840;
const line = 22;
const colours = { text: "#797f87", others: "#8b949e", ours: "#3b82f6" };

/** @param {import("./report.mjs").Record} record */
export function chart(record) {
  const names = clients.map(({ name }) => name);
  const of = (id) => names.map((name) => ({ label: name, value: row(record, id, name).value?.median }));
  const checked = record.figures.find(({ id }) => id === "judgement-check").rows.map(({ subject, value }) => ({
    label: subject === "check" ? "paydunya-crm: check" : subject,
    value: value.median / 1000,
  }));
  const below = 64 + names.length * line + 26;
  const height = below + 30 + checked.length * line + 8;
  const parts = [
    labels(names, { x: 150, y: 64 }),
    panel("Bundled to make a client and send: kB, gzip", of("bundle-node-gzip"), { x: 160, y: 64, room: 330 }),
    panel("Start in Node, to a client: ms of CPU", of("start-node-client-cpu"), { x: 530, y: 64, room: 305 }),
    labels(checked.map(({ label }) => label), { x: 362, y: below + 30 }),
    panel("Number and text of one message checked: µs of CPU", checked, { x: 372, y: below + 30, room: 460 }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(summary(record))}">
<style>text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: ${colours.text} } .title { font-weight: 600 } .ours { fill: ${colours.ours}; font-weight: 600 } .number { font-variant-numeric: tabular-nums }</style>
<text x="0" y="18">Less is better. ${escaped(conditions(record))}</text>
${parts.flat().join("\n")}
</svg>
`;
}

function labels(names, { x, y }) {
  return names.map((name, i) => `<text x="${x}" y="${y + i * line + 15}" text-anchor="end"${i === 0 ? ' class="ours"' : ""}>${escaped(name)}</text>`);
}

function panel(title, bars, { x, y, room }) {
  // Behind the longest bar its number has to fit.
  const scale = (room - 60) / Math.max(...bars.map(({ value }) => value));
  return [
    `<text x="${x}" y="${y - 12}" class="title">${escaped(title)}</text>`,
    ...bars.flatMap(({ value }, i) => {
      const length = Math.max(1, Math.round(value * scale * 10) / 10);
      const top = y + i * line;
      return [
        `<rect x="${x}" y="${top + 3}" width="${length}" height="${line - 8}" rx="2" fill="${i === 0 ? colours.ours : colours.others}"/>`,
        `<text x="${Math.round(x + length + 6)}" y="${top + 15}" class="number${i === 0 ? " ours" : ""}">${digits(value)}</text>`,
      ];
    }),
  ];
}

function conditions({ date, versions, machine }) {
  return `${date}, paydunya-crm ${versions["paydunya-crm"]}, Node ${versions.Node}, ${machine.processors} cores of ${machine.processor}.`;
}

/** For whoever cannot see it. */
export function summary(record) {
  const of = (id) => digits(row(record, id, "paydunya-crm").value.median);
  const check = digits(row(record, "judgement-check", "check").value.median / 1000);
  return `Bars of paydunya-crm beside other SMS clients: ${of("bundle-node-gzip")} kB bundled, ${of("start-node-client-cpu")} ms of CPU to start, ${check} µs for each checked message; the tables below have the others' figures.`;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char]);
}
