//! The numbering plans of the world, read once from `table.bin`.
//!
//! # The format
//!
//! `table.bin` is one stream of the [`decoder`](super::decoder), written by `cargo xtask phone-table` from the metadata of
//! libphonenumber. In this order:
//!
//! 1. **Version** of the metadata, as *text*.
//! 2. **Calling codes**, as a tree: for each digit 1 to 9 one bit, whether it is a calling code (+1); if it isn't, for each second
//!    digit 0 to 9 one bit (+33), and if that isn't, for each third digit one bit (+221). So they come in the order of their digits,
//!    none being the beginning of another. The chance of a bit is that of its level and of the bit before it at this level.
//! 3. For each calling code its **plan**:
//!    - *lengths*: for 1 to 17 national digits one bit, whether a number may be so long. Chance: the length and the bit before.
//!    - *trunk*: a 4-bit symbol, an index of [`TRUNKS`].
//!    - *international prefixes*, as dialled in its main country: one bit, whether it is only `00`; otherwise a 2-bit count, and for
//!      each prefix a 2-bit length and as many 4-bit digits.
//!    - *countries*: for each one bit that it follows and two 5-bit letters (0 is A), the main one first. Chance of the bit: whether
//!      it is for the first, of a letter: which of the two it is.
//!    - *name* of the main country in English: one bit whether there is one, then *text*.
//!
//! 4. For each calling code, in the same order, the *target* that its national numbers start from.
//!
//! *Text* is bytes as 8-bit symbols up to a zero; the chances depend on whether the byte before was a letter.
//!
//! The targets make up one automaton, shared by all calling codes, that reads a national number digit by digit. A target is a *leaf*,
//! from where only the number of digits left matters, or a *node*, where the next digit leads to a further target. The *empty* leaf knows
//! no numbers. A target's *masks* say, for each number of digits left, whether an SMS-capable number (bit n of `sms`) or another one
//! (bit n of `other`) may be so long; those of a node are its targets' masks, one digit longer.
//!
//! A **target** is read at a depth, the digits read so far, behind the targets of lower digits in the same node, each different one
//! counted once, the one met last in front:
//!
//! - one bit, whether it is a node; chance: depth, and which of empty leaf, leaf and node are among those targets;
//! - a leaf, unless those targets have the empty one: one bit, whether it is that; chance: depth, and again which are there;
//! - another leaf: its *masks*;
//! - a node: one bit, whether it came before; chance: depth. If so, its masks, and the *number* of nodes with the same masks that came
//!   after it. If not:
//!   - one bit, whether a number may end here, and if so one bit, whether that is SMS-capable;
//!   - for each digit 0 to 9 but the first, one bit, whether its target is the one in front; chance: how many there are (up to 3), the
//!     shape of the one in front, the last two answers. If not and there are several, one bit, whether it is a lower one; chance: how
//!     many there are (up to 5). If so, for each but the last one bit, whether it is that; chance: its place (up to 3). If not, the target itself.
//!
//! **Masks** are read as if no digit had been read, so that they are the same all over a plan: one *number*, n. Zero means new masks: for each length
//! of the plan one bit for `sms` and one for `other`. Otherwise they are the n-th of those read before, the last one first. Leaves and nodes have their own chances.
//!
//! A **number** is as many ones as its successor has binary digits behind the first, a zero, and those digits.

use super::{
    Kind,
    automaton::{Automaton, Builder, Target},
    decoder::{Chance, Decoder},
    plan::{Plan, Trunk},
};

/// All numbering plans.
pub(super) struct Table {
    pub(super) version: String,
    plans: Vec<Plan>,
    /// By calling code: one more than the index of its plan, or 0.
    index: Vec<u16>,
    automaton: Automaton,
}

impl Table {
    /// Reads a table, or says that it is none. Damaged bytes may also give a wrong table, but never a panic or an endless loop.
    pub(super) fn read(bytes: &[u8]) -> Option<Table> {
        Reader::new(bytes).table()
    }

    /// No plans at all.
    pub(super) fn empty() -> Table {
        Table {
            version: String::new(),
            plans: Vec::new(),
            index: Vec::new(),
            automaton: Automaton::default(),
        }
    }

