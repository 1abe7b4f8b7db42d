//! The numbering plans of the world, read once from `table.bin`; where their numbers lead, when the first of them is asked for.
//!
//! # The format
//!
//! `table.bin` is one stream of bits of the [decoder](super::decoder), written by `cargo xtask phone-table` from the metadata of
//! libphonenumber. Below, each bit is followed by its context in brackets: the [`group`] and the parts of the
//! detail, put together with the last one lowest. *Before* is the answer to the same question before (0 at first).
//!
//! 1. **Version** of the metadata: *text*, in group `TEXT`.
//! 2. **Calling codes**, as a tree: for each digit 1 to 9 one bit, whether it is a calling code (+1); if it isn't, for each second digit
//!    0 to 9 one bit (+33), and if that isn't, for each third digit one bit (+221) (`CALLING_CODE`: level 0 to 2, before on this level). So
//!    they come in the order of their digits, and none is the beginning of another. Each is followed by its **plan**:
//!    - *lengths*: for 1 to 17 national digits one bit, whether a number may be so long (`LENGTH`: length, before);
//!    - *trunk*: a symbol of 4 bits, an index of [`Trunk::ALL`](super::plan::Trunk) (`TRUNK`);
//!    - *international prefixes* dialled in its main country, but for `00`: *text*, in group `TEXT`, each followed by a space;
//!    - *countries*: their ISO 3166 alpha-2 codes, the main one first: *text*, in group `ISO`;
//!    - *name* of the main country in English, of an African one: *text*, in group `NAME`.
//! 3. For each calling code, in the same order, the *target* from which its national numbers start.
//!
//! *Text* is Latin-1, symbols of 8 bits, up to a zero (`TEXT`, `NAME`: whether the one before was a small ASCII letter; `ISO`: 1 for every second one).
//!
//! The targets make up an automaton that reads a national number digit by digit. A target is a *leaf*, where only the number of digits
//! still matters, or a *node*, where the next digit leads to a further target. The *empty* leaf knows no numbers. A node that occurs in
//! several places is written in each: the decoder has learned it by then, so that costs less than an index would.
//!
//! A target is read at a *depth*, the digits before it, and after the targets of *lower* digits in the same node, of which each different
//! one counts once, the one met last in front. Their *shapes* are three bits: whether an empty leaf (1), another leaf (2), a node (4) is
//! among them.
//!
//! - One bit, whether it is a node (`NODE`: depth, 3 bits of shapes).
//! - A leaf: unless the empty one is among the lower, one bit, whether it is that (`EMPTY`: depth, shapes). If not, a *number* (`LEAF`). Zero
//!   means a new leaf: for each length of the plan up to 15 one bit, whether such numbers are SMS-capable (`MASK`: length), and one, whether
//!   they are used otherwise (`MASK`: 16 + length). Another number is its place among the leaves met before, the one met last being 1.
//! - A node: one bit, whether a number may end here (`END`: 0); if so one bit, whether that is SMS-capable (`END`: 1). Then for each digit 0 to 9
//!   its target. Unless it is the first: one bit, whether it is the one in front (`SAME`: the last two such answers in this node, 2 bits of the
//!   shape in front (0 to 2), 2 bits of how many are lower (up to 3)). If it isn't and several are lower: one bit, whether it is among them
//!   (`LOWER`: depth, shapes); if so, for each behind the front but the last one bit, whether it is that (`PLACE`: its place, up to 3). Otherwise
//!   the target itself.

use std::sync::{Mutex, PoisonError};

use super::{
    Kind,
    automaton::Automaton,
    decoder::{Decoder, group},
    plan::{LONGEST, Plan, Rule},
};

/// All numbering plans.
pub(super) struct Table<'a> {
    /// Of the metadata.
    pub(super) version: String,
    plans: Vec<Plan>,
    /// By calling code: the place of its plan, counted from 1.
    places: [u16; CODES],
    automaton: Mutex<Automaton<'a>>,
}

