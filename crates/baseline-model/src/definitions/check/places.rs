//! Rules of territories and studies.

use std::collections::{BTreeMap, BTreeSet};

use super::super::locate::{Kind, is_identifier, is_language};
use super::super::resolve::own_nuts;
use super::super::{Chapter, Level, Territory, Unit};
use super::{Check, nearest, repeated};
use crate::{Formula, NutsVersion};

pub(super) fn territories(check: &mut Check<'_>) {
    for (id, territory) in &check.definitions.territories {
        let at = (Kind::Territory, id.as_str());
        check.not_empty(at, &["partner"], &territory.partner);
        let country = territory.country.as_str();
        if !(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())) {
            check.value(at, &["country"], format!("`{country}` is no country code: expected two capital letters"), "");
        } else if let Some(eurostat) = [("GR", "EL"), ("GB", "UK")].iter().find(|(iso, _)| *iso == country) {
            check.value(at, &["country"], format!("`{country}` is not Eurostat's code"), format!("write `{}`", eurostat.1));
        } else {
            check.code(at, &["country"], "geo", country);
        }
        if !territory.names.contains_key("en") {
            check.key(at, &["names"], "no English name: expected `en`", "");
        }
        for (language, name) in &territory.names {
            let keys = ["names", language.as_str()];
            if !is_language(language) {
                check.key(at, &keys, format!("`{language}` is no language code: expected two lower case letters"), "");
            }
            check.not_empty(at, &keys, name);
        }
        for (index, alias) in territory.aliases.iter().enumerate() {
            check.not_empty(at, &["aliases", &index.to_string()], alias);
        }
        for (source, code) in &territory.codes {
            if !is_identifier(source) {
                check.key(at, &["codes", source], format!("`{source}` is no identifier of a source"), "");
            }
            check.not_empty(at, &["codes", source], code);
        }
        level(check, at, territory);
        codes(check, at, territory);
        parents(check, at, territory);
        place(check, at, territory);
    }
    unique_codes(check);
}

/// Degrees within Europe, or the outermost regions of the country.
fn place(check: &mut Check<'_>, at: (Kind, &str), territory: &Territory) {
    let Some(place) = &territory.place else { return };
    // West, east, south, north.
    const EUROPE: [f64; 4] = [-25.0, 45.0, 34.0, 72.0];
    let outermost: &[[f64; 4]] = match territory.country.as_str() {
        "ES" => &[[-18.5, -13.0, 27.0, 30.0]],
        "PT" => &[[-32.0, -16.0, 32.0, 40.0]],
        "FR" => &[[-64.0, -51.0, 2.0, 18.5], [44.0, 56.5, -22.0, -12.0]],
        _ => &[],
    };
    let within = |value: f64, from: f64, to: f64| (from..=to).contains(&value);
    let inside = |area: &[f64; 4]| within(place.lon, area[0], area[1]) && within(place.lat, area[2], area[3]);
    if !std::iter::once(&EUROPE).chain(outermost).any(inside) {
        let [west, east, south, north] = EUROPE;
        let (key, value, low, high) =
            if within(place.lon, west, east) { ("lat", place.lat, south, north) } else { ("lon", place.lon, west, east) };
        let message = format!("`{key}` is {value}: expected degrees from {low} to {high}");
        check.value(at, &["place", key], message, "lon is degrees east, lat is degrees north; the two are easily exchanged");
    }
    check.not_empty(at, &["place", "source"], &place.source);
}

