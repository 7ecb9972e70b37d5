//! The ranking that maximises Σ e_jk over all pairs with j before k, found exactly, with all that are as good.
//!
//! Units first fall into groups: when every unit of one strictly beats every unit of another, the first stands before the second
//! in every best ranking (the extended Condorcet criterion, Truchon 1998). Within a group dynamic programming over its subsets
//! finds the best order of each subset from those of the smaller ones.

use crate::Fault;

/// The largest group within which the best order is searched: 2^20 subsets.
pub const LARGEST: usize = 20;

/// Two sums that differ by less are equal: rounding of the machine.
const SAME: f64 = 1e-9;

/// The best rankings of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Consensus {
    /// Σ e_jk over the pairs with j before k.
    pub score: f64,
    /// How many rankings reach it.
    pub optima: u64,
    /// These rankings, as places of units, the first the best; at most as many as asked for, the first ones in
    /// the order of units.
    pub rankings: Vec<Vec<usize>>,
    /// The groups of units, in their order; a group of one has a place that no ranking disputes.
    pub groups: Vec<Vec<usize>>,
}

/// The best rankings, at most `most` of them written out.
///
/// `matrix`: n × n, `matrix[j][k]` the support for j before k, from 0 up; the diagonal is not read.
///
/// # Errors
/// When there are fewer than two units, the matrix is not square, a cell is missing, negative or not finite, or more than
/// [`LARGEST`] units beat one another in circles.
pub fn kemeny(matrix: &[Vec<Option<f64>>], most: usize) -> Result<Consensus, Fault> {
    let support = checked(matrix)?;
    let groups = groups(&support);
    let mut consensus = Consensus { score: 0.0, optima: 1, rankings: vec![Vec::new()], groups: groups.clone() };
    for (place, group) in groups.iter().enumerate() {
        for later in &groups[place + 1..] {
            consensus.score += group.iter().flat_map(|j| later.iter().map(|k| support[*j][*k])).sum::<f64>();
        }
        let (score, optima, orders) = within(group, &support, most)?;
        consensus.score += score;
        consensus.optima = consensus.optima.saturating_mul(optima);
        let longer = consensus.rankings.iter().flat_map(|start| orders.iter().map(move |order| [&start[..], order].concat()));
        consensus.rankings = longer.take(most.max(1)).collect();
    }
    Ok(consensus)
}

fn checked(matrix: &[Vec<Option<f64>>]) -> Result<Vec<Vec<f64>>, Fault> {
    let count = matrix.len();
    if count < 2 {
        return Err(Fault::Few { at: "units".into(), found: count, least: 2 });
    }
    let mut support = vec![vec![0.0; count]; count];
    for (j, row) in matrix.iter().enumerate() {
        if row.len() != count {
            let hint = "a row and a column for every unit";
            return Err(Fault::shape(format!("row {}", j + 1), format!("{count} cells"), row.len().to_string(), hint));
        }
        for (k, cell) in row.iter().enumerate().filter(|(k, _)| *k != j) {
            let at = || format!("row {}, column {}", j + 1, k + 1);
            let value = cell.ok_or_else(|| {
                let hint = "two units without a common indicator cannot be ordered: leave one of them out";
                Fault::shape(at(), "the support for one before the other", "none", hint)
            })?;
            if !(value.is_finite() && value >= 0.0) {
                return Err(Fault::number(at(), "a finite number from 0 up", &value));
            }
            support[j][k] = value;
        }
    }
    Ok(support)
}

/// The groups of units that reach one another over pairs in which the first is not beaten; in their order.
fn groups(support: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let count = support.len();
    let mut reaches: Vec<Vec<bool>> =
        (0..count).map(|j| (0..count).map(|k| j == k || support[j][k] >= support[k][j] - SAME).collect()).collect();
    for over in 0..count {
        for from in 0..count {
            if reaches[from][over] {
                let further = reaches[over].clone();
                reaches[from].iter_mut().zip(further).for_each(|(reached, further)| *reached |= further);
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (unit, own) in reaches.iter().enumerate() {
        match groups.iter_mut().find(|group| reaches[group[0]][unit] && own[group[0]]) {
            Some(group) => group.push(unit),
            None => groups.push(vec![unit]),
        }
    }
    // Who stands first reaches the most.
    groups.sort_by_key(|group| std::cmp::Reverse(reaches[group[0]].iter().filter(|reached| **reached).count()));
    groups
}

/// The score of the best orders of a group, how many there are, and at most `most` of them.
fn within(group: &[usize], support: &[Vec<f64>], most: usize) -> Result<(f64, u64, Vec<Vec<usize>>), Fault> {
    let count = group.len();
    if count > LARGEST {
        let hint = "rank fewer units, or use another aggregation: the exact search doubles with every unit";
        let expected = format!("at most {LARGEST} units that beat one another in circles");
        return Err(Fault::shape("ranking", expected, count.to_string(), hint));
    }
    let subsets = 1_usize << count;
    // What unit k gains by standing before each subset of the others: sums over the lower and the upper half of the bits.
    let half = count.div_ceil(2);
    let table = |k: usize, first: usize, bits: usize| -> Vec<f64> {
        let mut sums = vec![0.0; 1 << bits];
        for subset in 1..sums.len() {
            let lowest = subset.trailing_zeros() as usize;
            sums[subset] = sums[subset & (subset - 1)] + support[group[k]][group[first + lowest]];
        }
        sums
    };
    let tables: Vec<(Vec<f64>, Vec<f64>)> = (0..count).map(|k| (table(k, 0, half), table(k, half, count - half))).collect();
    let gain = |k: usize, after: usize| tables[k].0[after & ((1 << half) - 1)] + tables[k].1[after >> half];
    let mut best = vec![0.0_f64; subsets];
    let mut ways = vec![1_u64; subsets];
    for subset in 1..subsets {
        let members = || (0..count).filter(|k| subset >> k & 1 == 1);
        let total = |k: usize| best[subset ^ (1 << k)] + gain(k, subset ^ (1 << k));
        let top = members().map(total).fold(f64::NEG_INFINITY, f64::max);
        let sum = members().filter(|k| total(*k) >= top - SAME).fold(0_u64, |sum, k| sum.saturating_add(ways[subset ^ (1 << k)]));
        best[subset] = top;
        ways[subset] = sum;
    }
    // From the front: who may stand first, then who next; the first found is the first in the order of units.
    let mut open: Vec<(usize, Vec<usize>)> = vec![(subsets - 1, Vec::new())];
    let mut orders = Vec::new();
    while let Some((subset, head)) = open.pop() {
        if orders.len() >= most.max(1) {
            break;
        }
        if subset == 0 {
            orders.push(head.iter().map(|k| group[*k]).collect());
            continue;
        }
        for k in (0..count).rev().filter(|k| subset >> k & 1 == 1) {
            let after = subset ^ (1 << k);
            if best[after] + gain(k, after) >= best[subset] - SAME {
                open.push((after, [&head[..], &[k]].concat()));
            }
        }
    }
    Ok((best[subsets - 1], ways[subsets - 1], orders))
}