    /// The plan whose calling code these digits begin with, and the digits after it.
    pub(super) fn plan_of<'a>(&self, digits: &'a str) -> Option<(&Plan, &'a str)> {
        (1..=3).find_map(|length| {
            let (code, rest) = digits.split_at_checked(length)?;
            let code: u16 = code.parse().ok()?;
            let index = self.index.get(usize::from(code))?;
            let plan = self.plans.get(usize::from(*index).checked_sub(1)?)?;
            (plan.calling_code.len() == length).then_some((plan, rest))
        })
    }

    /// The place of a country's plan, by its ISO 3166 alpha-2 code in capitals.
    pub(super) fn plan_in(&self, country: [u8; 2]) -> Option<usize> {
        let mut plans = self.plans.iter();
        plans.position(|plan| plan.countries.contains(&country))
    }

    /// The plan at a place.
    pub(super) fn plan_at(&self, place: usize) -> Option<&Plan> {
        self.plans.get(place)
    }

    /// What a national number of this plan is used for.
    pub(super) fn kind(&self, plan: &Plan, national: &str) -> Kind {
        self.automaton.kind(plan.start, national)
    }

    /// The national number in these digits: without a trunk prefix, where one was dialled. Applied again, it changes nothing.
    pub(super) fn without_trunk_prefix<'a>(&self, plan: &Plan, digits: &'a str) -> &'a str {
        let prefixes = plan.trunk.prefixes();
        let mut rests = prefixes
            .iter()
            .filter_map(|prefix| digits.strip_prefix(prefix));
        let Some(rest) = rests.find(|rest| plan.has_length(rest.len())) else {
            return digits;
        };
        let fits = plan.has_length(digits.len());
        let kinds = || (self.kind(plan, digits), self.kind(plan, rest));
        // Nobody dials the prefix twice: such digits stay as they are, if they can.
        let twice = || prefixes.iter().any(|prefix| rest.starts_with(prefix));
        let shortens = match plan.trunk {
            Trunk::Apart(_) => !fits || !twice(),
            Trunk::Shared(_) => !fits || matches!(kinds(), (Kind::UnknownRange, Kind::Sms)),
            Trunk::BeforeKnown(_) => {
                !twice() && matches!(kinds(), (Kind::UnknownRange, Kind::Sms | Kind::Landline))
            }
        };
        if shortens {
            self.without_trunk_prefix(plan, rest)
        } else {
            digits
        }
    }
}

/// Trunk prefixes by their symbols.
const TRUNKS: [Trunk; 9] = [
    Trunk::Apart(&[]),
    Trunk::Apart(&["0"]),
    Trunk::Shared(&["0"]),
    Trunk::BeforeKnown(&["0"]),
    Trunk::Apart(&["1"]),
    Trunk::Shared(&["8"]),
    Trunk::Apart(&["06"]),
    Trunk::Shared(&["8", "0"]),
    Trunk::Shared(&["80", "8", "0"]),
];

const CODES: usize = 1000;
/// The digits of a national number: libphonenumber's own limit. E.164 allows 15 with the calling code.
pub(super) const LONGEST: usize = 17;
/// Twice what the largest plan has; a limit for damaged tables.
const COUNTRIES: usize = 50;
const TEXT: usize = 64;

