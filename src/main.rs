//! Floor 5: what was typed becomes a plan; exit codes.

mod load;
mod pull;
mod seed;
mod store;

fn main() {}
