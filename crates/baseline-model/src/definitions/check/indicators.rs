//! Rules of indicators: their series, formulas, gap, weight and headline.

use std::collections::{BTreeMap, BTreeSet};

use super::super::locate::Kind;
use super::super::{Concept, Dataflow, Derived, Direction, Indicator, Level, Origin, Series, Unit};
use super::sources::OURS;
use super::{Check, nearest, repeated};
use crate::Formula;

/// Our columns that `set` may fill.
pub(super) const SETTABLE: [&str; 3] = ["origin", "sex", "age"];

type At<'a> = (Kind, &'a str);

pub(super) fn indicators(check: &mut Check<'_>) {
    for (id, indicator) in &check.definitions.indicators {
        let at = (Kind::Indicator, id.as_str());
        for (key, text) in [("name", &indicator.name), ("universe", &indicator.universe), ("concept", &indicator.concept)] {
            check.not_empty(at, &[key], text);
        }
        if indicator.decimals > 6 {
            check.value(at, &["decimals"], format!("{} decimals: expected 0 to 6", indicator.decimals), "");
        }
        if let Some(weight) = &indicator.weight
            && check.refers(at, &["weight"], Kind::Indicator, weight)
            && weight == id
        {
            check.value(at, &["weight"], "an indicator cannot weight itself", "");
        }
        match (indicator.series.is_empty(), &indicator.derived) {
            (true, None) if indicator.awaits.is_some() || indicator.estimate.is_some() => {}
            (true, None) => check.value(
                at,
                &[],
                "neither `series` nor `derived`: no figure can come out",
                "add one [[series]], or [awaits] with what is missing",
            ),
            (false, Some(_)) => check.key(at, &["derived"], "both `series` and `derived`: expected one of them", ""),
            (true, Some(rule)) => derived(check, at, indicator, rule),
            (false, None) => {}
        }
        for (index, series) in indicator.series.iter().enumerate() {
            self::series(check, at, index, series);
        }
        concepts(check, at, indicator);
        super::estimates::estimate(check, at, indicator);
        gap(check, at, indicator);
        headline(check, at, indicator);
        position(check, at, indicator);
        latest(check, at, indicator);
        awaits(check, at, indicator);
        targets(check, at, indicator);
        for (index, reference) in indicator.references.iter().enumerate() {
            check.not_empty(at, &["references", &index.to_string()], reference);
        }
    }
}

/// What waits for its table has none, and says what it waits for.
fn awaits(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let Some(awaits) = &indicator.awaits else { return };
    if !indicator.series.is_empty() || indicator.derived.is_some() {
        check.key(at, &["awaits"], "`awaits` beside `series` or `derived`: it has its table", "take [awaits] out");
    }
    check.not_empty(at, &["awaits", "what"], &awaits.what);
    if awaits.levels.is_empty() {
        check.value(at, &["awaits", "levels"], "no level: say at which territorial levels it could be had", "");
    }
}

/// A target is a value that the indicator can have, by somebody, for a year.
fn targets(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    for (index, target) in indicator.targets.iter().enumerate() {
        let index = index.to_string();
        let number = index.as_str();
        check.not_empty(at, &["targets", number, "reference"], &target.reference);
        if let Some(what) = &target.unverified {
            check.not_empty(at, &["targets", number, "unverified"], what);
        }
        let rate = indicator.unit == Unit::Percent && !(0.0..=100.0).contains(&target.value);
        if rate || !target.value.is_finite() {
            let message = format!("a target of {}: expected a value in the indicator's unit", target.value);
            check.value(at, &["targets", number, "value"], message, "");
        }
        if !(2000..=2100).contains(&target.year) {
            check.value(at, &["targets", number, "year"], format!("a target for the year {}", target.year), "");
        }
        if let Some(age) = &target.age {
            check.code(at, &["targets", number, "age"], "age", age);
        }
        if indicator.direction == Direction::Neutral {
            let message = "a target, although neither direction is better";
            check.value(at, &["direction"], message, "say higher_is_better or lower_is_better, or drop [[targets]]");
        }
    }
}

/// What is shown at each territory's own date is not compared between them.
fn latest(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    for (key, given) in
        [("position", indicator.position), ("gap", indicator.gap.is_some()), ("weight", indicator.weight.is_some())]
    {
        if indicator.latest && given {
            let message = format!("`{key}` compares territories, and `latest` shows each at a date of its own");
            check.key(at, &[key], message, "keep one of them");
        }
    }
}

