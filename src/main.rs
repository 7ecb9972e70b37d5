//! `baseline`: territorial baseline studies on migration and work.

mod cli;
mod compare;
mod compose;
mod derive;
mod disclose;
mod export;
mod frame;
mod harmonise;
mod load;
mod microdata;
mod partner;
mod pull;
mod reconcile;
mod run;
mod seed;
mod store;
mod survey;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cli::main() as u8)
}