/// A municipality has a LAU code and two parents, a district one parent, a NUTS 2 region none.
fn level(check: &mut Check<'_>, at: (Kind, &str), territory: &Territory) {
    match (territory.level, territory.lau.as_deref()) {
        (Level::Country, _) => {
            let message = "a country is a benchmark of every study, not a territory: expected lau, nuts3 or nuts2";
            check.value(at, &["level"], message, "");
        }
        (Level::Lau, None) => check.value(at, &["level"], "a municipality needs its code: `lau` is missing", ""),
        (Level::Lau, Some(code)) if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            check.value(at, &["lau"], format!("`{code}` is no municipality code: expected letters and digits"), "");
        }
        (Level::Nuts2 | Level::Nuts3, Some(_)) => {
            check.key(at, &["lau"], "only a municipality (level = \"lau\") has a `lau` code", "");
        }
        (Level::Lau, Some(_)) | (Level::Nuts2 | Level::Nuts3, None) => {}
    }
    if !territory.nuts.contains_key(&NutsVersion::V2024) {
        check.key(at, &["nuts"], "no codes for NUTS 2024, the version of current tables", "add: [nuts.2024]");
    }
    for (version, codes) in &territory.nuts {
        let version = version.to_string();
        match (territory.level, &codes.nuts3) {
            (Level::Lau | Level::Nuts3, None) => {
                check.key(at, &["nuts", &version], format!("the NUTS 3 code of {version} is missing"), "");
            }
            (Level::Nuts2, Some(_)) => {
                check.key(at, &["nuts", &version, "nuts3"], "a NUTS 2 region has no NUTS 3 code of its own", "");
            }
            (Level::Lau | Level::Nuts3 | Level::Country, Some(_)) | (Level::Nuts2 | Level::Country, None) => {}
        }
    }
}

fn codes(check: &mut Check<'_>, at: (Kind, &str), territory: &Territory) {
    let country = territory.country.as_str();
    for (version, codes) in &territory.nuts {
        let version = version.to_string();
        let given = [("nuts2", Some(codes.nuts2.as_str()), 4), ("nuts3", codes.nuts3.as_deref(), 5)];
        for (key, code, length) in given.into_iter().filter_map(|(key, code, length)| Some((key, code?, length))) {
            let keys = ["nuts", version.as_str(), key];
            let plain = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            if code.len() != length || !plain {
                let message = format!("`{code}` is no {} code: expected {length} capital letters and digits", key.to_uppercase());
                check.value(at, &keys, message, "");
            } else if !code.starts_with(country) {
                check.value(at, &keys, format!("`{code}` does not lie in {country}: its code would begin with {country}"), "");
            } else if key == "nuts3" && !code.starts_with(&codes.nuts2) {
                check.value(at, &keys, format!("`{code}` does not lie in {}: its code would begin with {0}", codes.nuts2), "");
            }
        }
    }
}

/// Every parent's code has its English name; only they, the own code and the country's may have one.
fn parents(check: &mut Check<'_>, at: (Kind, &str), territory: &Territory) {
    let own: BTreeSet<&str> = own_nuts(territory).collect();
    let mut needed = BTreeMap::new();
    for (version, codes) in &territory.nuts {
        for (key, code) in [("nuts3", codes.nuts3.as_deref()), ("nuts2", Some(codes.nuts2.as_str()))] {
            if let Some(code) = code.filter(|code| !own.contains(code)) {
                needed.entry(code).or_insert((version.to_string(), key));
            }
        }
    }
    for (code, (version, key)) in &needed {
        if !territory.parents.contains_key(*code) {
            let message = format!("the parent region `{code}` has no name");
            check.value(at, &["nuts", version, key], message, format!("add to [parents]: {code} = \"...\""));
        }
    }
    for (code, name) in &territory.parents {
        let keys = ["parents", code.as_str()];
        if !needed.contains_key(code.as_str()) && !own.contains(code.as_str()) && *code != territory.country {
            let hint = nearest::hint(code, needed.keys().copied().collect::<Vec<_>>());
            check.key(at, &keys, format!("`{code}` is no parent under [nuts]"), hint);
        }
        check.not_empty(at, &keys, name);
    }
}

