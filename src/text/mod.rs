//! SMS texts.

/// The rules of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No character.
    EmptyText,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::EmptyText => "empty-text",
        }
    }
}
