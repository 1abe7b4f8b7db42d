//! The results of the judgement and of a send on their way out: as a list of numbers and one string, of which `report.js` makes
//! objects. Setting the fields of an object one by one takes ten times as long.

use wasm_bindgen::prelude::*;

use super::given::Originals;
use crate::api::send::{Receipt, SentSms};
use crate::error::Issue;
use crate::message::{Batch, CheckReport, CheckedMessage, Message};
use crate::phone::Phone;
use crate::text::{Measure, Offender};

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./report.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/report.js"))]
extern "C" {
    #[wasm_bindgen(js_name = readReport)]
    fn read_report(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readReceipt)]
    fn read_receipt(
        numbers: &[u32],
        strings: &str,
        receivers: &JsValue,
        texts: &JsValue,
    ) -> JsValue;

    #[wasm_bindgen(js_name = readPhone)]
    fn read_phone(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readRefusal)]
    fn read_refusal(numbers: &[u32], strings: &str) -> JsValue;

    #[wasm_bindgen(js_name = readMeasure)]
    fn read_measure(numbers: &[u32], strings: &str) -> JsValue;
}

/// A `CheckReport` of `index.d.ts`.
pub(super) fn check_report(report: &CheckReport) -> JsValue {
    let mut tape = Tape::for_messages(report.messages.len());
    tape.flag(report.ok);
    tape.list(&report.messages, Tape::message);
    tape.number(report.segments);
    tape.number(report.ucs2);
    tape.list(&report.duplicates, |tape, group| {
        tape.list(group, |tape, index| tape.number(*index));
    });
    read_report(&tape.numbers, &tape.strings)
}

