import { cannotCompile, startFailure, withoutWebAssembly } from "./start-failure.js";

/**
 * The module that a caller gives, or the bytes of one; either may come from another realm.
 *
 * @param {WebAssembly.Module | ArrayBuffer | ArrayBufferView} wasm
 * @param {string} file where to find it
 * @param {string} name of an export that tells it from others
 */
export function givenModule(wasm, file, name) {
  if (typeof WebAssembly === "undefined") throw withoutWebAssembly();
  const wasmModule = isBytes(wasm) ? compiled(wasm, file) : wasm;
  if (!exported(wasmModule, file).some((one) => one.name === name)) throw refused(file, "another WebAssembly");
  return wasmModule;
}

function isBytes(value) {
  const tag = Object.prototype.toString.call(value);
  return ArrayBuffer.isView(value) || tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function compiled(bytes, file) {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  // "\0asm": that something else does not compile is not the runtime's fault.
  if (![0, 97, 115, 109].every((byte, index) => view[index] === byte)) {
    throw refused(file, "bytes that are no WebAssembly");
  }
  try {
    return new WebAssembly.Module(view);
  } catch (error) {
    throw cannotCompile(error);
  }
}

function exported(wasmModule, file) {
  try {
    return WebAssembly.Module.exports(wasmModule);
  } catch (error) {
    throw refused(file, described(wasmModule), error);
  }
}

function described(value) {
  if (typeof value?.then === "function") return "a promise: await it";
  if (typeof value?.arrayBuffer === "function") return "a response or a file: await its arrayBuffer()";
  if (typeof value?.default === "object") return "a namespace: give its default";
  if (value === null) return "null";
  return typeof value === "object" ? "another object" : typeof value;
}

function refused(file, got, cause) {
  return startFailure("wrong-type", `initialize: expected ${file} as a WebAssembly.Module or its bytes, got ${got}`, cause);
}
