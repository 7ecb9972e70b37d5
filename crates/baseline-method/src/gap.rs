//! How far apart two groups are: difference, ratio, odds ratio, log odds ratio, relative gap, with standard errors where
//! there is something to compute them from. Disadvantage is positive (above 1 for ratios), whatever the direction.
//!
//! Never a single measure: the choice changes the order of places, so [`disagreements`] tells which pairs it turns round.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use baseline_model::definitions::Direction;

use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::rank::{Best, order, ranks};

mod layout;

/// A rate in percent and how precisely it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Percent, 0 to 100.
    pub percent: f64,
    /// Standard error in percentage points, as published.
    pub standard_error: Option<f64>,
    /// Effective sample size, from which p(1−p)/n follows when no standard error is published.
    pub sample: Option<f64>,
}

impl Rate {
    pub fn new(percent: f64) -> Self {
        Self { percent, standard_error: None, sample: None }
    }

    /// The variance in squared percentage points: published, or p(100−p)/n; `None` without either.
    pub fn variance(&self) -> Option<f64> {
        let published = self.standard_error.map(|error| error * error);
        published.or_else(|| self.sample.map(|sample| self.percent * (100.0 - self.percent) / sample))
    }
}

/// The measures of one gap, disadvantage positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// p − q for lower-is-better, q − p otherwise; percentage points.
    pub difference: f64,
    /// p/q, or q/p where higher is better. `None` when the divisor is zero.
    pub ratio: Option<f64>,
    /// [p/(100−p)] / [q/(100−q)], inverted where higher is better. `None` when a rate is 0 or 100.
    pub odds_ratio: Option<f64>,
    /// ln of the odds ratio.
    pub log_odds: Option<f64>,
    /// (p − q)/q, percent of the reference's rate; its sign turned where higher is better.
    pub relative: Option<f64>,
    /// √(SE_p² + SE_q²): of the difference of two independent rates; percentage points.
    pub difference_error: Option<f64>,
    /// √(V_p/(p(100−p))² + V_q/(q(100−q))²)·100 (delta method), which is √(1/(n p(1−p)) + 1/(m q(1−q))) for samples.
    pub log_odds_error: Option<f64>,
}

/// The gap of a group at rate `of` against a group at rate `against`.
///
/// # Errors
/// When a rate is outside 0–100 or not finite, a standard error is negative, a sample is not positive, or there is no
/// direction to tell which side is the worse.
pub fn gap(of: Rate, against: Rate, direction: Direction) -> Result<Gap, Fault> {
    for (rate, name) in [(of, "rate of the group"), (against, "rate of the reference")] {
        if !(0.0..=100.0).contains(&rate.percent) {
            return Err(Fault::number(name, "a percentage from 0 to 100", &rate.percent));
        }
        if rate.standard_error.is_some_and(|error| !(error >= 0.0 && error.is_finite())) {
            return Err(Fault::number(name, "a standard error from 0 up", &rate.standard_error.unwrap_or(f64::NAN)));
        }
        if rate.sample.is_some_and(|sample| !(sample > 0.0 && sample.is_finite())) {
            return Err(Fault::number(name, "a sample size above 0", &rate.sample.unwrap_or(f64::NAN)));
        }
    }
    let higher = match direction {
        Direction::HigherIsBetter => true,
        Direction::LowerIsBetter => false,
        Direction::Neutral => {
            let hint = "a measure without a direction has no advantage or disadvantage: show both rates";
            return Err(Fault::shape("direction", "higher_is_better or lower_is_better", "neutral", hint));
        }
    };
    let (p, q) = (of.percent, against.percent);
    let sign = if higher { -1.0 } else { 1.0 };
    let quotient = |above: f64, below: f64| (below != 0.0).then(|| above / below);
    let inside = |rate: f64| rate > 0.0 && rate < 100.0;
    let odds = |rate: f64| rate / (100.0 - rate);
    let log_odds = (inside(p) && inside(q)).then(|| sign * (odds(p) / odds(q)).ln());
    let odds_variance = |rate: Rate| Some(1e4 * rate.variance()? / (rate.percent * (100.0 - rate.percent)).powi(2));
    let error = |of: Option<f64>, against: Option<f64>| Some((of? + against?).sqrt());
    Ok(Gap {
        difference: sign * (p - q),
        ratio: if higher { quotient(q, p) } else { quotient(p, q) },
        odds_ratio: log_odds.map(f64::exp),
        log_odds,
        relative: quotient(sign * 100.0 * (p - q), q),
        difference_error: error(of.variance(), against.variance()),
        log_odds_error: log_odds.and_then(|_| error(odds_variance(of), odds_variance(against))),
    })
}

