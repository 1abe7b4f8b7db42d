// Times several ways of doing the same work against each other, in one process.
//
// The rounds are interleaved: in each, every contender runs once, so that a machine that slows down slows all of them,
// and a ratio is that of two runs within one round. CPU time is that of this process, its compiler and garbage collector
// included: a wall clock also counts what other programs do meanwhile.
import { spread } from "./report.mjs";

/**
 * @typedef {import("./report.mjs").Spread} Spread
 * @typedef {{ name: string, run: () => unknown, rows: number, atOnce?: number }} Contender  `run` does the work of so many
 *   rows; where it returns a promise, `atOnce` says how many of them are under way at a time
 * @typedef {{ cpu: number[], wall: number[] }} Times  nanoseconds per row, for each round
 * @typedef {{ rounds: number, milliseconds: number, warmUp?: number }} Effort  how many rounds, how many milliseconds of CPU
 *   each contender has in one, and how many at least before the first
 */

/**
 * Runs all contenders in turn.
 *
 * @param {Contender[]} contenders
 * @param {Effort} effort
 * @returns {Promise<Times[]>} for each contender
 */
export async function timed(contenders, { rounds, milliseconds, warmUp = 300 }) {
  const runs = [];
  for (const contender of contenders) runs.push(await warmedUp(contender, milliseconds, warmUp));
  const times = contenders.map(() => ({ cpu: [], wall: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const place of order(contenders.length, round)) {
      const { cpu, wall } = await time(contenders[place], runs[place]);
      const rows = runs[place] * contenders[place].rows;
      times[place].cpu.push((cpu * 1e6) / rows);
      times[place].wall.push((wall * 1e6) / rows);
    }
  }
  return times;
}

/** Forwards and backwards, so that nobody always runs behind the same neighbour. */
export function order(count, round) {
  const places = Array.from({ length: count }, (_, place) => place);
  return round % 2 === 1 ? places.reverse() : places;
}

/**
 * The quartiles of the values, and those of their ratios to the values of the same rounds in `base`.
 *
 * @param {number[]} values
 * @param {number[]} base
 */
export function beside(values, base) {
  return { value: spread(values), ratio: spread(values.map((value, round) => value / base[round])) };
}

/** Runs until the compiler has done its work; gives how many runs fill a round. By CPU time: on a busy machine little gets done in a second. */
async function warmedUp(contender, milliseconds, warmUp) {
  let runs = contender.atOnce ?? 1;
  let spent = 0;
  for (;;) {
    const { cpu } = await time(contender, runs);
    spent += cpu;
    if (cpu >= milliseconds && spent >= warmUp) return Math.max(1, Math.round((runs * milliseconds) / cpu));
    if (cpu < milliseconds) runs = Math.ceil(runs * Math.min(10, Math.max(1.5, milliseconds / Math.max(cpu, 0.1))));
  }
}

let sink;

/** Milliseconds of so many runs. */
async function time({ run, atOnce }, runs) {
  // What the one before left behind is not this one's cost.
  globalThis.gc?.({ type: "minor" });
  const before = process.cpuUsage();
  const start = performance.now();
  if (atOnce === undefined) {
    for (let i = 0; i < runs; i++) sink = run();
  } else {
    let left = runs;
    const work = async () => {
      while (left-- > 0) sink = await run();
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall };
}
