/// Calls of one schedule at most.
pub const MOST_CALLS: usize = 6;

/// What happens to a client, or to two that share an account.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub(super) calls: Vec<Plan>,
    /// What becomes of each POST, in the order in which they come, and how many ms it takes; nothing befalls the others.
    pub(super) faults: Vec<(Fault, u64)>,
    /// A login ends the token of the one before.
    pub(super) single_token: bool,
    /// Of a token, in seconds.
    pub(super) lifetime: u32,
    pub(super) store: Store,
    pub(super) jitter: f64,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) client: usize,
    /// Milliseconds from the beginning.
    pub(super) start: u64,
    pub(super) timeout: u32,
    pub(super) max_retries: u32,
    /// Milliseconds from its start.
    pub(super) aborts: Option<u64>,
    /// When its request ends, as on workerd: from then on nobody polls it. Milliseconds from its start.
    pub(super) dies: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Send(usize),
    Stats,
    Login,
}

/// What befalls a POST. Where it is `processed`, only the answer is lost or another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    /// The answer names the messages in another order.
    Reversed,
    /// Only a part of the messages is accepted and named.
    Partial,
    /// All tokens end before it comes.
    Revoke,
    NeverLeft,
    Lost {
        processed: bool,
    },
    Hang {
        processed: bool,
    },
    Status {
        status: u16,
        wait: Option<&'static str>,
        processed: bool,
    },
    Code {
        code: &'static str,
        processed: bool,
    },
    /// The money is gone after the first message.
    Poor,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Store {
    Absent,
    Quick,
    Hangs,
    /// It gives a token that the API doesn't know.
    Garbage,
}

impl Plan {
    pub(super) fn most_posts(&self) -> u32 {
        // The repeats, and a token that is refused of the store, of the store again, and of a login.
        1 + self.max_retries + 2
    }

    pub(super) fn most_logins(&self) -> u32 {
        // One with its repeats before each POST, whoever overtakes it.
        let logins = match self.kind {
            Kind::Login => 1,
            _ => self.most_posts(),
        };
        logins * (1 + self.max_retries)
    }
}

impl Schedule {
    /// Reads a schedule off any bytes; what is not there is 0, the simplest choice, so that a proof of a fault shrinks.
    pub fn read(bytes: &[u8]) -> Schedule {
        let mut bytes = bytes.iter().copied();
        let mut pick = |choices: usize| usize::from(bytes.next().unwrap_or_default()) % choices;
        let single_token = pick(2) == 1;
        let lifetime = [3600, 90, 61, 30][pick(8) % 4];
        let store = match pick(8) {
            5 => Store::Quick,
            6 => Store::Hangs,
            7 => Store::Garbage,
            _ => Store::Absent,
        };
        let jitter = [0.0, 1.0, 0.3][pick(3)];
        let same_patience = pick(3) > 0;
        let same_timeout = [300, 10_000][pick(4) / 3];
        let calls = (0..=pick(MOST_CALLS))
            .map(|_| Plan {
                kind: match pick(8) {
                    size @ 0..=2 => Kind::Send(size + 1),
                    6 => Kind::Stats,
                    7 => Kind::Login,
                    _ => Kind::Send(1),
                },
                client: usize::from(pick(4) == 3),
                start: [0, 0, 1, 40, 300, 2_000][pick(6)],
                timeout: match same_patience {
                    true => same_timeout,
                    false => [300, 40, 1_000, 10_000][pick(4)],
                },
                max_retries: match same_patience {
                    true => 2,
                    false => [2, 0, 1, 4][pick(4)],
                },
                aborts: [
                    None,
                    None,
                    None,
                    None,
                    Some(0),
                    Some(7),
                    Some(200),
                    Some(900),
                ][pick(8)],
                dies: [Some(3), Some(100), Some(900), Some(6_000)]
                    .get(pick(16).wrapping_sub(12))
                    .copied()
                    .flatten(),
            })
            .collect();
        let faults = (0..pick(16))
            .map(|_| (fault(&mut pick), [5, 0, 60, 290, 310, 5_000][pick(6)]))
            .collect();
        Schedule {
            calls,
            faults,
            single_token,
            lifetime,
            store,
            jitter,
        }
    }

    /// Whether no login ends before its call has what it asked for, or knows why not.
    pub(super) fn is_undisturbed(&self) -> bool {
        self.is_plain()
            && self
                .calls
                .iter()
                .all(|call| call.aborts.is_none() && call.dies.is_none())
    }

    /// Whether no call has reason to overtake the login of another.
    pub(super) fn is_plain(&self) -> bool {
        let patience = |call: &Plan| (call.timeout, call.max_retries);
        let first = self.calls.first().map(patience);
        self.store == Store::Absent && self.calls.iter().all(|call| Some(patience(call)) == first)
    }
}

fn fault(pick: &mut impl FnMut(usize) -> usize) -> Fault {
    let processed = pick(2) == 1;
    let wait = [None, Some("0"), Some("1"), Some("61"), Some("soon")];
    match pick(16) {
        1 => Fault::Reversed,
        2 => Fault::Partial,
        3 => Fault::NeverLeft,
        4 | 5 => Fault::Lost { processed },
        6 | 7 => Fault::Hang { processed },
        8 => Fault::Status {
            status: 429,
            wait: wait[pick(5)],
            processed: false,
        },
        9 => Fault::Status {
            status: [413, 401][pick(2)],
            wait: None,
            processed: false,
        },
        10 | 11 => Fault::Status {
            status: [500, 502, 503, 200, 302, 404][pick(6)],
            wait: wait[pick(5)],
            processed,
        },
        12 => Fault::Code {
            code: ["ERROR_101", "ERROR_103", "ERROR_116", "CANARY"][pick(4)],
            processed,
        },
        13 => Fault::Code {
            code: ["ERROR_107", "ERROR_110", "ERROR_117", "ERROR_119"][pick(4)],
            processed: false,
        },
        14 => Fault::Poor,
        15 => Fault::Revoke,
        _ => Fault::None,
    }
}
