#![doc = include_str!("../README.md")]
//!
//! # How the crate is laid out
//!
//! Bottom-up: a module imports only from those above it. All of it but `js` decides, and runs under plain `cargo test`
//! on the host; only `js` knows JavaScript, a clock and a network.
//!
//! ```text
//! characters                 one decoder of UTF-8 for numbers and texts
//! phone  text  sender        parsed once, always well-formed
//! error                      what a caller can do about it
//! message                    the one judgement of messages, for send and check
//! credentials  base_url      what must not be printed; where the API is
//! api                        one file per call: request, answer
//! event  host                what a listener is told; the outside world as a trait
//! retry  session             what may be repeated; which token to use now
//! client                     the one loop that carries a call out
//! campaign                   any number of messages: when to send what, through the client
//! journal                    what a campaign writes down, so that another process can go on with it
//! js                         CrmClient, conversions, fetch (feature `js`)
//! ```
//!
//! In scope: one account's login, send and stats, and the judgement of numbers and texts. Out of scope: anything that
//! the API document does not describe.

pub mod api;
pub mod base_url;
pub mod campaign;
mod characters;
pub mod client;
pub mod credentials;
pub mod error;
pub mod event;
pub mod host;
pub mod journal;
pub mod message;
pub mod phone;
pub mod retry;
pub mod sender;
pub mod session;
pub mod text;

#[cfg(feature = "js")]
mod js;
