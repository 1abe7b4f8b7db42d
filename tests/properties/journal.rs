//! What holds for whatever stands in a journal.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use std::cell::RefCell;

use futures::executor::block_on;
use paydunya_crm::campaign::Ledger;
use paydunya_crm::error::{Error, Kind};
use paydunya_crm::journal::{Journal, Storage};

type Cause = &'static str;

struct Memory<'a>(&'a RefCell<String>);

impl Storage<Cause> for Memory<'_> {
    async fn read(&self, each: &mut dyn FnMut(&str)) -> Result<(), Error<Cause>> {
        self.0.borrow().split('\n').for_each(each);
        Ok(())
    }

    async fn append(&self, line: &str) -> Result<(), Error<Cause>> {
        let mut text = self.0.borrow_mut();
        text.push_str(line);
        text.push('\n');
        Ok(())
    }

    fn now(&self) -> u64 {
        1_700_000_000_000
    }
}

/// Says whether it was taken for a journal.
pub fn hold(written: &str) -> bool {
    let text = RefCell::new(written.to_owned());
    let open = || block_on(Ledger::<Cause>::open(&Journal::new(Memory(&text))));
    match open() {
        // A run begins behind whatever was torn, so the next one can be read too.
        Ok(()) => {
            open().expect("what a run wrote");
            true
        }
        Err(error) => {
            assert_eq!(error.kind, Kind::Invalid);
            let place = error.message.strip_prefix("journal, line ");
            let line = place.and_then(|place| place.split_once(':')?.0.parse().ok());
            let lines = written.split(['\n', '\r']).count();
            assert!(line.is_some_and(|line: usize| (1..=lines).contains(&line)));
            assert_eq!(
                *text.borrow(),
                written,
                "nothing is added to what is damaged"
            );
            false
        }
    }
}
