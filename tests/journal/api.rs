//! The API, which knows what it accepted, and the network before it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use paydunya_crm::host::What;
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::scripted::*;
use crate::world::NEVER;

/// Number and text.
pub(crate) type Key = (String, String);

/// What goes wrong with one send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    Reset {
        accepted: bool,
    },
    Hang {
        accepted: bool,
    },
    /// It is accepted minutes after its sender gave up.
    Late,
    Html {
        accepted: bool,
    },
    Status {
        accepted: bool,
    },
    HalfAnAnswer,
    /// The answer leaves one out.
    Incomplete,
    TooMany,
    TooLarge,
    Token,
    /// ERROR_116 though it was accepted.
    Code,
}

impl Fault {
    pub(crate) const ALL: [Fault; 16] = [
        Fault::None,
        Fault::Reset { accepted: false },
        Fault::Reset { accepted: true },
        Fault::Hang { accepted: false },
        Fault::Hang { accepted: true },
        Fault::Late,
        Fault::Html { accepted: false },
        Fault::Html { accepted: true },
        Fault::Status { accepted: false },
        Fault::Status { accepted: true },
        Fault::HalfAnAnswer,
        Fault::Incomplete,
        Fault::TooMany,
        Fault::TooLarge,
        Fault::Token,
        Fault::Code,
    ];

    fn accepts(self) -> bool {
        match self {
            Fault::Reset { accepted }
            | Fault::Hang { accepted }
            | Fault::Html { accepted }
            | Fault::Status { accepted } => accepted,
            Fault::TooMany | Fault::TooLarge | Fault::Token => false,
            _ => true,
        }
    }

    /// Whoever meets it knows that nothing was sent.
    fn proves_nothing_was_sent(self) -> bool {
        matches!(self, Fault::TooMany | Fault::TooLarge | Fault::Token)
    }
}

/// A send as it came.
#[derive(Clone)]
pub(crate) struct Post {
    process: usize,
    /// So many bytes of the journal were durable then.
    pub(crate) durable: usize,
    /// What was written and not synced.
    unsynced: String,
    pub(crate) messages: Vec<Key>,
    fault: Fault,
    /// Its sender was alive to learn that nothing was sent.
    pub(crate) harmless: bool,
}

#[derive(Clone)]
pub(crate) struct Accepted {
    pub(crate) key: Key,
    pub(crate) code: String,
    at: u64,
    /// Which send had it.
    post: usize,
}

#[derive(Default)]
pub(crate) struct Api {
    faults: RefCell<VecDeque<Fault>>,
    process: Cell<usize>,
    posts: RefCell<Vec<Post>>,
    accepted: RefCell<Vec<Accepted>>,
}

impl Api {
    /// What goes wrong with the next sends, and with no other.
    pub(crate) fn script(&self, faults: &[Fault]) {
        *self.faults.borrow_mut() = faults.iter().copied().collect();
    }

