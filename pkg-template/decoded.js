import decoder from "./decoder.wasm.js";

/**
 * The bytes that the build wrote as text; xtask/src/printable.rs describes the form.
 *
 * @param {string} text
 */
export function decoded(text) {
  const { memory, decode } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(decoder))).exports;
  // Before the text stands what a character stands for; decoder.wat has more.
  const start = 3 * 128;
  memory.grow(Math.ceil((start + text.length) / 65536));
  const bytes = new Uint8Array(memory.buffer);

  const digits = [];
  for (let char = 33; char < 127; char++) {
    if (!"\"$'<\\`".includes(String.fromCharCode(char))) digits.push(char);
  }
  for (let code = 0; code < 256; code++) {
    bytes[Math.floor(code / 86) * 128 + digits[code % 86]] = parseInt(text.slice(2 * code, 2 * code + 2), 16);
  }

  const first = start + 512;
  new TextEncoder().encodeInto(text, bytes.subarray(start));
  return bytes.subarray(first, decode(first, start + text.length));
}
