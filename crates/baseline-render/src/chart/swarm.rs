//! Where the dots of a swarm lie: each at its value, and as near to the middle as the others let it. Deterministic: no
//! random jitter, which would suggest a second measure. Draws nothing.

/// Distance of two dots that just do not meet, in radii.
const CLEAR: f64 = 1.9;
/// Rows of a swarm above and below the middle at most; what would need more lies on the outermost.
const MOST: i32 = 9;

/// The distance from the middle of each dot, in pixels, in the order of `at` (positions in pixels, rising). Dots of `radius`
/// keep clear of one another and of `taken`, dots in the middle that stand already, each with its radius.
pub fn swarm(at: &[f64], radius: f64, taken: &[(f64, f64)]) -> Vec<f64> {
    let step = radius * CLEAR;
    let mut placed: Vec<(f64, f64)> = Vec::with_capacity(at.len());
    for &x in at {
        // The middle, then by turns above and below it.
        let mut rows = (0..=2 * MOST).map(|index| f64::from(if index % 2 == 0 { -index / 2 } else { (index + 1) / 2 }) * step);
        let free = |y: &f64| {
            let near = |(other, away): &(f64, f64)| (x - other).hypot(y - away) < CLEAR * radius - 1e-6;
            let met = placed.iter().rev().take_while(|(other, _)| x - other < CLEAR * radius).any(near);
            !met && taken.iter().all(|(other, reach)| (x - other).hypot(*y) >= radius + reach)
        };
        let y = rows.find(free).unwrap_or(f64::from(MOST) * step * if placed.len().is_multiple_of(2) { 1.0 } else { -1.0 });
        placed.push((x, y));
    }
    placed.into_iter().map(|(_, y)| y).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &[f64], taken: &[(f64, f64)], expected: &[f64]) {
        let found: Vec<f64> = swarm(at, 2.0, taken).into_iter().map(|y| (y * 10.0).round() / 10.0).collect();
        assert_eq!(found, expected, "{at:?}");
    }

    #[test]
    fn dots_keep_clear() {
        check(&[], &[], &[]);
        check(&[0.0, 10.0], &[], &[0.0, 0.0]);
        check(&[0.0, 0.0, 0.0, 0.0], &[], &[0.0, 3.8, -3.8, 7.6]);
        check(&[0.0, 3.0, 6.0], &[], &[0.0, 3.8, 0.0]);
        check(&[0.0], &[(0.0, 4.0)], &[7.6]);
        let many = swarm(&[5.0; 40], 2.0, &[]);
        assert!(many.iter().all(|y| y.abs() <= 9.0 * 3.8 + 0.01));
    }
}
