//! What a journal holds: read line after line, each message has one state, and none that is settled falls back.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::line::Line;
use super::record::{FNV, Fate, Intended, Record, fnv};
use crate::campaign::Known;

/// The state of every message of a journal.
#[derive(Default)]
pub(super) struct History {
    messages: HashMap<u64, State, BuildHasherDefault<AsIs>>,
    /// Those of messages that were sent or refused, each with a line end behind it.
    codes: String,
    /// Intents with messages of which nobody knows what became, in their order.
    posts: Vec<Post>,
    /// Lines that were read, whole or not.
    lines: u32,
    /// The place of the next line.
    next: u32,
    /// The first place that is missing in this run, and the line where that showed.
    gap: Option<(u32, u32)>,
    /// The first torn line since the last whole one.
    torn_at: Option<u32>,
    /// The largest index of a message that may have been sent: of one without an id, of any.
    last_unnamed: Option<u32>,
    last: Option<u32>,
}

/// A line that is damaged, in another way than by a writer that was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// From 1.
    pub(super) line: u32,
    pub(super) fault: &'static str,
}

/// An intent.
pub(super) struct Post {
    /// The place of its line.
    pub(super) place: u32,
    /// Milliseconds since 1970.
    pub(super) at: u64,
    /// None where it is known what became of it.
    pub(super) messages: Vec<Option<Intended>>,
}

/// What is remembered of a message: 16 bytes, and 8 for its name.
#[derive(Clone, Copy)]
struct State {
    /// Halves of hashes are enough where the name has to be the same too.
    number: u32,
    text: u32,
    /// Where its code stands in `codes`.
    code: u32,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It came in this run, and has no intent yet.
    Here,
    Unknown,
    Sent,
    Refused,
    NotSent,
}

const NO_CODE: u32 = u32::MAX;

