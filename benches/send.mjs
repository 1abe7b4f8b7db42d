// What sending costs beside a hand-written fetch, in POSTs of one message and of fifty; the server is another process.
import { run, server } from "./children.mjs";
import { clients, handWritten } from "./clients.mjs";
import { beside, order } from "./comparison.mjs";
import { row } from "./report.mjs";

const schedules = { 1: "one after the other", 50: "50 at once" };
const units = { cpu: "µs of CPU", wall: "µs" };
const [ours] = clients;

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure({ quick }) {
  // Short rounds and many: what else a machine does lasts for some tenths of a second, and a ratio must be of one moment.
  const effort = { rounds: quick ? 21 : 61, milliseconds: 25 };
  const times = await timesOfAll(JSON.stringify(effort), quick ? 1 : 3);
  const figures = Object.entries(schedules).flatMap(([atOnce, schedule]) =>
    Object.entries(units).flatMap(([clock, unit]) => figuresOf({ times, atOnce, schedule, clock, unit })),
  );
  figures.push(perMessage(figures));
  const ratio = row({ figures }, "send-50-1-cpu", ours.name).ratio.median;
  return {
    figures,
    budgets: [{ id: "send", what: "send of 50 against a hand-written fetch, CPU", unit: "times", value: ratio, atMost: 1.25, aim: 1.1 }],
  };
}

/** For each client, by how many are under way and by contender: the times of all rounds. Several processes, as no two are alike. */
async function timesOfAll(effort, processes) {
  const { origin, close } = await server();
  const times = Object.fromEntries(clients.map(({ name }) => [name, { 1: {}, 50: {} }]));
  for (let round = 0; round < processes; round++) {
    for (const place of order(clients.length, round)) {
      const { name, file } = clients[place];
      for (const [atOnce, contenders] of Object.entries(await run("send", [file, origin, effort]))) {
        for (const [contender, { cpu, wall }] of Object.entries(contenders)) {
          const all = (times[name][atOnce][contender] ??= { cpu: [], wall: [] });
          all.cpu.push(...cpu);
          all.wall.push(...wall);
        }
      }
    }
  }
  close();
  return times;
}

function figuresOf({ times, atOnce, schedule, clock, unit }) {
  // Each against the fetch in its own process.
  const line = (subject, name, contender, base) => {
    const { [contender]: own, [base]: fetch } = times[name][atOnce];
    const nanoseconds = beside(own[clock], fetch[clock]);
    return { subject, ...nanoseconds, value: scaled(nanoseconds.value, 1e-3) };
  };
  const figure = (size, title, rows) => ({ id: `send-${size}-${atOnce}-${clock}`, title: `${title}, ${schedule}`, unit: `${unit} per message`, rows });
  return [
    figure(1, "sending one message in a POST", [
      line(handWritten.name, ours.name, "fetch-1", "fetch-1"),
      ...clients.map(({ name }) => line(name, name, "client-1", "fetch-1")),
    ]),
    figure(50, "sending 50 messages in a POST", [
      line(handWritten.name, ours.name, "fetch-50", "fetch-50"),
      line(ours.name, ours.name, "client-50", "fetch-50"),
    ]),
  ];
}

/** What a message costs in the largest POST that each can make; the ratios are those of medians, as the processes differ. */
function perMessage(figures) {
  const value = (size, subject) => row({ figures }, `send-${size}-1-cpu`, subject).value;
  const rows = [
    { subject: `${ours.name}, 50 in a POST`, value: value(50, ours.name) },
    { subject: `${handWritten.name}, 50 in a POST`, value: value(50, handWritten.name) },
    ...[ours, handWritten, ...clients.slice(1)].map(({ name }) => ({ subject: `${name}, one in a POST`, value: value(1, name) })),
  ];
  const ratio = ({ median }) => ({ low: median, median, high: median });
  const [first] = rows;
  return {
    id: "send-message",
    title: "sending a message, one POST after the other",
    unit: "µs of CPU per message",
    rows: rows.map((row) => ({ ...row, ratio: scaled(ratio(row.value), 1 / first.value.median) })),
  };
}

function scaled({ low, median, high }, factor) {
  return { low: low * factor, median: median * factor, high: high * factor };
}
