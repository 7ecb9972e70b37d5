//! Rules of sources and dataflows.

use std::collections::BTreeMap;

use super::super::locate::Kind;
use super::super::{Dataflow, Origin, Source, Timeouts};
use super::indicators::open_dimensions;
use super::{Check, nearest, repeated};
use crate::Period;

/// Our dimensions, to which a dataflow maps its own.
pub(super) const OURS: [&str; 9] = ["geo", "origin", "sex", "age", "unit", "freq", "measure", "isced11", "isco08"];

pub(super) fn sources(check: &mut Check<'_>, known_protocols: &[&str]) {
    for (id, source) in &check.definitions.sources {
        let at = (Kind::Source, id.as_str());
        check.not_empty(at, &["name"], &source.name);
        check.not_empty(at, &["licence"], &source.licence);
        check.not_empty(at, &["citation"], &source.citation);
        check.placeholders(at, &["citation"], &source.citation, &["code", "date"]);
        check.placeholders(at, &["table_url"], &source.table_url, &["code"]);
        let known = || known_protocols.iter().copied().chain(["none"]);
        if !known().any(|protocol| protocol == source.protocol) {
            let hint = nearest::hint(&source.protocol, known().collect::<Vec<_>>());
            check.value(at, &["protocol"], format!("unknown protocol `{}`", source.protocol), hint);
        }
        let pulled = source.protocol != "none";
        for (key, url) in [("base_url", &source.base_url), ("licence_url", &source.licence_url), ("table_url", &source.table_url)]
        {
            let needed = key == "base_url" && pulled;
            let web = url.starts_with("https://") || url.starts_with("http://");
            if url.is_empty() && needed {
                check.value(at, &["protocol"], "a source with a protocol needs a `base_url`", "");
            } else if !(web || url.is_empty()) {
                check.value(at, &[key], format!("`{url}` is no web address"), "expected https://...");
            }
        }
        let pace = source.pace_seconds;
        if !(pace.is_finite() && (0.0..=3600.0).contains(&pace)) {
            check.value(at, &["pace_seconds"], format!("a pace of {pace} seconds: expected 0 to 3600"), "");
        }
        if source.tries > 20 || (source.tries == 0 && pulled) {
            check.value(at, &["tries"], format!("{} tries: expected 1 to 20, the first included", source.tries), "");
        }
        if let Some(Timeouts { connect, idle, total }) = source.timeouts {
            for (key, seconds) in [("connect", connect), ("idle", idle), ("total", total)] {
                if !(seconds.is_finite() && seconds > 0.0 && seconds <= 86_400.0) {
                    let message = format!("a timeout of {seconds} seconds: expected more than 0, at most 86400");
                    check.value(at, &["timeouts", key], message, "");
                } else if seconds > total {
                    let message = format!("the `{key}` timeout of {seconds} seconds is longer than the total of {total}");
                    check.value(at, &["timeouts", key], message, "");
                }
            }
        }
        let scheme = source.obs_status_scheme.as_str();
        if let Some(schemes) = check.codes("obs_status", "scheme")
            && !scheme.is_empty()
            && !schemes.contains(scheme)
        {
            let hint = nearest::hint(scheme, schemes.iter().copied());
            let message = format!("`{scheme}` is no scheme of codelists/obs_status.csv");
            check.value(at, &["obs_status_scheme"], message, hint);
        }
        manners(check, at, source);
    }
}

/// Countries, limits and credentials.
fn manners(check: &mut Check<'_>, at: (Kind, &str), source: &Source) {
    for (index, country) in source.countries.iter().enumerate() {
        check.code(at, &["countries", &index.to_string()], "geo", country);
    }
    for (index, window) in source.windows.iter().enumerate() {
        if window.requests == 0 || !(window.seconds.is_finite() && window.seconds > 0.0) {
            let message = format!("{} requests in {} seconds: expected more than 0 of both", window.requests, window.seconds);
            check.value(at, &["windows", &index.to_string()], message, "");
        }
    }
    if let Some(hours) = source.ban_hours.filter(|hours| !(hours.is_finite() && (0.0..=8760.0).contains(hours))) {
        check.value(at, &["ban_hours"], format!("a ban of {hours} hours: expected 0 to 8760"), "");
    }
    for (header, variable, _) in source.variables() {
        let plain = !variable.is_empty()
            && variable.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if !plain {
            // The text may be the secret itself: it is not repeated.
            check.value(
                at,
                &["credentials", header],
                "not the name of an environment variable",
                "write its name in capitals (BASELINE_BDL_KEY); a secret never stands in a record",
            );
        }
    }
}

