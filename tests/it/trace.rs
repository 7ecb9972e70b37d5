//! From every printed number back to its source cell.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value as Json;

use super::kit::{NINE, elements, study};

/// Ids of the marked-up numbers of a page, and what the page says about each.
fn printed(territory: &str) -> (BTreeSet<&'static str>, BTreeMap<String, Vec<String>>) {
    let html = study().html(territory);
    let ids = html.split(" data-id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let (_, text) = elements(html, "script", "id=\"provenance\"")[0];
    let json: Json = serde_json::from_str(text).unwrap();
    let line = |index: &Json| json["lines"][usize::try_from(index.as_u64().unwrap()).unwrap()].as_str().unwrap().to_owned();
    let lines = |value: &Json| value.as_array().unwrap().iter().map(line).collect();
    (ids, json["figures"].as_object().unwrap().iter().map(|(id, value)| (id.clone(), lines(value))).collect())
}

#[test]
fn every_number_of_every_page_carries_its_provenance_with_it() {
    for territory in study().reports.keys() {
        let (ids, provenance) = printed(territory);
        assert!(ids.len() > 300, "{territory}: only {} numbers", ids.len());
        for id in ids {
            let lines = provenance.get(id).unwrap_or_else(|| panic!("{territory}: nothing on {id}"));
            assert!(lines.len() >= 3 && lines.iter().all(|line| !line.is_empty()), "{territory}: {id}: {lines:?}");
        }
    }
}

/// An even sample of the ids, with some of every indicator and measure first.
fn sample() -> Vec<&'static str> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (id, row) in study().by_id() {
        // Where nothing was found there is no cell to walk to.
        if row["value"].is_empty() && row["source"].is_empty() {
            continue;
        }
        let measure = id.split('.').nth(6).unwrap_or("value");
        let kind = match measure.strip_prefix("vs_") {
            Some(other) if NINE.contains(&other) => "vs_territory",
            Some(_) | None => measure.split("_since").next().unwrap_or(measure),
        };
        let territory = id.split('.').nth(1).unwrap_or_default();
        kinds.entry((kind, if NINE.contains(&territory) { territory } else { "benchmark" })).or_default().push(id);
    }
    let mut chosen: Vec<&str> = kinds
        .values()
        .enumerate()
        .filter(|(number, _)| number % 5 != 4)
        .map(|(number, ids)| ids[number * 7919 % ids.len()])
        .collect();
    chosen.extend(study().by_id().into_keys().filter(|id| id.contains("_mean.")).step_by(5));
    chosen
}

#[test]
fn why_walks_from_every_kind_of_figure_to_a_hash_and_a_cell() {
    let sample = sample();
    let measures: BTreeSet<&str> = sample.iter().filter_map(|id| id.split('.').nth(6)).collect();
    println!("{} figures walked back", sample.len());
    for needed in ["gap_pp", "odds_ratio", "vs_eu27_2020"] {
        assert!(measures.contains(needed), "{needed} is not in the sample: {measures:?}");
    }
    assert!(measures.iter().any(|measure| measure.starts_with("change_since")), "{measures:?}");
    assert!(sample.len() >= 60, "{}", sample.len());
    let faults: Vec<String> = sample.par_iter().filter_map(|id| fault(id)).collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), sample.len(), faults.join("\n"));
}

fn fault(id: &str) -> Option<String> {
    let said = study().run(&["why", id]);
    let named = said.stdout.contains(&format!("({id})"));
    let hash = said.stdout.lines().filter_map(|line| line.trim().strip_prefix("sha256    ")).any(|text| {
        let hash: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
        hash.len() == 64
    });
    let cell = said.stdout.lines().any(|line| line.trim().starts_with("cell      ") && line.trim().len() > 12);
    (said.exit != 0 || !named || !hash || !cell)
        .then(|| format!("{id}: exit {}, named {named}, hash {hash}, cell {cell}\n{}{}", said.exit, said.stdout, said.stderr))
}

#[test]
fn every_number_of_a_page_stands_in_the_table_beside_it() {
    for (report, rows) in &study().observations {
        let in_table: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        let (ids, _) = printed(report);
        let missing: Vec<&str> = ids.into_iter().filter(|id| !in_table.contains(id)).collect();
        assert!(missing.is_empty(), "{report}: {missing:?}");
    }
}

#[test]
fn a_place_among_all_regions_needs_a_table_that_has_them() {
    let rows = study().by_id();
    let has =
        |indicator: &str, place: &str| rows.keys().any(|id| id.starts_with(&format!("{indicator}.")) && id.ends_with(place));
    assert!(has("employment_rate_birth", ".position") && has("employment_rate_birth", ".position_eu"));
    // The shipped table has the EU's regions only.
    assert!(!has("gdp_per_inhabitant", ".position") && has("gdp_per_inhabitant", ".position_eu"));
    // Among 242 regions: none of Portugal's is lost.
    assert_eq!(rows["gdp_per_inhabitant.zachodniopomorskie.total.T.TOTAL.2021.position_eu"]["value"], "212");
    assert_eq!(rows["gdp_per_inhabitant.burgenlandkreis.total.T.TOTAL.2021"]["nuts_version"], "2021");
}

#[test]
fn nothing_is_computed_from_the_figures_that_authorities_print() {
    let computed: Vec<&str> =
        study().by_id().into_keys().filter(|id| id.starts_with("local_") && id.split('.').count() > 6).collect();
    assert!(computed.is_empty(), "{computed:?}");
}

#[test]
fn the_page_and_the_table_say_the_same_value() {
    // Numbers of tables carry the unrounded one beside the printed.
    let by_id = study().by_id();
    for territory in study().reports.keys() {
        let mut compared = 0;
        for (tag, inside) in elements(study().html(territory), "td", "data-sort") {
            let (Some(sort), Some((number, _))) =
                (super::kit::attribute(tag, "data-sort"), elements(inside, "span", "data-id").first().copied())
            else {
                continue;
            };
            let Some(row) = super::kit::attribute(number, "data-id").and_then(|id| by_id.get(id)) else { continue };
            let (Ok(page), Ok(table)) = (sort.parse::<f64>(), row["value"].parse::<f64>()) else {
                assert_eq!(sort, row["value"], "{}", row["id"]);
                continue;
            };
            // A gap is printed with the sign of its sentence in places.
            assert!(
                (page.abs() - table.abs()).abs() < 1e-6 * table.abs().max(1.0),
                "{territory}: {}: {page} and {table}",
                row["id"]
            );
            compared += 1;
        }
        assert!(compared > 50, "{territory}: {compared}");
    }
}
