// What a benchmark gives, and how it is shown: one table for the terminal, one for the README.

/**
 * @typedef {{ low: number, median: number, high: number }} Spread  the quartiles over all rounds; alike where nothing varies
 * @typedef {{ subject: string, value?: Spread, ratio?: Spread, missing?: string }} Row  `ratio` is to the first row of the
 *   same rounds; `missing` says why there is no value
 * @typedef {{ id: string, title: string, unit: string, rows: Row[] }} Figure  the less the better
 * @typedef {{ id: string, what: string, unit: string, value: number, atMost?: number, atLeast?: number, aim?: number }} Budget
 * @typedef {{ figures: Figure[], budgets?: Budget[], versions?: Record<string, string> }} Part  what one benchmark gives
 * @typedef {{ date: string, machine: Record<string, string | number>, versions: Record<string, string>, figures: Figure[], budgets: Budget[] }} Record
 */

/** @returns {Spread} */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/** Rows that do not vary, such as sizes; a string in the place of a value says why there is none. */
export function exact(values) {
  const [[, first]] = values;
  const same = (value) => ({ low: value, median: value, high: value });
  return values.map(([subject, value]) =>
    typeof value === "string" ? { subject, missing: value } : { subject, value: same(value), ratio: same(value / first) },
  );
}

/** @param {Budget} budget */
export function holds({ value, atMost = Infinity, atLeast = -Infinity }) {
  return value <= atMost && value >= atLeast;
}

/** Three digits, and thousands apart. */
export function digits(number) {
  if (number === 0) return "0";
  return Math.abs(number) >= 100 ? Math.round(number).toLocaleString("en") : Number(number.toPrecision(3)).toString();
}

/** The larger distance of a quartile from the median, in percent of it. */
export function percent({ low, median, high }) {
  const distance = Math.max(median - low, high - median);
  return distance === 0 ? "" : `±${Math.ceil((100 * distance) / Math.abs(median))} %`;
}

/**
 * The table for the terminal.
 *
 * @param {Pick<Record, "figures" | "budgets">} record
 */
export function table({ figures, budgets }) {
  const line = (name, ...cells) => `${name.padEnd(70)}${cells.map((cell) => cell.padStart(10)).join("")}`.trimEnd();
  const lines = [line("", "median", "spread", "ratio", "spread")];
  for (const { title, unit, rows } of figures) {
    lines.push("", `${title}, ${unit}`);
    for (const { subject, value, ratio, missing } of rows) {
      if (value === undefined) lines.push(`  ${subject.padEnd(68)}   ${missing}`);
      else lines.push(line(`  ${subject}`, digits(value.median), percent(value), ...(ratio ? [digits(ratio.median), percent(ratio)] : [])));
    }
  }
  if (budgets.length > 0) lines.push("", line("budgets", "", "budget", "aim", "verdict"));
  for (const budget of budgets) {
    const { what, unit, value, atMost, atLeast, aim } = budget;
    const limit = atMost === undefined ? `>= ${digits(atLeast)}` : `<= ${digits(atMost)}`;
    lines.push(line(`  ${what}${unit && `, ${unit}`}`, digits(value), limit, aim === undefined ? "" : digits(aim), holds(budget) ? "holds" : "BROKEN"));
  }
  return lines.join("\n");
}

/** The row of a subject in a figure of the record. */
export function row({ figures }, id, subject) {
  const found = figures.find((figure) => figure.id === id)?.rows.find((row) => row.subject === subject);
  if (found === undefined) throw new Error(`There is no ${id} of ${subject}.`);
  return found;
}

/** Numbers as they are recorded: four digits say all that is measured. */
export function rounded(key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
