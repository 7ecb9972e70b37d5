//! Rules of estimates: one must be known as one, and can never pass for, or be compared with, what was observed.

use super::super::locate::Kind;
use super::super::{EstimateKind, Indicator, Unit};
use super::Check;

type At<'a> = (Kind, &'a str);

pub(super) fn estimate(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let Some(estimate) = &indicator.estimate else { return };
    let EstimateKind::Synthetic = estimate.kind;
    if !indicator.series.is_empty() || indicator.derived.is_some() || indicator.awaits.is_some() {
        let message = "`estimate` beside `series`, `derived` or `awaits`: an estimate is an indicator of its own";
        check.key(at, &["estimate"], message, "make two indicators");
    }
    if !indicator.name.to_lowercase().contains("estimate") {
        let message = "the name does not say that it is an estimate";
        check.value(at, &["name"], message, "write the word `estimate` into it");
    }
    if !indicator.latest {
        let message = "an estimate is not compared between territories, nor averaged";
        check.value(at, &[], message, "add: latest = true");
    }
    if indicator.unit != Unit::Percent {
        check.value(at, &["unit"], format!("rates over shares give percent, the unit is {:?}", indicator.unit), "");
    }
    let definitions = check.definitions;
    let percent = |check: &mut Check<'_>, place: &[&str], id: &str| {
        if !check.refers(at, place, Kind::Indicator, id) {
            return;
        }
        let Some(input) = definitions.indicators.get(id) else { return };
        if input.unit != Unit::Percent {
            check.value(at, place, format!("`{id}` is in {:?}: expected an indicator in percent", input.unit), "");
        }
        if input.estimate.is_some() {
            check.value(at, place, format!("`{id}` is itself an estimate: expected what was observed"), "");
        }
    };
    percent(check, &["estimate", "rates"], &estimate.rates);
    if estimate.compositions.is_empty() {
        check.value(at, &["estimate", "compositions"], "no composition: nothing local would be in it", "");
    }
    let concept = estimate.rest.concept();
    if concept.is_none() {
        let message = format!("`{}` is no group by citizenship or by birth", estimate.rest.code());
        check.value(at, &["estimate", "rest"], message, "expected the group of those that the shares leave: national");
    }
    for (index, composition) in estimate.compositions.iter().enumerate() {
        let index = index.to_string();
        let place = |rest: &'static str| ["estimate", "compositions", index.as_str(), rest].map(str::to_owned);
        let [first, second, number, key] = place("assumption");
        check.not_empty(at, &[&first, &second, &number, &key], &composition.assumption);
        if composition.shares.is_empty() {
            let [first, second, number, key] = place("shares");
            check.value(at, &[&first, &second, &number, &key], "no share", "write: shares = { foreign = \"...\" }");
        }
        for (origin, share) in &composition.shares {
            let place = ["estimate", "compositions", index.as_str(), "shares", origin.code()];
            if *origin == estimate.rest || origin.concept() != concept {
                let message =
                    format!("`{}` beside `{}`: expected another group of the same concept", origin.code(), estimate.rest.code());
                check.key(at, &place, message, "");
            }
            percent(check, &place, share);
        }
    }
}
