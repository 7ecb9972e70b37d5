//! Floor 5: what was typed becomes a plan; exit codes.

mod compare;
mod compose;
mod derive;
mod frame;
mod harmonise;
mod load;
mod pull;
#[cfg_attr(not(test), expect(dead_code, reason = "the maintenance command that calls it comes with the command line"))]
mod seed;
mod store;

fn main() {}