/// A `SendReceipt` of `index.d.ts`, with the caller's own strings where a number or a text was sent as it was given: to write each
/// out and to read it again takes longer than to judge it.
pub(super) fn receipt(receipt: &Receipt, batch: &Batch, originals: &Originals) -> JsValue {
    let mut tape = Tape::for_messages(receipt.sms.len());
    tape.string(&receipt.message);
    tape.string(&receipt.description);
    tape.number(receipt.sms.len());
    let mut last = "";
    let messages = batch.messages().iter().zip(&originals.unchanged);
    for (sms, (message, unchanged)) in receipt.sms.iter().zip(messages) {
        let from = message.from.as_str();
        tape.sms(sms, message, (from != last).then_some(from), *unchanged);
        last = from;
    }
    tape.list(&receipt.unknown, |tape, index| tape.number(*index));
    let warnings = [batch.warnings(), &receipt.warnings];
    tape.number(warnings.iter().map(|part| part.len()).sum());
    for issue in warnings.into_iter().flatten() {
        tape.issue(issue);
    }
    let (receivers, texts) = (&originals.receivers, &originals.texts);
    read_receipt(&tape.numbers, &tape.strings, receivers, texts)
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

/// What `report.js` reads.
pub(super) struct Tape {
    pub(super) numbers: Vec<u32>,
    pub(super) strings: String,
    words: Vec<&'static str>,
    /// Where the word of an address was last.
    places: [u8; PLACES],
}

impl Default for Tape {
    fn default() -> Tape {
        Tape {
            numbers: Vec::new(),
            strings: String::new(),
            words: Vec::new(),
            places: [0; PLACES],
        }
    }
}

impl Tape {
    /// With room for what is usual, as growing means copying.
    fn for_messages(count: usize) -> Tape {
        Tape {
            numbers: Vec::with_capacity(count.saturating_mul(32)),
            strings: String::with_capacity(count.saturating_mul(64)),
            ..Tape::default()
        }
    }

    fn message(&mut self, message: &CheckedMessage) {
        self.number(message.index);
        self.flag(message.ok);
        self.list(&message.issues, Tape::issue);
        self.option(message.phone.as_ref(), Tape::phone);
        self.option(message.text.as_ref(), Tape::measure);
    }

    pub(super) fn issue(&mut self, issue: &Issue) {
        self.word(issue.severity.as_str());
        self.word(issue.field.as_str());
        self.option(issue.index, Tape::number);
        self.word(issue.reason.as_str());
        self.option(issue.code, |tape, code| tape.word(code.as_str()));
        self.string(&issue.message);
    }

    /// `from` is none where the one before has the same; `unchanged` is about the text.
    fn sms(&mut self, sms: &SentSms, message: &Message, from: Option<&str>, unchanged: bool) {
        self.word(sms.status.as_str());
        self.option(sms.code.as_deref(), Tape::string);
        self.option(from, Tape::string);
        let (to, text) = (&message.to, &message.text);
        self.option(to.normalized().then(|| to.e164()), Tape::string);
        self.option((!unchanged).then(|| text.as_str()), Tape::string);
        self.number(sms.segments);
    }

    fn phone(&mut self, phone: &Phone) {
        self.string(phone.e164());
        self.word(phone.calling_code());
        self.option(phone.country(), Tape::word);
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
        self.option(offender.suggestion, Tape::word);
    }

    // No count exceeds 32 bits, as the wasm's memory has no more bytes.
    pub(super) fn number(&mut self, number: usize) {
        self.numbers.push(number as u32);
    }

    fn flag(&mut self, flag: bool) {
        self.numbers.push(flag.into());
    }

    /// Twice its length, one more where other characters than ASCII follow: JavaScript decodes ASCII five times as fast.
    pub(super) fn string(&mut self, string: &str) {
        if string.is_ascii() {
            self.number(string.len() << 1);
            self.strings.push_str(string);
            return;
        }
        let header = self.numbers.len();
        self.numbers.extend([0, 0]);
        let (mut length, mut count, mut index) = (0usize, 0u32, 0usize);
        let mut rest = string;
        loop {
            let ascii = match rest.is_ascii() {
                true => rest.len(),
                false => rest
                    .bytes()
                    .position(|byte| !byte.is_ascii())
                    .unwrap_or_default(),
            };
            let (part, other) = rest.split_at_checked(ascii).unwrap_or_default();
            self.strings.push_str(part);
            length = length.wrapping_add(ascii);
            index = index.wrapping_add(ascii);
            let mut characters = other.chars();
            let Some(character) = characters.next() else {
                break;
            };
            count = count.wrapping_add(1);
            self.number(index);
            self.numbers.push(character.into());
            index = index.wrapping_add(character.len_utf16());
            rest = characters.as_str();
        }
        let header = self.numbers.get_mut(header..).unwrap_or_default();
        if let [first, second, ..] = header {
            *first = (length as u32) << 1 | 1;
            *second = count;
        }
    }

    /// A string that occurs often: written out only the first time.
    pub(super) fn word(&mut self, word: &'static str) {
        // By the address, as a word that is written out twice does no harm. Most are where they were.
        let is_this = |known: &&str| std::ptr::eq(*known, word);
        let mut unknown = 0;
        let last = self
            .places
            .get_mut((word.as_ptr().addr() >> 2) % PLACES)
            .unwrap_or(&mut unknown);
        let place = match self.words.get(usize::from(*last)).is_some_and(is_this) {
            true => Some(usize::from(*last)),
            false => self.words.iter().position(is_this),
        };
        let place = place.unwrap_or(self.words.len());
        if place < MANY {
            *last = place as u8;
            self.number(place);
        } else {
            self.number(usize::MAX);
        }
        if place >= self.words.len() {
            if place < MANY {
                self.words.push(word);
            }
            self.string(word);
        }
    }

    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Tape, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(super) fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Tape, &T)) {
        self.number(items.len());
        for item in items {
            write(self, item);
        }
    }
}

/// More words would take longer to search than to write out.
const MANY: usize = 64;

/// Addresses of words differ in these few bits mostly.
const PLACES: usize = 64;
