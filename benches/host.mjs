// What criterion timed and what was counted on the host: `cargo bench` has run before, and left it in a folder.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exact } from "./report.mjs";

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure({ host }) {
  const counted = JSON.parse(readFileSync(join(host, "allocations.json"), "utf8"));
  const each = (key) => counted.map((row) => [row.name, row[key]]);
  return {
    figures: [
      { id: "host-time", title: "on the host, without JavaScript", unit: "ns", rows: timed(join(host, "criterion")) },
      { id: "host-allocations", title: "on the host, without JavaScript", unit: "allocations", rows: withoutRatios(exact(each("allocations"))) },
      { id: "host-bytes", title: "on the host, without JavaScript", unit: "bytes allocated", rows: withoutRatios(exact(each("bytes"))) },
    ],
  };
}

function timed(folder) {
  const found = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith("new/estimates.json"));
  return found.sort().map((path) => {
    const read = (file) => JSON.parse(readFileSync(join(folder, dirname(path), file), "utf8"));
    const { median } = read("estimates.json");
    const { lower_bound: low, upper_bound: high } = median.confidence_interval;
    return { subject: read("benchmark.json").full_id, value: { low, median: median.point_estimate, high } };
  });
}

// They are different pieces of work.
function withoutRatios(rows) {
  return rows.map(({ subject, value }) => ({ subject, value }));
}