/// The decoder and what it has learned.
struct Reader<'a> {
    decoder: Decoder<'a>,
    codes: [[Chance; 2]; 3],
    lengths: [[Chance; 2]; LONGEST + 1],
    trunk: [Chance; 16],
    double_zero: Chance,
    prefix_count: [Chance; 4],
    prefix_length: [Chance; 4],
    prefix_digit: [Chance; 16],
    another_country: [Chance; 2],
    letters: [[Chance; 32]; 2],
    named: Chance,
    text: [[Chance; 256]; 2],
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Reader {
            decoder: Decoder::new(bytes),
            codes: [[Chance::NEW; 2]; 3],
            lengths: [[Chance::NEW; 2]; LONGEST + 1],
            trunk: [Chance::NEW; 16],
            double_zero: Chance::NEW,
            prefix_count: [Chance::NEW; 4],
            prefix_length: [Chance::NEW; 4],
            prefix_digit: [Chance::NEW; 16],
            another_country: [Chance::NEW; 2],
            letters: [[Chance::NEW; 32]; 2],
            named: Chance::NEW,
            text: [[Chance::NEW; 256]; 2],
        }
    }

    fn table(mut self) -> Option<Table> {
        let version = self.text()?;
        let mut codes = Vec::new();
        self.calling_codes(0, 0, &mut codes);
        let mut index = vec![0; CODES];
        let mut plans = Vec::with_capacity(codes.len());
        for code in codes {
            plans.push(self.plan(code)?);
            *index.get_mut(usize::from(code))? = u16::try_from(plans.len()).ok()?;
        }
        let mut builder = Builder::new(self.decoder);
        for plan in &mut plans {
            plan.start = builder.start(plan.lengths)?;
        }
        Some(Table {
            version,
            plans,
            index,
            automaton: builder.finish()?,
        })
    }

    fn calling_codes(&mut self, beginning: u16, level: usize, codes: &mut Vec<u16>) {
        let mut before = false;
        for digit in u16::from(level == 0)..10 {
            let code = beginning.wrapping_mul(10).wrapping_add(digit);
            let Some(chances) = self.codes.get_mut(level) else {
                return;
            };
            before = bit_after(&mut self.decoder, chances, before);
            if before {
                codes.push(code);
            } else {
                self.calling_codes(code, level.wrapping_add(1), codes);
            }
        }
    }

    fn plan(&mut self, calling_code: u16) -> Option<Plan> {
        let mut lengths = 0;
        let mut before = false;
        for (length, chances) in self.lengths.iter_mut().enumerate().skip(1) {
            before = bit_after(&mut self.decoder, chances, before);
            lengths |= u32::from(before) << length;
        }
        Some(Plan {
            calling_code: calling_code.to_string(),
            lengths,
            trunk: *TRUNKS.get(self.decoder.symbol(&mut self.trunk))?,
            international_prefixes: self.international_prefixes(),
            countries: self.countries()?,
            name: if self.decoder.bit(&mut self.named) {
                self.text()?
            } else {
                String::new()
            },
            start: Target::default(),
        })
    }

    fn international_prefixes(&mut self) -> Vec<String> {
        if self.decoder.bit(&mut self.double_zero) {
            return vec!["00".to_owned()];
        }
        let count = self.decoder.symbol(&mut self.prefix_count);
        let prefixes = (0..count).map(|_| {
            let length = self.decoder.symbol(&mut self.prefix_length);
            let digits = (0..length).map(|_| {
                let digit = self.decoder.symbol(&mut self.prefix_digit);
                (digit as u8).wrapping_add(b'0') as char
            });
            digits.collect()
        });
        prefixes.collect()
    }

    fn countries(&mut self) -> Option<Vec<[u8; 2]>> {
        let mut countries = Vec::new();
        while bit_after(
            &mut self.decoder,
            &mut self.another_country,
            !countries.is_empty(),
        ) {
            let letters = self.letters.each_mut();
            let country = letters.map(|chances| {
                let letter = self.decoder.symbol(chances) as u8;
                letter.wrapping_add(b'A')
            });
            countries.push(country);
            if countries.len() > COUNTRIES {
                return None;
            }
        }
        Some(countries)
    }

    fn text(&mut self) -> Option<String> {
        let mut text = Vec::new();
        let mut chances = self.text.each_mut();
        loop {
            let after_letter = text.last().is_some_and(u8::is_ascii_alphabetic);
            let [after_other, after_letters] = &mut chances;
            let chances = if after_letter {
                after_letters
            } else {
                after_other
            };
            match self.decoder.symbol(chances) as u8 {
                0 => return String::from_utf8(text).ok(),
                byte => text.push(byte),
            }
            if text.len() > TEXT {
                return None;
            }
        }
    }
}

/// A bit whose chance depends on another.
fn bit_after(
    decoder: &mut Decoder<'_>,
    [after_0, after_1]: &mut [Chance; 2],
    before: bool,
) -> bool {
    decoder.bit(if before { after_1 } else { after_0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUILT_IN: &[u8] = include_bytes!("table.bin");

    /// Asks a table everything there is to ask.
    fn ask(table: &Table) {
        for digits in [
            "221776665544",
            "0",
            "2250707070707",
            "4915112345678",
            "37580291234567",
            "9",
        ] {
            if let Some((plan, national)) = table.plan_of(digits) {
                table.kind(plan, table.without_trunk_prefix(plan, national));
                plan.label();
                plan.expected_digits();
            }
        }
        table.plan_in(*b"SN");
    }

    #[test]
    fn the_built_in_table_has_all_calling_codes() {
        let table = Table::read(BUILT_IN).unwrap();
        assert_eq!(table.plans.len(), 215);
    }

    #[test]
    fn a_cut_off_table_is_none() {
        for length in (0..BUILT_IN.len() - 8).step_by(97) {
            assert!(Table::read(&BUILT_IN[..length]).is_none(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_table_is_read_without_a_panic(places in prop::collection::vec((0..BUILT_IN.len(), any::<u8>()), 1..6)) {
            let mut bytes = BUILT_IN.to_vec();
            for (place, byte) in places {
                bytes[place] = byte;
            }
            if let Some(table) = Table::read(&bytes) {
                ask(&table);
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..20_000)) {
            if let Some(table) = Table::read(&bytes) {
                ask(&table);
            }
        }
    }
}
