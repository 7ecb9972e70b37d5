//! Values by region from one version of NUTS to another, by the flows of people or area between the versions' regions.
//! Nothing partial is passed off as whole: what a target lacks is stated, and above a limit the target is missing.

mod convert;
mod flows;
mod layout;
mod method;
mod versions;

pub use convert::{Converted, Old, Part, Quantity, convert};
pub use flows::{Flow, Flows};
pub use method::METHOD;
pub use versions::Versions;
