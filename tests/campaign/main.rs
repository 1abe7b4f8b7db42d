//! Stories of campaigns: which messages leave, in what order their outcomes come, and when nothing more is sent.
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "where it panics, a test fails"
)]

mod desk;
mod ledger;
mod properties;
#[path = "../scripted/mod.rs"]
mod scripted;
mod sending;
mod stopping;
