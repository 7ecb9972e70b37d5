//! Floor 5: what was typed becomes a plan; exit codes.

mod load;
mod pull;
#[cfg_attr(not(test), expect(dead_code, reason = "the maintenance command that calls it comes with the command line"))]
mod seed;
mod store;

fn main() {}
