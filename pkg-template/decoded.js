/**
 * The bytes that the build wrote as text; xtask/src/printable.rs describes the form.
 *
 * @param {string} text
 */
export function decoded(text) {
  const digits = [];
  for (let char = 33; char < 127; char++) {
    if (!"\"$'<\\`".includes(String.fromCharCode(char))) digits.push(char);
  }

  // By character: one that stands alone, one after `}`, one after `~`.
  const byteOf = new Uint8Array(3 * 128);
  for (let code = 0; code < 256; code++) {
    const place = Math.floor(code / 86) * 128 + digits[code % 86];
    byteOf[place] = parseInt(text.slice(2 * code, 2 * code + 2), 16);
  }

  // In place: a byte never takes less than a character.
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let position = 512; position < bytes.length; position++) {
    const char = bytes[position];
    bytes[length++] = byteOf[char < 125 ? char : (char - 124) * 128 + bytes[++position]];
  }
  return bytes.subarray(0, length);
}