fn series(check: &mut Check<'_>, at: At<'_>, index: usize, series: &Series) {
    let number = index.to_string();
    let keys = |rest: &[&'static str]| -> Vec<String> {
        ["series", &number].into_iter().chain(rest.iter().copied()).map(str::to_owned).collect()
    };
    if let Some(factor) = series.factor.filter(|factor| !(factor.is_finite() && *factor > 0.0)) {
        let keys = keys(&["factor"]);
        check.value(at, &borrow(&keys), format!("a factor of {factor}: expected a number above 0"), "");
    }
    let named = keys(&["dataflow"]);
    if !check.refers(at, &borrow(&named), Kind::Dataflow, &series.dataflow) {
        return;
    }
    let Some(dataflow) = check.definitions.dataflows.get(&series.dataflow) else { return };
    let has_origin = dataflow.ours().any(|ours| ours == "origin");
    if series.by != dataflow.concept && (series.by.is_some() || has_origin) {
        let keys = keys(&["by"]);
        let word = |concept: Option<Concept>| concept.map_or("not given".to_owned(), |concept| format!("`{concept}`"));
        let message = format!(
            "`by` is {}, the concept of {} is {}",
            word(series.by),
            series.dataflow,
            dataflow.concept.map_or("none".to_owned(), |concept| format!("`{concept}`")),
        );
        let hint = dataflow.concept.map(|concept| format!("write: by = \"{concept}\"")).unwrap_or_default();
        check.value(at, &borrow(&keys), message, hint);
    }
    for (key, code) in &series.filter {
        let place = ["series", number.as_str(), "where", key.as_str()];
        dimension(check, at, &place, dataflow, key);
        check.not_empty(at, &place, code);
        listed(check, at, &place, key, code);
        pulled(check, at, &place, dataflow, key, code);
        if series.sum.contains_key(key) {
            check.key(at, &place, format!("`{key}` stands in `where` and in `sum`"), "expected one of them");
        }
    }
    open(check, at, index, series, dataflow);
    for (key, codes) in &series.sum {
        let place = ["series", number.as_str(), "sum", key.as_str()];
        dimension(check, at, &place, dataflow, key);
        if codes.len() < 2 {
            check.value(at, &place, format!("a sum of {} parts: expected at least two", codes.len()), "use `where` for one code");
        }
        for (part, code) in repeated(codes) {
            let part = part.to_string();
            let place = ["series", number.as_str(), "sum", key.as_str(), part.as_str()];
            check.value(at, &place, format!("the part `{code}` is given twice: it would be counted twice"), "");
        }
        for (part, code) in codes.iter().enumerate() {
            let part = part.to_string();
            let place = ["series", number.as_str(), "sum", key.as_str(), part.as_str()];
            listed(check, at, &place, key, code);
            pulled(check, at, &place, dataflow, key, code);
        }
    }
    for (key, code) in &series.set {
        let place = ["series", number.as_str(), "set", key.as_str()];
        if !SETTABLE.contains(&key.as_str()) {
            check.key(at, &place, format!("`set` cannot fill `{key}`"), nearest::hint(key, SETTABLE));
            continue;
        }
        let summed = series.sum.contains_key(key);
        if !summed && dataflow.ours().any(|ours| ours == key) {
            let message = format!("`set` would overwrite `{key}`, which the table states itself");
            check.key(at, &place, message, format!("use: where = {{ {key} = \"...\" }}"));
        }
        if key == "origin" {
            let Some(origin) = Origin::parse(code) else {
                let known: Vec<&str> = Origin::ALL.iter().map(|origin| origin.code()).collect();
                check.value(at, &place, format!("`{code}` is none of our origin groups"), nearest::hint(code, known));
                continue;
            };
            let concept = origin.concept();
            if concept.is_some() && concept != dataflow.concept {
                let message =
                    format!("`{code}` is a group by {}, the table is not", concept.map_or(String::new(), |c| c.to_string()));
                check.value(at, &place, message, "");
            }
        } else {
            check.code(at, &place, key, code);
        }
    }
}

/// Dimensions of which a figure has no column: several codes of one are several numbers for the same figure.
fn open(check: &mut Check<'_>, at: At<'_>, index: usize, series: &Series, dataflow: &Dataflow) {
    let index = index.to_string();
    for (theirs, codes) in open_dimensions(dataflow) {
        let ours = dataflow.dimensions.get(theirs).map_or(theirs, String::as_str);
        if series.filter.contains_key(ours) || series.sum.contains_key(ours) {
            continue;
        }
        let message = format!(
            "`{ours}` twice: the series leaves it open and the table has {}, so every figure would be there {} times",
            codes.join(", "),
            codes.len()
        );
        let first = codes.first().map_or("", String::as_str);
        check.value(at, &["series", &index, "dataflow"], message, format!("fix it: where = {{ {ours} = \"{first}\" }}"));
    }
}

