use proptest::prelude::*;

use super::*;

const UP: Direction = Direction::HigherIsBetter;
const DOWN: Direction = Direction::LowerIsBetter;

fn some_of(values: &[f64]) -> Vec<Option<f64>> {
    // NaN stands for a missing value here.
    values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect()
}

fn check(found: Result<Vec<Option<f64>>, Fault>, expected: &str) {
    let found = match found {
        Ok(found) => {
            let texts: Vec<String> = found.iter().map(|value| value.map_or("-".into(), |value| format!("{value:.2}"))).collect();
            texts.join(" ")
        }
        Err(fault) => format!("{} {fault}", fault.code()),
    };
    assert_eq!(found, expected);
}

#[test]
fn scales() {
    let x = some_of(&[2.0, 4.0, f64::NAN, 10.0]);
    check(min_max(&x, UP), "0.00 0.25 - 1.00");
    check(min_max(&x, DOWN), "1.00 0.75 - 0.00");
    check(z_score(&some_of(&[1.0, 2.0, 3.0]), UP), "-1.00 0.00 1.00");
    check(z_score(&some_of(&[1.0, 2.0, 3.0]), DOWN), "1.00 0.00 -1.00");
    check(percentile(&some_of(&[1.0, 2.0, 2.0, 4.0]), Percentile::Handbook, UP), "25.00 50.00 50.00 100.00");
    check(percentile(&some_of(&[1.0, 2.0, 2.0, 4.0]), Percentile::Coinr, UP), "0.00 0.33 0.33 1.00");
    check(percentile(&some_of(&[1.0, 2.0, 2.0, 4.0]), Percentile::Coinr, DOWN), "1.00 0.33 0.33 0.00");
    check(ratio(&x, Reference::Best, UP), "0.20 0.40 - 1.00");
    check(ratio(&x, Reference::Best, DOWN), "1.00 0.50 - 0.20");
    check(ratio(&x, Reference::Unit(1), UP), "0.50 1.00 - 2.50");
    check(relative(&x, Reference::Worst, UP), "0.00 1.00 - 4.00");
    check(relative(&x, Reference::Worst, DOWN), "0.80 0.60 - 0.00");
    check(to_target(&x, 6.0, UP), "0.00 0.50 - 1.00");
    check(to_target(&x, 4.0, DOWN), "1.00 1.00 - 0.00");
    check(above_below(&some_of(&[0.8, 1.0, 1.2]), 0.2, UP), "0.00 0.00 0.00");
    check(above_below(&some_of(&[0.7, 1.0, 1.3]), 0.2, DOWN), "1.00 0.00 -1.00");
    check(bands(&x, &BANDS, UP), "40.00 60.00 - 100.00");
}

#[test]
fn goalposts_clip_and_say_so() {
    let posts = Goalposts { worst: 80.0, best: 5.0 };
    let found = goalposts(&some_of(&[80.0, 5.0, 90.0, 0.0, 42.5]), posts).unwrap();
    let scores: Vec<f64> = found.iter().flatten().map(|score| score.score).collect();
    assert_eq!(scores, [0.0, 1.0, 0.0, 1.0, 0.5]);
    let clips: Vec<Option<Clip>> = found.iter().flatten().map(|score| score.clipped).collect();
    assert_eq!(clips, [None, None, Some(Clip::BelowWorst), Some(Clip::AboveBest), None]);
}

