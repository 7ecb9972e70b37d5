//! Structure of a territory and of a group of territories: what it is specialised in, how much of its growth is its own,
//! how unequal and how segregated it is, whether places converge, and which of them resemble one another.

pub(crate) mod columns;
mod counts;
mod grouping;

pub mod agreement;
pub mod cluster;
pub mod convergence;
pub mod inequality;
pub mod quotient;
pub mod segregation;
pub mod shift_share;
pub mod typology;

pub(crate) use columns::{TIMES, find, is_text, unused};

#[cfg(test)]
pub(crate) mod tests;