/// The table's dimensions that are no columns of a figure and of which a pull gets several codes, with these.
pub(super) fn open_dimensions(dataflow: &Dataflow) -> impl Iterator<Item = (&str, &Vec<String>)> {
    let column = |theirs: &str| {
        let ours = dataflow.dimensions.get(theirs).map_or(theirs, String::as_str);
        ["geo", "origin", "sex", "age", "freq"].contains(&ours)
    };
    let asked = |theirs: &String, codes| dataflow.pull.get(theirs).unwrap_or(codes);
    dataflow
        .breakdowns
        .iter()
        .map(move |(theirs, codes)| (theirs.as_str(), asked(theirs, codes)))
        .filter(move |(theirs, codes)| !column(theirs) && codes.len() > 1)
}

fn borrow(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// A key of `where` and `sum`: one of ours that the table has, or one of its own that is not mapped.
fn dimension(check: &mut Check<'_>, at: At<'_>, place: &[&str], dataflow: &Dataflow, key: &str) {
    let mapped: Vec<&str> = dataflow.ours().collect();
    if mapped.contains(&key) {
        return;
    }
    if let Some(ours) = dataflow.dimensions.get(key).filter(|ours| OURS.contains(&ours.as_str())) {
        check.key(at, place, format!("the table's `{key}` is called `{ours}` here"), format!("write `{ours}`"));
        return;
    }
    // The table's other dimensions are not declared; a letter beside a mapped one is a slip.
    let slip = mapped.iter().chain(&OURS).find(|name| !(OURS.contains(&key)) && strsim::damerau_levenshtein(name, key) == 1);
    if let Some(name) = slip {
        check.key(at, place, format!("unknown dimension `{key}`"), format!("did you mean `{name}`?"));
    } else if key.is_empty() || key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        check.key(at, place, format!("`{key}` is no dimension: expected its id in lower case"), "");
    }
}

/// Codes of sex and age are in our lists, if these exist.
pub(super) fn listed(check: &mut Check<'_>, at: At<'_>, place: &[&str], key: &str, code: &str) {
    if key == "sex" || key == "age" {
        check.code(at, place, key, code);
    }
}

/// A code that a series needs is among those a pull asks for.
fn pulled(check: &mut Check<'_>, at: At<'_>, place: &[&str], dataflow: &Dataflow, key: &str, code: &str) {
    let theirs = dataflow.dimensions.iter().find(|(_, ours)| *ours == key).map_or(key, |(theirs, _)| theirs.as_str());
    let Some(asked) = dataflow.pull.get(theirs) else { return };
    let meant = source_codes(check, dataflow, key, code);
    if !meant.iter().any(|code| asked.iter().any(|asked| asked == code)) {
        let message = format!("a pull does not ask for `{code}`: the dataflow's [pull] has {theirs} = {}", asked.join(", "));
        check.value(at, place, message, "add it to the dataflow's [pull]");
    }
}

/// The source's codes that a code of a series may mean: those that its record maps to it, and for an origin group of
/// ours those of the codelist.
fn source_codes(check: &Check<'_>, dataflow: &Dataflow, key: &str, code: &str) -> Vec<String> {
    let own = dataflow.codes.get(key).into_iter().flatten();
    let mut meant: Vec<String> = own.filter(|(_, ours)| *ours == code).map(|(theirs, _)| theirs.trim().to_owned()).collect();
    meant.push(code.to_owned());
    if key == "origin" {
        meant.extend(origin_rows(check, dataflow).filter(|(_, ours)| *ours == code).map(|(theirs, _)| theirs.to_owned()));
    }
    meant
}

/// Source code and our group, of the concept of a dataflow, from `codelists/origin.csv`.
fn origin_rows<'c>(check: &Check<'c>, dataflow: &Dataflow) -> impl Iterator<Item = (&'c str, &'c str)> {
    let concept = dataflow.concept.map(|concept| concept.to_string());
    let list = check.definitions.codelists.get("origin");
    list.into_iter().flat_map(move |list| {
        let column = |name: &str| list.columns.iter().position(|column| column == name);
        let columns = (column("concept"), column("source_code"), column("code"));
        let concept = concept.clone();
        list.rows.iter().filter_map(move |row| {
            let (stated, theirs, ours) = (row.get(columns.0?)?, row.get(columns.1?)?, row.get(columns.2?)?);
            (Some(stated) == concept.as_ref()).then_some((theirs.as_str(), ours.as_str()))
        })
    })
}

