//! What is odd in data. Readers and stages return `(values, findings)` and do not stop at a bad cell;
//! problems of our own definition files are [`crate::definitions::DefinitionError`]s instead.

use std::fmt;

use serde::Serialize;

/// How much a finding weighs. `Error` means that something of the input could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// One odd thing in data: what, where, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable kebab-case code, e.g. `unknown-flag`; tests and scripts match on it.
    pub code: &'static str,
    /// Where: file, table, row, column, key.
    pub at: String,
    /// What was expected and what was found.
    pub message: String,
    /// The next step for the reader of the message; may be empty.
    pub hint: String,
    /// How many places show the same thing; `at` names the first.
    pub count: u64,
}

impl Finding {
    pub fn new(severity: Severity, code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity, code, at: at.into(), message: message.into(), hint: String::new(), count: 1 }
    }

    pub fn error(code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, at, message)
    }

    pub fn warning(code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, at, message)
    }

    pub fn info(code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, at, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}", self.severity, self.code, self.at, self.message)?;
        if self.count > 1 {
            write!(f, " ({} places)", self.count)?;
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}
