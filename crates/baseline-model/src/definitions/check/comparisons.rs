//! Rules of `[[compare_with]]` of an indicator and of `[disclosure]` of a dataflow.

use super::super::locate::Kind;
use super::super::{CompareWith, Origin, ToleranceUnit, Unit};
use super::indicators::{SETTABLE, listed};
use super::{Check, nearest, repeated};
use crate::Period;

/// Tables of this source are partners' own and unpublished until said otherwise.
const PARTNER: &str = "partner/";

pub(super) fn comparisons(check: &mut Check<'_>) {
    for (id, indicator) in &check.definitions.indicators {
        let at = (Kind::Indicator, id.as_str());
        for (index, record) in indicator.compare_with.iter().enumerate() {
            comparison(check, at, &index.to_string(), record, indicator.unit);
        }
        // Offices date the same day differently: once for every form of the period.
        let pairs: Vec<_> = indicator.compare_with.iter().map(|record| (&record.indicator, &record.their_period)).collect();
        for (index, (name, _)) in repeated(&pairs) {
            let key = index.to_string();
            check.value(at, &["compare_with", &key, "indicator"], format!("`{name}` is compared twice"), "keep one of the two");
        }
    }
}

fn comparison(check: &mut Check<'_>, at: (Kind, &str), index: &str, record: &CompareWith, unit: Unit) {
    if !check.refers(at, &["compare_with", index, "indicator"], Kind::Indicator, &record.indicator) {
        return;
    }
    if let Some(other) = check.definitions.indicators.get(&record.indicator).filter(|other| other.unit != unit) {
        let message =
            format!("`{}` is in {:?}, this indicator in {unit:?}: they cannot be compared", record.indicator, other.unit);
        check.value(at, &["compare_with", index, "indicator"], message, "use a `factor` in the series of one of them");
    }
    let wrong = |number: f64| !(number.is_finite() && number >= 0.0);
    if wrong(record.tolerance) {
        let message = format!("a tolerance of {}: expected a number, not negative", record.tolerance);
        check.value(at, &["compare_with", index, "tolerance"], message, "");
    }
    if let Some(limit) = record.limit.filter(|limit| wrong(*limit) || *limit < record.tolerance) {
        let message = format!("a limit of {limit} with a tolerance of {}: expected a larger one", record.tolerance);
        check.value(at, &["compare_with", index, "limit"], message, "");
    }
    if record.limit.is_some() && record.reason.is_none() {
        check.key(at, &["compare_with", index, "limit"], "a limit without a reason: it says how far the reason reaches", "");
    }
    if record.unit == ToleranceUnit::Pp && unit != Unit::Percent {
        let message = format!("percentage points need an indicator in percent, this one is in {unit:?}");
        check.value(at, &["compare_with", index, "unit"], message, "write \"percent\" or \"own\"");
    }
    if record.reason.is_some() && record.note.trim().is_empty() {
        let message = "a reason without a `note`: readers see the sentence, not the word";
        check.value(at, &["compare_with", index, "reason"], message, "add: note = \"...\"");
    }
    for (side, codes, opposite) in [("here", &record.here, &record.there), ("there", &record.there, &record.here)] {
        for (column, code) in codes {
            let place = ["compare_with", index, side, column.as_str()];
            if !SETTABLE.contains(&column.as_str()) {
                check.key(at, &place, format!("`{column}` is no column of ours"), nearest::hint(column, SETTABLE));
            } else if !opposite.contains_key(column) {
                let message = format!("`{column}` is named on one side only");
                check.key(at, &place, message, "name its code in `here` and in `there`");
            } else if column == "origin" {
                if Origin::parse(code).is_none() {
                    let known = Origin::ALL.iter().map(|origin| origin.code());
                    check.value(at, &place, format!("`{code}` is no group of ours"), nearest::hint(code, known));
                }
            } else {
                listed(check, at, &place, column, code);
            }
        }
    }
    if let Some(template) = record.their_period.as_ref().filter(|_| record.other_period(Period::year(2020)).is_none()) {
        let message = format!("`{template}` gives no period for the year 2020");
        check.value(at, &["compare_with", index, "their_period"], message, "write for example \"{year-1}-12-31\"");
    }
}

pub(super) fn disclosures(check: &mut Check<'_>) {
    for (id, dataflow) in &check.definitions.dataflows {
        let at = (Kind::Dataflow, id.as_str());
        let Some(rule) = &dataflow.disclosure else {
            if id.starts_with(PARTNER) {
                let hint = "add [disclosure]; for figures that are public already: apply = false and reason = \"where\"";
                check.value(at, &[], "a partner's table without [disclosure]: small counts would be printed", hint);
            }
            continue;
        };
        if !rule.apply && rule.reason.trim().is_empty() {
            let hint = "say where they are published: reason = \"...\"";
            check.key(at, &["disclosure", "apply"], "counts are left unprotected without a reason", hint);
        }
        if rule.threshold < 2 {
            let message = format!("a threshold of {}: expected at least 2", rule.threshold);
            check.value(at, &["disclosure", "threshold"], message, "5 is usual");
        }
        if rule.rounding == 1 || rule.rounding > 1000 {
            let message = format!("rounding to multiples of {}: expected 0 (none) or 2 to 1000", rule.rounding);
            check.value(at, &["disclosure", "rounding"], message, "");
        }
        for (measure, base) in &rule.rates {
            if rule.rates.contains_key(base) {
                let message = format!("the base `{base}` of `{measure}` is a rate itself");
                check.value(at, &["disclosure", "rates", measure], message, "name the count it is a rate of");
            }
        }
    }
}
