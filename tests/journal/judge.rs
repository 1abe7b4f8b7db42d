//! What must hold of all that is told of a message, over all processes.

use std::cell::RefCell;
use std::collections::HashMap;

use paydunya_crm::campaign::{Outcome, Status};

use crate::api::{Api, Key};

/// Remembers what was told, and the first promise that was broken.
#[derive(Default)]
pub(crate) struct Judge {
    /// Of each row; without any nothing is judged.
    keys: Vec<Key>,
    /// The codes of the messages that were called sent.
    sent: RefCell<HashMap<usize, String>>,
    broken: RefCell<Option<&'static str>>,
}

impl Judge {
    pub(crate) fn of(keys: Vec<Key>) -> Judge {
        Judge {
            keys,
            ..Judge::default()
        }
    }

    pub(crate) fn breaks(&self, promise: &'static str) {
        self.broken.borrow_mut().get_or_insert(promise);
    }

    pub(crate) fn broken(&self) -> Option<&'static str> {
        *self.broken.borrow()
    }

    /// A message that was accepted more often than there are rows of it.
    pub(crate) fn doubled(&self, api: &Api) -> Option<&Key> {
        self.keys
            .iter()
            .find(|key| api.count(key) > self.rows(key).count())
    }

    /// Rows with this number and text.
    pub(crate) fn rows(&self, key: &Key) -> impl Iterator<Item = usize> {
        let rows = self.keys.iter().enumerate();
        rows.filter(move |(_, other)| *other == key)
            .map(|(index, _)| index)
    }

    /// The outcome of a row is handed over.
    pub(crate) fn tell<Cause>(&self, index: usize, outcome: &Outcome<Cause>, api: &Api) {
        let Some(key) = self.keys.get(index) else {
            return;
        };
        let mut sent = self.sent.borrow_mut();
        if outcome.status != Status::Sent {
            if sent.contains_key(&index) && outcome.status != Status::Skipped {
                self.breaks("what was settled fell back");
            }
            return;
        }
        let others = self.rows(key).filter(|row| *row != index);
        let taken: Vec<&String> = others.filter_map(|row| sent.get(&row)).collect();
        if taken.len() >= api.count(key)
            && outcome
                .code
                .as_ref()
                .is_none_or(|code| !taken.contains(&code))
        {
            return self.breaks("sent, and not accepted");
        }
        let Some(code) = &outcome.code else {
            return self.breaks("sent, without its code");
        };
        if taken.contains(&code) {
            return self.breaks("a code of two messages");
        }
        let accepted = api.accepted();
        if !accepted
            .iter()
            .any(|sms| sms.key == *key && sms.code == *code)
        {
            return self.breaks("sent, with a code of another");
        }
        if sent
            .insert(index, code.clone())
            .is_some_and(|before| before != *code)
        {
            self.breaks("sent, with another code than before");
        }
    }

    /// A run came to its end: what was accepted is sent or in doubt.
    pub(crate) fn ended<Cause>(&self, outcomes: &[Outcome<Cause>], api: &Api) {
        if self.keys.is_empty() {
            return;
        }
        if outcomes.len() != self.keys.len() {
            return self.breaks("not one outcome for each");
        }
        for key in &self.keys {
            let of = |wanted: &[Status]| {
                let rows = self.rows(key).map(|row| outcomes[row].status);
                rows.filter(|status| wanted.contains(status)).count()
            };
            // A run that stopped does not say what it knows of the rest.
            if api.count(key) > of(&[Status::Sent, Status::Unknown, Status::Skipped]) {
                self.breaks("accepted, and neither sent nor in doubt");
            }
        }
    }
}
