//! The one integration binary: what holds for the project as a whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends where it stands")]

mod apart;
mod architecture;

mod behaviour;
mod boundaries;
mod compute;
mod determinism;
mod export;
mod faults;
mod golden;
mod import;
mod kit;
mod known;
mod labels;
mod languages;
mod methods;
mod microdata;
mod outputs;
mod products;
mod published;
mod recompute;
mod refresh;
mod scan;
mod server;
mod sources;
mod trace;