impl<'a> Table<'a> {
    /// Reads a table. Damaged bytes give a wrong one, but never a panic or an endless loop.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let mut reader = Reader {
            decoder: Decoder::new(bytes),
            plans: Vec::new(),
            places: [0; CODES],
        };
        let version = reader.text(group::TEXT);
        reader.plans(0, 0);
        Table {
            version,
            plans: reader.plans,
            places: reader.places,
            automaton: Mutex::new(Automaton::new(reader.decoder)),
        }
    }

    /// The plan whose calling code these digits begin with, and the digits after it.
    pub(super) fn plan_of<'d>(&self, digits: &'d [u8]) -> Option<(&Plan, &'d [u8])> {
        let mut code = 0usize;
        for (length, digit) in (1..=3).zip(digits) {
            code = code.wrapping_mul(10).wrapping_add(usize::from(digit & 15));
            let place = self.places.get(code).copied().unwrap_or_default();
            if let Some(plan) = self.plan(usize::from(place).wrapping_sub(1)) {
                return Some((plan, digits.get(length..)?));
            }
            if code == 0 {
                break;
            }
        }
        None
    }

    /// The place of a country's plan.
    pub(super) fn place_in(&self, iso: &str) -> Option<usize> {
        let lives_here = |plan: &Plan| {
            plan.isos
                .as_bytes()
                .chunks(2)
                .any(|known| known == iso.as_bytes())
        };
        self.plans.iter().position(lives_here)
    }

    /// The plan in a place.
    pub(super) fn plan(&self, place: usize) -> Option<&Plan> {
        self.plans.get(place)
    }

    /// What a national number of this plan is used for, with these digits before it.
    pub(super) fn kind(&self, plan: &Plan, beginning: &[u8], national: &[u8]) -> Kind {
        let automaton = self.automaton.lock();
        let mut automaton = automaton.unwrap_or_else(PoisonError::into_inner);
        automaton.kind(&self.plans, plan.place, beginning, national)
    }

    /// The national number in these digits: without a trunk prefix, where one was dialled. Applied again, it changes nothing.
    pub(super) fn without_trunk_prefix<'d>(&self, plan: &Plan, mut digits: &'d [u8]) -> &'d [u8] {
        let Some(trunk) = plan.trunk() else {
            return digits;
        };
        loop {
            let rest = |prefix: &&[u8]| digits.strip_prefix(*prefix);
            let mut rests = trunk.prefixes.iter().filter_map(rest);
            let Some(rest) = rests.find(|rest| plan.has_length(rest.len())) else {
                return digits;
            };
            let fits = plan.has_length(digits.len());
            // Nobody dials the prefix twice: such digits stay as they are, if they can.
            let twice = trunk.prefixes.iter().any(|prefix| rest.starts_with(prefix));
            let whole_unknown = self.kind(plan, b"", digits) == Kind::UnknownRange;
            let kind = self.kind(plan, b"", rest);
            let shortens = match trunk.rule {
                Rule::Apart => !fits || !twice,
                Rule::Shared => !fits || whole_unknown && kind == Kind::Sms,
                Rule::BeforeKnown => !twice && whole_unknown && kind != Kind::UnknownRange,
            };
            if !shortens {
                return digits;
            }
            digits = rest;
        }
    }
}

const CODES: usize = 1000;
/// More letters than any text has; a limit for damaged tables.
const MANY: usize = 99;

/// A table on its way.
struct Reader<'a> {
    decoder: Decoder<'a>,
    plans: Vec<Plan>,
    places: [u16; CODES],
}

