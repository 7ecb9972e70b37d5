//! What a reader can work out from all lines together: by solving them, by bounding every hidden cell, and by both at once.
//!
//! Solving: the lines are linear equations over the unknown cells; a cell is given away when the equations, brought to
//! their reduced form, have a row with that cell alone. Done modulo a prime, so that nothing is lost to rounding.
//! Bounding: no count is below its least, none above what its line leaves; repeated until nothing narrows. A hidden total
//! is bounded like a hidden part: it is a part of another line.
//! Both at once is [`super::cone`]: it alone is exact, and dear, so that it is asked when the others find nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::cone;
use super::lines::Grid;

/// A Mersenne prime: products of two remainders fit 64 bits twice over.
const PRIME: u64 = (1 << 31) - 1;
/// Rounds of bounding; each narrows at least one bound, and real tables settle in a few.
const ROUNDS: usize = 64;

/// For each cell that is given away, and for each small rest, the lines it stands in, in the order of the cells.
pub(super) fn determined(grid: &Grid<'_>) -> Vec<Vec<usize>> {
    let variables = Variables::new(grid);
    let sensitive = |given: BTreeSet<usize>| {
        let sensitive = given.into_iter().filter(|variable| variables.is_sensitive(grid, *variable));
        sensitive.map(|variable| variables.lines_of(variable)).collect::<Vec<_>>()
    };
    let mut given: BTreeSet<usize> = solved(&variables.rows).into_iter().collect();
    given.extend(bounded(grid, &variables));
    let found = sensitive(given);
    if found.is_empty() { sensitive(fixed(grid, &variables)) } else { found }
}

/// Lines that share an unknown cell with some of `lines`, these included.
pub(super) fn touching(grid: &Grid<'_>, lines: &[usize]) -> Vec<usize> {
    let members = |line: usize| grid.lines[line].parts.iter().copied().chain([grid.lines[line].total]);
    let unknown: BTreeSet<usize> = lines.iter().flat_map(|line| members(*line)).filter(|cell| grid.unknown(*cell)).collect();
    (0..grid.lines.len()).filter(|line| members(*line).any(|cell| unknown.contains(&cell))).collect()
}

/// The unknowns: cells, then the rests of lines.
struct Variables {
    /// Line -> (variable, coefficient); lines without an unknown are empty.
    rows: Vec<BTreeMap<usize, u64>>,
    cells: BTreeMap<usize, usize>,
    /// Variable -> line whose rest it is.
    rests: BTreeMap<usize, usize>,
}

impl Variables {
    fn new(grid: &Grid<'_>) -> Self {
        let unknown = (0..grid.items.len()).filter(|index| grid.unknown(*index));
        let cells: BTreeMap<usize, usize> = unknown.enumerate().map(|(variable, index)| (index, variable)).collect();
        let mut rests = BTreeMap::new();
        let mut rows = Vec::with_capacity(grid.lines.len());
        for (number, line) in grid.lines.iter().enumerate() {
            let mut row: BTreeMap<usize, u64> = line.parts.iter().filter_map(|part| Some((*cells.get(part)?, 1))).collect();
            if let Some(total) = cells.get(&line.total) {
                row.insert(*total, PRIME - 1);
            }
            if line.rest > 0.0 {
                let variable = cells.len() + rests.len();
                rests.insert(variable, number);
                row.insert(variable, 1);
            }
            rows.push(row);
        }
        Self { rows, cells, rests }
    }

    /// A rest that is no small count may be known.
    fn is_sensitive(&self, grid: &Grid<'_>, variable: usize) -> bool {
        self.rests.get(&variable).is_none_or(|line| grid.lines[*line].rest < grid.threshold)
    }

    fn lines_of(&self, variable: usize) -> Vec<usize> {
        (0..self.rows.len()).filter(|line| self.rows[*line].contains_key(&variable)).collect()
    }
}

