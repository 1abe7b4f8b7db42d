use serde::Serialize;

use super::gsm7::{leading_singles, septets};
use super::rewrite::suggestion;

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
    let mut gsm7 = Packing::<160, 153>::default();
    let mut ucs2 = Packing::<70, 67>::default();
    let mut offenders = Offenders::default();
    let mut convertible = true;
    let mut rest = text;
    loop {
        // Nearly every character takes one unit in both: runs of these are only counted.
        let singles = leading_singles(rest);
        let others = rest.get(singles..).unwrap_or_default();
        gsm7.add_singles(singles);
        ucs2.add_singles(singles);
        let mut characters = others.chars();
        let Some(character) = characters.next() else {
            break;
        };
        match septets(character) {
            0 => match offenders.meet(character, ucs2.units) {
                Some(suggestion) => suggestion
                    .chars()
                    .for_each(|replacement| gsm7.add(septets(replacement))),
                None => convertible = false,
            },
            units => gsm7.add(units),
        }
        ucs2.add(character.len_utf16());
        rest = characters.as_str();
    }
    if offenders.list.is_empty() {
        gsm7.measure(Encoding::Gsm7, Vec::new(), None)
    } else {
        let segments_if_gsm7 = convertible.then(|| gsm7.segments());
        ucs2.measure(Encoding::Ucs2, offenders.list, segments_if_gsm7)
    }
}

/// Units laid into segments in order, `SINGLE` in one or `EACH` in each of several.
///
/// Only pairs can leave a unit empty at a segment's end, so it is enough to count those units.
#[derive(Default)]
struct Packing<const SINGLE: usize, const EACH: usize> {
    units: usize,
    padding: usize,
}

// A text in memory has far fewer units than `usize` can count; saturating says so without a panic.
impl<const SINGLE: usize, const EACH: usize> Packing<SINGLE, EACH> {
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

    /// Units free in the last of several segments, `EACH` when it is full and the next one not begun.
    fn room(&self) -> usize {
        let used = self.units.saturating_add(self.padding);
        EACH.saturating_sub(used.checked_rem(EACH).unwrap_or(0))
    }

    fn segments(&self) -> usize {
        if self.units <= SINGLE {
            1
        } else {
            self.units.saturating_add(self.padding).div_ceil(EACH)
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
            (SINGLE, SINGLE.saturating_sub(self.units))
        } else {
            let room = self.room();
            (EACH, if room == EACH { 0 } else { room })
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

/// The offenders met so far, and where each but the first few stands in the list: a page for every 256 characters,
/// since a search through all of the list would make a hostile text cost its square.
#[derive(Default)]
struct Offenders {
    list: Vec<Offender>,
    pages: Vec<Vec<usize>>,
}

impl Offenders {
    /// Counts one occurrence and tells the character's suggestion.
    fn meet(&mut self, character: char, index: usize) -> Option<&'static str> {
        let mut first = self.list.iter().take(FEW);
        let place = match first.position(|offender| offender.character == character) {
            Some(place) => place,
            None if self.list.len() < FEW => self.list.len(),
            None => {
                let code = character as usize;
                let place = grown(grown(&mut self.pages, code >> 8)?, code & 0xff)?;
                // The first places aren't in the pages: 0 is a character not met before.
                if *place == 0 {
                    *place = self.list.len();
                }
                *place
            }
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

/// More kinds than nearly all texts have.
const FEW: usize = 8;

/// The element at an index of a list that is made long enough for it.
fn grown<T: Default>(list: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if list.len() <= index {
        list.resize_with(index.saturating_add(1), T::default);
    }
    list.get_mut(index)
}