fn derived(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator, rule: &Derived) {
    let inputs = rule.inputs.len();
    match rule.formula {
        Formula::Ratio | Formula::Share | Formula::PerThousand if inputs != 2 => {
            let message = format!("the formula takes a numerator and a denominator, found {inputs} inputs");
            check.value(at, &["derived", "inputs"], message, "");
        }
        Formula::Sum if inputs < 2 => {
            check.value(at, &["derived", "inputs"], format!("a sum takes at least two parts, found {inputs}"), "");
        }
        Formula::Ratio | Formula::Share | Formula::PerThousand | Formula::Sum => {}
        Formula::GapPp
        | Formula::OddsRatio
        | Formula::GapRatio
        | Formula::LogOdds
        | Formula::RelativeGap
        | Formula::Difference
        | Formula::Change
        | Formula::Position
        | Formula::WeightedMean
        | Formula::Interpolation
        | Formula::Synthetic
        | Formula::Conversion
        | Formula::Score
        | Formula::Composite
        | Formula::MonteCarlo
        | Formula::Sobol
        | Formula::Arrived
        | Formula::AdjustedRand => {
            let message = "the formula belongs to the comparison or to a series, it cannot define an indicator";
            check.value(at, &["derived", "formula"], message, "expected one of ratio, share, per_thousand, sum");
        }
    }
    for (index, input) in rule.inputs.iter().enumerate() {
        check.refers(at, &["derived", "inputs", &index.to_string()], Kind::Indicator, input);
    }
    for (index, input) in repeated(&rule.inputs) {
        check.value(at, &["derived", "inputs", &index.to_string()], format!("`{input}` is given twice"), "");
    }
    if rule.by_group && rule.formula == Formula::Sum {
        check.key(at, &["derived", "by_group"], "a sum has no denominator: its parts are of one group anyway", "");
    }
    if rule.carry > 10 {
        check.value(at, &["derived", "carry"], format!("a denominator {} years older: expected at most 10", rule.carry), "");
    }
    let units: Vec<Unit> =
        rule.inputs.iter().filter_map(|input| check.definitions.indicators.get(input)).map(|input| input.unit).collect();
    let expected = match rule.formula {
        Formula::Share => Some(Unit::Percent),
        Formula::PerThousand => Some(Unit::PerThousand),
        Formula::Sum => units.first().copied(),
        Formula::Ratio
        | Formula::GapPp
        | Formula::OddsRatio
        | Formula::GapRatio
        | Formula::LogOdds
        | Formula::RelativeGap
        | Formula::Difference
        | Formula::Change
        | Formula::Position
        | Formula::WeightedMean
        | Formula::Interpolation
        | Formula::Synthetic
        | Formula::Conversion
        | Formula::Score
        | Formula::Composite
        | Formula::MonteCarlo
        | Formula::Sobol
        | Formula::Arrived
        | Formula::AdjustedRand => None,
    };
    if let Some(expected) = expected.filter(|expected| *expected != indicator.unit) {
        let message = format!("the formula gives {expected:?}, the unit is {:?}", indicator.unit);
        check.value(at, &["unit"], message, "");
    }
    let thousands = units.iter().filter(|unit| **unit == Unit::ThousandPersons).count();
    if (rule.formula == Formula::Sum && units.iter().any(|unit| Some(unit) != units.first()))
        || (rule.formula != Formula::Sum && rule.formula != Formula::Ratio && thousands != 0 && thousands != units.len())
    {
        let message = format!(
            "the inputs are in different units ({})",
            units.iter().map(|unit| format!("{unit:?}")).collect::<Vec<_>>().join(", ")
        );
        check.value(at, &["derived", "inputs"], message, "use a `factor` in the series of one of them");
    }
}

