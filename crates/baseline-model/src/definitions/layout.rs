//! Layouts of files with a row a person: which column says what, and what its codes mean.
//!
//! ```toml
//! name = "EU Labour Force Survey from 2021"
//! weight_persons = 1000
//! columns = { weight = "COEFFY", age = "AGE", status = "ILOSTAT", education = "HATLEVEL" }
//! status = { employed = ["1"], unemployed = ["2"], inactive = ["3"], missing = ["9"] }
//! ```

use serde::Deserialize;

/// How a file of persons is laid out. Codes are compared as texts; an empty cell is always "not stated".
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub name: String,
    #[serde(default)]
    pub notes: Vec<String>,
    /// Persons that a weight of 1 stands for: 1000 where weights are in thousands.
    pub weight_persons: f64,
    pub columns: LayoutColumns,
    /// What the file does not say itself.
    #[serde(default)]
    pub fixed: LayoutFixed,
    /// Ages (years, or mid values of bands) that mean "not stated".
    #[serde(default)]
    pub age_missing: Vec<f64>,
    pub status: StatusCodes,
    pub education: EducationCodes,
    #[serde(default)]
    pub citizenship: Option<OriginCodes>,
    #[serde(default)]
    pub birth: Option<OriginCodes>,
    #[serde(default)]
    pub occupation: Option<OccupationCodes>,
    #[serde(default)]
    pub sex: Option<SexCodes>,
    #[serde(default)]
    pub learning: Option<LearningCodes>,
}

/// Names of the file's columns.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutColumns {
    pub weight: String,
    /// Single years, or the mid value of a five-year band (22 for 20 to 24).
    pub age: String,
    /// ILO labour status.
    pub status: String,
    /// Highest level of education.
    pub education: String,
    pub year: Option<String>,
    pub country: Option<String>,
    /// With a country column, the part of the region's code after the country.
    pub region: Option<String>,
    pub sex: Option<String>,
    pub citizenship: Option<String>,
    pub birth: Option<String>,
    /// ISCO-08.
    pub occupation: Option<String>,
    /// In education or training.
    pub learning: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutFixed {
    pub year: Option<String>,
    pub country: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCodes {
    pub employed: Vec<String>,
    pub unemployed: Vec<String>,
    pub inactive: Vec<String>,
    #[serde(default)]
    pub missing: Vec<String>,
}

/// Beginnings of codes: `5` is also `540`. Missing ones are looked for first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EducationCodes {
    /// ISCED 0–2.
    pub low: Vec<String>,
    /// ISCED 3–4.
    pub medium: Vec<String>,
    /// ISCED 5–8.
    pub high: Vec<String>,
    #[serde(default)]
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginCodes {
    #[serde(default)]
    pub national: Vec<String>,
    /// The country's own code, as in the column `country`, is national too.
    #[serde(default)]
    pub own_country: bool,
    #[serde(default)]
    pub eu: Vec<String>,
    #[serde(default)]
    pub non_eu: Vec<String>,
    /// Any other code of two letters is a country outside the EU.
    #[serde(default)]
    pub other_countries_non_eu: bool,
    #[serde(default)]
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OccupationCodes {
    /// Digits of a code. A shorter one has lost its leading zero (armed forces) in a spreadsheet.
    pub digits: u8,
    #[serde(default)]
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SexCodes {
    pub men: Vec<String>,
    pub women: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearningCodes {
    pub yes: Vec<String>,
    pub no: Vec<String>,
}
