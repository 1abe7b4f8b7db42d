// The programs that a runner starts. They end with the row of the matrix, whatever becomes of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export class Processes {
  #children = new Set();

  /** Starts a program; its process is one of those that end with the row. */
  start(file, args, options = {}) {
    // In a group of its own, so that what it starts ends with it.
    const child = spawn(file, args, { detached: true, ...options });
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  /** Runs a program to its end and gives its standard output; rejects with what it wrote if it fails. */
  async output(file, args, { env, ...options } = {}) {
    const stdio = ["ignore", "pipe", "pipe"];
    const child = this.start(file, args, { ...options, env: { ...process.env, ...env }, stdio });
    const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    if (code === 0) return output;
    throw new Error(`${file} ${args.join(" ")} ended with ${code}.\n${tail(output)}${tail(errors)}`);
  }

  /** Ends all that still runs. */
  stop() {
    for (const { pid } of this.#children) {
      try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
  }
}

/** The origin on loopback that a server names when it listens; `onLine` gets each line that it writes, here and after. */
export async function listening(child, onLine = () => {}) {
  // Deno says it on its standard error.
  const outputs = [child.stdout, child.stderr].map((input) => createInterface({ input }).on("line", onLine));
  const named = new Promise((resolve) => {
    const look = (line) => {
      const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (origin) resolve(origin);
    };
    for (const output of outputs) output.on("line", look);
  });
  const early = once(child, "close").then(([code, signal]) => {
    throw new Error(`It ended with ${code ?? signal} before it listened.`);
  });
  return Promise.race([named, early]);
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const tail = (text) => text.slice(-4000);
