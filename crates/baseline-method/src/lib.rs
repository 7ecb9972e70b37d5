//! Floor 2: the methods of a baseline study as pure functions of numbers: gaps, normalisation, composites, uncertainty,
//! missing data, conversion between NUTS versions, small areas, structure.
//!
//! A function here gets slices and returns values or a [`Fault`]; it knows neither territories nor observations, opens no
//! file and draws no number that is not determined by a seed it is given. Each module also registers its methods in
//! [`METHODS`], from where `baseline compute` runs them on a CSV file and `baseline method` describes them.

pub mod aggregate;
pub mod composite;
pub mod conversion;
pub mod disclosure;
mod example;
mod fault;
pub mod fay_herriot;
pub mod formula;
pub mod gap;
pub mod impute;
pub mod inputs;
pub mod interval;
pub mod ipf;
pub mod matrix;
mod method;
pub mod mismatch;
pub mod normalise;
pub mod outranking;
pub mod parent;
pub mod random;
pub mod rank;
pub mod reliability;
mod sheet;
pub mod sobol;
pub mod structure;
pub mod synthetic;
pub mod uncertainty;

pub use example::example_file;
pub use fault::Fault;
pub use method::{Answer, Cell, Column, Given, METHODS, Method, Param, Params, compute, find};
pub use sheet::{Numbers, Sheet};
