//! The PayDunya CRM SMS API in memory, for tests without a network.
//!
//! [`Sandbox::answer`] is a plain function from a request and a time to an answer. It holds no clock, no randomness and no
//! socket: who carries the answer (and its faults) to the client is `pkg-template/sandbox.js`, in memory, or
//! `pkg-template/bin/paydunya-crm.mjs`, over HTTP.
//!
//! | file | about |
//! |---|---|
//! | `options.rs` | what a sandbox is made with, read strictly from JSON |
//! | `fault.rs` | which call goes wrong, and how |
//! | `answer.rs` | a request, its answer, and the API's envelope of errors |
//! | `date.rs` | the API's form of dates |
//! | `token.rs` | the tokens that were given out |
//! | `outbox.rs` | the SMS that were accepted |
//! | `login.rs`, `send.rs`, `stats.rs` | one file per call |
//! | `sandbox.rs` | the state, and which call a request is |
//! | `js.rs` | the border to JavaScript |

mod answer;
mod date;
mod fault;
#[cfg(feature = "js")]
mod js;
mod login;
mod options;
mod outbox;
mod sandbox;
mod send;
mod stats;
mod token;

pub use answer::{Answer, Loss, Request};
pub use fault::Call;
pub use options::{OptionError, Options};
pub use outbox::Sms;
pub use sandbox::{Received, Sandbox};
