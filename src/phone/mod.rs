//! Phone numbers: parsed once, always well-formed.
//!
//! [`Phone::parse`] reads what a person types and guesses nothing: what could mean two numbers, or has lost a digit, is refused with
//! a [`Reason`] and a hint. Calling codes and lengths are those of libphonenumber; whether a range of numbers is in use is never a
//! reason to refuse, because ranges are opened faster than tables are renewed: it is told by [`Phone::kind`].

mod automaton;
mod decoder;
mod json;
mod plan;
mod reading;
mod table;
mod typed;

use std::sync::OnceLock;

use table::Table;

/// A phone number in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    e164: String,
    /// Of the calling code, in digits.
    code_length: usize,
    country: Option<[u8; 2]>,
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
        let typed = typed::read(input)?;
        let reading = reading::read(table(), &typed, default_country);
        let mut phone = reading.map_err(|refusal| {
            if typed.crowded {
                return typed::several(None);
            }
            let digit = |from_end| typed.digits.len().checked_sub(from_end);
            let index = refusal
                .index
                .and_then(digit)
                .and_then(|digit| typed::position(input, digit));
            Refusal { index, ..refusal }
        })?;
        phone.normalized = phone.e164 != input;
        Ok(phone)
    }

    /// `+` and up to 15 digits (E.164).
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// 1 to 3 digits, without `+`.
    pub fn calling_code(&self) -> &str {
        let end = self.code_length.saturating_add(1);
        self.e164.get(1..end).unwrap_or_default()
    }

    /// What follows the calling code.
    pub fn national_number(&self) -> &str {
        let start = self.code_length.saturating_add(1);
        self.e164.get(start..).unwrap_or_default()
    }

    /// ISO 3166 alpha-2. None where several countries share the calling code (+1, +44, +212) or none has it (+800).
    pub fn country(&self) -> Option<&str> {
        let country = self.country.as_ref()?;
        std::str::from_utf8(country).ok()
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

/// A country whose numbering plan is known. Those that share one are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The place of its plan in the table.
    plan: usize,
}

impl Country {
    /// Reads an ISO 3166 alpha-2 code, in capitals.
    pub fn parse(iso: &str) -> Option<Country> {
        let iso = iso.as_bytes().try_into().ok()?;
        let plan = table().plan_in(iso)?;
        Some(Country { plan })
    }
}

/// The version of libphonenumber's metadata that the numbering table was made from: `9.0.43`.
pub fn data_version() -> &'static str {
    &table().version
}

/// Why something is not taken as a phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub reason: Reason,
    /// One clause: what is wrong and what to do. Never the whole number.
    pub hint: String,
    /// UTF-16 position of the character at fault.
    pub index: Option<usize>,
}

/// The rules of phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There are no digits.
    Empty,
    /// A letter: never read as a digit of the keypad, nor as a 0 or 1 that it looks like.
    Letters,
    /// Some other character that doesn't separate digits.
    UnexpectedCharacter,
    /// An extension behind the number.
    Extension,
    /// Several numbers in one field.
    SeveralNumbers,
    /// What a spreadsheet makes of a number: `2.21777E+11`, `221776665544.0`.
    Spreadsheet,
    /// A service code (`*144#`) or fewer digits than any subscriber's number has (17, 112).
    ShortCode,
    /// National digits, and no country was given; or digits that can be read in two ways.
    MissingCallingCode,
    /// No country has this calling code.
    UnknownCallingCode,
    /// A 0 before the national number, in a country that has no trunk prefix.
    LeadingZero,
    /// One digit is missing, and with a 0 in front it would be a mobile number: spreadsheets drop that 0.
    LostLeadingZero,
    /// A number of the plan before Côte d'Ivoire's change of 2021 or Benin's of 2024.
    OldPlan,
    /// Fewer digits than any number of this calling code.
    TooShort,
    /// More digits than any number of this calling code, or than the 15 of E.164.
    TooLong,
    /// A number of digits between two possible ones.
    WrongLength,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Empty => "empty",
            Reason::Letters => "letters",
            Reason::UnexpectedCharacter => "unexpected-character",
            Reason::Extension => "extension",
            Reason::SeveralNumbers => "several-numbers",
            Reason::Spreadsheet => "spreadsheet",
            Reason::ShortCode => "short-code",
            Reason::MissingCallingCode => "missing-calling-code",
            Reason::UnknownCallingCode => "unknown-calling-code",
            Reason::LeadingZero => "leading-zero",
            Reason::LostLeadingZero => "lost-leading-zero",
            Reason::OldPlan => "old-plan",
            Reason::TooShort => "too-short",
            Reason::TooLong => "too-long",
            Reason::WrongLength => "wrong-length",
        }
    }
}

/// The numbering plans that are built in. A test reads them, so the empty table is never used.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(include_bytes!("table.bin")).unwrap_or_else(Table::empty))
}