impl History {
    /// Reads the next lines; a text of several is taken apart.
    pub(super) fn read(&mut self, text: &str) -> Result<(), Damage> {
        for line in text.split(['\n', '\r']) {
            if line.is_empty() {
                continue;
            }
            self.lines = self.lines.saturating_add(1);
            match Line::read(line) {
                Some(line) => self.take(line)?,
                None => {
                    self.torn_at.get_or_insert(self.lines);
                    if self.next == 0 && !is_torn_start(line) {
                        return Err(self.damage("this is not a journal"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Nothing was ever appended.
    pub(super) fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// The place of the next line.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// The place before which every line is there.
    pub(super) fn whole(&self) -> u32 {
        self.gap.map_or(self.next, |(missing, _)| missing)
    }

    fn damage(&self, fault: &'static str) -> Damage {
        Damage {
            line: self.lines,
            fault,
        }
    }

    fn take(&mut self, line: Line<'_>) -> Result<(), Damage> {
        let record = Record::read(line.record).ok_or_else(|| {
            self.damage("written by a later version of this package, or by another program")
        })?;
        let starts = record == Record::Start;
        if self.next == 0 && !starts {
            return Err(self.damage("this is not the beginning of a journal"));
        }
        if line.place < self.next {
            return Err(self.damage("out of its place: did two campaigns write at once?"));
        }
        let torn_at = self.torn_at.take().unwrap_or(self.lines);
        if line.place > self.next {
            self.gap.get_or_insert((self.next, torn_at));
        }
        if let Some((_, line)) = self.gap.filter(|(missing, _)| *missing < line.durable) {
            return Err(Damage {
                line,
                fault: "a line that was written whole is damaged here, or missing",
            });
        }
        if starts {
            // Whoever began this run has read what is there.
            self.gap = None;
        }
        self.next = line.place.saturating_add(1);
        self.apply(line.place, record)
    }

    /// Applies a record, read or just written.
    pub(super) fn apply(&mut self, place: u32, record: Record) -> Result<(), Damage> {
        match record {
            Record::Start => Ok(()),
            Record::Intent { at, messages } => {
                self.intend(place, at, messages);
                Ok(())
            }
            Record::Outcome { of, fates } => self.settle(of, fates),
        }
    }

    fn intend(&mut self, place: u32, at: u64, messages: Vec<Intended>) {
        let messages = messages
            .into_iter()
            .map(|message| {
                let state = State {
                    number: number_hash(&message.to),
                    text: message.text as u32,
                    code: NO_CODE,
                    stage: Stage::Unknown,
                };
                let known = self.messages.entry(name(&message)).or_insert(State {
                    stage: Stage::Here,
                    ..state
                });
                if matches!(known.stage, Stage::Sent | Stage::Unknown) {
                    // It was settled, or waits for an earlier intent.
                    return None;
                }
                *known = state;
                self.last = self.last.max(Some(message.index));
                if message.id.is_none() {
                    self.last_unnamed = self.last_unnamed.max(Some(message.index));
                }
                Some(message)
            })
            .collect();
        self.posts.push(Post {
            place,
            at,
            messages,
        });
    }

    fn settle(&mut self, of: u32, fates: Vec<Fate>) -> Result<(), Damage> {
        // All of its messages are settled, or its line was lost.
        let Ok(found) = self.posts.binary_search_by_key(&of, |post| post.place) else {
            return Ok(());
        };
        let Some(post) = self.posts.get_mut(found) else {
            return Ok(());
        };
        if post.messages.len() != fates.len() {
            return Err(self.damage("it does not fit the intent that it names"));
        }
        for (slot, fate) in post.messages.iter_mut().zip(fates) {
            let (stage, code) = match fate {
                Fate::Sent(code) => (Stage::Sent, code),
                Fate::Refused(code) => (Stage::Refused, code),
                Fate::NotSent => (Stage::NotSent, None),
                Fate::Unknown => continue,
            };
            let Some(message) = slot.take() else {
                continue;
            };
            if let Some(state) = self.messages.get_mut(&name(&message)) {
                state.stage = stage;
                if let Some(code) = code {
                    // Beyond 4 GB of codes one is not remembered.
                    state.code = u32::try_from(self.codes.len()).unwrap_or(NO_CODE);
                    self.codes.push_str(&code);
                    self.codes.push('\n');
                }
            }
        }
        if post.messages.iter().all(Option::is_none) {
            self.posts.remove(found);
        }
        Ok(())
    }

    /// What is known of a message; where that is nothing, it counts as here from now on.
    pub(super) fn known(&mut self, message: &Intended) -> Option<Known> {
        let key = name(message);
        let (number, text) = (number_hash(&message.to), message.text as u32);
        let Some(state) = self.messages.get_mut(&key) else {
            return self.unknown_name(key, message);
        };
        let same_number = state.number == number;
        let same = same_number && state.text == text;
        let code = self
            .codes
            .get(state.code as usize..)
            .and_then(|codes| Some(codes.split_once('\n')?.0.to_owned()));
        // An id is a promise of the caller; a place is one only together with what stands there.
        let is_it = match message.id {
            Some(_) => same_number,
            None => same,
        };
        Some(match state.stage {
            Stage::Here => Known::Repeated,
            Stage::Sent | Stage::Unknown if !is_it => Known::Contradicted,
            Stage::Sent => Known::Sent(code),
            Stage::Unknown => Known::Unknown,
            Stage::Refused if same => Known::Refused(code),
            // Refused and mended, or free to be sent.
            Stage::Refused | Stage::NotSent => {
                if message.id.is_some() {
                    state.stage = Stage::Here;
                }
                return None;
            }
        })
    }

    fn unknown_name(&mut self, key: u64, message: &Intended) -> Option<Known> {
        match &message.id {
            // It was sent under its place alone.
            Some(_) if self.messages.contains_key(&place_name(message.index)) => {
                Some(Known::Contradicted)
            }
            Some(_) => {
                let state = State {
                    number: 0,
                    text: 0,
                    code: NO_CODE,
                    stage: Stage::Here,
                };
                self.messages.insert(key, state);
                None
            }
            // It was sent under an id.
            None if self.last_unnamed.is_none() && self.last >= Some(message.index) => {
                Some(Known::Contradicted)
            }
            None => None,
        }
    }

    /// Whether a message that has no id, at this index or a later one, may have been sent.
    pub(super) fn expects(&self, index: usize) -> bool {
        self.last_unnamed.is_some_and(|last| last as usize >= index)
    }

    /// Intents with messages of which nobody knows what became, in their order.
    pub(super) fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// The codes of all messages.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.lines()
    }
}

/// Whether the first line of a journal could come to this when the power went: a part of it, or zeros in its place.
fn is_torn_start(line: &str) -> bool {
    let start = Line {
        place: 0,
        durable: 0,
        record: &Record::Start.write(),
    };
    start.write().starts_with(line.trim_matches('\0'))
}

/// What a message goes by: its id, or else its place.
fn name(message: &Intended) -> u64 {
    match &message.id {
        Some(id) => fnv(fnv(FNV, b"id"), id.as_bytes()),
        None => place_name(message.index),
    }
}

fn place_name(index: u32) -> u64 {
    fnv(fnv(FNV, b"#"), &index.to_le_bytes())
}

fn number_hash(number: &str) -> u32 {
    fnv(FNV, number.as_bytes()) as u32
}

/// Keys that are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = fnv(self.0, bytes);
    }

    fn write_u64(&mut self, key: u64) {
        // The table tells entries apart by the topmost bits, which FNV leaves poorest.
        self.0 = key.rotate_left(32) ^ key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