pub(super) fn dataflows(check: &mut Check<'_>) {
    for (id, dataflow) in &check.definitions.dataflows {
        let at = (Kind::Dataflow, id.as_str());
        let source = id.split('/').next().unwrap_or_default();
        if !check.declares(Kind::Source, source) {
            let known: Vec<&str> = check.definitions.sources.keys().map(String::as_str).collect();
            let message = format!("the folder `{source}` is no source (expected {})", Kind::Source.path(source));
            check.value(at, &[], message, nearest::hint(source, known));
        }
        check.not_empty(at, &["title"], &dataflow.title);
        if dataflow.levels.is_empty() {
            check.value(at, &["levels"], "no level: say at which territorial levels the table is published", "");
        }
        for (index, level) in repeated(&dataflow.levels) {
            check.value(at, &["levels", &index.to_string()], format!("the level {level:?} is given twice").to_lowercase(), "");
        }
        for (theirs, ours) in &dataflow.dimensions {
            let keys = ["dimensions", theirs.as_str()];
            if !OURS.contains(&ours.as_str()) {
                let message = format!("`{ours}` is none of our dimensions");
                check.value(at, &keys, message, nearest::hint(ours, OURS));
            }
            if !is_dimension(theirs) {
                check.key(at, &keys, format!("`{theirs}` is no dimension: expected its id in lower case"), "");
            }
        }
        for (index, ours) in repeated(dataflow.dimensions.values()) {
            let theirs = dataflow.dimensions.keys().nth(index).map_or("", String::as_str);
            check.value(at, &["dimensions", theirs], format!("two dimensions are mapped to `{ours}`"), "");
        }
        found(check, at, dataflow);
        breakdowns(check, id, dataflow);
        codes(check, at, dataflow);
        shapes(check, at, dataflow);
        if let Some(period) = dataflow.period.as_ref().filter(|period| Period::parse(period).is_none()) {
            check.value(at, &["period"], format!("`{period}` is no period"), "expected 2022 or 2022-12-31");
        }
        for (index, period) in dataflow.breaks.iter().enumerate() {
            if Period::parse(period).is_none() {
                check.value(
                    at,
                    &["breaks", &index.to_string()],
                    format!("`{period}` is no period"),
                    "expected 2022 or 2022-12-31",
                );
            }
        }
        for (index, indicator) in dataflow.fills.iter().enumerate() {
            check.refers(at, &["fills", &index.to_string()], Kind::Indicator, indicator);
        }
        let maps = |ours: &str| dataflow.ours().any(|value| value == ours);
        if !maps("geo") {
            check.key(at, &["dimensions"], "no dimension is mapped to `geo`", "add: geo = \"geo\"");
        }
        if maps("origin") && dataflow.concept.is_none() {
            let message = "a dimension is mapped to `origin`, but `concept` is not given";
            check.key(at, &["dimensions"], message, "add: concept = \"citizenship\" or \"birth\"");
        }
        if !dataflow.pull.is_empty() && check.definitions.sources.get(source).is_some_and(|source| source.protocol == "none") {
            check.key(at, &["pull"], format!("nothing can be pulled from `{source}` (its protocol is `none`)"), "");
        }
        // Other services want the table's own letters.
        let own_letters = check.definitions.sources.get(source).is_some_and(|source| source.protocol != "eurostat");
        for (theirs, codes) in &dataflow.pull {
            let keys = ["pull", theirs.as_str()];
            if let Some((named, _)) = dataflow.dimensions.iter().find(|(named, ours)| *ours == theirs && *named != theirs) {
                let message = format!("`{theirs}` is our name; a pull asks for the table's own dimension");
                check.key(at, &keys, message, format!("did you mean `{named}`?"));
            } else if !is_dimension(&if own_letters { theirs.to_lowercase() } else { theirs.clone() }) {
                check.key(at, &keys, format!("`{theirs}` is no dimension: expected its id in lower case"), "");
            }
            if codes.is_empty() {
                check.value(at, &keys, format!("no code for `{theirs}`"), "leave the key out to ask for all");
            }
            for (index, code) in repeated(codes) {
                check.value(at, &["pull", theirs, &index.to_string()], format!("`{code}` is given twice"), "");
            }
        }
    }
}