/// The pairs (by index, the first the farther apart by the first measure) that two measures put in opposite order.
pub fn disagreements(first: &[Option<f64>], second: &[Option<f64>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for a in 0..first.len().min(second.len()) {
        for b in 0..a {
            let (Some(fa), Some(fb), Some(sa), Some(sb)) = (first[a], first[b], second[a], second[b]) else { continue };
            match (order(fa, fb), order(sa, sb)) {
                (Ordering::Greater, Ordering::Less) => pairs.push((a, b)),
                (Ordering::Less, Ordering::Greater) => pairs.push((b, a)),
                _ => {}
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Pairs in opposite order that are named; of any more the number is told.
const NAMED: usize = 50;

pub const METHOD: Method = Method {
    id: "gap",
    about: "How far a group is from its reference group: difference, ratio, odds ratio, log odds ratio, relative gap",
    formula: &[
        "difference = s (p − q), s = 1 where lower is better, −1 where higher is better; percentage points",
        "ratio = p/q where lower is better, q/p where higher is better",
        "odds_ratio = ([p/(100−p)] / [q/(100−q)])^s; log_odds = ln odds_ratio",
        "relative = 100 s (p − q)/q",
        "se_difference = √(SE_p² + SE_q²); SE² = p(100−p)/n when only the sample size n is given",
        "se_log_odds = √(1/(n p(1−p)) + 1/(m q(1−q)))",
    ],
    sources: &[
        "sign and measures: baseline's method chapter (disadvantage positive)",
        "variance of a log odds ratio by the delta method: Agresti, Categorical Data Analysis, 3rd ed. 2013, section 3.1",
    ],
    assumptions: &[
        "the two groups are independent samples",
        "the sample sizes are effective sizes (divided by the design effect)",
    ],
    columns: &[
        Column {
            name: "id",
            required: false,
            about: "name of the place. Also geo, territory, region, country; a year beside it",
        },
        Column { name: "p", required: false, about: "rate of the group, percent. Also a name with tcn, non_eu or foreign" },
        Column { name: "q", required: false, about: "rate of the reference group, percent. Also a name with nat or native" },
        Column { name: "se_p", required: false, about: "published standard error of p, percentage points" },
        Column { name: "se_q", required: false, about: "published standard error of q, percentage points" },
        Column { name: "n", required: false, about: "effective sample size behind p" },
        Column { name: "m", required: false, about: "effective sample size behind q" },
        Column {
            name: "group",
            required: false,
            about: "long: code of the group, with the rate in `value`. Also citizen, origin",
        },
        Column { name: "value", required: false, about: "long: the rate, percent" },
    ],
    params: &[
        Param {
            name: "direction",
            default: "lower_is_better",
            file: false,
            about: "lower_is_better or higher_is_better: which side of the reference is the disadvantage",
        },
        Param { name: "of", default: "", file: false, about: "long: the group's code; else that of citizens of third countries" },
        Param { name: "against", default: "", file: false, about: "long: the reference's code; else that of nationals" },
    ],
    example: (include_str!("../examples/gap.csv"), &[("direction", "lower_is_better")]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let direction = match given.choice("direction", &["lower_is_better", "higher_is_better"])? {
        "higher_is_better" => Direction::HigherIsBetter,
        _ => Direction::LowerIsBetter,
    };
    let layout::Pairs { ids, keys, of, against, lines, notes } = layout::pairs(given)?;
    let mut answer = Answer::new(&["id"]);
    answer.columns.extend(ids.iter().skip(1).map(|id| (*id).to_owned()));
    let figures = [
        "p",
        "q",
        "difference",
        "ratio",
        "odds_ratio",
        "log_odds",
        "relative",
        "se_difference",
        "se_log_odds",
        "rank_difference",
        "rank_ratio",
        "rank_odds_ratio",
    ];
    answer.columns.extend(figures.map(str::to_owned));
    answer.notes = notes;
    let mut gaps = Vec::new();
    for ((of, against), line) in of.iter().zip(&against).zip(&lines) {
        let found = match (of, against) {
            (Some(of), Some(against)) => {
                Some(gap(*of, *against, direction).map_err(|fault| fault.within(&format!("{}, line {line}", sheet.name)))?)
            }
            (_, None) | (None, _) => None,
        };
        gaps.push(found);
    }
    let measure =
        |pick: fn(&Gap) -> Option<f64>| -> Vec<Option<f64>> { gaps.iter().map(|gap| gap.as_ref().and_then(pick)).collect() };
    let (difference, ratio, odds) =
        (measure(|gap| Some(gap.difference)), measure(|gap| gap.ratio), measure(|gap| gap.odds_ratio));
    // Places are compared within a year, not across years.
    let mut rest: BTreeMap<&[&str], Vec<usize>> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        rest.entry(&key[1..]).or_default().push(row);
    }
    let ranked = |values: &[Option<f64>]| {
        let mut all = vec![None; values.len()];
        for rows in rest.values() {
            let own: Vec<Option<f64>> = rows.iter().map(|row| values[*row]).collect();
            rows.iter().zip(ranks(&own, Best::Highest)).for_each(|(row, rank)| all[*row] = rank);
        }
        all
    };
    let ranks = [ranked(&difference), ranked(&ratio), ranked(&odds)];
    for (row, key) in keys.iter().enumerate() {
        let gap = gaps[row].as_ref();
        let cell = |pick: fn(&Gap) -> Option<f64>| Cell::number(gap.and_then(pick));
        let mut cells: Vec<Cell> = key.iter().map(|text| Cell::from(*text)).collect();
        cells.extend([
            Cell::number(of[row].map(|rate| rate.percent)),
            Cell::number(against[row].map(|rate| rate.percent)),
            cell(|gap| Some(gap.difference)),
            cell(|gap| gap.ratio),
            cell(|gap| gap.odds_ratio),
            cell(|gap| gap.log_odds),
            cell(|gap| gap.relative),
            cell(|gap| gap.difference_error),
            cell(|gap| gap.log_odds_error),
        ]);
        cells.extend(ranks.iter().map(|ranks| Cell::whole(ranks[row])));
        answer.rows.push(cells);
    }
    let turned: Vec<(usize, usize)> =
        disagreements(&difference, &odds).into_iter().filter(|(a, b)| keys[*a][1..] == keys[*b][1..]).collect();
    answer.facts.push(("pairs_in_opposite_order", Cell::whole(Some(turned.len()))));
    for (wide, narrow) in turned.iter().copied().take(NAMED) {
        let (wide, narrow) = (keys[wide].join(" "), keys[narrow].join(" "));
        let message = format!("{wide} is farther apart in percentage points, {narrow} by the odds ratio");
        answer.notes.push(baseline_model::Finding::info("gap-order", "gap", message));
    }
    if turned.len() > NAMED {
        let message = format!("{} more pairs are in opposite order", turned.len() - NAMED);
        answer.notes.push(baseline_model::Finding::info("gap-order", "gap", message));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over-qualification 2024 by citizenship, Eurostat lfsa_eoqgan of 2026-06-30; measures rounded as printed.
    fn check(p: f64, q: f64, difference: &str, ratio: &str, odds_ratio: &str) {
        let found = gap(Rate::new(p), Rate::new(q), Direction::LowerIsBetter).unwrap();
        assert_eq!(format!("{:.1}", found.difference), difference);
        assert_eq!(format!("{:.2}", found.ratio.unwrap()), ratio);
        assert_eq!(format!("{:.2}", found.odds_ratio.unwrap()), odds_ratio);
    }

    #[test]
    fn published() {
        check(76.0, 32.6, "43.4", "2.33", "6.55");
        check(60.7, 19.1, "41.6", "3.18", "6.54");
        check(47.2, 18.1, "29.1", "2.61", "4.04");
        check(46.3, 19.9, "26.4", "2.33", "3.47");
    }

    #[test]
    fn errors_of_samples() {
        let rate = |percent, sample| Rate { percent, standard_error: None, sample: Some(sample) };
        let found = gap(rate(40.0, 100.0), rate(20.0, 400.0), Direction::LowerIsBetter).unwrap();
        assert!((found.difference_error.unwrap() - (24.0_f64 + 4.0).sqrt()).abs() < 1e-12);
        let expected = (1.0_f64 / (100.0 * 0.4 * 0.6) + 1.0 / (400.0 * 0.2 * 0.8)).sqrt();
        assert!((found.log_odds_error.unwrap() - expected).abs() < 1e-12);
    }

    fn answer(text: &str, params: &[(&str, &str)]) -> String {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let sheet = crate::Sheet::read("x.csv", text.as_bytes()).unwrap();
        match crate::compute(&METHOD, &sheet, &params, &BTreeMap::new()) {
            Ok(answer) => {
                let cells = |row: &Vec<Cell>| row[..5].iter().map(Cell::to_string).collect::<Vec<_>>().join(" ");
                format!("{}: {}", answer.columns[..5].join(" "), answer.rows.iter().map(cells).collect::<Vec<_>>().join("; "))
            }
            Err(fault) => format!("{} {fault}; {}", fault.code(), fault.hint()),
        }
    }

    #[test]
    fn layouts() {
        let plain = "id p q difference ratio: SE 30 20 10 1.5; ES 50 40 10 1.25";
        assert_eq!(answer("id,p,q\nSE,30,20\nES,50,40\n", &[]), plain);
        for header in [
            "geo,tcn_pc,nat_pc,note",
            "country,over_qualification_non_eu,nationals,difference_pp",
            "geo,third-country nationals,Nationals,flag",
        ] {
            assert_eq!(answer(&format!("{header}\nSE,30,20,\nES,50,40,\n"), &[]), plain, "{header}");
        }
        assert_eq!(
            answer("geo,year,p,q\nSE,2023,30,20\nSE,2024,50,40\n", &[]),
            "id year p q difference: SE 2023 30 20 10; SE 2024 50 40 10"
        );
        let long =
            "geo,citizen,time,value_pc,flag\nSE,NEU27_2020_FOR,2024,30,\nSE,NAT,2024,20,\nSE,FOR,2024,25,\nES,NAT,2024,40,b\n";
        assert_eq!(answer(long, &[]), "id time p q difference: SE 2024 30 20 10; ES 2024  40 ");
        assert_eq!(answer(long, &[("of", "FOR")]), "id time p q difference: SE 2024 25 20 5; ES 2024  40 ");
        let labelled = "geo,citizen,Citizen label,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n\
            SE,NEU27_2020_FOR,Third country,2024,30,u,F\nSE,NAT,Nationals,2024,20,b,C\n";
        assert_eq!(answer(labelled, &[]), "id TIME_PERIOD p q difference: SE 2024 30 20 10");
        let apart = "geo,citizen,time,value,table\nSE,NEU27_2020_FOR,2024,30,a\nSE,NAT,2024,20,b\nSE,NAT,2024,21,c\n";
        assert!(answer(apart, &[]).contains("with the same geo, time, table, found none"), "{}", answer(apart, &[]));
        assert!(answer("geo,tcn_m,tcn_f,nat_m,nat_f\nSE,30,20,10,5\n", &[]).contains("--column p=COLUMN"), "whose rates?");
        assert_eq!(
            answer(long, &[("of", "X")]),
            "method-shape --param of: expected a code of citizen: FOR, NAT, NEU27_2020_FOR, found `X`; \
             --param of=CODE is the group, --param against=CODE its reference"
        );
        assert_eq!(
            answer("geo,a,b\nSE,30,20\n", &[]),
            "method-shape x.csv: expected a column `p` and a column `q`, found geo, a, b; \
             --column p=COLUMN says which has the group's rate, --column q=COLUMN which the reference's, out of a, b"
        );
        assert!(answer("id,p,q\nSE,30,20\nSE,50,40\n", &[]).starts_with("method-duplicate x.csv, line 3: `SE` stands twice"));
    }

    #[test]
    fn places_are_ranked_within_a_year() {
        let sheet = crate::Sheet::read("x.csv", b"geo,year,p,q\nSE,1,30,20\nES,1,50,30\nSE,2,9,8\nES,2,9,7\n").unwrap();
        let answer = crate::compute(&METHOD, &sheet, &BTreeMap::new(), &BTreeMap::new()).unwrap();
        let at = answer.columns.iter().position(|column| column == "rank_difference").unwrap();
        let ranks: Vec<String> = answer.rows.iter().map(|row| row[at].to_string()).collect();
        assert_eq!(ranks, ["2", "1", "2", "1"]);
    }
}