/// Citizenship and country of birth never meet under one indicator.
fn concepts(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let mut stated: Vec<(Vec<String>, Concept)> = Vec::new();
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    for (index, series) in indicator.series.iter().enumerate() {
        let number = index.to_string();
        let set = series.set.get("origin").and_then(|code| Origin::parse(code)).and_then(Origin::concept);
        stated.extend(series.by.map(|concept| (keys(&["series", &number, "by"]), concept)));
        stated.extend(set.map(|concept| (keys(&["series", &number, "set", "origin"]), concept)));
    }
    if let Some(gap) = indicator.gap {
        stated.extend(gap.of.concept().map(|concept| (keys(&["gap", "of"]), concept)));
        stated.extend(gap.against.concept().map(|concept| (keys(&["gap", "against"]), concept)));
    }
    stated.extend(indicator.headline.origin.concept().map(|concept| (keys(&["headline", "origin"]), concept)));
    let Some((_, first)) = stated.first() else { return };
    for (keys, concept) in stated.iter().filter(|(_, concept)| concept != first) {
        let message = format!("a group by {concept} under an indicator by {first}");
        check.value(at, &borrow(keys), message, "citizenship and country of birth are two concepts: make two indicators");
    }
}

fn gap(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let Some(gap) = indicator.gap else { return };
    if gap.of == gap.against {
        check.value(at, &["gap", "against"], "a gap of a group against itself", "");
    }
    if indicator.unit != Unit::Percent {
        let message = "a gap in percentage points needs an indicator in percent";
        check.value(at, &["unit"], message, "");
    }
    if indicator.direction == Direction::Neutral {
        let message = "a disadvantage cannot be told when neither direction is better";
        check.value(at, &["direction"], message, "say higher_is_better or lower_is_better, or drop [gap]");
    }
    for (key, origin) in [("of", gap.of), ("against", gap.against)] {
        stated(check, at, indicator, &["gap", key], "origin", origin.code());
    }
}

fn headline(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let headline = &indicator.headline;
    check.code(at, &["headline", "sex"], "sex", &headline.sex);
    check.code(at, &["headline", "age"], "age", &headline.age);
    stated(check, at, indicator, &["headline", "origin"], "origin", headline.origin.code());
    stated(check, at, indicator, &["headline", "sex"], "sex", &headline.sex);
    stated(check, at, indicator, &["headline", "age"], "age", &headline.age);
}

/// When every series fixes a column, the code used must be one of those: else no figure ever appears.
fn stated(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator, place: &[&str], column: &str, code: &str) {
    let mut fixed = BTreeSet::new();
    for series in &indicator.series {
        let Some(dataflow) = check.definitions.dataflows.get(&series.dataflow) else { return };
        if let Some(set) = series.set.get(column) {
            fixed.insert(set.as_str());
            continue;
        }
        let Some(pinned) = series.filter.get(column) else { return };
        fixed.insert(pinned.as_str());
        if column == "origin" {
            fixed.extend(origin_rows(check, dataflow).filter(|(theirs, _)| theirs == pinned).map(|(_, ours)| ours));
        }
    }
    if !fixed.is_empty() && !fixed.contains(code) {
        let known = fixed.iter().copied().collect::<Vec<_>>().join(", ");
        let message = format!("`{}` uses the {column} `{code}`, but every series fixes it: {known}", place.join("."));
        check.value(
            at,
            place,
            message,
            format!("write {} = \"...\" with one of these", place.last().copied().unwrap_or_default()),
        );
    }
}

fn position(check: &mut Check<'_>, at: At<'_>, indicator: &Indicator) {
    let flows: Vec<&Dataflow> =
        indicator.series.iter().filter_map(|series| check.definitions.dataflows.get(&series.dataflow)).collect();
    if indicator.position && !flows.is_empty() && !flows.iter().any(|flow| flow.levels.contains(&Level::Nuts2)) {
        check.value(at, &["position"], "a position among NUTS 2 regions, but no series has that level", "");
    }
}

/// No derived indicator rests on itself.
pub(super) fn cycles(check: &mut Check<'_>) {
    let inputs: BTreeMap<&str, &Derived> = check
        .definitions
        .indicators
        .iter()
        .filter_map(|(id, indicator)| Some((id.as_str(), indicator.derived.as_ref()?)))
        .collect();
    for id in inputs.keys() {
        let mut reached = BTreeSet::new();
        let mut open = vec![*id];
        while let Some(next) = open.pop() {
            for input in inputs.get(next).into_iter().flat_map(|rule| &rule.inputs) {
                if reached.insert(input.as_str()) {
                    open.push(input);
                }
            }
        }
        if reached.contains(id) {
            let circle = reached.iter().copied().filter(|input| inputs.contains_key(input)).collect::<Vec<_>>().join(", ");
            let message = format!("the indicator is derived from itself (by way of {circle})");
            check.value((Kind::Indicator, id), &["derived", "inputs"], message, "");
        }
    }
}
