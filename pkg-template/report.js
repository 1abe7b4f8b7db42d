// Makes the results of the judgement from a list of numbers and one string. Setting the fields of an object one by one
// from wasm takes ten times as long. src/js/report.rs writes what these functions read, in the same order.

/** @returns a `CheckReport` */
export const readReport = (numbers, strings) => report(new Tape(numbers, strings));

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

function checkedMessage(tape) {
  const message = { index: tape.number(), ok: tape.flag(), issues: tape.list(issue) };
  if (tape.flag()) message.phone = phone(tape);
  if (tape.flag()) message.text = measure(tape);
  return message;
}

function issue(tape) {
  const issue = { severity: tape.word(), field: tape.word() };
  if (tape.flag()) issue.index = tape.number();
  issue.reason = tape.word();
  if (tape.flag()) issue.code = tape.word();
  issue.message = tape.string();
  return issue;
}

function phone(tape) {
  const e164 = tape.string();
  const national = tape.number() + 1;
  const phone = { ok: true, e164, callingCode: e164.slice(1, national), nationalNumber: e164.slice(national) };
  if (tape.flag()) phone.country = tape.string();
  phone.kind = tape.word();
  phone.normalized = tape.flag();
  return phone;
}

function refusal(tape) {
  const refusal = { ok: false, reason: tape.word(), hint: tape.string() };
  if (tape.flag()) refusal.index = tape.number();
  return refusal;
}

function measure(tape) {
  const measure = {
    encoding: tape.word(),
    units: tape.number(),
    segments: tape.number(),
    unitsPerSegment: tape.number(),
    unitsLeft: tape.number(),
    offenders: tape.list(offender),
  };
  if (tape.flag()) measure.segmentsIfGsm7 = tape.number();
  return measure;
}

function offender(tape) {
  const offender = { char: String.fromCodePoint(tape.number()), index: tape.number(), count: tape.number() };
  if (tape.flag()) offender.suggestion = tape.string();
  return offender;
}

class Tape {
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
    const start = this.start;
    this.start += this.number();
    return this.strings.slice(start, this.start);
  }

  /** A string that occurs often: written out only the first time. */
  word() {
    const index = this.number();
    if (index === this.words.length) this.words.push(this.string());
    return this.words[index];
  }

  list(read) {
    const items = [];
    for (let left = this.number(); left > 0; left--) items.push(read(this));
    return items;
  }
}
