//! Time codes of PxWeb offices, and the names under which they call time.
//!
//! A list of times in a PX file states its unit (`TLIST(Q1)`), so `20151` is a quarter there and nothing elsewhere.
//! Without a unit only forms with a letter are read. What is not certain stays as the source wrote it.
//!
//! ```text
//! TLIST(A1) 2005 · TLIST(H1) 20051 2005H1 · TLIST(Q1) 20051 2005K1 · TLIST(M1) 200501 2005M01 · TLIST(W1) 200501 2005V01
//! ```

use baseline_model::Period;

/// Unit of a list of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    Year,
    Half,
    Quarter,
    Month,
    Week,
}

impl TimeUnit {
    /// Of `A1`, `H1`, `Q1`, `M1`, `W1`; others (four months, days) have no periods of ours.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "A1" => Some(Self::Year),
            "H1" => Some(Self::Half),
            "Q1" => Some(Self::Quarter),
            "M1" => Some(Self::Month),
            "W1" => Some(Self::Week),
            _ => None,
        }
    }

    /// SDMX letter, letters that offices put between year and number, digits of the number, its last value.
    fn form(self) -> (&'static str, &'static str, usize, u16) {
        match self {
            Self::Year => ("", "", 0, 0),
            Self::Half => ("S", "HS", 1, 2),
            Self::Quarter => ("Q", "QK", 1, 4),
            Self::Month => ("M", "M", 2, 12),
            Self::Week => ("W", "WVU", 2, 53),
        }
    }
}

/// The period of a code in our form. Without a unit a bare number after the year says nothing.
pub(crate) fn period(code: &str, unit: Option<TimeUnit>) -> Option<String> {
    let code = code.trim();
    let Some(unit) = unit else {
        return Period::parse(code).map(|period| period.to_string()).or_else(|| {
            let quarter = code.get(4..5)?.eq_ignore_ascii_case("K");
            quarter.then(|| period(code, Some(TimeUnit::Quarter)))?
        });
    };
    let (year, rest) = (code.get(..4)?, code.get(4..)?);
    let (sdmx, letters, width, last) = unit.form();
    let digits = match rest.chars().next() {
        Some(letter) if letters.contains(letter.to_ascii_uppercase()) => &rest[1..],
        _ => rest,
    };
    if unit == TimeUnit::Year {
        return Period::parse(year).filter(|_| rest.is_empty()).map(|period| period.to_string());
    }
    // `20051` is a quarter and `200501` may be one; `2005Q01` is nobody's.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u16 = digits.parse().ok().filter(|_| plain && digits.len() == width)?;
    if !(1..=last).contains(&number) {
        return None;
    }
    Period::parse(&format!("{year}-{sdmx}{number:0width$}")).map(|period| period.to_string())
}

/// Every period from one code to another, both included, as our periods; `None` when a code or the order is odd.
pub(crate) fn range(unit: TimeUnit, from: &str, to: &str, most: usize) -> Option<Vec<String>> {
    let split = |code: &str| -> Option<(i32, u16)> {
        let period = Period::parse(&period(code, Some(unit))?)?;
        Some((i32::from(period.year), period.number))
    };
    let (mut now, end) = (split(from)?, split(to)?);
    let (sdmx, _, width, last) = unit.form();
    let mut periods = Vec::new();
    while now <= end {
        if periods.len() >= most {
            return None;
        }
        let text = if unit == TimeUnit::Year { format!("{:04}", now.0) } else { format!("{:04}-{sdmx}{:0width$}", now.0, now.1) };
        periods.push(Period::parse(&text)?.to_string());
        let weeks = if unit == TimeUnit::Week { weeks(now.0)? } else { last };
        now = if now.1 >= weeks { (now.0 + 1, u16::from(unit != TimeUnit::Year)) } else { (now.0, now.1 + 1) };
    }
    (!periods.is_empty()).then_some(periods)
}

