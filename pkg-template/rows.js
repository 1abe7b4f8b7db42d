// Reads the messages of a caller in one go: field by field they would cross into wasm at ten times the cost.

const FIELDS = ["to", "text", "from", "id"];
const TO = 0;
const TEXT = 1;

// What stands behind each string: a noncharacter, for which only unusual text has to be searched.
const END = "\ufffe";

// What stands at a field; 0 is nothing.
const STRING = 1;
const OTHER = 2;
const THROWS = 3;

/**
 * Reads each field of the rows `from` to `to` (without it) once, in the order of {@link FIELDS}, `text` in NFC. A row
 * may be a class with getters, so its prototypes count, but `Object.prototype`, which anybody may have polluted, doesn't.
 *
 * @param {ArrayLike<unknown>} rows
 * @param {number} from
 * @param {number} to
 * @returns {{ kinds: Uint8Array, strings: string, others: unknown[], receivers: (string | undefined)[], texts: (string | undefined)[] }} one
 * kind per field; the strings, each with {@link END} behind it; what is no string, or one with that or with half of a character in it; and
 * number and text of each row, for receipts
 * @throws what the rows throw, though not what their fields throw
 */
export function readRows(rows, from, to) {
  const polluted = FIELDS.map((name) => name in Object.prototype);
  const kinds = new Uint8Array((to - from) * FIELDS.length);
  let strings = "";
  const others = [];
  const receivers = [];
  const texts = [];
  let place = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    let receiver;
    let text;
    for (let field = 0; field < FIELDS.length; field++, place++) {
      if (typeof row !== "object" || row === null) continue;
      let value;
      try {
        if (polluted[field] && !isOwn(row, FIELDS[field])) continue;
        value = read(row, field);
      } catch {
        kinds[place] = THROWS;
        continue;
      }
      if (value === undefined) continue;
      if (typeof value === "string") {
        const plain = !UNUSUAL.test(value);
        if (!plain && field === TEXT) value = value.normalize();
        if (field === TO) receiver = value;
        if (field === TEXT) text = value;
        if (plain || (isWellFormed(value) && !value.includes(END))) {
          kinds[place] = STRING;
          strings += value;
          strings += END;
          continue;
        }
      }
      kinds[place] = OTHER;
      others.push(value);
    }
    receivers.push(receiver);
    texts.push(text);
  }
  return { kinds, strings, others, receivers, texts };
}

/** The field of a row. By its name in a variable, it would have to be looked for. */
function read(row, field) {
  switch (field) {
    case 0:
      return row.to;
    case 1:
      return row.text;
    case 2:
      return row.from;
    default:
      return row.id;
  }
}

// Text without these is well-formed and in NFC: the first combining mark is U+0300, and no dash, quotation mark or
// currency sign from U+2010 to U+20BF is composed with anything. With a character up to U+00FF among them, the runtime
// would have to look at texts that have no others too.
const UNUSUAL = /[^\0-\u02ff\u2010-\u20bf]/;

// Browsers before 2023 lack the method. With the flag, pairs don't match.
const isWellFormed = (text) => text.isWellFormed?.() ?? !/[\ud800-\udfff]/u.test(text);

/** Whether the row or one of its classes has the field. */
function isOwn(row, name) {
  for (let holder = row; holder !== null && holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    if (Object.getOwnPropertyDescriptor(holder, name) !== undefined) return true;
  }
  return false;
}
