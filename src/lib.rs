//! A client of the PayDunya CRM SMS API.
pub mod api;
pub mod client;
pub mod credentials;
pub mod error;
pub mod host;
pub mod message;
pub mod phone;
pub mod retry;
pub mod sender;
pub mod session;
pub mod text;

#[cfg(feature = "js")]
mod js;
