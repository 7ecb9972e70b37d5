//! Floor 1: the types that carry the promise, and the definitions a statistician may edit.
//!
//! No input or output, no clock, no data frame. Everything above speaks in these words
//! (glossary in `ARCHITECTURE.md`).

pub mod definitions;
pub mod finding;
pub mod language;
pub mod observation;
pub mod period;
pub mod raw;
pub mod receipt;

pub use finding::{Finding, Severity};
pub use observation::{
    Cell, Evidence, FigureId, Formula, Grade, NutsCode, NutsVersion, ObsStatus, Observation, Parameters, Reason, Value,
};
pub use period::{Frequency, Period};
pub use raw::{Column, Description, Entry, Positions, RawTable, Reading, Role, column_letters, is_meant};
pub use receipt::{Original, Receipt};