/// No two territories are the same place.
fn unique_codes(check: &mut Check<'_>) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (id, territory) in &check.definitions.territories {
        let lau = territory.lau.iter().map(|code| (format!("{} {code}", territory.country), vec!["lau".to_owned()]));
        let mut own: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (version, codes) in &territory.nuts {
            let (key, code) = match territory.level {
                Level::Nuts3 => ("nuts3", codes.nuts3.clone()),
                Level::Nuts2 => ("nuts2", Some(codes.nuts2.clone())),
                Level::Lau | Level::Country => continue,
            };
            if let Some(code) = code {
                own.entry(code).or_insert_with(|| vec!["nuts".into(), version.to_string(), key.into()]);
            }
        }
        for (code, keys) in own.into_iter().chain(lau) {
            match owners.get(&code) {
                Some(owner) => faults.push((id.as_str(), keys, format!("the code {code} is already that of `{owner}`"))),
                None => {
                    owners.insert(code, id);
                }
            }
        }
    }
    for (id, keys, message) in faults {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        check.value((Kind::Territory, id), &keys, message, "");
    }
}

pub(super) fn studies(check: &mut Check<'_>) {
    for (id, study) in &check.definitions.studies {
        let at = (Kind::Study, id.as_str());
        check.not_empty(at, &["title"], &study.title);
        check.not_empty(at, &["programme", "name"], &study.programme.name);
        check.not_empty(at, &["programme", "project"], &study.programme.project);
        if study.territories.is_empty() {
            check.value(at, &["territories"], "the study has no territory", "");
        }
        for (index, territory) in study.territories.iter().enumerate() {
            check.refers(at, &["territories", &index.to_string()], Kind::Territory, territory);
        }
        for (index, territory) in repeated(&study.territories) {
            check.value(at, &["territories", &index.to_string()], format!("the territory `{territory}` is given twice"), "");
        }
        if study.benchmarks.is_empty() {
            let message = "no benchmark: expected at least one beside the countries";
            check.key(at, &["benchmarks"], message, "add: EU27_2020 = \"European Union (27)\"");
        }
        for (code, name) in &study.benchmarks {
            let keys = ["benchmarks", code.as_str()];
            if let Some(codes) = check.codes("geo", "code").filter(|codes| !codes.contains(code.as_str())) {
                let hint = nearest::hint(code, codes);
                check.key(at, &keys, format!("`{code}` is no code of codelists/geo.csv"), hint);
            }
            check.not_empty(at, &keys, name);
        }
        chapters(check, id);
    }
}

fn chapters(check: &mut Check<'_>, id: &str) {
    let Some(study) = check.definitions.studies.get(id) else { return };
    let at = (Kind::Study, id);
    if study.chapters.is_empty() {
        check.value(at, &["chapters"], "the study has no chapter", "add: [[chapters]]");
    }
    let mut used: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for (index, chapter) in study.chapters.iter().enumerate() {
        let number = index.to_string();
        let keys = ["chapters", number.as_str(), "id"];
        if !is_identifier(&chapter.id) {
            check.value(at, &keys, format!("`{}` is no identifier: expected a-z, digits, `_` and `-`", chapter.id), "");
        }
        if !ids.insert(&chapter.id) {
            check.value(at, &keys, format!("the chapter `{}` is given twice", chapter.id), "");
        }
        let text = format!("chapter.{}", chapter.id);
        for (code, language) in &check.definitions.languages {
            if !language.texts.contains_key(&text) {
                let known: Vec<&str> =
                    language.texts.keys().map(String::as_str).filter(|key| key.starts_with("chapter.")).collect();
                let message =
                    format!("the chapter has no title in `{code}`: the text `{text}` is missing in languages/{code}.toml");
                check.value(at, &keys, message, nearest::hint(&text, known));
            }
        }
        if chapter.indicators.is_empty() {
            check.value(at, &["chapters", &number, "indicators"], "the chapter has no indicator", "");
        }
        for (place, indicator) in chapter.indicators.iter().enumerate() {
            let place = place.to_string();
            let keys = ["chapters", number.as_str(), "indicators", place.as_str()];
            if check.refers(at, &keys, Kind::Indicator, indicator)
                && let Some(first) = used.insert(indicator, &chapter.id)
            {
                let message = format!("the indicator `{indicator}` already stands in the chapter `{first}`");
                check.value(at, &keys, message, "an indicator stands in one chapter, once");
            }
        }
        drawn(check, at, (number.as_str(), chapter));
        parts(check, at, (number.as_str(), chapter));
    }
    for (place, indicator) in study.messages.iter().enumerate() {
        check.refers(at, &["messages", &place.to_string()], Kind::Indicator, indicator);
    }
}

