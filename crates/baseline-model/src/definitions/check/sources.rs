//! Rules of sources and dataflows.

use super::super::Timeouts;
use super::super::locate::{Kind, is_identifier};
use super::{Check, nearest, repeated};

/// Our dimensions, to which a dataflow maps its own.
pub(super) const OURS: [&str; 6] = ["geo", "origin", "sex", "age", "unit", "freq"];

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
            if !is_identifier(theirs) {
                check.key(at, &keys, format!("`{theirs}` is no dimension: expected its id in lower case"), "");
            }
        }
        for (index, ours) in repeated(dataflow.dimensions.values()) {
            let theirs = dataflow.dimensions.keys().nth(index).map_or("", String::as_str);
            check.value(at, &["dimensions", theirs], format!("two dimensions are mapped to `{ours}`"), "");
        }
        let maps = |ours: &str| dataflow.dimensions.values().any(|value| value == ours);
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
        for (theirs, codes) in &dataflow.pull {
            let keys = ["pull", theirs.as_str()];
            if let Some((named, _)) = dataflow.dimensions.iter().find(|(named, ours)| *ours == theirs && *named != theirs) {
                let message = format!("`{theirs}` is our name; a pull asks for the table's own dimension");
                check.key(at, &keys, message, format!("did you mean `{named}`?"));
            } else if !is_identifier(theirs) {
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
