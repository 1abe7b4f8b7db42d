//! One calling code's numbering plan.

use std::fmt;

use super::reading::sentence;

/// The numbering plan behind one calling code.
pub(super) struct Plan {
    /// 1 to 3 digits.
    pub(super) calling_code: String,
    /// Bit n: a national number may have n digits.
    pub(super) lengths: u32,
    /// An index of [`Trunk::ALL`].
    pub(super) trunk: usize,
    /// What is dialled there before a calling code, divided by spaces; last `00`, which is read everywhere.
    pub(super) international_prefixes: String,
    /// ISO 3166 alpha-2 codes one after another, the main country first; empty for what belongs to no country (+800).
    pub(super) isos: String,
    /// The main country's name in English; empty outside Africa.
    pub(super) name: String,
    /// Counted from 0, in the table's order.
    pub(super) place: usize,
}

impl PartialEq for Plan {
    fn eq(&self, other: &Plan) -> bool {
        self.calling_code == other.calling_code
    }
}

impl Eq for Plan {}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.calling_code)
    }
}

/// What is dialled before a national number inside its country and is never sent over a border.
pub(super) struct Trunk {
    /// Longest first.
    pub(super) prefixes: &'static [&'static [u8]],
    pub(super) rule: Rule,
}

/// When a trunk prefix is taken for one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Always: no national number begins so.
    Apart,
    /// Where the whole has too many digits, or only the rest is known to be SMS-capable: national numbers may begin so too.
    Shared,
    /// Where only the rest is known to be in use.
    BeforeKnown,
}

impl Trunk {
    /// By their symbols in the table.
    const ALL: [Trunk; 9] = [
        Trunk::new(&[], Rule::Apart),
        Trunk::new(&[b"0"], Rule::Apart),
        Trunk::new(&[b"0"], Rule::Shared),
        Trunk::new(&[b"0"], Rule::BeforeKnown),
        Trunk::new(&[b"1"], Rule::Apart),
        Trunk::new(&[b"8"], Rule::Shared),
        Trunk::new(&[b"06"], Rule::Apart),
        Trunk::new(&[b"8", b"0"], Rule::Shared),
        Trunk::new(&[b"80", b"8", b"0"], Rule::Shared),
    ];

    const fn new(prefixes: &'static [&'static [u8]], rule: Rule) -> Trunk {
        Trunk { prefixes, rule }
    }
}

impl Plan {
    pub(super) fn trunk(&self) -> Option<&'static Trunk> {
        const { &Trunk::ALL }.get(self.trunk)
    }

    /// Whether the plan has national numbers of so many digits.
    pub(super) fn has_length(&self, digits: usize) -> bool {
        has_bit(self.lengths, digits)
    }

    /// Whether a national number may have so many digits: those of the plan, within the 15 of E.164, which counts the calling code.
    pub(super) fn allows(&self, digits: usize) -> bool {
        has_bit(self.allowed(), digits)
    }

    /// The fewest digits of a national number.
    pub(super) fn shortest(&self) -> usize {
        self.allowed().trailing_zeros() as usize
    }

    /// The most digits of a national number.
    pub(super) fn longest(&self) -> usize {
        self.allowed().checked_ilog2().unwrap_or_default() as usize
    }

    /// The digits that are allowed: `9`, `8 or 9`, `7, 9 or 10`.
    pub(super) fn expected_digits(&self) -> String {
        let mut text = String::new();
        let mut lengths = self.allowed();
        while lengths > 0 {
            let length = lengths.trailing_zeros();
            lengths &= lengths.wrapping_sub(1);
            let separator = match lengths.count_ones() {
                0 => "",
                1 => " or ",
                _ => ", ",
            };
            text = sentence(&[&text, &length.to_string(), separator]);
        }
        text
    }

    /// The country, where only one has this calling code.
    pub(super) fn country(&self) -> Option<&str> {
        Some(self.isos.as_str()).filter(|isos| isos.len() == 2)
    }

    /// Whose calling code it is, to be written behind it: ` (Senegal)`, ` (FR)`, nothing.
    pub(super) fn owner(&self) -> [&str; 3] {
        match (self.name.as_str(), self.country()) {
            ("", None) => [""; 3],
            ("", Some(name)) | (name, _) => [" (", name, ")"],
        }
    }

    fn allowed(&self) -> u32 {
        self.lengths & 0xFFFF >> self.calling_code.len()
    }
}

/// The digits of a national number: libphonenumber's own limit.
pub(super) const LONGEST: usize = 17;

fn has_bit(mask: u32, bit: usize) -> bool {
    bit <= LONGEST && mask >> bit & 1 == 1
}
