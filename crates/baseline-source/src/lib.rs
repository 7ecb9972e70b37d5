//! Floor 2: what providers speak. Bytes in, tables and findings out; no file, network, clock or environment.
//!
//! [`read`] recognises a statistical file by its content and returns what it states, never more.

mod archive;
mod atlas;
mod bdl;
pub mod body;
mod cbs;
mod csv_file;
mod findings;
mod foreign;
mod genesis;
mod idescat;
mod ine;
mod inspect;
mod istat_csv;
mod jsonstat;
mod labels;
mod members;
mod number;
mod parquet;
mod pattern;
pub mod protocol;
mod px;
mod pxweb;
mod pxweb_csv;
mod read;
mod records;
mod review;
mod sdmx;
mod sdmx_csv;
mod sdmx_json;
mod sdmx_ml;
mod shape;
mod sheet;
mod table;
mod tidy;
mod timecode;
mod tsv;
mod unpack;
mod workbook;

#[cfg(test)]
mod specimen;
#[cfg(test)]
mod tests;

pub use inspect::{HeaderRow, InspectedColumn, InspectedSheet, Inspection, inspect, rows};
pub use labels::Labels;
pub use read::{Limits, ReadOptions, read};
