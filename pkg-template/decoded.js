/**
 * The bytes that the build wrote as text; xtask/src/printable.rs describes the form.
 *
 * @param {string} text
 */
export function decoded(text) {
  const digits = new Uint8Array(127);
  let digit = 0;
  for (let code = 33; code < 127; code++) {
    if (!"\"$'<\\`".includes(String.fromCharCode(code))) digits[code] = digit++;
  }

  let position = 0;
  function next() {
    const first = digits[text.charCodeAt(position++)];
    return first < 86 ? first : (first - 85) * 86 + digits[text.charCodeAt(position++)];
  }

  const order = Uint8Array.from({ length: 256 }, next);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  while (position < text.length) bytes[length++] = order[next()];
  return bytes.subarray(0, length);
}
