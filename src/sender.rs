//! Sender IDs.

/// The rules of senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No character.
    EmptySender,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::EmptySender => "empty-sender",
        }
    }
}
