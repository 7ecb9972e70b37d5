//! Axes: round steps and their labels. Draws nothing.

use crate::document::AxisStyle;

/// A value axis from `low` to `high` in steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<f64>,
    decimals: usize,
}

/// A round axis around the values with at most `most` steps (at least 2). It need not start at zero: only
/// positions are read from it, no lengths. `None` without a finite value.
pub fn axis(values: impl IntoIterator<Item = f64>, most: u32) -> Option<Axis> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.into_iter().filter(|value| value.is_finite()) {
        (low, high) = (low.min(value), high.max(value));
    }
    if low > high {
        return None;
    }
    let spread = if high > low { high - low } else { (low.abs() * 0.2).max(1.0) };
    if high <= low {
        (low, high) = (low - spread / 2.0, high + spread / 2.0);
    }
    if !spread.is_finite() || !high.is_finite() || !low.is_finite() {
        return None;
    }
    let most = f64::from(most.max(2));
    let mut power = (spread / most).log10().floor();
    let step = loop {
        let unit = 10_f64.powf(power);
        let found = [1.0, 2.0, 5.0].into_iter().map(|factor| factor * unit).find(|step| count(low, high, *step) <= most);
        match found {
            Some(step) => break step,
            None => power += 1.0,
        }
    };
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    let decimals = if power < 0.0 { (-power).min(12.0) } else { 0.0 };
    let ticks = (0..=16).map(|index| first + f64::from(index)).take_while(|tick| *tick <= last).map(|tick| tick * step).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 0 to 12")]
    Some(Axis { low: first * step, high: last * step, ticks, decimals: decimals as usize })
}

/// An axis of places from 1 to `count`, with a tick at each when there are few, else at every second, fifth, tenth ... and
/// always at 1.
pub fn places(count: u32, most: u32) -> Axis {
    let count = count.max(2);
    let steps = (0..9).flat_map(|power| [1, 2, 5].map(|factor| factor * 10_u32.pow(power)));
    let step = steps.into_iter().find(|step| count / step <= most.max(2)).unwrap_or(count);
    let later = (1..=count / step).map(|index| index * step).filter(|tick| *tick > 1);
    Axis { low: 1.0, high: f64::from(count), ticks: std::iter::once(1).chain(later).map(f64::from).collect(), decimals: 0 }
}

impl Axis {
    /// A tick's label in the report's number style.
    pub fn label(&self, tick: f64, style: &AxisStyle) -> String {
        let text = format!("{:.*}", self.decimals, tick.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::new();
        if tick < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
            out.push_str(&style.minus);
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len() > 4 && (whole.len() - index) % 3 == 0 {
                out.push_str(&style.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(&style.decimal);
            out.push_str(fraction);
        }
        out
    }

    /// Labels of all ticks; a short unit (`%`) stands behind the first.
    pub fn labels(&self, unit: &str, style: &AxisStyle) -> Vec<(f64, String)> {
        let mut labels: Vec<_> = self.ticks.iter().map(|tick| (*tick, self.label(*tick, style))).collect();
        if let (Some(first), true) = (labels.first_mut(), is_short(unit)) {
            first.1 = format!("{}\u{a0}{unit}", first.1);
        }
        labels
    }

    /// Where a value lies between the ends, 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// Whether a unit fits behind the first tick; a longer one gets its own line.
pub fn is_short(unit: &str) -> bool {
    !unit.is_empty() && unit.chars().count() <= 3
}

fn count(low: f64, high: f64, step: f64) -> f64 {
    (high / step - 1e-9).ceil() - (low / step + 1e-9).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], expected: &[&str]) {
        let style = AxisStyle { decimal: ",".into(), group: "\u{202f}".into(), minus: "\u{2212}".into() };
        let labels: Vec<_> = axis(values.iter().copied(), 6)
            .map_or_else(Vec::new, |axis| axis.labels("%", &style).into_iter().map(|(_, label)| label).collect());
        assert_eq!(labels, expected, "{values:?}");
    }

    #[test]
    fn ticks_of_places() {
        let ticks = |count, most| places(count, most).ticks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(ticks(9, 12), "1 2 3 4 5 6 7 8 9");
        assert_eq!(ticks(9, 6), "1 2 4 6 8");
        assert_eq!(ticks(242, 6), "1 50 100 150 200");
        assert_eq!(ticks(1, 6), "1 2");
    }

    #[test]
    fn steps() {
        check(&[], &[]);
        check(&[f64::NAN], &[]);
        check(&[12.8, 76.0], &["0\u{a0}%", "20", "40", "60", "80"]);
        check(&[40.0, 80.0], &["40\u{a0}%", "50", "60", "70", "80"]);
        check(&[-3.0, 4.0], &["\u{2212}4\u{a0}%", "\u{2212}2", "0", "2", "4"]);
        check(&[0.1, 0.35], &["0,10\u{a0}%", "0,15", "0,20", "0,25", "0,30", "0,35"]);
        check(&[50.0], &["44\u{a0}%", "46", "48", "50", "52", "54", "56"]);
        check(&[-f64::MAX, f64::MAX], &[]);
        check(&[0.0], &["\u{2212}0,6\u{a0}%", "\u{2212}0,4", "\u{2212}0,2", "0,0", "0,2", "0,4", "0,6"]);
        check(
            &[10_000.0, 61_000.0],
            &[
                "10\u{202f}000\u{a0}%",
                "20\u{202f}000",
                "30\u{202f}000",
                "40\u{202f}000",
                "50\u{202f}000",
                "60\u{202f}000",
                "70\u{202f}000",
            ],
        );
    }
}