/// Each breakdown has codes, and is fixed or grouped by somebody: by what draws on the table, or by the pull.
fn breakdowns(check: &mut Check<'_>, id: &str, dataflow: &Dataflow) {
    let at = (Kind::Dataflow, id);
    for (theirs, codes) in &dataflow.breakdowns {
        let keys = ["breakdowns", theirs.as_str()];
        if !is_dimension(theirs) {
            check.key(at, &keys, format!("`{theirs}` is no dimension: expected its id in lower case"), "");
        }
        if codes.is_empty() {
            check.value(at, &keys, format!("no code for `{theirs}`"), "name the codes that the table has");
        }
        for (index, code) in repeated(codes) {
            check.value(at, &["breakdowns", theirs, &index.to_string()], format!("`{code}` is given twice"), "");
        }
        for (index, code) in dataflow.pull.get(theirs).into_iter().flatten().enumerate() {
            if !codes.contains(code) {
                let hint = nearest::hint(code, codes.iter().map(String::as_str));
                let message = format!("`{code}` is no code of `{theirs}` under [breakdowns]");
                check.value(at, &["pull", theirs, &index.to_string()], message, hint);
            }
        }
    }
    let used = check.definitions.indicators.values().flat_map(|indicator| &indicator.series).any(|series| series.dataflow == id);
    if used {
        return;
    }
    for (theirs, codes) in open_dimensions(dataflow).filter(|(theirs, _)| !dataflow.pull.contains_key(*theirs)) {
        let message = format!("`{theirs}` twice: the table has {} and nothing fixes or groups them", codes.join(", "));
        check.key(at, &["breakdowns", theirs], message, format!("add to [pull]: {theirs} = [\"...\"]"));
    }
}

/// How dimensions are recognised: each of ours once, by roles that exist.
fn found(check: &mut Check<'_>, at: (Kind, &str), dataflow: &Dataflow) {
    for (ours, candidates) in &dataflow.find {
        let keys = ["find", ours.as_str()];
        if !OURS.contains(&ours.as_str()) {
            check.key(at, &keys, format!("`{ours}` is none of our dimensions"), nearest::hint(ours, OURS));
        }
        if let Some((theirs, _)) = dataflow.dimensions.iter().find(|(_, named)| *named == ours) {
            let message = format!("`{ours}` is found here and already named by `{theirs}` under [dimensions]");
            check.key(at, &keys, message, "keep one of them");
        }
        if candidates.is_empty() {
            check.value(at, &keys, format!("nothing to find `{ours}` by"), "expected role:geo, or an id or label with *");
        }
        for (index, candidate) in candidates.iter().enumerate() {
            let index = index.to_string();
            let keys = ["find", ours.as_str(), index.as_str()];
            match candidate.strip_prefix("role:") {
                Some("geo" | "time" | "metric") => {}
                Some(role) => {
                    let message = format!("`{role}` is no role: expected geo, time or metric");
                    check.value(at, &keys, message, nearest::hint(role, ["geo", "time", "metric"]));
                }
                None if candidate.trim_matches(['*', ' ']).is_empty() => {
                    check.value(at, &keys, format!("`{candidate}` fits every dimension"), "");
                }
                None => {}
            }
        }
    }
}