/// What a chapter draws must stand in it and have what the drawing needs.
fn drawn(check: &mut Check<'_>, at: (Kind, &str), (number, chapter): (&str, &Chapter)) {
    let mut unit = None;
    let lists = [
        ("gaps", &chapter.gaps),
        ("lines", &chapter.lines),
        ("positions", &chapter.positions),
        ("maps", &chapter.maps),
        ("slopes", &chapter.slopes),
        ("multiples", &chapter.multiples),
        ("shares", &chapter.shares),
        ("pyramids", &chapter.pyramids),
    ];
    for (list, ids) in lists {
        for (place, id) in ids.iter().enumerate() {
            let place = place.to_string();
            let keys = ["chapters", number, list, place.as_str()];
            if !chapter.indicators.contains(id) {
                let known = chapter.indicators.iter().map(String::as_str);
                let message = format!("`{id}` is not among the chapter's indicators");
                check.value(at, &keys, message, nearest::hint(id, known));
                continue;
            }
            let Some(indicator) = check.definitions.indicators.get(id) else { continue };
            if list == "gaps" && indicator.gap.is_none() {
                check.value(at, &keys, format!("`{id}` has no gap to draw"), "add [gap] to the indicator");
            }
            if list == "maps" && indicator.latest {
                let message = format!("`{id}` shows each territory at a date of its own: it cannot be compared on a map");
                check.value(at, &keys, message, "");
            }
            if matches!(list, "slopes" | "multiples" | "shares") && indicator.latest {
                let message = format!("`{id}` shows each territory at a date of its own: it cannot be drawn beside others");
                check.value(at, &keys, message, "");
            }
            if list == "pyramids" && indicator.unit != Unit::Persons {
                let message = format!("`{id}` counts no persons");
                check.value(at, &keys, message, "an age pyramid needs persons by age and sex");
            }
            if list == "positions" {
                if !indicator.position {
                    check.value(at, &keys, format!("`{id}` has no positions"), "add position = true to the indicator");
                }
                if *unit.get_or_insert(indicator.unit) != indicator.unit {
                    check.value(
                        at,
                        &keys,
                        format!("`{id}` has another unit than the positions before it"),
                        "one figure has one axis",
                    );
                }
            }
        }
    }
}

/// Parts of one whole: shares with the same denominator, as many as a bar has room for.
fn parts(check: &mut Check<'_>, at: (Kind, &str), (number, chapter): (&str, &Chapter)) {
    let keys = ["chapters", number, "shares"];
    if chapter.shares.len() == 1 || chapter.shares.len() > 5 {
        let message = format!("{} parts: expected two to five", chapter.shares.len());
        check.value(at, &keys, message, "put the small ones together in an indicator of their own");
    }
    let mut whole: Option<&String> = None;
    for (place, id) in chapter.shares.iter().enumerate() {
        let place = place.to_string();
        let keys = ["chapters", number, "shares", place.as_str()];
        let Some(indicator) = check.definitions.indicators.get(id) else { continue };
        let share = indicator.derived.as_ref().filter(|derived| derived.formula == Formula::Share);
        match share.and_then(|derived| derived.inputs.get(1)) {
            None => check.value(at, &keys, format!("`{id}` is no share of a whole"), "expected formula = \"share\" in [derived]"),
            Some(found) if *whole.get_or_insert(found) != found => {
                check.value(at, &keys, format!("`{id}` is a share of `{found}`, the parts before it are of another whole"), "");
            }
            Some(_) => {}
        }
    }
}
