// Whose `fetch` a function is. A tool that puts its own in the place of the runtime's may repeat what it likes, so a function that is not
// recognised for sure is nobody's.

// The last function that was recognised by its text alone, which cannot change: to read it takes a while.
let known;
let knownRuntime;

/**
 * The runtime that `fetch` is a part of, in a version whose errors were studied or a later one: Node from 20.16 on, as older ones don't say
 * what they posted; Bun from 1.4.5 on, as before 1.4 it posts again by itself and then says that the connection was refused; Deno from
 * 2.9.6 on.
 *
 * @returns {"node" | "bun" | "deno" | undefined}
 */
export function runtimeOf(fetch) {
  if (fetch === known && fetch !== undefined) return knownRuntime;
  const source = sourceOf(fetch);
  if (source === undefined) return undefined;
  if (source === "function fetch() { [native code] }") {
    return isBuns(fetch) && atLeast(versionOf("Bun"), [1, 4, 5]) ? "bun" : undefined;
  }
  // No module outside of Node can load that one.
  if (source.includes("require('internal/deps/undici/undici')")) knownRuntime = "node";
  // It only calls the function that does the work.
  else if (source.startsWith("function fetch(...") && source.includes("return lazyFetch().fetch(...") && source.length < 100) {
    if (!denoPostsOnce()) return undefined;
    knownRuntime = "deno";
  } else return undefined;
  known = fetch;
  return knownRuntime;
}

/**
 * Whether this is a Deno that never posts again on a new connection. From 2.7 to 2.9.5 it does, and then may say that it could not connect.
 */
export function denoPostsOnce() {
  return atLeast(versionOf("Deno"), [2, 9, 6]);
}

/** The text of a function; what a function says of itself may be a lie. */
function sourceOf(value) {
  try {
    return typeof value === "function" ? Function.prototype.toString.call(value) : undefined;
  } catch {
    return undefined;
  }
}

/** A function that Bun compiled shows no text, and neither does one that was bound or mocked. */
function isBuns(fetch) {
  try {
    const { mock, name, preconnect } = fetch;
    return name === "fetch" && mock === undefined && sourceOf(preconnect) === "function preconnect() { [native code] }";
  } catch {
    return false;
  }
}

function versionOf(name) {
  try {
    const { version } = globalThis[name];
    return name === "Deno" ? version.deno : version;
  } catch {
    return undefined;
  }
}

function atLeast(version, oldest) {
  const numbers = typeof version === "string" ? /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1) : undefined;
  if (numbers === undefined) return false;
  const place = oldest.findIndex((least, i) => Number(numbers[i]) !== least);
  return place < 0 || Number(numbers[place]) > oldest[place];
}
