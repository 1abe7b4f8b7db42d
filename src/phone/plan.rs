//! One calling code's numbering plan.

use super::{automaton::Target, table::LONGEST};

/// The numbering plan behind one calling code.
pub(super) struct Plan {
    /// 1 to 3 digits.
    pub(super) calling_code: String,
    /// Bit n: a national number may have n digits.
    pub(super) lengths: u32,
    pub(super) trunk: Trunk,
    /// What is dialled there before a calling code.
    pub(super) international_prefixes: Vec<String>,
    /// ISO 3166 alpha-2 codes, the main country first; none for what belongs to no country (+800).
    pub(super) countries: Vec<[u8; 2]>,
    /// The main country's name in English; empty outside Africa.
    pub(super) name: String,
    /// Where the automaton starts.
    pub(super) start: Target,
}

/// What is dialled before a national number inside its country and is never sent over a border. Longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trunk {
    /// No national number begins so.
    Apart(&'static [&'static str]),
    /// National numbers may begin so too.
    Shared(&'static [&'static str]),
    /// Only where a number follows whose use is known, and that of the whole is not.
    BeforeKnown(&'static [&'static str]),
}

impl Trunk {
    pub(super) fn prefixes(self) -> &'static [&'static str] {
        match self {
            Trunk::Apart(prefixes) | Trunk::Shared(prefixes) | Trunk::BeforeKnown(prefixes) => {
                prefixes
            }
        }
    }
}

impl Plan {
    /// Whether the plan has national numbers of so many digits.
    pub(super) fn has_length(&self, digits: usize) -> bool {
        digits <= LONGEST && self.lengths >> digits & 1 == 1
    }

    /// Whether a national number may have so many digits: those of the plan, within the 15 of E.164, which counts the calling code.
    pub(super) fn allows(&self, digits: usize) -> bool {
        self.has_length(digits) && digits.saturating_add(self.calling_code.len()) <= MOST
    }

    /// The numbers of digits that are allowed, as in "8 or 9" and "7 to 12".
    pub(super) fn expected_digits(&self) -> String {
        let lengths: Vec<usize> = (1..=MOST).filter(|length| self.allows(*length)).collect();
        let gapless = lengths
            .windows(2)
            .all(|pair| matches!(pair, [one, next] if one.saturating_add(1) == *next));
        match lengths.as_slice() {
            [first, .., last] if gapless && lengths.len() > 2 => format!("{first} to {last}"),
            [most @ .., last] if !most.is_empty() => {
                let most: Vec<String> = most.iter().map(usize::to_string).collect();
                format!("{} or {last}", most.join(", "))
            }
            [only] => only.to_string(),
            _ => "none".to_owned(),
        }
    }

    /// The calling code and whose it is: `+221 (Senegal)`, `+33 (FR)`, `+1`.
    pub(super) fn label(&self) -> String {
        let code = &self.calling_code;
        match (self.name.as_str(), self.only_country()) {
            ("", Some([first, second])) => {
                format!("+{code} ({}{})", char::from(first), char::from(second))
            }
            ("", None) => format!("+{code}"),
            (name, _) => format!("+{code} ({name})"),
        }
    }

    /// The country, where the calling code is that of one country alone.
    pub(super) fn only_country(&self) -> Option<[u8; 2]> {
        match self.countries.as_slice() {
            [country] => Some(*country),
            _ => None,
        }
    }

    /// The fewest digits of a national number.
    pub(super) fn shortest(&self) -> usize {
        (1..=MOST)
            .find(|length| self.allows(*length))
            .unwrap_or_default()
    }

    /// The most digits of a national number.
    pub(super) fn longest(&self) -> usize {
        (1..=MOST)
            .rev()
            .find(|length| self.allows(*length))
            .unwrap_or_default()
    }
}

/// E.164's limit, calling code included.
pub(super) const MOST: usize = 15;
