//! Floor 2: what providers speak. Bytes in, tables and findings out; no file, network, clock or environment.
//!
//! [`read`] recognises a statistical file by its content and returns what it states, never more.

mod atlas;
pub mod body;
mod csv_file;
mod findings;
mod inspect;
mod jsonstat;
mod labels;
mod number;
mod pattern;
pub mod protocol;
mod read;
mod review;
mod sdmx_csv;
mod shape;
mod sheet;
mod table;
mod tidy;
mod tsv;
mod unpack;
mod workbook;

#[cfg(test)]
mod specimen;
#[cfg(test)]
mod tests;

pub use inspect::{HeaderRow, InspectedColumn, InspectedSheet, Inspection, inspect};
pub use labels::Labels;
pub use read::{Limits, ReadOptions, read};