/// Variables that the equations fix, by Gauss-Jordan elimination on sparse rows.
fn solved(rows: &[BTreeMap<usize, u64>]) -> Vec<usize> {
    let mut reduced: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for row in rows {
        let mut row = row.clone();
        for (pivot, known) in &reduced {
            if let Some(factor) = row.get(pivot).copied() {
                subtract(&mut row, known, factor);
            }
        }
        let Some((pivot, factor)) = row.iter().next().map(|(variable, factor)| (*variable, *factor)) else { continue };
        let inverse = power(factor, PRIME - 2);
        for value in row.values_mut() {
            *value = *value * inverse % PRIME;
        }
        for known in reduced.values_mut() {
            if let Some(factor) = known.get(&pivot).copied() {
                subtract(known, &row, factor);
            }
        }
        reduced.insert(pivot, row);
    }
    reduced.into_iter().filter(|(_, row)| row.len() == 1).map(|(pivot, _)| pivot).collect()
}

/// row − factor · other, without zeros.
fn subtract(row: &mut BTreeMap<usize, u64>, other: &BTreeMap<usize, u64>, factor: u64) {
    for (variable, value) in other {
        let entry = row.entry(*variable).or_insert(0);
        *entry = (*entry + PRIME - factor * value % PRIME) % PRIME;
        if *entry == 0 {
            row.remove(variable);
        }
    }
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// Cells whose least and greatest possible counts meet.
fn bounded(grid: &Grid<'_>, variables: &Variables) -> Vec<usize> {
    let count = variables.cells.len() + variables.rests.len();
    let mut low = vec![0.0_f64; count];
    variables.cells.values().for_each(|variable| low[*variable] = grid.expected_least());
    let mut high = vec![f64::INFINITY; count];
    for _ in 0..ROUNDS {
        let mut narrowed = false;
        for (line, row) in grid.lines.iter().zip(&variables.rows) {
            let known = |cell: usize| grid.items[cell].count.filter(|_| !grid.unknown(cell)).unwrap_or(0.0);
            let open = known(line.total) - line.parts.iter().map(|part| known(*part)).sum::<f64>();
            for (variable, factor) in row {
                // The others add to the line, but for a hidden total, which takes from it.
                let others = || row.iter().filter(|(other, _)| *other != variable);
                let least_others: f64 = others().map(|(at, factor)| if *factor == 1 { low[*at] } else { -high[*at] }).sum();
                let most_others: f64 = others().map(|(at, factor)| if *factor == 1 { high[*at] } else { -low[*at] }).sum();
                let (least, most) = if *factor == 1 {
                    (open - most_others, open - least_others)
                } else {
                    (least_others - open, most_others - open)
                };
                if most < high[*variable] - 1e-9 {
                    high[*variable] = most;
                    narrowed = true;
                }
                if least > low[*variable] + 1e-9 {
                    low[*variable] = least;
                    narrowed = true;
                }
            }
        }
        if !narrowed {
            break;
        }
    }
    (0..count).filter(|variable| high[*variable] - low[*variable] < 0.5).collect()
}

/// Cells that have one value in all fillings that fit every line.
fn fixed(grid: &Grid<'_>, variables: &Variables) -> BTreeSet<usize> {
    let at_least: BTreeSet<usize> =
        variables.cells.iter().filter(|(cell, _)| grid.at_least(**cell)).map(|(_, variable)| *variable).collect();
    let signed = |factor: u64| if factor == 1 { 1.0 } else { -1.0 };
    let rows: Vec<cone::Row> =
        variables.rows.iter().map(|row| row.iter().map(|(at, factor)| (*at, signed(*factor))).collect()).collect();
    let mut fixed = cone::pinned(&rows, &at_least);
    let mut open = variables.rows.clone();
    for row in &mut open {
        row.retain(|variable, _| !fixed.contains(variable));
    }
    fixed.extend(solved(&open));
    fixed
}
