//! What a reader can work out from all lines together: by solving them, and by bounding every hidden cell.
//!
//! Solving: the lines are linear equations over the unknown cells; a cell is given away when the equations, brought to
//! their reduced form, have a row with that cell alone. Done modulo a prime, so that nothing is lost to rounding.
//! Bounding: no count is below its least, none above what its line leaves; repeated until nothing narrows.

use std::collections::BTreeMap;

use super::lines::Grid;

/// A Mersenne prime: products of two remainders fit 64 bits twice over.
const PRIME: u64 = (1 << 31) - 1;
/// Rounds of bounding; each narrows at least one bound, and real tables settle in a few.
const ROUNDS: usize = 64;

/// For each cell that is given away, and for each small rest, the lines it stands in, in the order of the cells.
pub(super) fn determined(grid: &Grid<'_>) -> Vec<Vec<usize>> {
    let mut variables = Variables::new(grid);
    let mut given = solved(&mut variables);
    given.extend(bounded(grid, &variables));
    given.sort_unstable();
    given.dedup();
    given
        .into_iter()
        .filter(|variable| variables.is_sensitive(grid, *variable))
        .map(|variable| variables.lines_of(variable))
        .collect()
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
fn solved(variables: &mut Variables) -> Vec<usize> {
    let mut reduced: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for row in &variables.rows {
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

/// Cells whose least and greatest possible counts meet, in lines whose total a reader knows.
fn bounded(grid: &Grid<'_>, variables: &Variables) -> Vec<usize> {
    let count = variables.cells.len() + variables.rests.len();
    let mut low = vec![0.0_f64; count];
    variables.cells.values().for_each(|variable| low[*variable] = grid.least);
    let mut high = vec![f64::INFINITY; count];
    for _ in 0..ROUNDS {
        let mut narrowed = false;
        for (line, row) in grid.lines.iter().zip(&variables.rows) {
            let Some(total) = grid.items[line.total].count.filter(|_| !grid.unknown(line.total)) else { continue };
            let seen = line.parts.iter().filter(|part| !grid.unknown(**part)).filter_map(|part| grid.items[*part].count);
            let open = total - seen.sum::<f64>();
            for variable in row.keys() {
                let others = || row.keys().filter(|other| *other != variable);
                let most = open - others().map(|other| low[*other]).sum::<f64>();
                let least = open - others().map(|other| high[*other]).sum::<f64>();
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
