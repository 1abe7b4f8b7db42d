//! What a line says: JSON, so that people and `jq` can read it too.

use crate::api::json::{Document, push_string};
use crate::message::Message;

/// The version of the format that is written, and the only one that is read.
const VERSION: u64 = 1;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// `["journal",1]`: a run begins. What is missing before is what the run before it lost unsynced.
    Start,
    /// `["intent",1700000000000,[0,"+221776665544","<hash of the text>","id"],…]`: about to be posted, at this time (ms
    /// since 1970).
    Intent { at: u64, messages: Vec<Intended> },
    /// `["outcome",3,"sent CODE","refused ERROR_110","not-sent","unknown",…]`: what became of the messages of the intent
    /// at that place.
    Outcome { of: u32, fates: Vec<Fate> },
}

/// A message that is about to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Intended {
    pub(super) index: u32,
    /// E.164.
    pub(super) to: String,
    /// [`text_hash`].
    pub(super) text: u64,
    pub(super) id: Option<String>,
}

impl Intended {
    pub(super) fn new(index: usize, id: Option<&str>, message: &Message) -> Intended {
        Intended {
            // A campaign of more messages than that takes years.
            index: u32::try_from(index).unwrap_or(u32::MAX),
            to: message.to.e164().to_owned(),
            text: text_hash(message.text.as_str()),
            id: id.map(str::to_owned),
        }
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Sent(Option<String>),
    Refused(Option<String>),
    NotSent,
    Unknown,
}

impl Record {
    pub(super) fn write(&self) -> String {
        match self {
            Record::Start => format!("[\"journal\",{VERSION}]"),
            Record::Intent { at, messages } => {
                let mut text = format!("[\"intent\",{at}");
                for message in messages {
                    text.push_str(&format!(
                        ",[{},\"{}\",\"{:016x}\"",
                        message.index, message.to, message.text
                    ));
                    if let Some(id) = &message.id {
                        text.push(',');
                        text.push_str(&quoted(id));
                    }
                    text.push(']');
                }
                text + "]"
            }
            Record::Outcome { of, fates } => {
                let mut text = format!("[\"outcome\",{of}");
                for fate in fates {
                    let (word, code) = match fate {
                        Fate::Sent(code) => ("sent", code.as_deref()),
                        Fate::Refused(code) => ("refused", code.as_deref()),
                        Fate::NotSent => ("not-sent", None),
                        Fate::Unknown => ("unknown", None),
                    };
                    text.push(',');
                    text.push_str(&match code {
                        Some(code) => quoted(&[word, code].join(" ")),
                        None => quoted(word),
                    });
                }
                text + "]"
            }
        }
    }

    /// None where it is of a later version, or of nobody.
    pub(super) fn read(text: &str) -> Option<Record> {
        let document = Document::read(text)?;
        let mut parts = document.root().elements()?;
        let (kind, number) = (
            parts.next()?.string()?,
            parts.next()?.as_written().parse::<u64>().ok()?,
        );
        Some(match kind.as_str() {
            "journal" if number == VERSION => Record::Start,
            "intent" => {
                let mut messages = Vec::new();
                for part in parts {
                    let mut fields = part.elements()?;
                    messages.push(Intended {
                        index: fields.next()?.as_written().parse().ok()?,
                        to: fields.next()?.string()?,
                        text: u64::from_str_radix(&fields.next()?.string()?, 16).ok()?,
                        id: match fields.next() {
                            Some(id) => Some(id.string()?),
                            None => None,
                        },
                    });
                }
                Record::Intent {
                    at: number,
                    messages,
                }
            }
            "outcome" => {
                let mut fates = Vec::new();
                for part in parts {
                    fates.push(fate(&part.string()?)?);
                }
                Record::Outcome {
                    of: u32::try_from(number).ok()?,
                    fates,
                }
            }
            _ => return None,
        })
    }
}

fn fate(words: &str) -> Option<Fate> {
    let (word, code) = match words.split_once(' ') {
        Some((word, code)) => (word, Some(code.to_owned())),
        None => (words, None),
    };
    Some(match word {
        "sent" => Fate::Sent(code),
        "refused" => Fate::Refused(code),
        "not-sent" => Fate::NotSent,
        "unknown" => Fate::Unknown,
        _ => return None,
    })
}

/// A string as JSON, which has no line end in it.
fn quoted(text: &str) -> String {
    let mut json = String::new();
    push_string(&mut json, text);
    json
}

/// FNV-1a of a text without the white space around it, which an API may drop.
///
/// Two texts with the same hash can do no harm that matters: stats could count as sent what was not, for two texts to
/// one receiver in one campaign, once in 10^19; nothing is sent twice for it.
pub(super) fn text_hash(text: &str) -> u64 {
    fnv(FNV, text.trim().as_bytes())
}

/// Where FNV-1a begins.
pub(super) const FNV: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: the hash is part of the format, so it must stay the same in every version, and a dozen instructions do.
pub(super) fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_comes_back_and_stays_on_one_line() {
        let message = |index, id: Option<&str>| Intended {
            index,
            to: "+221776665544".to_owned(),
            text: text_hash("Bonjour"),
            id: id.map(str::to_owned),
        };
        let records = [
            Record::Start,
            Record::Intent {
                at: 1_700_000_000_000,
                messages: vec![message(0, None), message(7, Some("a \"b\"\n\u{2028}é"))],
            },
            Record::Outcome {
                of: 3,
                fates: vec![
                    Fate::Sent(Some("CODE 1\r".to_owned())),
                    Fate::Sent(None),
                    Fate::Refused(Some("ERROR_110".to_owned())),
                    Fate::NotSent,
                    Fate::Unknown,
                ],
            },
        ];
        for record in records {
            let written = record.write();
            assert!(!written.contains(['\n', '\r']), "{written}");
            assert_eq!(Record::read(&written), Some(record));
        }
    }

    #[test]
    fn what_is_not_of_this_version_is_not_read() {
        for text in [
            "",
            "[]",
            "[\"journal\",2]",
            "[\"merge\",1]",
            "[\"intent\",1,[0]]",
            "[\"outcome\",1,\"delivered\"]",
        ] {
            assert_eq!(Record::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(text_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(text_hash(" a\n"), 0xaf63_dc4c_8601_ec8c);
    }
}
