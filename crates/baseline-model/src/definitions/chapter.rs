//! A chapter of a study: which indicators it has, and which of them are drawn how.

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Key of its title in the language files: `chapter.<id>`.
    pub id: String,
    pub indicators: Vec<String>,
    /// Of these, those whose gap is drawn for all territories.
    #[serde(default)]
    pub gaps: Vec<String>,
    /// Those whose groups are drawn over the years.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Those drawn among all NUTS 2 regions; they share a unit and a concept.
    #[serde(default)]
    pub positions: Vec<String>,
    /// Those drawn on a map: rates by coloured areas, totals by circles.
    #[serde(default)]
    pub maps: Vec<String>,
    /// Rival definitions of one thing: drawn side by side for the whole population, never merged. They share a unit.
    #[serde(default)]
    pub definitions: Vec<String>,
    /// Those whose headline group is drawn for all territories in two years, which no break separates where possible.
    #[serde(default)]
    pub slopes: Vec<String>,
    /// Those whose groups are drawn over the years, a panel a territory, in the comparative report.
    #[serde(default)]
    pub multiples: Vec<String>,
    /// Shares of one whole, two to five: drawn as bars of 100 %, in this order.
    #[serde(default)]
    pub shares: Vec<String>,
    /// Counts of persons whose table has them by age and sex: drawn as an age pyramid.
    #[serde(default)]
    pub pyramids: Vec<String>,
}
