import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";

// Functions of descriptors, not file handles: Bun and Deno have all of these.
const [open, close, write, fdatasync, fsync] = [fs.open, fs.close, fs.write, fs.fdatasync, fs.fsync].map((call) => promisify(call));
const { readFile, stat, unlink, utimes, writeFile } = fs.promises;

// A lock is refreshed every so many ms, and one that was not for so many is left over.
const BEAT = 10_000;
const STALE = 60_000;

// The locks of this process: one with its process id that is not among them was left by an earlier one of the same id.
const tokens = (globalThis[Symbol.for("paydunya-crm.locks")] ??= new Set());

/** A journal in a file; index.d.ts documents it. */
export class FileJournal {
  #path;
  #file;
  #lock;
  #waiting = [];
  #flushing;
  #broken;

  constructor(key, path, file, lock) {
    if (key !== tokens) throw new TypeError("FileJournal: open it with `await FileJournal.open(path)`");
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
  }

  static async open(path) {
    path = resolve(path);
    const lock = await Lock.take(path);
    try {
      const file = await open(path, "a", 0o600);
      await syncFolder(dirname(path));
      return new FileJournal(tokens, path, file, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  append(line) {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    });
  }

  async *read() {
    let rest = "";
    for await (const chunk of fs.createReadStream(this.#path, { encoding: "utf8" })) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop();
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  async close() {
    if (this.#file === undefined) return;
    this.#broken ??= new Error(`FileJournal: ${this.#path} was closed`);
    await this.#flushing;
    const file = this.#file;
    this.#file = undefined;
    await close(file);
    await this.#lock.release();
  }

  /** Writes what waits, all of it with one sync, until nothing does. */
  async #flush() {
    // Those that are appended in the same turn go together.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#broken && this.#file === undefined) throw this.#broken;
        await this.#lock.check();
        let bytes = Buffer.from(batch.map(({ line }) => `${line}\n`).join(""));
        while (bytes.length > 0) bytes = bytes.subarray((await write(this.#file, bytes)).bytesWritten);
        await fdatasync(this.#file);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // What is on the disk after a failed write or sync nobody knows, so nothing may follow it.
        this.#broken = error;
        for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(error);
      }
    }
  }
}

/** A file beside the journal that says which process writes it. */
class Lock {
  #path;
  #content;
  #token;
  #beat;

  constructor(path, content, token) {
    this.#path = path;
    this.#content = content;
    this.#token = token;
    this.#beat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => {});
    }, BEAT);
    this.#beat.unref?.();
  }

  static async take(journal) {
    const path = `${journal}.lock`;
    const token = randomUUID();
    const content = JSON.stringify({ pid: process.pid, host: host(), token });
    tokens.add(token);
    for (let tries = 0; tries < 10; tries++) {
      try {
        await writeFile(path, content, { flag: "wx", mode: 0o600 });
        return new Lock(path, content, token);
      } catch (error) {
        if (error.code !== "EEXIST") {
          tokens.delete(token);
          throw error;
        }
      }
      const holder = await leftOver(path);
      if (holder !== undefined) {
        tokens.delete(token);
        throw new Error(
          `FileJournal: ${journal} is open in ${holder}. Close it there first. ` +
            `If that process is gone, try again in ${STALE / 1000} seconds.`,
        );
      }
    }
    tokens.delete(token);
    throw new Error(`FileJournal: ${path} could not be taken`);
  }

  /** Rejects where another process took the lock because this one slept. */
  async check() {
    if ((await readFile(this.#path, "utf8").catch(() => "")) === this.#content) return;
    throw new Error(`FileJournal: another process took ${this.#path}, or it was deleted: nothing more is written here`);
  }

  async release() {
    clearInterval(this.#beat);
    tokens.delete(this.#token);
    if (await this.check().then(() => true, () => false)) await unlink(this.#path).catch(() => {});
  }
}

/** Removes a lock that nobody holds any more; else says who holds it. */
async function leftOver(path) {
  let content, age;
  try {
    content = await readFile(path, "utf8");
    age = await ageOf(path);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
  let holder = {};
  try {
    holder = JSON.parse(content);
  } catch {
    // Its writer was killed, or has not got further yet.
  }
  if (age < STALE && !isGone(holder)) return `process ${holder.pid ?? "?"}`;
  // Many may find it, and whoever is late would remove the lock of the one that was quicker. So who removes it makes this file first, and no
  // two locks have the same content.
  const claim = `${path}.${createHash("sha256").update(content).digest("hex").slice(0, 16)}`;
  try {
    await writeFile(claim, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (await isFresh(claim)) return "another process, which opens it at this moment";
    // Left by one that was killed between two of the lines below.
    await remove(claim);
    return undefined;
  }
  try {
    if ((await readFile(path, "utf8")) === content) await remove(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  } finally {
    await remove(claim);
  }
  return undefined;
}

/** Milliseconds since a file was written or refreshed. */
async function ageOf(path) {
  return Date.now() - (await stat(path)).mtimeMs;
}

async function isFresh(path) {
  try {
    return (await ageOf(path)) < STALE;
  } catch (error) {
    // Its owner is done with it.
    if (error.code === "ENOENT") return true;
    throw error;
  }
}

async function remove(path) {
  try {
    await unlink(path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function isGone({ pid, host: name, token }) {
  if (typeof pid !== "number" || name !== host()) return false;
  if (pid === process.pid) return !tokens.has(token);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function host() {
  try {
    return hostname();
  } catch {
    // Deno was not allowed to.
    return "";
  }
}

/** A file that was made is there after a power cut only if its folder is on the disk too. */
async function syncFolder(path) {
  let folder;
  try {
    folder = await open(path, "r");
    await fsync(folder);
  } catch (error) {
    // Windows syncs no folders.
    if (process.platform !== "win32") throw error;
  } finally {
    if (folder !== undefined) await close(folder);
  }
}
