//! What an occupation's own workers tell about the education it asks for: the most frequent level, and the mean and
//! spread of years of schooling.
//!
//! Two rules for what the guidelines leave open. A tie: all tied levels, and those between them, match. An occupation with
//! fewer persons than the rules ask for: the norm of the code with a digit less; a major group that is too small has none.

use std::collections::BTreeMap;

use super::{Level, Mass, Matches, Outcome, Rules, Workers, against};
use crate::Fault;

/// Norms by occupation code, for all lengths of a code up to the one that the rules ask for.
#[derive(Debug, Clone, Default)]
pub struct Norms {
    /// Lowest and highest of the most frequent levels; `None` when too few persons were asked.
    pub modes: BTreeMap<String, Option<(u8, u8)>>,
    /// Mean and standard deviation of years; `None` when too few persons were asked.
    pub years: BTreeMap<String, Option<(f64, f64)>>,
    /// Which fields fit which occupations; given, not computed.
    pub matches: Option<Matches>,
}

/// Norms of occupations from all cells given: of all employed, whatever their group.
///
/// Mean m = Σwx/Σw, standard deviation √(Σw(x−m)²/Σw); weights w, years x.
///
/// # Errors
/// When single levels are asked for and a cell has only low, medium or high.
pub fn norms<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Workers<'a>> + Clone, rules: Rules) -> Result<Norms, Fault> {
    let mut levels: BTreeMap<&str, (Mass, BTreeMap<u8, f64>)> = BTreeMap::new();
    let mut years: BTreeMap<&str, (Mass, f64)> = BTreeMap::new();
    for cell in cells.clone() {
        let Some(code) = code(cell, rules) else { continue };
        for prefix in (1..=code.len()).map(|length| &code[..length]) {
            if let Some(level) = cell.level {
                let (mass, levels) = levels.entry(prefix).or_insert((Mass::NONE, BTreeMap::new()));
                mass.add(cell.mass);
                *levels.entry(rank(level, rules)?).or_default() += cell.mass.weight;
            }
            if let Some(value) = cell.years {
                let (mass, sum) = years.entry(prefix).or_insert((Mass::NONE, 0.0));
                mass.add(cell.mass);
                *sum += cell.mass.weight * value;
            }
        }
    }
    let means: BTreeMap<&str, f64> = years.iter().map(|(code, (mass, sum))| (*code, sum / mass.weight)).collect();
    let mut squares: BTreeMap<&str, f64> = BTreeMap::new();
    for cell in cells {
        let (Some(code), Some(value)) = (code(cell, rules), cell.years) else { continue };
        for prefix in (1..=code.len()).map(|length| &code[..length]) {
            *squares.entry(prefix).or_default() += cell.mass.weight * (value - means[prefix]).powi(2);
        }
    }
    let enough = |mass: &Mass| mass.weight > 0.0 && mass.count.is_none_or(|count| count >= rules.least);
    let modes = levels.iter().map(|(code, (mass, levels))| ((*code).to_owned(), enough(mass).then(|| mode(levels))));
    let spread = |code: &str, mass: &Mass| (means[code], (squares[code] / mass.weight).sqrt());
    let years = years.iter().map(|(code, (mass, _))| ((*code).to_owned(), enough(mass).then(|| spread(code, mass))));
    Ok(Norms { modes: modes.collect(), years: years.collect(), matches: None })
}

impl Norms {
    pub(super) fn by_mode(&self, cell: &Workers<'_>, rules: Rules) -> Result<Outcome, Fault> {
        let (Some(code), Some(level)) = (code(cell, rules), cell.level) else { return Ok(Outcome::Undetermined) };
        let has = rank(level, rules)?;
        Ok(longest(&self.modes, code).map_or(Outcome::Undetermined, |(low, high)| against(has, low, high)))
    }

    pub(super) fn by_years(&self, cell: &Workers<'_>, rules: Rules) -> Outcome {
        let (Some(code), Some(years)) = (code(cell, rules), cell.years) else { return Outcome::Undetermined };
        let spread = longest(&self.years, code);
        spread.map_or(Outcome::Undetermined, |(mean, deviation)| {
            // Rounding of the machine must not put somebody at the mean beyond it.
            let reach = deviation + 1e-9 * mean.abs();
            against(years, mean - reach, mean + reach)
        })
    }

    /// Occupations (as long as the rules make them) that took the norm of a shorter code or have none, in order.
    pub fn too_small(&self) -> Vec<&str> {
        let modes = self.modes.iter().filter(|(_, norm)| norm.is_none()).map(|(code, _)| code.as_str());
        let years = self.years.iter().filter(|(_, norm)| norm.is_none()).map(|(code, _)| code.as_str());
        let mut codes: Vec<&str> = modes.chain(years).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Occupations with more than one most frequent level, in order.
    pub fn tied(&self) -> Vec<&str> {
        let tied = |norm: &Option<(u8, u8)>| norm.is_some_and(|(low, high)| low != high);
        self.modes.iter().filter(|(_, norm)| tied(norm)).map(|(code, _)| code.as_str()).collect()
    }
}

fn longest<T: Copy>(norms: &BTreeMap<String, Option<T>>, code: &str) -> Option<T> {
    (1..=code.len()).rev().find_map(|length| norms.get(&code[..length]).copied().flatten())
}

/// The occupation as long as the rules make it.
fn code<'a>(cell: &Workers<'a>, rules: Rules) -> Option<&'a str> {
    let code = cell.occupation?;
    Some(rules.digits.and_then(|digits| code.get(..digits)).unwrap_or(code))
}

fn rank(level: Level, rules: Rules) -> Result<u8, Fault> {
    match level {
        Level::Isced(level) if rules.single_levels => Ok(level),
        Level::Broad(_) if rules.single_levels => {
            let hint = "give single ISCED levels, or --param modal_levels=broad";
            Err(Fault::shape("level of education", "an ISCED level from 0 to 8", "low, medium or high", hint))
        }
        Level::Broad(_) | Level::Isced(_) => Ok(level.broad() as u8),
    }
}

fn mode(levels: &BTreeMap<u8, f64>) -> (u8, u8) {
    let most = levels.values().copied().fold(0.0, f64::max);
    let mut tied = levels.iter().filter(|(_, weight)| crate::rank::order(**weight, most).is_eq()).map(|(level, _)| *level);
    let lowest = tied.next().unwrap_or_default();
    (lowest, tied.next_back().unwrap_or(lowest))
}