/// Codes are given for dimensions that the table has, and mean codes of ours.
fn codes(check: &mut Check<'_>, at: (Kind, &str), dataflow: &Dataflow) {
    for (ours, codes) in &dataflow.codes {
        if OURS.contains(&ours.as_str()) && !dataflow.ours().any(|name| name == ours) {
            let message = format!("codes of `{ours}`, to which no dimension is mapped");
            check.key(at, &["codes", ours], message, "name it under [dimensions] or [find]");
        }
        let mut trimmed: BTreeMap<&str, &str> = BTreeMap::new();
        for (theirs, code) in codes {
            let keys = ["codes", ours.as_str(), theirs.as_str()];
            if trimmed.insert(theirs.trim(), code).is_some_and(|before| before != code) {
                check.key(at, &keys, format!("`{}` is given twice (blanks do not count)", theirs.trim()), "");
            }
            match ours.as_str() {
                "origin" => match Origin::parse(code) {
                    None => {
                        let known: Vec<&str> = Origin::ALL.iter().map(|origin| origin.code()).collect();
                        check.value(at, &keys, format!("`{code}` is none of our origin groups"), nearest::hint(code, known));
                    }
                    Some(origin) if origin.concept().is_some() && origin.concept() != dataflow.concept => {
                        check.value(at, &keys, format!("`{code}` is a group of another concept than the table's"), "");
                    }
                    Some(_) => {}
                },
                "geo" => region(check, at, &keys, code),
                "sex" | "age" | "freq" => check.code(at, &keys, ours, code),
                _ => check.not_empty(at, &keys, code),
            }
        }
    }
}

/// In a declared layout every dimension has one source and every column is declared once: else a cell would be read twice.
fn shapes(check: &mut Check<'_>, at: (Kind, &str), dataflow: &Dataflow) {
    for (shape, layout) in dataflow.shapes.iter().enumerate() {
        for (block, columns) in layout.blocks.iter().enumerate() {
            let (shape, block) = (shape.to_string(), block.to_string());
            let dimensions: Vec<&String> =
                columns.keys.iter().map(|key| &key.dimension).chain(columns.constants.keys()).collect();
            let measures: Vec<String> = columns.measures.iter().map(|measure| measure.column.joined()).collect();
            let ignored: Vec<String> = columns.ignore.iter().map(super::super::Name::joined).collect();
            let mut twice: Vec<(&str, usize, String)> = Vec::new();
            for (index, dimension) in repeated(dimensions) {
                twice.push(("keys", index, format!("the dimension `{dimension}`")));
            }
            for (index, column) in repeated(&measures) {
                twice.push(("measures", index, format!("the column `{column}`")));
            }
            for (index, column) in ignored.iter().enumerate().filter(|(_, column)| measures.contains(column)) {
                twice.push(("ignore", index, format!("the column `{column}`")));
            }
            for (list, index, what) in twice {
                let index = index.to_string();
                let keys = ["shapes", shape.as_str(), "blocks", block.as_str(), list, index.as_str()];
                check.value(at, &keys, format!("{what} is declared twice in one block"), "expected each once");
            }
        }
    }
}

/// A region of ours: of the codelist, by the form of a NUTS code, or a territory's own.
fn region(check: &mut Check<'_>, at: (Kind, &str), keys: &[&str], code: &str) {
    let Some(countries) = check.codes("geo", "code") else { return };
    let nuts = code.get(..2).is_some_and(|country| countries.contains(country))
        && code.len() <= 5
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let own = || check.definitions.territories.values().any(|territory| territory.own_code() == code);
    if !(nuts || countries.contains(code) || own()) {
        let message = format!("`{code}` is no region of ours");
        check.value(at, keys, message, "expected a code of codelists/geo.csv, a NUTS code or a territory's own code");
    }
}

/// A dimension as a table's columns are called: the source's id in lower case, whatever letters the office uses.
fn is_dimension(id: &str) -> bool {
    !id.is_empty() && id.trim() == id && id.to_lowercase() == id && !id.chars().any(char::is_control)
}
