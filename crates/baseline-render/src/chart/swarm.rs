//! Where the dots of a swarm lie: each at its value, and as near to the middle as the others let it. Deterministic: no
//! random jitter, which would suggest a second measure. Draws nothing.

/// Distance of two dots that just do not meet, in radii.
const CLEAR: f64 = 1.9;

/// The distance from the middle of each dot, in pixels, in the order of `at` (positions in pixels, rising). Dots of `radius`
/// keep clear of one another and of `taken`, dots in the middle that stand already, each with its radius. What would lie
/// further off than `most` pixels lies there.
pub fn swarm(at: &[f64], radius: f64, taken: &[(f64, f64)], most: f64) -> Vec<f64> {
    let step = radius * CLEAR;
    let mut placed: Vec<(f64, f64)> = Vec::with_capacity(at.len());
    for &x in at {
        let near: Vec<(f64, f64)> = placed.iter().rev().take_while(|(other, _)| x - other < step).copied().collect();
        let free = |y: &f64| {
            let met = near.iter().any(|(other, away)| distance(x - other, y - away) < step - 1e-6);
            !met && taken.iter().all(|(other, reach)| distance(x - other, *y) >= radius + reach)
        };
        // The middle, then by turns below and above it.
        let rows = (0_i32..).map(|index| f64::from(if index % 2 == 0 { -index / 2 } else { (index + 1) / 2 }) * step);
        let end = if placed.len().is_multiple_of(2) { most } else { -most };
        placed.push((x, rows.take_while(|y| y.abs() <= most).find(free).unwrap_or(end)));
    }
    placed.into_iter().map(|(_, y)| y).collect()
}

/// The largest of `radii` (falling) with which no dot lies further off than `most` pixels, with the distances; else the last.
pub fn fitted(at: &[f64], radii: &[f64], taken: &[(f64, f64)], most: f64) -> (f64, Vec<f64>) {
    let last = radii.last().copied().unwrap_or(1.0);
    let whole = |radius: f64| (radius, swarm(at, radius, taken, f64::MAX));
    let fits = |found: &(f64, Vec<f64>)| found.1.iter().all(|away| away.abs() <= most);
    radii.iter().map(|radius| whole(*radius)).find(fits).unwrap_or_else(|| (last, swarm(at, last, taken, most)))
}

fn distance(across: f64, down: f64) -> f64 {
    (across * across + down * down).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &[f64], taken: &[(f64, f64)], expected: &[f64]) {
        let found: Vec<f64> = swarm(at, 2.0, taken, 100.0).into_iter().map(|y| (y * 10.0).round() / 10.0).collect();
        assert_eq!(found, expected, "{at:?}");
    }

    #[test]
    fn dots_keep_clear() {
        check(&[], &[], &[]);
        check(&[0.0, 10.0], &[], &[0.0, 0.0]);
        check(&[0.0, 0.0, 0.0, 0.0], &[], &[0.0, 3.8, -3.8, 7.6]);
        check(&[0.0, 3.0, 6.0], &[], &[0.0, 3.8, 0.0]);
        check(&[0.0], &[(0.0, 4.0)], &[7.6]);
        assert!(swarm(&[5.0; 40], 2.0, &[], 20.0).iter().all(|away| away.abs() <= 20.0));
    }

    #[test]
    fn dots_shrink_before_they_lie_on_one_another() {
        let radius = |count: usize, most: f64| fitted(&vec![5.0; count], &[2.0, 1.0], &[], most).0;
        assert_eq!((radius(5, 10.0), radius(9, 10.0), radius(90, 10.0)), (2.0, 1.0, 1.0));
    }
}
