//! Which unknown counts have no second value, exactly: what neither solving nor bounding of single lines finds.
//!
//! The true counts fit all lines. A second filling differs from them by a direction that adds up to nothing in every line
//! and lowers no count that is at its least already. So: which counts at their least stay there in every such direction
//! (a linear programme), and which others do the lines then fix. Exact over the reals, and over whole counts in tables of
//! two dimensions.
//!
//! ```text
//! a + b = 0·t, b − c = 0, c at its least, a at its least   ->   a, b and c are pinned
//! ```

use std::collections::{BTreeMap, BTreeSet};

/// Below this a number is rounding; coefficients are small whole numbers.
const ZERO: f64 = 1e-9;

/// Variable -> coefficient, of an equation whose right side is 0.
pub(super) type Row = BTreeMap<usize, f64>;

/// The variables among `at_least` that no direction moves.
pub(super) fn pinned(rows: &[Row], at_least: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut pinned = BTreeSet::new();
    for part in components(among(rows, at_least)) {
        pinned.extend(pinned_together(part));
    }
    pinned
}

/// What the equations say about `chosen` alone, when all other variables may take any value.
fn among(rows: &[Row], chosen: &BTreeSet<usize>) -> Vec<Row> {
    // Others come first and are eliminated first.
    let mut echelon: BTreeMap<(bool, usize), BTreeMap<(bool, usize), f64>> = BTreeMap::new();
    for row in rows {
        let mut row: BTreeMap<(bool, usize), f64> =
            row.iter().map(|(variable, factor)| ((chosen.contains(variable), *variable), *factor)).collect();
        for (pivot, known) in &echelon {
            let Some(factor) = row.get(pivot).copied() else { continue };
            for (variable, value) in known {
                let entry = row.entry(*variable).or_insert(0.0);
                *entry -= factor * value;
                if entry.abs() < ZERO {
                    row.remove(variable);
                }
            }
        }
        let Some((pivot, factor)) = row.iter().next().map(|(variable, factor)| (*variable, *factor)) else { continue };
        for value in row.values_mut() {
            *value /= factor;
        }
        echelon.insert(pivot, row);
    }
    let alone = echelon.into_iter().filter(|((chosen, _), _)| *chosen);
    alone.map(|(_, row)| row.into_iter().map(|((_, variable), factor)| (variable, factor)).collect()).collect()
}

/// Rows that share no variable say nothing about one another.
fn components(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut parts: Vec<(BTreeSet<usize>, Vec<Row>)> = Vec::new();
    for row in rows {
        let mut own: (BTreeSet<usize>, Vec<Row>) = (row.keys().copied().collect(), vec![row]);
        let (touching, apart): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(variables, _)| !variables.is_disjoint(&own.0));
        parts = apart;
        for (variables, rows) in touching {
            own.0.extend(variables);
            own.1.extend(rows);
        }
        parts.push(own);
    }
    parts.into_iter().map(|(_, rows)| rows).collect()
}

fn pinned_together(mut rows: Vec<Row>) -> BTreeSet<usize> {
    let mut pinned = BTreeSet::new();
    // What cannot be lowered and adds up to nothing is nothing.
    while let Some(row) = rows.iter().position(one_sign) {
        let gone = rows.swap_remove(row);
        for row in &mut rows {
            row.retain(|variable, _| !gone.contains_key(variable));
        }
        pinned.extend(gone.into_keys());
    }
    let columns: Vec<usize> = rows.iter().flat_map(Row::keys).copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut unsettled: BTreeSet<usize> = columns.iter().copied().collect();
    while !unsettled.is_empty() {
        let moved = direction(&rows, &columns, &unsettled);
        let before = unsettled.len();
        unsettled.retain(|variable| !moved.contains(variable));
        if unsettled.len() == before {
            pinned.append(&mut unsettled);
        }
    }
    pinned
}

fn one_sign(row: &Row) -> bool {
    !row.is_empty() && (row.values().all(|factor| *factor > 0.0) || row.values().all(|factor| *factor < 0.0))
}

