//! The one integration binary: what holds for the project as a whole.

mod architecture;

mod behaviour;
mod determinism;
mod faults;
mod golden;
mod kit;
mod known;
mod labels;
mod outputs;
mod published;
mod refresh;
mod server;
mod trace;
