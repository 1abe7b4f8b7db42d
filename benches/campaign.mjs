// `sendAll` beside the loop that an application would write instead, and the memory that it takes.
//
// Each run is a process of its own: from the first message to the last outcome, after a warm-up. The server answers after
// some ms, as one behind a network does, or at once, so that nothing but processors is waited for.
import { run, server } from "./children.mjs";
import { beside, order } from "./comparison.mjs";
import { exact, row } from "./report.mjs";

const ways = ["hand-written", "sendAll"];
const subjects = ["hand-written loop of fetch", "sendAll"];
const units = { wall: "s", cpu: "s of CPU" };

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure({ quick }) {
  const count = quick ? 10_000 : 100_000;
  const cases = [{ latency: 20, count, rounds: 3 }, { latency: 0, count, rounds: quick ? 3 : 5 }];
  const figures = [];
  for (const each of cases) figures.push(...(await timeFigures(each)));
  const memories = await memoryFigures(quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]);
  const [heap] = memories;
  return {
    figures: [...figures, ...memories],
    budgets: [
      { id: "campaign", what: "sendAll against a hand-written loop, wall", unit: "times", value: row({ figures }, "campaign-20-wall", "sendAll").ratio.median, atMost: 1.1, aim: 1.05 },
      // The compiler's own work and the samples' chance are in it too: a hundred times the messages would need hundreds.
      { id: "memory", what: "growth of sendAll's heap from the fewest messages to the most", unit: "MiB", value: heap.rows.at(-1).value.median - heap.rows[0].value.median, atMost: 8 },
    ],
  };
}

async function timeFigures({ latency, count, rounds }) {
  const { origin, close } = await server(latency);
  const times = ways.map(() => ({ wall: [], cpu: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const place of order(ways.length, round)) {
      const { wall, cpu } = await run("campaign", [ways[place], origin, count]);
      times[place].wall.push(wall);
      times[place].cpu.push(cpu);
    }
  }
  close();
  return Object.entries(units).map(([clock, unit]) => ({
    id: `campaign-${latency}-${clock}`,
    title: `${count.toLocaleString("en")} messages, 4 POSTs at once, answers after ${latency} ms`,
    unit,
    rows: ways.map((_, place) => ({ subject: subjects[place], ...beside(times[place][clock], times[0][clock]) })),
  }));
}

async function memoryFigures(counts) {
  const memories = [];
  for (const count of counts) memories.push([`${count.toLocaleString("en")} messages`, await run("campaign", ["memory", "", count])]);
  const figure = (key, title) => ({ id: `memory-${key}`, title, unit: "MiB at most", rows: exact(memories.map(([name, memory]) => [name, memory[key]])) });
  return [figure("heap", "JavaScript's heap while sendAll takes messages from a generator"), figure("rss", "the process while sendAll takes messages from a generator")];
}