/// What moves in one direction that moves some of `wanted`, lowers nothing and fits the rows; empty when there is none.
/// The first phase of the simplex method, with Bland's rule against cycles.
fn direction(rows: &[Row], columns: &[usize], wanted: &BTreeSet<usize>) -> BTreeSet<usize> {
    let width = columns.len();
    let mut tableau: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| columns.iter().map(|variable| row.get(variable).copied().unwrap_or(0.0)).chain([0.0]).collect())
        .collect();
    tableau.push(columns.iter().map(|variable| f64::from(u8::from(wanted.contains(variable)))).chain([1.0]).collect());
    // Beyond the columns stand the artificial variables, one a row; once out they do not come back.
    let mut basis: Vec<usize> = (width..width + tableau.len()).collect();
    // Never reached by Bland's rule on such tables; then nothing is said to move, and more is hidden.
    for _ in 0..100 * (width + tableau.len()) {
        let artificial = |column: usize| {
            let open = tableau.iter().zip(&basis).filter(|(_, basic)| **basic >= width);
            open.map(|(row, _)| row[column]).sum::<f64>()
        };
        if artificial(width) < ZERO {
            let moved = tableau.iter().zip(&basis).filter(|(row, basic)| **basic < width && row[width] > ZERO);
            return moved.map(|(_, basic)| columns[*basic]).collect();
        }
        let Some(entering) = (0..width).find(|column| !basis.contains(column) && artificial(*column) > ZERO) else { break };
        let ratio = |row: usize| (tableau[row][width] / tableau[row][entering], basis[row]);
        let fitting = (0..tableau.len()).filter(|row| tableau[*row][entering] > ZERO);
        let Some(leaving) = fitting.min_by(|a, b| {
            let ((left, own), (right, other)) = (ratio(*a), ratio(*b));
            if (left - right).abs() < ZERO { own.cmp(&other) } else { left.total_cmp(&right) }
        }) else {
            break;
        };
        let pivot = tableau[leaving][entering];
        tableau[leaving].iter_mut().for_each(|value| *value /= pivot);
        let known = tableau[leaving].clone();
        for (_, row) in tableau.iter_mut().enumerate().filter(|(row, _)| *row != leaving) {
            let factor = row[entering];
            if factor.abs() > ZERO {
                row.iter_mut().zip(&known).for_each(|(value, known)| *value -= factor * known);
            }
        }
        basis[leaving] = entering;
    }
    BTreeSet::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equations as coefficients of the variables 0, 1, ...
    fn check(rows: &[&[i8]], at_least: &[usize], expected: &[usize]) {
        let rows: Vec<Row> = rows
            .iter()
            .map(|row| {
                row.iter().enumerate().filter(|(_, factor)| **factor != 0).map(|(at, factor)| (at, f64::from(*factor))).collect()
            })
            .collect();
        let found = pinned(&rows, &at_least.iter().copied().collect());
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{rows:?} {at_least:?}");
    }

    #[test]
    fn directions() {
        check(&[&[1, 1]], &[0, 1], &[0, 1]);
        check(&[&[1, 1]], &[0], &[]);
        check(&[&[1, -1]], &[0, 1], &[]);
        // a + b = f, c + d = f with a free f: only the difference counts.
        check(&[&[1, 1, 0, 0, -1], &[0, 0, 1, 1, -1]], &[0, 1, 2, 3], &[]);
        // a + b = c and a + b + c = 0.
        check(&[&[1, 1, -1], &[1, 1, 1]], &[0, 1, 2], &[0, 1, 2]);
        // a = b, c = d, b + c = free: nothing is pinned; without the free one everything.
        check(&[&[1, -1, 0, 0, 0], &[0, 0, 1, -1, 0], &[0, 1, 1, 0, -1]], &[0, 1, 2, 3], &[]);
        check(&[&[1, -1, 0, 0], &[0, 0, 1, -1], &[0, 1, 1, 0]], &[0, 1, 2, 3], &[0, 1, 2, 3]);
        check(&[], &[0], &[]);
    }
}