    pub(crate) fn another_process(&self) {
        self.process.set(self.process.get() + 1);
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.posts.borrow().clone()
    }

    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.accepted.borrow().clone()
    }

    /// How often it accepted this.
    pub(crate) fn count(&self, key: &Key) -> usize {
        let accepted = self.accepted.borrow();
        accepted.iter().filter(|sms| sms.key == *key).count()
    }

    /// The numbers of what it accepted, sorted.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let accepted = self.accepted.borrow();
        let mut numbers: Vec<String> = accepted.iter().map(|sms| sms.key.0.clone()).collect();
        numbers.sort();
        numbers
    }

    pub(crate) fn forget(&self) {
        self.accepted.borrow_mut().clear();
    }

    /// A send has come; gives its place among all of them.
    pub(crate) fn post(&self, body: &Value, disk: &Disk) -> usize {
        let field = |sms: &Value, name: &str| sms[name].as_str().unwrap_or_default().to_owned();
        let sms = body["send_sms_request"]["sms"].as_array();
        let fault = self.faults.borrow_mut().pop_front();
        let mut posts = self.posts.borrow_mut();
        posts.push(Post {
            process: self.process.get(),
            durable: disk.synced().len(),
            unsynced: String::from_utf8_lossy(&disk.unsynced()).into_owned(),
            messages: sms
                .into_iter()
                .flatten()
                .map(|sms| (field(sms, "to"), field(sms, "text")))
                .collect(),
            fault: fault.unwrap_or(Fault::None),
            harmless: false,
        });
        posts.len() - 1
    }

    /// Does with a send what its fault says, and answers it.
    pub(crate) fn process(&self, nth: usize, now: u64) -> Scripted {
        let post = &mut self.posts.borrow_mut()[nth];
        if post.fault == Fault::TooLarge && post.messages.len() == 1 {
            post.fault = Fault::None;
        }
        post.harmless = post.fault.proves_nothing_was_sent();
        let mut sms = Vec::new();
        if post.fault.accepts() {
            let late = if post.fault == Fault::Late {
                300_000
            } else {
                0
            };
            let mut accepted = self.accepted.borrow_mut();
            for key in &post.messages {
                let code = format!("CODE-{}", accepted.len());
                sms.push(json!({ "code": code, "receiver_address": key.0, "text": key.1 }));
                accepted.push(Accepted {
                    key: key.clone(),
                    code,
                    at: now + late,
                    post: nth,
                });
            }
        }
        if post.fault == Fault::Incomplete && sms.len() > 1 {
            sms.remove(0);
        }
        let body = json!({ "code": "00", "data": { "sms": sms } }).to_string();
        match post.fault {
            Fault::None | Fault::Incomplete => answer(200, &body),
            Fault::Reset { .. } => failure(What::Lost),
            Fault::Hang { .. } | Fault::Late => answer(200, &body).after(NEVER),
            Fault::Html { .. } => answer(200, "<!doctype html><title>Gateway</title>"),
            Fault::Status { accepted } => answer(if accepted { 500 } else { 503 }, "<html>"),
            Fault::HalfAnAnswer => answer(200, &body[..body.len() / 2]),
            Fault::TooMany => answer(429, "").retry_after("0"),
            Fault::TooLarge => answer(413, ""),
            Fault::Token => code("ERROR_121"),
            Fault::Code => code("ERROR_116"),
        }
    }

    pub(crate) fn stats(&self, body: &Value, now: u64) -> Scripted {
        let receivers = body["sms_sent"]["filters"]["receiver_address"].as_array();
        let accepted = self.accepted.borrow();
        let valid: Vec<Value> = receivers
            .into_iter()
            .flatten()
            .map(|receiver| {
                let number = receiver["value"].as_str().unwrap_or_default();
                let sms: Vec<Value> = accepted
                    .iter()
                    .filter(|sms| sms.key.0 == number && sms.at <= now)
                    .map(|sms| json!({ "code": sms.code, "content": sms.key.1 }))
                    .collect();
                json!({ number.trim_start_matches('+'): sms })
            })
            .collect();
        let body = json!({ "code": "00", "data": { "valid_number": valid } });
        answer(200, &body.to_string())
    }

    /// How it could come that a message was accepted twice.
    pub(crate) fn why_twice(&self, key: &Key, disk: &Disk) -> &'static str {
        let (accepted, posts) = (self.accepted.borrow(), self.posts.borrow());
        let all: Vec<&Accepted> = accepted.iter().filter(|sms| sms.key == *key).collect();
        let [first, .., last] = all.as_slice() else {
            return "not sent twice";
        };
        let (before, again) = (&posts[first.post], &posts[last.post]);
        let synced = disk.synced();
        let then = String::from_utf8_lossy(&synced[..before.durable]).into_owned();
        if before.process == again.process {
            "sent twice by one process"
        } else if before.unsynced.contains(&key.0) && !then.contains(&key.0) {
            "sent twice: its intent was not synced"
        } else if !then.contains(&key.0) {
            "sent twice: its intent was not written"
        } else if String::from_utf8_lossy(&synced).contains(&format!("\"sent {}\"", first.code)) {
            "sent twice: it was settled"
        } else {
            "sent twice: it was in doubt"
        }
    }
}