impl Reader<'_> {
    /// Reads the calling codes that begin so, and their plans.
    fn plans(&mut self, beginning: usize, level: usize) {
        let mut is_code = false;
        for digit in usize::from(level == 0)..10 {
            let code = beginning.wrapping_mul(10).wrapping_add(digit);
            is_code = self
                .decoder
                .bit(group::CALLING_CODE, level << 1 | usize::from(is_code));
            if is_code {
                self.plan(code);
            } else if level < 2 {
                self.plans(code, level.wrapping_add(1));
            }
        }
    }

    fn plan(&mut self, code: usize) {
        let place = self.plans.len();
        if let Some(entry) = self.places.get_mut(code) {
            *entry = place.wrapping_add(1) as u16;
        }
        let mut lengths = 0;
        let mut possible = false;
        for length in 1..=LONGEST {
            possible = self
                .decoder
                .bit(group::LENGTH, length << 1 | usize::from(possible));
            lengths |= u32::from(possible) << length;
        }
        let trunk = self.decoder.symbol(group::TRUNK, 0, 4);
        let mut international_prefixes = self.text(group::TEXT);
        international_prefixes.push_str("00");
        let isos = self.text(group::ISO);
        let name = self.text(group::NAME);
        self.plans.push(Plan {
            calling_code: code.to_string(),
            lengths,
            trunk,
            international_prefixes,
            isos,
            name,
            place,
        });
    }

    fn text(&mut self, group: usize) -> String {
        let mut text = String::new();
        let mut last = 0u8;
        for _ in 0..MANY {
            let context = match group {
                group::ISO => text.len() & 1,
                _ => usize::from(last.is_ascii_lowercase()),
            };
            last = self.decoder.symbol(group, context << 8, 8) as u8;
            if last == 0 {
                break;
            }
            text.push(char::from(last));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUILT_IN: &[u8] = include_bytes!("table.bin");

    /// Reads where all plans start; whether there were as many bytes as it took.
    fn is_whole(table: &Table) -> bool {
        let mut automaton = table.automaton.lock().unwrap();
        automaton.read(&table.plans);
        !automaton.overran()
    }

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
            if let Some((plan, national)) = table.plan_of(digits.as_bytes()) {
                table.kind(plan, b"", table.without_trunk_prefix(plan, national));
                plan.owner();
                plan.expected_digits();
            }
        }
        table.place_in("SN").and_then(|place| table.plan(place));
        is_whole(table);
    }

    #[test]
    fn the_built_in_table_has_all_calling_codes() {
        let table = Table::read(BUILT_IN);
        assert_eq!(table.plans.len(), 215);
        assert!(is_whole(&table));
    }

    #[test]
    fn what_a_number_is_used_for_does_not_depend_on_what_was_asked_before() {
        let numbers = [
            "12015550123",
            "221776665544",
            "221338765432",
            "2250707070707",
            "998901234567",
        ];
        let kind = |table: &Table, number: &str| {
            let (plan, national) = table.plan_of(number.as_bytes()).unwrap();
            table.kind(plan, b"", national)
        };
        let alone = numbers.map(|number| kind(&Table::read(BUILT_IN), number));
        assert!(
            alone.contains(&Kind::Sms) && alone.contains(&Kind::Landline),
            "{alone:?}"
        );
        let table = Table::read(BUILT_IN);
        let backwards = numbers.iter().rev().map(|number| kind(&table, number));
        assert!(backwards.eq(alone.into_iter().rev()));
    }

    #[test]
    fn reads_no_further_than_the_plan_that_is_asked_for() {
        let table = Table::read(BUILT_IN);
        let read = || table.automaton.lock().unwrap().plans_read();
        assert_eq!(read(), 0);
        let (senegal, national) = table.plan_of(b"221776665544").unwrap();
        table.kind(senegal, b"", national);
        assert_eq!(read(), senegal.place + 1);
        let (earlier, national) = table.plan_of(b"12015550123").unwrap();
        table.kind(earlier, b"", national);
        assert_eq!(read(), senegal.place + 1);
    }

    #[test]
    fn a_cut_off_table_is_not_whole() {
        for length in (0..BUILT_IN.len() - 8).step_by(499) {
            let table = Table::read(&BUILT_IN[..length]);
            assert!(!is_whole(&table), "{length}");
            ask(&table);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_damaged_table_is_read_without_a_panic(places in prop::collection::vec((0..BUILT_IN.len(), any::<u8>()), 1..6)) {
            let mut bytes = BUILT_IN.to_vec();
            for (place, byte) in places {
                bytes[place] = byte;
            }
            ask(&Table::read(&bytes));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..6_000)) {
            ask(&Table::read(&bytes));
        }
    }
}
