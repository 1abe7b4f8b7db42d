// Times several ways of doing the same work against each other.
//
// The rounds are interleaved: in each, every contender runs once, so that a machine that slows down slows all of them,
// and a ratio is that of two runs within one round. Time is the CPU time of this process, its compiler and garbage
// collector included, because a wall clock also counts what other programs do meanwhile.

/**
 * @typedef {{ name: string, run: () => unknown, rows: number }} Contender  `run` does the work of so many rows
 * @typedef {{ low: number, median: number, high: number }} Spread  the quartiles over all rounds
 * @typedef {{ name: string, nanoseconds: Spread, times: Spread }} Result  per row; `times` is that time over the first contender's
 */

/**
 * Runs all contenders in turn and compares them with the first.
 *
 * @param {Contender[]} contenders
 * @param {{ rounds: number, milliseconds: number }} effort how many rounds, and how long each contender runs in one
 * @returns {Result[]}
 */
export function compare(contenders, { rounds, milliseconds }) {
  const runs = contenders.map((contender) => warmUp(contender, milliseconds));
  const times = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Forwards and backwards, so that nobody always runs behind the same neighbour.
    const order = [...contenders.keys()];
    if (round % 2 === 1) order.reverse();
    for (const place of order) {
      const { run, rows } = contenders[place];
      times[place].push((time(run, runs[place]) * 1e6) / (runs[place] * rows));
    }
  }
  return contenders.map(({ name }, place) => ({
    name,
    nanoseconds: spread(times[place]),
    times: spread(times[place].map((time, round) => time / times[0][round])),
  }));
}

/** Runs until the compiler has done its work; gives how many runs fill the time of a round. */
function warmUp({ run }, milliseconds) {
  let runs = 1;
  let spent = 0;
  for (;;) {
    const now = time(run, runs);
    spent += now;
    if (now >= milliseconds && spent >= WARM_UP) return Math.max(1, Math.round((runs * milliseconds) / now));
    if (now < milliseconds) runs = Math.ceil(runs * Math.min(10, Math.max(1.5, milliseconds / Math.max(now, 0.1))));
  }
}

/** Milliseconds. */
const WARM_UP = 300;

let sink;

/** Milliseconds of so many runs. */
function time(run, runs) {
  // What the one before left behind is not this one's cost.
  globalThis.gc?.({ type: "minor" });
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) sink = run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
