//! Phone numbers: parsed once, always well-formed.
//!
//! [`Phone::parse`] reads what a person types and guesses nothing: what could mean two numbers, or has lost a digit, is refused with
//! a [`Reason`] and a hint. Calling codes and lengths are those of libphonenumber; whether a range of numbers is in use is never a
//! reason to refuse, because ranges are opened faster than tables are renewed: it is told by [`Phone::kind`].

mod automaton;
mod decoder;
mod plan;
mod reading;
mod refusal;
mod table;
mod typed;

use std::sync::OnceLock;

pub use refusal::{Reason, Refusal};

use plan::Plan;
use table::Table;

/// A phone number in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    e164: String,
    plan: &'static Plan,
    kind: Kind,
    normalized: bool,
}

impl Phone {
    /// Reads a number as people type it: with separators, brackets and invisible marks, with digits of other scripts, as `tel:`,
    /// with `+`, `00` or the country's own international prefix. A national number is read only when a country is given, and then
    /// a calling code may also stand without `+`. A trunk prefix is dropped (`+33 (0)6…`).
    ///
    /// # Errors
    /// What is no number, or might not be the one that was meant, is refused: see [`Reason`].
    pub fn parse(input: &str, default_country: Option<Country>) -> Result<Phone, Refusal> {
        let typed = typed::read(input).map_err(|fault| Refusal {
            reason: fault.reason,
            hint: fault.hint(),
            index: Some(fault.index),
        })?;
        let table = table();
        let home = default_country.and_then(|country| table.plan(country.place));
        let digits = typed.digits();
        let reading = match home {
            _ if typed.plus => reading::international(table, digits),
            Some(home) => reading::inside(table, home, digits),
            None => reading::anywhere(table, digits),
        };
        if let (Ok(kind), Some(plan)) = (reading.verdict, reading.plan) {
            let national = reading.national.len();
            let e164 = typed.into_e164(&plan.calling_code, national);
            return Ok(Phone {
                normalized: e164 != input,
                e164,
                plan,
                kind,
            });
        }
        let reason = match reading.verdict {
            _ if digits.is_empty() => Reason::Empty,
            _ if typed.crowded => Reason::SeveralNumbers,
            Err(reason) => reason,
            Ok(_) => Reason::UnknownCallingCode,
        };
        let position = || typed::position(input, reading.national.len());
        Err(Refusal {
            reason,
            hint: reading.hint(reason),
            index: (reason == Reason::LeadingZero).then(position),
        })
    }

    /// `+` and up to 15 digits (E.164).
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// 1 to 3 digits, without `+`.
    pub fn calling_code(&self) -> &'static str {
        &self.plan.calling_code
    }

    /// What follows the calling code.
    pub fn national_number(&self) -> &str {
        let start = self.calling_code().len().wrapping_add(1);
        self.e164.get(start..).unwrap_or_default()
    }

    /// ISO 3166 alpha-2. None where several countries share the calling code (+1, +44, +212) or none has it (+800).
    pub fn country(&self) -> Option<&'static str> {
        self.plan.country()
    }

    /// Whether an SMS can arrive, as far as the numbering table knows.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether what was typed differs from [`Phone::e164`].
    pub fn normalized(&self) -> bool {
        self.normalized
    }
}

/// What a range of numbers is used for, as of [`data_version`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mobile, or can't be told from mobile (+1).
    Sms,
    /// Known to be something else: a fixed line, a toll-free or premium number. Told for African calling codes only.
    Landline,
    /// Not known to be in use; outside Africa also known, but not mobile. The range may be newer than the table.
    UnknownRange,
}

impl Kind {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Sms => "sms",
            Kind::Landline => "landline",
            Kind::UnknownRange => "unknown-range",
        }
    }
}

/// A country whose numbering plan is known. Countries that share a calling code are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Of its plan in the table.
    place: usize,
}

impl Country {
    /// Reads an ISO 3166 alpha-2 code, in capitals.
    pub fn parse(iso: &str) -> Option<Country> {
        let place = table().place_in(iso)?;
        Some(Country { place })
    }
}

/// The version of libphonenumber's metadata that the numbering table was made from: `9.0.43`.
pub fn data_version() -> &'static str {
    &table().version
}

/// The numbering plans that are built in.
fn table() -> &'static Table<'static> {
    static TABLE: OnceLock<Table<'static>> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(include_bytes!("table.bin")))
}
