use serde::Serialize;

use super::gsm7::{leading_singles, septets};
use super::rewrite::suggestion;
use crate::characters::split_first;

/// How a text is written on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// The GSM 7 bit default alphabet with its extension table: 160 septets in one SMS, 153 in each of several.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// 16-bit units, in fact UTF-16: 70 in one SMS, 67 in each of several.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        }
    }
}

/// What a text costs, by 3GPP TS 23.038 (alphabets) and TS 23.040 (concatenation with an 8-bit reference).
///
/// An estimate of the bill: how the API itself counts is not documented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measure {
    /// One character outside of GSM-7 makes the whole text UCS-2.
    pub encoding: Encoding,
    /// Septets in GSM-7 (2 for a character of the extension table), 16-bit units in UCS-2 (2 for a surrogate pair).
    pub units: usize,
    /// SMS needed, filled one after the other; a pair that doesn't fit any more begins the next one. 1 for the empty text.
    pub segments: usize,
    /// 160 or 70 while one SMS is enough, else 153 or 67.
    pub units_per_segment: usize,
    /// Units still free in the last segment.
    pub units_left: usize,
    /// The characters that force UCS-2, each once, in the order of their first occurrence.
    pub offenders: Vec<Offender>,
    /// Segments with every suggestion taken; absent for a GSM-7 text and where an offender has no suggestion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments_if_gsm7: Option<usize>,
}

/// A character that GSM-7 doesn't have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offender {
    /// The character.
    #[serde(rename = "char")]
    pub character: char,
    /// Of its first occurrence, in UTF-16 units from 0: an index into the JavaScript string.
    pub index: usize,
    /// Occurrences.
    pub count: usize,
    /// The GSM-7 text that [`rewrite`](super::rewrite) with [`StripAccents`](super::SmartEncoding::StripAccents)
    /// puts in its place; empty where it drops the character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<&'static str>,
}

/// Counts the units and segments of a text as it is; normalise to NFC first, a decomposed `é` costs more.
///
/// Takes time proportional to the text, and memory only for characters outside of GSM-7.
pub fn measure(text: &str) -> Measure {
    let mut gsm7 = Packing::new(160, 153);
    let mut ucs2 = Packing::new(70, 67);
    let mut offenders = Offenders::default();
    let mut convertible = true;
    let mut rest = text;
    loop {
        // Nearly every character takes one unit in both: runs of these are only counted.
        let singles = leading_singles(rest);
        let others = rest.get(singles..).unwrap_or_default();
        gsm7.add_singles(singles);
        ucs2.add_singles(singles);
        let Some((character, after)) = split_first(others) else {
            break;
        };
        match septets(character) {
            0 => match offenders.meet(character, ucs2.units) {
                // Each character of a suggestion takes one septet.
                Some(suggestion) => gsm7.add_singles(suggestion.len()),
                None => convertible = false,
            },
            units => gsm7.add(units),
        }
        ucs2.add(character.len_utf16());
        rest = after;
    }
    let (encoding, packing, segments_if_gsm7) = if offenders.list.is_empty() {
        (Encoding::Gsm7, gsm7, None)
    } else {
        let replaced = convertible.then(|| gsm7.segments());
        (Encoding::Ucs2, ucs2, replaced)
    };
    packing.measure(encoding, offenders.list, segments_if_gsm7)
}

/// Units laid into segments in order, `single` in one or `each` in each of several.
///
/// Only pairs can leave a unit empty at a segment's end, so it is enough to count those units.
struct Packing {
    single: usize,
    each: usize,
    units: usize,
    padding: usize,
}

// A text in memory has far fewer units than `usize` can count; saturating says so without a panic.
impl Packing {
    fn new(single: usize, each: usize) -> Self {
        Packing {
            single,
            each,
            units: 0,
            padding: 0,
        }
    }

    fn add_singles(&mut self, characters: usize) {
        self.units = self.units.saturating_add(characters);
    }

    /// Adds a character of 1 unit, or of 2 that stay together.
    fn add(&mut self, units: usize) {
        if units == 2 && self.room() == 1 {
            self.padding = self.padding.saturating_add(1);
        }
        self.units = self.units.saturating_add(units);
    }

    /// Units free in the last of several segments, `each` when it is full and the next one not begun.
    fn room(&self) -> usize {
        let used = self.units.saturating_add(self.padding);
        self.each
            .saturating_sub(used.checked_rem(self.each).unwrap_or(0))
    }

    fn segments(&self) -> usize {
        if self.units <= self.single {
            1
        } else {
            self.units.saturating_add(self.padding).div_ceil(self.each)
        }
    }

    fn measure(
        self,
        encoding: Encoding,
        offenders: Vec<Offender>,
        segments_if_gsm7: Option<usize>,
    ) -> Measure {
        let segments = self.segments();
        let (units_per_segment, units_left) = if segments == 1 {
            (self.single, self.single.saturating_sub(self.units))
        } else {
            let room = self.room();
            (self.each, if room == self.each { 0 } else { room })
        };
        Measure {
            encoding,
            units: self.units,
            segments,
            units_per_segment,
            units_left,
            offenders,
            segments_if_gsm7,
        }
    }
}

/// The offenders met so far, and where each but the first few stands in the list, by its code: a search through all of the
/// list would make a hostile text cost its square.
#[derive(Default)]
struct Offenders {
    list: Vec<Offender>,
    places: Vec<usize>,
}

impl Offenders {
    /// Counts one occurrence and tells the character's suggestion.
    fn meet(&mut self, character: char, index: usize) -> Option<&'static str> {
        let mut first = self.list.iter().take(FEW);
        let known = first.position(|offender| offender.character == character);
        let place = if known.is_some() || self.list.len() < FEW {
            known.unwrap_or(self.list.len())
        } else {
            let code = character as usize;
            if self.places.len() <= code {
                self.places.resize(code.saturating_add(1), 0);
            }
            let place = self.places.get_mut(code)?;
            // The first places aren't in there: 0 is a character not met before.
            if *place == 0 {
                *place = self.list.len();
            }
            *place
        };
        if place == self.list.len() {
            self.list.push(Offender {
                character,
                index,
                count: 0,
                suggestion: suggestion(character),
            });
        }
        let offender = self.list.get_mut(place)?;
        offender.count = offender.count.saturating_add(1);
        offender.suggestion
    }
}

/// More kinds than a text in any one alphabet has.
const FEW: usize = 64;
