//! Order of numbers that were computed: two that differ by rounding of the machine only are equal.

use std::cmp::Ordering;

/// Relative difference below which two numbers are the same: far above the rounding of a computation, far below any
/// printed digit.
const SAME: f64 = 1e-10;

/// Which end of the scale has rank 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    Highest,
    Lowest,
}

/// The order of two finite numbers, equal when they differ by less than 1e-10 of the larger.
pub fn order(a: f64, b: f64) -> Ordering {
    if (a - b).abs() <= SAME * a.abs().max(b.abs()) { Ordering::Equal } else { a.total_cmp(&b) }
}

/// Ranks from 1; equal numbers share the better rank, a missing one has none.
pub fn ranks(values: &[Option<f64>], best: Best) -> Vec<Option<usize>> {
    let ahead = match best {
        Best::Highest => Ordering::Greater,
        Best::Lowest => Ordering::Less,
    };
    let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
    sorted.sort_by(|a, b| if best == Best::Highest { b.total_cmp(a) } else { a.total_cmp(b) });
    let rank = |value: &Option<f64>| {
        let value = (*value)?;
        Some(sorted.partition_point(|other| order(*other, value) == ahead) + 1)
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], best: Best, expected: &[usize]) {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        assert_eq!(ranks(&values, best).into_iter().flatten().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn shared() {
        check(&[3.0, 1.0, 2.0], Best::Highest, &[1, 3, 2]);
        check(&[3.0, 1.0, 2.0], Best::Lowest, &[3, 1, 2]);
        check(&[0.1 + 0.2, 0.3, 0.0], Best::Highest, &[1, 1, 3]);
    }

    #[test]
    fn missing_has_none() {
        assert_eq!(ranks(&[Some(1.0), None, Some(2.0)], Best::Highest), [Some(2), None, Some(1)]);
    }
}
