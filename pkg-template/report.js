// Makes the results of the judgement and of a send from a list of numbers and one string. Setting the fields of an object one by one
// from wasm takes ten times as long. src/js/report.rs writes what these functions read, in the same order.

/** @returns a `CheckReport` */
export const readReport = (numbers, strings) => report(new Tape(numbers, strings));

/**
 * @param {string[]} receivers the numbers that were sent as they were given, by index
 * @param {string[]} texts the same of texts
 * @returns a `SendReceipt`
 */
export const readReceipt = (numbers, strings, receivers, texts) => receipt(new Tape(numbers, strings), receivers, texts);

/** @returns a `Phone` */
export const readPhone = (numbers, strings) => phone(new Tape(numbers, strings));

/** @returns a `PhoneRefusal` */
export const readRefusal = (numbers, strings) => refusal(new Tape(numbers, strings));

/** @returns a `TextMeasure` */
export const readMeasure = (numbers, strings) => measure(new Tape(numbers, strings));

const report = (tape) => ({
  ok: tape.flag(),
  messages: tape.list(checkedMessage),
  segments: tape.number(),
  ucs2: tape.number(),
  duplicates: tape.list((tape) => tape.list((tape) => tape.number())),
});

function receipt(tape, receivers, texts) {
  let from;
  return {
    code: "00",
    message: tape.string(),
    description: tape.string(),
    sms: tape.list((tape, index) => {
      const sms = sentSms(tape, from, receivers[index], texts[index]);
      from = sms.from;
      return sms;
    }),
    unknown: tape.list((tape) => tape.number()),
    warnings: tape.list(readIssue),
  };
}

// Each object is written down whole, in all its forms: one that gets a field later is made twice.

function checkedMessage(tape) {
  const index = tape.number();
  const ok = tape.flag();
  const issues = tape.list(readIssue);
  const to = tape.flag() ? phone(tape) : undefined;
  const text = tape.flag() ? measure(tape) : undefined;
  if (to === undefined) return text === undefined ? { index, ok, issues } : { index, ok, issues, text };
  return text === undefined ? { index, ok, issues, phone: to } : { index, ok, issues, phone: to, text };
}

export function readIssue(tape) {
  const severity = tape.word();
  const field = tape.word();
  const index = tape.flag() ? tape.number() : undefined;
  const reason = tape.word();
  const code = tape.flag() ? tape.word() : undefined;
  const message = tape.string();
  if (index === undefined) {
    return code === undefined ? { severity, field, reason, message } : { severity, field, reason, code, message };
  }
  return code === undefined
    ? { severity, field, index, reason, message }
    : { severity, field, index, reason, code, message };
}

function sentSms(tape, lastFrom, receiver, given) {
  const status = tape.word();
  const code = tape.flag() ? tape.string() : undefined;
  const from = tape.flag() ? tape.string() : lastFrom;
  const to = tape.flag() ? tape.string() : receiver;
  const text = tape.flag() ? tape.string() : given;
  const segments = tape.number();
  return code === undefined ? { status, from, to, text, segments } : { status, code, from, to, text, segments };
}

function phone(tape) {
  const e164 = tape.string();
  const callingCode = tape.word();
  const nationalNumber = e164.slice(callingCode.length + 1);
  return tape.flag()
    ? { ok: true, e164, callingCode, nationalNumber, country: tape.word(), kind: tape.word(), normalized: tape.flag() }
    : { ok: true, e164, callingCode, nationalNumber, kind: tape.word(), normalized: tape.flag() };
}

function refusal(tape) {
  const reason = tape.word();
  const hint = tape.string();
  return tape.flag() ? { ok: false, reason, hint, index: tape.number() } : { ok: false, reason, hint };
}

function measure(tape) {
  const encoding = tape.word();
  const units = tape.number();
  const segments = tape.number();
  const unitsPerSegment = tape.number();
  const unitsLeft = tape.number();
  const offenders = tape.list(offender);
  return tape.flag()
    ? { encoding, units, segments, unitsPerSegment, unitsLeft, offenders, segmentsIfGsm7: tape.number() }
    : { encoding, units, segments, unitsPerSegment, unitsLeft, offenders };
}

function offender(tape) {
  const char = String.fromCodePoint(tape.number());
  const index = tape.number();
  const count = tape.number();
  return tape.flag() ? { char, index, count, suggestion: tape.word() } : { char, index, count };
}

export class Tape {
  constructor(numbers, strings) {
    this.numbers = numbers;
    this.strings = strings;
    this.words = [];
    this.place = 0;
    this.start = 0;
  }

  number() {
    return this.numbers[this.place++];
  }

  flag() {
    return this.number() === 1;
  }

  string() {
    const length = this.number();
    const start = this.start;
    this.start += length >> 1;
    const ascii = this.strings.slice(start, this.start);
    return length & 1 ? this.completed(ascii) : ascii;
  }

  /** With the characters put in that are not ASCII. */
  completed(string) {
    for (let left = this.number(); left > 0; left--) {
      const index = this.number();
      string = string.slice(0, index) + String.fromCodePoint(this.number()) + string.slice(index);
    }
    return string;
  }

  /** A string that occurs often: written out only the first time. Of too many different ones the later ones always are. */
  word() {
    const { words } = this;
    const index = this.number();
    if (index < words.length) return words[index];
    const word = this.string();
    if (index === words.length) words.push(word);
    return word;
  }

  list(read) {
    const items = [];
    for (let left = this.number(); left > 0; left--) items.push(read(this, items.length));
    return items;
  }
}
