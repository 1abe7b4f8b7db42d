//! Phone numbers: parsed once, always well-formed.

/// A phone number in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    e164: String,
}

/// A country whose numbering plan is known, by its ISO 3166 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads an ISO 3166 alpha-2 code, in capitals.
    pub fn parse(_iso: &str) -> Option<Country> {
        None
    }
}

impl Phone {
    /// Reads what a person types.
    ///
    /// # Errors
    /// See [`Reason`].
    pub fn parse(input: &str, _default_country: Option<Country>) -> Result<Phone, Refusal> {
        Ok(Phone {
            e164: input.to_owned(),
        })
    }

    /// `+` and 7 to 15 digits (E.164).
    pub fn e164(&self) -> &str {
        &self.e164
    }
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
    /// Nothing there.
    Empty,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Empty => "empty",
        }
    }
}
