//! What keeps a method from giving an answer. Every variant has a code for scripts, and says what was expected, what was
//! found and what to do.

use baseline_model::Finding;

/// Why there is no answer. `at` names the input: a column, a row, a parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A column, row or parameter is missing, unknown, or has another form than expected.
    #[error("{at}: expected {expected}, found {found}")]
    Shape { at: String, expected: String, found: String, hint: String },
    /// A number that the method has no meaning for: NaN, infinite, negative, zero, outside its range.
    #[error("{at}: expected {expected}, found {found}")]
    Number { at: String, expected: &'static str, found: String },
    /// Weights that do not add up.
    #[error("{at}: the weights sum to {sum}, expected 1")]
    Weights { at: String, sum: f64 },
    /// Nothing to compute with: no rows, a column without any number, fewer cases than the method needs.
    #[error("{at}: {found} usable, at least {least} needed")]
    Few { at: String, found: usize, least: usize },
    /// Two numbers that must differ do not: goalposts, or all values of a column.
    #[error("{at}: no spread, both ends are {value}")]
    Equal { at: String, value: f64 },
    /// One key stands twice.
    #[error("{at}: `{key}` stands twice, first in line {first}")]
    Duplicate { at: String, key: String, first: usize },
    /// An iteration that ended without reaching its limit. Its last state is no result.
    #[error("{at}: no convergence after {iterations} iterations; the last error was {last}, the limit is {limit}")]
    NotConverged { at: String, iterations: usize, last: f64, limit: f64 },
    /// A system of equations without a unique solution.
    #[error("{at}: the columns {columns} depend on one another; there is no unique solution")]
    Singular { at: String, columns: String },
}

impl Fault {
    pub fn shape(at: impl Into<String>, expected: impl Into<String>, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Shape { at: at.into(), expected: expected.into(), found: found.into(), hint: hint.into() }
    }

    /// `found` is the number or text as it stands in the input.
    pub fn number(at: impl Into<String>, expected: &'static str, found: &dyn std::fmt::Display) -> Self {
        Self::Number { at: at.into(), expected, found: found.to_string() }
    }

    /// The same fault with the place of the caller before its own: `column EXPORTS, goalposts`.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        let (Self::Shape { at, .. }
        | Self::Number { at, .. }
        | Self::Weights { at, .. }
        | Self::Few { at, .. }
        | Self::Equal { at, .. }
        | Self::Duplicate { at, .. }
        | Self::NotConverged { at, .. }
        | Self::Singular { at, .. }) = &mut self;
        at.insert_str(0, ", ");
        at.insert_str(0, place);
        self
    }

    /// The stable code that tests and scripts match on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Shape { .. } => "method-shape",
            Self::Number { .. } => "method-number",
            Self::Weights { .. } => "method-weights",
            Self::Few { .. } => "method-too-few",
            Self::Equal { .. } => "method-no-spread",
            Self::Duplicate { .. } => "method-duplicate",
            Self::NotConverged { .. } => "method-not-converged",
            Self::Singular { .. } => "method-singular",
        }
    }

    pub fn hint(&self) -> String {
        match self {
            Self::Shape { hint, .. } => hint.clone(),
            Self::Number { .. } => "correct the cell, or leave it empty when the value is not known".into(),
            Self::Weights { .. } => "give weights that sum to 1, or --param rescale=yes to have them divided by their sum".into(),
            Self::Few { .. } => "add rows, or leave the column out".into(),
            Self::Equal { .. } => "give two different goalposts, or leave out a column that tells nothing apart".into(),
            Self::Duplicate { .. } => "keep one row for each key".into(),
            Self::NotConverged { .. } => {
                "check the input for contradictions; --param iterations and --param limit set the two bounds".into()
            }
            Self::Singular { .. } => "leave out one of these columns".into(),
        }
    }

    /// As a finding at error level.
    pub fn finding(&self, method: &str) -> Finding {
        Finding::error(self.code(), method, self.to_string()).hint(self.hint())
    }
}
