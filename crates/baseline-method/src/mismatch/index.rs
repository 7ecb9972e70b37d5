//! How far the education of the unemployed is from that of the employed: needs no occupation, so it exists for regions.

use super::Mass;
use crate::Fault;

/// The index of one group and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// ½ Σ |E_i/E − U_i/U|, 0 (same composition) to 1 (no level in common).
    pub index: f64,
    /// By the signs s_i of the differences: ½ √([Σs²e − (Σse)²]/n + [Σs²u − (Σsu)²]/m), n and m effective sizes.
    pub standard_error: Option<f64>,
    /// Shares of the employed and of the unemployed at each level, 0 to 1.
    pub shares: Vec<(f64, f64)>,
}

/// The ILO's mismatch index of a group; element i of both slices is of level i.
///
/// # Errors
/// When a number is negative or not finite, or nobody is employed or nobody unemployed.
pub fn index(employed: &[Mass], unemployed: &[Mass]) -> Result<Index, Fault> {
    let total = |masses: &[Mass], at: &'static str| {
        let mut sum = Mass::NONE;
        for mass in masses {
            if !(mass.weight >= 0.0 && mass.weight.is_finite()) {
                return Err(Fault::number(at, "a number of persons from 0 up", &mass.weight));
            }
            sum.add(*mass);
        }
        if sum.weight > 0.0 { Ok(sum) } else { Err(Fault::Few { at: at.to_owned(), found: 0, least: 1 }) }
    };
    let (work, search) = (total(employed, "employed persons")?, total(unemployed, "unemployed persons")?);
    let shares: Vec<(f64, f64)> =
        employed.iter().zip(unemployed).map(|(e, u)| (e.weight / work.weight, u.weight / search.weight)).collect();
    let index = shares.iter().map(|(e, u)| (e - u).abs()).sum::<f64>() / 2.0;
    let sign = |(e, u): &(f64, f64)| {
        if e > u {
            1.0
        } else if e < u {
            -1.0
        } else {
            0.0
        }
    };
    // Var Σ s_i e_i of a multinomial: [Σ s² e − (Σ s e)²]/n.
    let variance = |size: f64, of: fn(&(f64, f64)) -> f64| {
        let mean: f64 = shares.iter().map(|share| sign(share) * of(share)).sum();
        let square: f64 = shares.iter().map(|share| sign(share).abs() * of(share)).sum();
        (square - mean * mean).max(0.0) / size
    };
    let standard_error = work
        .effective()
        .zip(search.effective())
        .map(|(n, m)| (variance(n, |share| share.0) + variance(m, |share| share.1)).sqrt() / 2.0);
    Ok(Index { index, standard_error, shares })
}