/// ISO weeks of a year: 53 when it begins on a Thursday, or on a Wednesday and is a leap year.
fn weeks(year: i32) -> Option<u16> {
    let year = i16::try_from(year).ok()?;
    let first = jiff::civil::Date::new(year, 1, 1).ok()?;
    let thursday = |date: jiff::civil::Date| date.weekday() == jiff::civil::Weekday::Thursday;
    let last = jiff::civil::Date::new(year, 12, 31).ok()?;
    Some(if thursday(first) || thursday(last) { 53 } else { 52 })
}

/// Whether a dimension is called time in one of the languages of the offices. A name alone proves nothing.
pub(crate) fn is_time_name(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "time",
        "time_period",
        "time period",
        "period",
        "year",
        "quarter",
        "month",
        "tid",
        "år",
        "kvartal",
        "månad",
        "vuosi",
        "aika",
        "kuukausi",
        "vuosineljännes",
        "timeperiod_y",
        "timeperiod_q",
        "timeperiod_m",
        "leto",
        "polletje",
        "četrtletje",
        "mesec",
        "periodo",
        "año",
        "trimestre",
        "mes",
        "any",
        "anno",
        "jaar",
        "perioden",
        "jahr",
        "zeit",
        "rok",
    ];
    let name = name.trim().to_lowercase();
    NAMES.contains(&name.as_str())
}

/// Whether every code is a period without knowing its unit; false for none.
pub(crate) fn all_periods<'c>(codes: impl IntoIterator<Item = &'c str>) -> bool {
    let mut some = false;
    for code in codes {
        some = true;
        if period(code, None).is_none() {
            return false;
        }
    }
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, unit: &str, expected: Option<&str>) {
        assert_eq!(period(code, TimeUnit::parse(unit)).as_deref(), expected, "{code} {unit}");
    }

    #[test]
    fn codes() {
        check("2005", "A1", Some("2005"));
        check("20051", "A1", None);
        check("20051", "Q1", Some("2005-Q1"));
        check("2005K4", "Q1", Some("2005-Q4"));
        check("2005Q5", "Q1", None);
        check("20051", "H1", Some("2005-S1"));
        check("2008H2", "H1", Some("2008-S2"));
        check("200512", "M1", Some("2005-12"));
        check("2005M01", "M1", Some("2005-01"));
        check("200513", "M1", None);
        check("2005V07", "W1", Some("2005-W07"));
        check("2005M1", "M1", None);
        check("2004-2005", "A1", None);
        check("2005", "", Some("2005"));
        check("2005K1", "", Some("2005-Q1"));
        check("2008H1", "", Some("2008-S1"));
        check("20051", "", None);
        check("200501", "", None);
        check("år 2005", "", None);
        check("２００５", "A1", None);
    }

    #[test]
    fn ranges() {
        let check = |unit: &str, from: &str, to: &str, expected: Option<&[&str]>| {
            let found = range(TimeUnit::parse(unit).unwrap(), from, to, 100);
            assert_eq!(found.as_deref().map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(), expected);
        };
        check("A1", "1994", "1996", Some(&["1994", "1995", "1996"]));
        check("Q1", "19984", "19992", Some(&["1998-Q4", "1999-Q1", "1999-Q2"]));
        check("H1", "2008H2", "2009H2", Some(&["2008-S2", "2009-S1", "2009-S2"]));
        check("M1", "200411", "200501", Some(&["2004-11", "2004-12", "2005-01"]));
        check("W1", "200452", "200501", Some(&["2004-W52", "2004-W53", "2005-W01"]));
        check("W1", "200552", "200601", Some(&["2005-W52", "2006-W01"]));
        check("A1", "1996", "1994", None);
        check("A1", "1000", "9999", None);
    }

    #[test]
    fn names() {
        assert!(is_time_name("År") && is_time_name(" Tid ") && !is_time_name("ålder"));
        assert!(all_periods(["2004", "2005K1"]) && !all_periods(["2004", "Total"]) && !all_periods([]));
    }
}
