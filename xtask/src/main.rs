//! `cargo xtask phone-table`.

mod phone_table;

use clap::Parser;

#[derive(Parser)]
enum Command {
    PhoneTable(phone_table::Options),
}

fn main() -> anyhow::Result<()> {
    let Command::PhoneTable(options) = Command::parse();
    phone_table::run(&options)
}
