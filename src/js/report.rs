//! The results of the judgement on their way out: as a list of numbers and one string, of which `report.js` makes
//! objects. Setting the fields of an object one by one takes ten times as long.

use wasm_bindgen::prelude::*;

use crate::error::Issue;
use crate::message::{CheckReport, CheckedMessage};
use crate::phone::Phone;
use crate::text::{Measure, Offender};

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./report.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/report.js"))]
extern "C" {
    #[wasm_bindgen(js_name = readReport)]
    fn read_report(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readPhone)]
    fn read_phone(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readRefusal)]
    fn read_refusal(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readMeasure)]
    fn read_measure(numbers: &[u32], strings: &str) -> JsValue;
}

/// A `CheckReport` of `index.d.ts`.
pub(super) fn check_report(report: &CheckReport) -> JsValue {
    let mut tape = Tape::default();
    tape.flag(report.ok);
    tape.list(&report.messages, Tape::message);
    tape.number(report.segments);
    tape.number(report.ucs2);
    tape.list(&report.duplicates, |tape, group| {
        tape.list(group, |tape, index| tape.number(*index));
    });
    read_report(&tape.numbers, &tape.strings)
}

/// A `Phone` of `index.d.ts`.
pub(super) fn phone(phone: &Phone) -> JsValue {
    let mut tape = Tape::default();
    tape.phone(phone);
    read_phone(&tape.numbers, &tape.strings)
}

/// A `PhoneRefusal` of `index.d.ts`.
pub(super) fn phone_refusal(reason: &'static str, hint: &str, index: Option<usize>) -> JsValue {
    let mut tape = Tape::default();
    tape.word(reason);
    tape.string(hint);
    tape.option(index, Tape::number);
    read_refusal(&tape.numbers, &tape.strings)
}

/// A `TextMeasure` of `index.d.ts`.
pub(super) fn text_measure(measure: &Measure) -> JsValue {
    let mut tape = Tape::default();
    tape.measure(measure);
    read_measure(&tape.numbers, &tape.strings)
}

#[derive(Default)]
struct Tape {
    numbers: Vec<u32>,
    strings: String,
    words: Vec<&'static str>,
}

impl Tape {
    fn message(&mut self, message: &CheckedMessage) {
        self.number(message.index);
        self.flag(message.ok);
        self.list(&message.issues, Tape::issue);
        self.option(message.phone.as_ref(), Tape::phone);
        self.option(message.text.as_ref(), Tape::measure);
    }

    fn issue(&mut self, issue: &Issue) {
        self.word(issue.severity.as_str());
        self.word(issue.field.as_str());
        self.option(issue.index, Tape::number);
        self.word(issue.reason.as_str());
        self.option(issue.code, |tape, code| tape.word(code.as_str()));
        self.string(&issue.message);
    }

    fn phone(&mut self, phone: &Phone) {
        self.string(phone.e164());
        self.number(phone.calling_code().len());
        self.option(phone.country(), Tape::string);
        self.word(phone.kind().as_str());
        self.flag(phone.normalized());
    }

    fn measure(&mut self, measure: &Measure) {
        self.word(measure.encoding.as_str());
        self.number(measure.units);
        self.number(measure.segments);
        self.number(measure.units_per_segment);
        self.number(measure.units_left);
        self.list(&measure.offenders, Tape::offender);
        self.option(measure.segments_if_gsm7, Tape::number);
    }

    fn offender(&mut self, offender: &Offender) {
        self.numbers.push(offender.character.into());
        self.number(offender.index);
        self.number(offender.count);
        self.option(offender.suggestion, Tape::string);
    }

    // No count exceeds 32 bits, as the wasm's memory has no more bytes.
    fn number(&mut self, number: usize) {
        self.numbers.push(number as u32);
    }

    fn flag(&mut self, flag: bool) {
        self.numbers.push(flag.into());
    }

    /// In JavaScript a string is as long as it has UTF-16 units.
    fn string(&mut self, string: &str) {
        let units = |byte: u8| match byte {
            // The bytes of a character behind its first.
            0x80..0xc0 => 0,
            // A character beyond U+FFFF.
            0xf0.. => 2,
            _ => 1,
        };
        self.number(string.bytes().map(units).sum());
        self.strings.push_str(string);
    }

    /// A string that occurs often: written out only the first time.
    fn word(&mut self, word: &'static str) {
        // By the address, as a word that is written out twice does no harm.
        let mut known = self.words.iter();
        let known = known.position(|known| std::ptr::eq(*known, word));
        self.number(known.unwrap_or(self.words.len()));
        if known.is_none() {
            self.words.push(word);
            self.string(word);
        }
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Tape, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Tape, &T)) {
        self.number(items.len());
        for item in items {
            write(self, item);
        }
    }
}
