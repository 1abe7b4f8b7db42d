// As much text as the wasm is given at once.
const CHUNK = 65_536;

const inUse = new WeakSet();

/**
 * The caller's own journal, while one campaign or one reconcile uses it.
 *
 * @param {unknown} journal an object with the methods of `Journal` in index.d.ts
 */
export function openJournal(journal) {
  if (inUse.has(journal)) throw new Error("The journal is in use.");
  inUse.add(journal);
  return new OpenJournal(journal);
}

class OpenJournal {
  #journal;
  #chunks;

  constructor(journal) {
    this.#journal = journal;
  }

  /** Resolves to some more lines, or to nothing after the last. */
  async next() {
    this.#chunks ??= this.#read();
    return (await this.#chunks.next()).value;
  }

  async append(line) {
    await this.#journal.append(line);
  }

  close() {
    inUse.delete(this.#journal);
  }

  async *#read() {
    let [lines, length] = [[], 0];
    for await (const line of this.#journal.read()) {
      if (typeof line !== "string") throw new TypeError("A journal gives strings.");
      lines.push(line);
      length += line.length;
      if (length < CHUNK) continue;
      yield lines.join("\n");
      [lines, length] = [[], 0];
    }
    if (lines.length > 0) yield lines.join("\n");
  }
}
