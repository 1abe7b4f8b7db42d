//! What a user of the sandbox relies on, through the crate's public API.
#![cfg(test)]

mod caller;
mod codes;
mod document;
mod faults;
mod login;
mod options;
mod routes;
mod send;
mod stats;
