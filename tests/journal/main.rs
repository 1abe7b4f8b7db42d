//! Stories of journals: campaigns that are killed at any point, with faults of the network, on a disk that loses and
//! tears what was not synced, and go on. No message leaves twice, and none is lost.
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "where it panics, a test fails"
)]

mod api;
mod crashes;
mod damage;
mod disk;
mod judge;
mod planted;
mod process;
#[path = "../scripted/mod.rs"]
mod scripted;
mod sources;
mod world;
