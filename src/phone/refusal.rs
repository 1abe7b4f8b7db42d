//! Why something is not taken as a phone number.

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
    /// A letter: never read as a digit of the keypad, nor as the 0 or 1 that it looks like.
    Letters,
    /// Some other character that doesn't separate digits.
    UnexpectedCharacter,
    /// An extension behind the number.
    Extension,
    /// Several numbers in one field.
    SeveralNumbers,
    /// What a spreadsheet makes of a number: `2.21777E+11`, `221776665544.0`.
    Spreadsheet,
    /// A service code (`*144#`), or fewer digits than a subscriber's number has (17, 112).
    ShortCode,
    /// National digits where no country was given, or an international prefix that can be read in two ways (`009 230…` in Nigeria,
    /// which dials 009).
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

    /// What is wrong and what to do; of a character or a length, what comes after naming it.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Reason::Empty => "no digits: give a phone number",
            Reason::Letters => "is a letter: write digits only",
            Reason::UnexpectedCharacter => "does not belong in a phone number: remove it",
            Reason::Extension => "an extension can't receive SMS: remove it",
            Reason::SeveralNumbers => "more than one number: write one message for each",
            Reason::Spreadsheet => {
                "a spreadsheet changed this number: format its column as text and enter it again"
            }
            Reason::ShortCode => {
                "a short code or service code can't receive SMS: give a full number"
            }
            Reason::MissingCallingCode => {
                "the country is missing: write + and the calling code, or set defaultCountry"
            }
            Reason::UnknownCallingCode => {
                "no country has this calling code: write + and the calling code"
            }
            Reason::LeadingZero => ": remove the first 0",
            Reason::LostLeadingZero => ": the first 0 may be lost, write it again",
            Reason::OldPlan => " before the old number",
            Reason::TooShort | Reason::TooLong | Reason::WrongLength => "",
        }
    }

    /// Whether the calling code or the digits expected belong into the hint.
    pub(super) const fn is_about_a_plan(self) -> bool {
        matches!(
            self,
            Reason::MissingCallingCode
                | Reason::LeadingZero
                | Reason::LostLeadingZero
                | Reason::OldPlan
                | Reason::TooShort
                | Reason::TooLong
                | Reason::WrongLength
        )
    }
}
