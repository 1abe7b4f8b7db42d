//! A client of the PayDunya CRM SMS API.
pub mod error;
pub mod phone;
pub mod sender;
pub mod text;
