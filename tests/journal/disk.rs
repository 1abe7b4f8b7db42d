//! The disk of a journal. Of what was not synced it keeps what it likes when the power goes.

use std::cell::RefCell;

use paydunya_crm::error::Error;
use paydunya_crm::host::Host;
use paydunya_crm::journal::Storage;

use crate::planted::{Bug, without_codes};
use crate::scripted::{ScriptedHost, Signal};
use crate::world::{Cause, World};

/// The bytes of one file.
#[derive(Default)]
pub(crate) struct Disk {
    synced: RefCell<Vec<u8>>,
    /// One for each write.
    unsynced: RefCell<Vec<Vec<u8>>>,
}

impl Disk {
    pub(crate) fn holding(bytes: &[u8]) -> Disk {
        Disk {
            synced: RefCell::new(bytes.to_vec()),
            ..Disk::default()
        }
    }

    /// What is there whatever happens.
    pub(crate) fn synced(&self) -> Vec<u8> {
        self.synced.borrow().clone()
    }

    /// What was written and may get lost.
    pub(crate) fn unsynced(&self) -> Vec<u8> {
        self.unsynced.borrow().concat()
    }

    fn write(&self, bytes: Vec<u8>) {
        self.unsynced.borrow_mut().push(bytes);
    }

    fn sync(&self) {
        let unsynced = self.unsynced.take().concat();
        self.synced.borrow_mut().extend(unsynced);
    }

    /// The power goes. Each write that was not synced is kept, torn, zeroed or lost, as `whims` say, whatever becomes
    /// of the others; without a whim it is lost.
    pub(crate) fn crash(&self, whims: &[u8]) {
        let mut synced = self.synced.borrow_mut();
        for (write, whim) in self.unsynced.take().iter().zip(whims) {
            let torn = usize::from(*whim) * write.len() / 256;
            match whim % 4 {
                0 => synced.extend(write),
                1 => synced.extend(&write[..torn]),
                2 => synced.extend(vec![0; write.len()]),
                _ => {}
            }
        }
    }
}

/// The file as a process sees it, which may die at each of its steps.
pub(crate) struct File {
    pub(crate) world: World,
    /// Of a process that reconciles.
    pub(crate) reconciles: bool,
}

impl File {
    /// Never, where the process is dead.
    async fn alive(&self, alive: bool) {
        if !alive {
            std::future::pending::<()>().await;
        }
    }
}

impl Storage<Cause> for File {
    async fn read(&self, each: &mut dyn FnMut(&str)) -> Result<(), Error<Cause>> {
        let bytes = self.world.disk().synced();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if self.reconciles && self.world.bug() == Bug::CodeTwice {
            text = without_codes(&text);
        }
        text.split('\n').for_each(each);
        Ok(())
    }

    async fn append(&self, line: &str) -> Result<(), Error<Cause>> {
        let world = &self.world;
        self.alive(!world.is_dead()).await;
        world.disk().write([line.as_bytes(), b"\n"].concat());
        self.alive(world.step()).await;
        if world.bug() == Bug::NoSync {
            return Ok(());
        }
        let host = world.host();
        // Nobody aborts.
        let _ = host.sleep(1, &Signal::default()).await;
        self.alive(!world.is_dead()).await;
        world.disk().sync();
        self.alive(world.step()).await;
        Ok(())
    }

    fn now(&self) -> u64 {
        ScriptedHost::clock(&self.world.host())
    }
}
