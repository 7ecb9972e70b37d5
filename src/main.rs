//! Floor 5: what was typed becomes a plan; exit codes.

mod load;
mod pull;
mod store;

fn main() {}
