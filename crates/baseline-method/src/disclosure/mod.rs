//! Which counts of a table must not be printed: those below a threshold, breakdowns of small groups, and as many further
//! ones as it takes that none of these can be worked out from what is printed.
//!
//! The same input gives the same pattern. What was hidden before stays hidden, and what was shown before protects nothing
//! now. Never for figures that their office has published. Changes no number but by declared rounding.
//!
//! ```text
//! origin,count           origin,count,status
//! total,812              total,812,
//! eu,3                   eu,,H              below the threshold
//! non_eu,61              non_eu,,H          or the total less this would be the other
//! national,748           national,748,
//! ```

mod audit;
mod cone;
mod lines;
mod suppress;

use baseline_model::definitions::Disclosure;

use lines::Grid;

pub use suppress::METHOD;

/// Status letter of a hidden cell.
pub const HIDDEN: &str = "H";
/// Status letter of a rounded count.
pub const ROUNDED: &str = "R";

/// One cell of counts. The key has a code a dimension, in one order for all cells.
#[derive(Debug, Clone)]
pub struct Item<'t> {
    pub key: Vec<&'t str>,
    /// None: not stated, so neither shown nor known.
    pub count: Option<f64>,
    /// The size of the group that the cell is a part or a measure of, where the table states one.
    pub base: Option<f64>,
    /// Hidden in an earlier vintage.
    pub hidden_before: bool,
    /// The number that an earlier vintage showed: hiding it protects nothing as long as it is the same.
    pub shown_before: Option<f64>,
}

/// Why a cell is hidden. Not for the reader of the protected table: it bounds the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Below the threshold.
    Small,
    /// It was hidden in an earlier vintage.
    Earlier,
    /// The group is smaller than a group must be.
    Group,
    /// So that others cannot be worked out.
    Secondary,
    /// Some small count can be worked out whatever is hidden, so that no count is shown.
    Broken,
}

impl Reason {
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => "below_threshold",
            Self::Earlier => "hidden_earlier",
            Self::Group => "small_group",
            Self::Secondary => "secondary",
            Self::Broken => "unprotectable",
        }
    }
}

/// What came of hiding; one entry an item.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// True also for a count that is not stated.
    pub hidden: Vec<bool>,
    /// `None` for what is shown or was not stated.
    pub reasons: Vec<Option<Reason>>,
    /// Cells that can be worked out whatever is hidden; empty as a rule.
    pub unprotected: Vec<usize>,
    /// Every count, hidden ones too, rounded so that totals are the sums of their parts; empty without rounding.
    pub rounded: Vec<Option<f64>>,
    /// Totals that are less than their parts together: several answers a person, or a mistake. Not treated as sums.
    pub exceeded: Vec<usize>,
}

impl Outcome {
    pub fn count(&self, reason: Reason) -> usize {
        self.reasons.iter().filter(|found| **found == Some(reason)).count()
    }
}

/// Chooses the cells to hide. `totals` has each dimension's code for "all", `None` for a dimension that does not add up; of
/// `rule` the threshold, group, zeros and rounding are used.
pub fn hide(items: Vec<Item<'_>>, totals: &[Option<&str>], rule: &Disclosure) -> Outcome {
    Grid::new(items, totals, rule).hide()
}

#[cfg(test)]
mod tests;
