//! What outlives a process: a disk, the API, the clock, and what was told of each message.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::api::Api;
use crate::disk::Disk;
use crate::judge::Judge;
use crate::planted::Bug;
use crate::scripted::*;

pub(crate) type Cause = &'static str;

/// Longer than anybody waits, in ms.
pub(crate) const NEVER: u64 = 1 << 40;

#[derive(Clone)]
pub(crate) struct World(Rc<Outside>);

struct Outside {
    disk: Disk,
    api: Api,
    judge: Judge,
    bug: Bug,
    host: RefCell<Option<ScriptedHost>>,
    clock: Cell<u64>,
    /// Things that happen until the process is killed.
    lives: Cell<usize>,
}

impl World {
    pub(crate) fn new(disk: Disk, api: Api, judge: Judge, bug: Bug) -> World {
        World(Rc::new(Outside {
            disk,
            api,
            judge,
            bug,
            host: RefCell::default(),
            clock: Cell::new(ScriptedHost::new([]).clock()),
            lives: Cell::new(usize::MAX),
        }))
    }

    /// Where nothing goes wrong by itself.
    pub(crate) fn sound() -> World {
        World::holding(&[])
    }

    /// A sound one, with this journal.
    pub(crate) fn holding(bytes: &[u8]) -> World {
        let disk = Disk::holding(bytes);
        World::new(disk, Api::default(), Judge::default(), Bug::None)
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.0.disk
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    pub(crate) fn judge(&self) -> &Judge {
        &self.0.judge
    }

    pub(crate) fn bug(&self) -> Bug {
        self.0.bug
    }

    /// Of the process that runs.
    pub(crate) fn host(&self) -> ScriptedHost {
        self.0.host.borrow().clone().expect("a process")
    }

    /// Something happens; false where the process is dead already.
    pub(crate) fn step(&self) -> bool {
        let left = self.0.lives.get().saturating_sub(1);
        self.0.lives.set(left);
        left > 0
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.lives.get() == 0
    }

    /// A new process, with a connection to the API.
    pub(crate) fn start(&self, lives: usize) -> ScriptedHost {
        self.0.lives.set(lives);
        self.api().another_process();
        let world = self.clone();
        let host = ScriptedHost::answering(move |posted| world.answer(posted));
        host.pass(self.0.clock.get() - host.clock());
        *self.0.host.borrow_mut() = Some(host.clone());
        host
    }

    /// The power goes, and comes again.
    pub(crate) fn crash(&self, whims: &[u8]) {
        self.0.disk.crash(whims);
        let host = self.0.host.take().expect("a process");
        self.0.clock.set(host.clock() + 1_000);
    }

    fn answer(&self, posted: &Posted) -> Scripted {
        let body: serde_json::Value = serde_json::from_str(&posted.body).expect("JSON");
        let now = self.host().clock();
        match posted.path.as_str() {
            "/auth/login" => answer(200, LOGIN),
            "/sms/send" => self.send(&body, now),
            _ if !self.step() => answer(200, "").after(NEVER),
            _ => self.api().stats(&body, now),
        }
    }

    fn send(&self, body: &serde_json::Value, now: u64) -> Scripted {
        let nth = self.api().post(body, self.disk());
        // Killed with its request at the API, which never reads it.
        if !self.step() {
            return answer(200, "").after(NEVER);
        }
        let answered = self.api().process(nth, now);
        if let Some(message) = self.judge().doubled(self.api()) {
            self.judge()
                .breaks(self.api().why_twice(message, self.disk()));
        }
        // Killed after the API processed it.
        if self.step() {
            answered
        } else {
            answered.after(NEVER)
        }
    }
}
