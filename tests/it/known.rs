//! Figures that were published and are known from elsewhere, found again in `observations.csv`; and what must hold of
//! every line of it.

use std::collections::BTreeSet;

use super::kit::{NINE, Row, study};

const HEADER: &str = "indicator,territory,geo,nuts_version,period,origin,sex,age,value,unit,obs_status,grade,carried_years,source,dataflow,vintage,position,id";

fn row(id: &str) -> Row {
    let by_id = study().by_id();
    (*by_id.get(id).unwrap_or_else(|| panic!("no observation {id}"))).clone()
}

/// `expected` is value, status and grade.
fn check(id: &str, (value, status, grade): (&str, &str, &str)) {
    let row = row(id);
    assert_eq!((row["value"].as_str(), row["obs_status"].as_str(), row["grade"].as_str()), (value, status, grade), "{id}");
}

/// Over-qualification 2024, ages 20-64: non-EU citizens, nationals, and their difference.
fn over_qualification(territory: &str, non_eu: &str, national: &str, gap: &str, status: &str) {
    check(&format!("over_qualification.{territory}.non_eu.T.Y20-64.2024"), (non_eu, status, "D"));
    check(&format!("over_qualification.{territory}.national.T.Y20-64.2024"), (national, status, "D"));
    check(&format!("over_qualification.{territory}.non_eu.T.Y20-64.2024.gap_pp"), (gap, status, "D"));
}

#[test]
fn over_qualification_of_2024_is_what_eurostat_published() {
    over_qualification("zachodniopomorskie", "46.3", "19.9", "26.4", "");
    over_qualification("central_macedonia", "76", "32.6", "43.4", "");
    over_qualification("piemonte", "60.7", "19.1", "41.6", "");
    over_qualification("linkoping", "24.7", "12.8", "11.9", "");
    over_qualification("asco", "55.3", "33.6", "21.7", "d");
    over_qualification("jyvaskyla", "31", "15.8", "15.2", "");
    over_qualification("het_hogeland", "27.7", "13.4", "14.3", "");
    over_qualification("burgenlandkreis", "33.1", "17.1", "16", "");
    over_qualification("postojna", "47.2", "18.1", "29.1", "");
}

#[test]
fn a_withheld_value_is_withheld_and_neither_zero_nor_absent() {
    check("over_qualification.zachodniopomorskie.eu.T.Y20-64.2024", ("", "u", "D"));
    check("over_qualification.postojna.eu.T.Y20-64.2024", ("", "u", "D"));
    for territory in ["zachodniopomorskie", "postojna"] {
        let said = study().run(&["why", &format!("over_qualification.{territory}.eu.T.Y20-64.2024")]);
        assert!(said.stdout.contains("withheld [u]"), "{}", said.stdout);
    }
}

#[test]
fn a_negative_disadvantage_stays_negative_and_is_worded_as_none() {
    check("employment_rate_birth.zachodniopomorskie.foreign_born.T.Y20-64.2025", ("87.2", "", "A"));
    check("employment_rate_birth.zachodniopomorskie.native_born.T.Y20-64.2025", ("76.7", "", "A"));
    check("employment_rate_birth.zachodniopomorskie.foreign_born.T.Y20-64.2025.gap_pp", ("-10.5", "", "A"));
    let html = super::kit::plain(study().html("zachodniopomorskie"));
    let sentence = html.lines().find(|line| line.contains("foreign-born") && line.contains("87.2")).unwrap_or_default();
    assert!(sentence.contains("76.7") && sentence.contains("higher, no disadvantage"), "{sentence}");
}

#[test]
fn the_header_is_the_promised_one_in_all_ten_tables() {
    for territory in study().reports.keys() {
        assert_eq!(study().text(territory, "observations.csv").lines().next(), Some(HEADER), "{territory}");
    }
    assert_eq!(study().reports.len(), 10);
}

#[test]
fn ids_are_unique_and_an_id_means_the_same_everywhere() {
    for (territory, rows) in &study().observations {
        let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "{territory}");
    }
    let by_id = study().by_id();
    for row in study().observations.values().flatten() {
        assert_eq!(&row, &by_id[row["id"].as_str()], "two reports, two values");
    }
}

#[test]
fn every_line_has_a_grade_a_vintage_and_a_number_or_a_reason_for_none() {
    for row in study().observations.values().flatten() {
        let id = &row["id"];
        assert!(["A", "B", "C", "D", "M"].contains(&row["grade"].as_str()), "{id}: grade {}", row["grade"]);
        if !row["value"].is_empty() {
            let value: f64 = row["value"].parse().unwrap_or(f64::NAN);
            assert!(value.is_finite() && !row["value"].contains(['e', 'E', ',']), "{id}: value {}", row["value"]);
        }
        for column in ["indicator", "territory", "geo", "period", "origin", "sex", "age", "unit", "source", "vintage"] {
            // Where nothing was found there is no table to name; a value that was withheld has its cell.
            let found = ["value", "source", "dataflow", "vintage", "position", "obs_status"];
            let nowhere = found.iter().all(|column| row[*column].is_empty()) && ["source", "vintage"].contains(&column);
            assert!(nowhere || !row[column].is_empty(), "{id}: no {column}");
        }
        assert!(row["carried_years"].parse::<u16>().is_ok(), "{id}");
    }
}

#[test]
fn percentages_and_rates_of_levels_lie_between_none_and_all() {
    for row in study().observations.values().flatten() {
        // What was computed of two values has a measure after the period.
        let level = row["id"].split('.').count() <= 6;
        let Ok(value) = row["value"].parse::<f64>() else { continue };
        if level && row["unit"] == "percent" && !row["indicator"].contains("dependency") {
            assert!((0.0..=100.0).contains(&value), "{}: {value}", row["id"]);
        }
    }
}

#[test]
fn all_nine_territories_have_figures_of_their_own_report() {
    for territory in NINE {
        let rows = &study().observations[territory];
        assert!(rows.iter().any(|row| row["territory"] == territory && !row["value"].is_empty()), "{territory}");
        // Of the others only what its page shows beside its own.
        let html = study().html(territory);
        let others = rows.iter().filter(|row| NINE.contains(&row["territory"].as_str()) && row["territory"] != territory);
        let strangers: Vec<_> = others.filter(|row| !html.contains(&format!("data-id=\"{}\"", row["id"]))).collect();
        assert!(strangers.is_empty(), "{territory}: {strangers:?}");
    }
}
