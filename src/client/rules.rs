use crate::api::send::{self, Receipt};
use crate::api::{Reply, Success};
use crate::message::Batch;
use crate::retry::{self, Next, Setback, Tried};
use crate::session::{Generation, Session};

/// The decisions on which it hangs that no message is sent twice and none is lost: each is a pure function elsewhere.
///
/// A client takes them as a type, so that a test can plant a fault in one and see that it is found; the shipped code
/// has [`TheRules`] alone and pays nothing for it.
pub trait Rules {
    /// See [`retry::next`].
    fn next(tried: Tried, setback: Setback, retry_after: Option<u32>, jitter: f64) -> Next {
        retry::next(tried, setback, retry_after, jitter)
    }

    /// See [`Reply::read`].
    fn reply(body: &str) -> Reply<'_> {
        Reply::read(body)
    }

    /// See [`send::answer`].
    fn receipt(success: Success<'_>, batch: &Batch) -> Option<Receipt> {
        send::answer(success, batch)
    }

    /// See [`Session::refused`].
    fn refused<Cause: Clone>(session: &mut Session<Cause>, generation: Generation, now: u64) {
        session.refused(generation, now);
    }
}

/// The decisions as they are.
pub struct TheRules;

impl Rules for TheRules {}