#[test]
fn refused() {
    let same = some_of(&[3.0, 3.0]);
    check(min_max(&same, UP), "method-no-spread all numbers: no spread, both ends are 3");
    check(z_score(&same, UP), "method-no-spread all numbers: no spread, both ends are 3");
    check(min_max(&some_of(&[3.0]), UP), "method-too-few numbers: 1 usable, at least 2 needed");
    check(min_max(&some_of(&[f64::NAN]), UP), "method-too-few numbers: 0 usable, at least 1 needed");
    check(min_max(&[Some(f64::NAN)], UP), "method-number value 1: expected a finite number or none, found NaN");
    check(percentile(&[], Percentile::Handbook, UP), "method-too-few numbers: 0 usable, at least 1 needed");
    check(ratio(&some_of(&[0.0, 1.0]), Reference::Worst, UP), "method-number reference: expected a divisor above 0, found 0");
    check(ratio(&some_of(&[0.0, 1.0]), Reference::Mean, DOWN), "method-number value 1: expected a divisor above 0, found 0");
    check(
        to_target(&some_of(&[5.0, 6.0]), 5.0, UP),
        "method-shape target: expected a target better than the worst value 5, found 5",
    );
    check(
        min_max(&some_of(&[1.0, 2.0]), Direction::Neutral),
        "method-shape direction: expected higher_is_better or lower_is_better, found neutral",
    );
    assert_eq!(goalposts(&same, Goalposts { worst: 1.0, best: 1.0 }), Err(Fault::Equal { at: "goalposts".into(), value: 1.0 }));
}

fn numbers() -> impl Strategy<Value = Vec<Option<f64>>> {
    let number = proptest::option::weighted(0.9, (-1000..1000_i32).prop_map(|number| f64::from(number) / 8.0));
    let spread = |values: &Vec<Option<f64>>| {
        let first = values.iter().flatten().next();
        values.iter().flatten().any(|value| Some(value) != first)
    };
    proptest::collection::vec(number, 2..12).prop_filter("spread", spread)
}

fn close(a: &[Option<f64>], b: &[Option<f64>]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (None, None) => true,
            _ => false,
        })
}

proptest! {
    /// A change of the unit of measurement changes nothing.
    #[test]
    fn unit_does_not_matter(values in numbers(), factor in 1..50_i32, shift in -50..50_i32) {
        let moved: Vec<Option<f64>> =
            values.iter().map(|value| value.map(|value| value * f64::from(factor) + f64::from(shift))).collect();
        for direction in [UP, DOWN] {
            prop_assert!(close(&min_max(&values, direction).unwrap(), &min_max(&moved, direction).unwrap()));
            prop_assert!(close(&z_score(&values, direction).unwrap(), &z_score(&moved, direction).unwrap()));
            prop_assert_eq!(rank(&values, direction).unwrap(), rank(&moved, direction).unwrap());
        }
    }

    /// The negative of an indicator with the other direction is the same indicator.
    #[test]
    fn direction_is_a_sign(values in numbers()) {
        let turned: Vec<Option<f64>> = values.iter().map(|value| value.map(|value| -value)).collect();
        prop_assert!(close(&min_max(&values, UP).unwrap(), &min_max(&turned, DOWN).unwrap()));
        prop_assert!(close(&z_score(&values, UP).unwrap(), &z_score(&turned, DOWN).unwrap()));
        prop_assert_eq!(rank(&values, UP).unwrap(), rank(&turned, DOWN).unwrap());
        for convention in [Percentile::Handbook, Percentile::Coinr] {
            let (up, down) = (percentile(&values, convention, UP).unwrap(), percentile(&turned, convention, DOWN).unwrap());
            prop_assert!(close(&up, &down));
        }
    }

    /// Every scale keeps the order, and what was missing stays missing.
    #[test]
    fn order_is_kept(values in numbers()) {
        let scaled = [
            min_max(&values, UP).unwrap(),
            z_score(&values, UP).unwrap(),
            percentile(&values, Percentile::Handbook, UP).unwrap(),
            percentile(&values, Percentile::Coinr, UP).unwrap(),
            bands(&values, &BANDS, UP).unwrap(),
        ];
        for scaled in scaled {
            for (i, j) in (0..values.len()).flat_map(|i| (0..values.len()).map(move |j| (i, j))) {
                prop_assert_eq!(values[i].is_some(), scaled[i].is_some());
                if let (Some(a), Some(b)) = (values[i], values[j]) && a < b {
                    prop_assert!(scaled[i] <= scaled[j]);
                }
            }
        }
    }
}
