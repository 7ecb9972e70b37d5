//! Floor 5: what was typed becomes a plan; exit codes.

mod compare;
mod compose;
mod derive;
mod frame;
mod harmonise;
mod load;
mod pull;
mod seed;
mod store;

fn main() {}
