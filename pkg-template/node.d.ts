/**
 * A journal in a file, for Node, Bun and Deno.
 *
 * @module
 */

import type { Journal } from "./index.js";

/**
 * A {@link Journal} in a file, which only its owner may read: it holds the numbers of your customers, though no texts. A
 * line is on the disk when `append` resolves; lines that are appended at the same time share one sync.
 *
 * One process writes at a time. A second one is refused; what a process that was killed left behind is not.
 *
 * @example
 * const journal = await FileJournal.open("campaign.journal");
 * try {
 *   const report = await crm.sendAll(customers, { journal }).report();
 * } finally {
 *   await journal.close();
 * }
 */
export class FileJournal implements Journal {
  private constructor();

  /**
   * Opens a file, or makes one with the mode 0600, and takes the lock beside it, `<path>.lock`.
   *
   * @throws {Error} where another process has it open, or the folder cannot be written
   */
  static open(path: string): Promise<FileJournal>;

  /** Resolves when the line is on the disk. After a failure every other call rejects with the same error. */
  append(line: string): Promise<void>;

  /** All lines, oldest first; the last may be torn. */
  read(): AsyncIterable<string>;

  /** Waits for lines that are being written, and lets go of the lock. Idempotent. */
  close(): Promise<void>;
}
