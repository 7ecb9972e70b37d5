//! A territory that has only its country's value never shows it without saying so: scans all outputs of all reports.
//!
//! The scanner does not trust the program's grades: whose value a figure is follows from the region's code and the
//! territory's own codes. It is proven by mutants of real pages that it must catch.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::Reader;
use serde_json::Value as Json;

use super::kit::{NINE, Row, attribute, elements, is_svg, plain, study};

/// Territory -> its own code, then the parents', as `list` prints them.
fn ladders() -> BTreeMap<String, Vec<String>> {
    let said = study().run(&["list", "territories", "--json"]);
    let json: Json = serde_json::from_str(&said.stdout).unwrap();
    let entry = |row: &Json| {
        let codes = row["codes"].as_str().unwrap().split(" < ").map(str::to_owned).collect();
        (row["id"].as_str().unwrap().to_owned(), codes)
    };
    json.as_array().unwrap().iter().map(entry).collect()
}

/// The grade that the region of a value has for a territory.
fn grade_of(geo: &str, ladder: &[String]) -> &'static str {
    let own = &ladder[0];
    // The same region may have had another code of the same level under an older classification.
    let is_own =
        geo == own || own.starts_with(char::is_alphabetic) && own.len() <= 5 && geo.len() == own.len() && geo[..2] == own[..2];
    match geo.len() {
        _ if is_own => "A",
        // A municipality's code is a number, or its id where an authority printed the figure; a region's begins with
        // its country.
        _ if !geo.starts_with(char::is_uppercase) => "A",
        2 => "D",
        4 => "C",
        5 => "B",
        _ => "A",
    }
}

/// Id -> grade, from the tables alone.
fn grades() -> BTreeMap<String, &'static str> {
    let ladders = ladders();
    // An estimate is modelled wherever its composition is from.
    let grade = |row: &Row| match ladders.get(&row["territory"]) {
        Some(_) if row["indicator"].split('.').next().is_some_and(|id| id.ends_with("_estimate")) => "M",
        Some(ladder) => grade_of(&row["geo"], ladder),
        None => "A",
    };
    let mut rows = study().by_id();
    // What is about all territories together is of the worst grade among them.
    rows.retain(|_, row| !row["territory"].ends_with("_mean") && row["territory"] != "milestone");
    let graded = |id: &str, row: &Row| {
        // A difference to another territory is no better than the worse of the two.
        let mut parts: Vec<&str> = id.split('.').collect();
        let other = parts.get(6).and_then(|measure| measure.strip_prefix("vs_")).filter(|other| NINE.contains(other));
        let Some(other) = other else { return grade(row) };
        parts[1] = other;
        let theirs = rows.get(parts[..6].join(".").as_str()).map_or("M", |row| grade(row));
        grade(row).max(theirs)
    };
    rows.iter().map(|(id, row)| ((*id).to_owned(), graded(id, row))).collect()
}

/// `None` for means, whose grade is that of their worst part.
fn expected<'a>(id: &str, grades: &'a BTreeMap<String, &'static str>) -> Option<&'a str> {
    grades.get(id).copied()
}

#[test]
fn the_tables_grade_every_borrowed_value() {
    let ladders = ladders();
    assert_eq!(ladders.len(), NINE.len());
    let grades = grades();
    let mut borrowed = BTreeMap::new();
    for row in study().observations.values().flatten() {
        let Some(ladder) = ladders.get(&row["territory"]) else { continue };
        assert_eq!(row["grade"], grades[&row["id"]], "{}: value of {}", row["id"], row["geo"]);
        if row["grade"] == "D" && !row["id"].contains(".vs_") {
            assert_eq!(Some(&row["geo"]), ladder.last(), "{}", row["id"]);
        }
        *borrowed.entry(row["grade"].clone()).or_insert(0) += 1;
    }
    // In the report on the territory and in the comparative one.
    assert_eq!(borrowed.get("M"), Some(&(2 * NINE.len())), "an estimate of one year each, and nothing computed of it");
    assert!(["A", "B", "C", "D"].iter().all(|grade| borrowed.contains_key(*grade)), "{borrowed:?}");
}

/// Numbers of a page that show a borrowed value as the territory's own.
fn unlabelled_numbers(html: &str, grades: &BTreeMap<String, &'static str>) -> Vec<String> {
    let mut faults = Vec::new();
    for (tag, inside) in elements(html, "span", "data-id") {
        let id = attribute(tag, "data-id").unwrap_or_default();
        let said = attribute(tag, "data-grade").unwrap_or("none");
        if let Some(grade) = expected(id, grades).filter(|grade| *grade != said) {
            faults.push(format!("{id}: is {grade}, data-grade says {said}"));
        }
        let grade = expected(id, grades).unwrap_or(said);
        let badge = elements(inside, "abbr", "class=\"grade\"").into_iter().any(|(_, text)| plain(text) == format!("({grade})"));
        if grade != "A" && !badge {
            faults.push(format!("{id}: grade {grade} without its badge"));
        }
    }
    faults
}

/// Marks of a drawing that show a borrowed value as the territory's own.
fn unlabelled_marks(svg: &str, grades: &BTreeMap<String, &'static str>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut borrowed = false;
    for (tag, inside) in elements(svg, "g", "class=\"mark\"") {
        let id = attribute(tag, "data-id").unwrap_or_default();
        let Some(grade) = expected(id, grades).filter(|grade| *grade != "A") else { continue };
        borrowed = true;
        let (title, shape) = inside.split_once("</title>").unwrap_or_default();
        if !title.contains(&format!("({grade}: ")) {
            faults.push(format!("{id}: the mark does not say {grade}"));
        }
        if !(shape.contains("fill=\"#FFFFFF\"") && shape.contains("stroke=")) {
            faults.push(format!("{id}: the mark of a value of grade {grade} is filled"));
        }
    }
    if borrowed && !plain(svg).contains("the territory's own value") {
        faults.push("no legend of the hollow mark".into());
    }
    faults
}

/// Cells of a workbook whose grade column does not say whose value it is.
fn unlabelled_cells(bytes: &[u8], grades: &BTreeMap<String, &'static str>) -> (usize, Vec<String>) {
    let mut workbook = calamine::Xlsx::new(Cursor::new(bytes)).unwrap();
    let (mut seen, mut faults) = (0, Vec::new());
    for (name, range) in workbook.worksheets() {
        // A figure's value, status, grade, years carried and id stand side by side under `<column>: <part>`.
        let mut header: Vec<String> = Vec::new();
        for row in range.rows() {
            let texts: Vec<String> = row.iter().map(ToString::to_string).collect();
            if texts.iter().any(|text| text.ends_with(": figure id")) {
                header = texts;
                continue;
            }
            for (column, id) in texts.iter().enumerate() {
                let Some(grade) = expected(id, grades) else { continue };
                seen += 1;
                let said = header.get(column).and_then(|title| title.strip_suffix(": figure id")).and_then(|title| {
                    let place = header.iter().position(|other| other.strip_suffix(": grade") == Some(title))?;
                    texts.get(place).cloned()
                });
                if said.as_deref() != Some(grade) {
                    faults.push(format!("{name}: {id}: is {grade}, the sheet says {said:?}"));
                }
            }
        }
    }
    (seen, faults)
}

#[test]
fn no_page_shows_a_borrowed_value_without_its_grade() {
    let grades = grades();
    for territory in study().reports.keys() {
        let faults = unlabelled_numbers(study().html(territory), &grades);
        assert!(faults.is_empty(), "{territory}: {} faults, e.g. {:?}", faults.len(), &faults[..faults.len().min(5)]);
    }
}

/// The reading guide explains a modelled value where there is one; no rung of the ladder would.
#[test]
fn the_guide_explains_modelled_values() {
    let mut modelled = 0;
    for territory in NINE {
        let html = study().html(territory);
        let shown = html.contains("data-grade=\"M\"");
        let guide = html.split_once("id=\"grades\"").and_then(|(_, rest)| rest.split_once("</table>")).expect("a guide").0;
        assert_eq!(shown, guide.contains("title=\"M\""), "{territory}");
        modelled += usize::from(shown);
    }
    assert!(modelled > 0, "no report shows an estimate");
}

#[test]
fn no_drawing_shows_a_borrowed_value_without_its_grade() {
    let grades = grades();
    let mut drawings = 0;
    let mut faults = BTreeSet::new();
    for (territory, files) in &study().reports {
        let inline = elements(study().html(territory), "svg", "role=\"img\"")
            .into_iter()
            .map(|(_, inside)| ("report.html".to_owned(), inside.to_owned()));
        let apart = files
            .iter()
            .filter(|(name, _)| is_svg(name))
            .map(|(name, bytes)| (name.clone(), String::from_utf8(bytes.clone()).unwrap()));
        for (name, svg) in inline.chain(apart) {
            drawings += 1;
            faults
                .extend(unlabelled_marks(&svg, &grades).into_iter().take(2).map(|fault| format!("{territory}/{name}: {fault}")));
        }
    }
    assert!(drawings > 100, "{drawings}");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_workbook_shows_a_borrowed_value_without_its_grade() {
    let grades = grades();
    for (territory, files) in &study().reports {
        let (seen, faults) = unlabelled_cells(&files["tables.xlsx"], &grades);
        assert!(seen > 100, "{territory}: {seen} figures found");
        assert!(faults.is_empty(), "{territory}: {} faults, e.g. {:?}", faults.len(), &faults[..faults.len().min(5)]);
    }
}

#[test]
fn the_scanner_catches_what_it_is_for() {
    let grades = grades();
    let html = study().html("asco");
    let first = |tag: &str| elements(html, "span", tag)[0];
    let (tag, inside) = first("data-grade=\"D\"");
    let without_badge = html.replacen(inside, &inside.replace("class=\"grade\"", "class=\"x\""), 1);
    assert_eq!(unlabelled_numbers(&without_badge, &grades).len(), 1, "badge taken away");
    let wrong_letter = html.replacen(inside, &inside.replace("(D)", "(A)"), 1);
    assert_eq!(unlabelled_numbers(&wrong_letter, &grades).len(), 1, "badge of another grade");
    let as_own = html.replacen(tag, &tag.replace("data-grade=\"D\"", "data-grade=\"A\""), 1);
    assert_eq!(unlabelled_numbers(&as_own, &grades).len(), 1, "graded as own");

    let svg = study().text("asco", "figures/gap-employment-rate.svg");
    let (_, mark) = elements(svg, "g", "class=\"mark\" data-id=\"employment_rate.asco.non_eu")[0];
    let filled = svg.replacen(mark, &mark.replace("fill=\"#FFFFFF\"", "fill=\"#12436D\""), 1);
    assert_eq!(unlabelled_marks(&filled, &grades).len(), 1, "a filled mark");
    let silent = svg.replacen(mark, &mark.replace("(D: ", "("), 1);
    assert_eq!(unlabelled_marks(&silent, &grades).len(), 1, "a mark that does not say it");
    assert_eq!(unlabelled_marks(&svg.replace("the territory&#39;s own value", "x"), &grades).len(), 1, "no legend");

    let mut turned = grades.clone();
    turned.insert("employment_rate.asco.non_eu.T.Y20-64.2024".into(), "B");
    assert!(!unlabelled_cells(&study().reports["asco"]["tables.xlsx"], &turned).1.is_empty(), "a sheet with another grade");
    let ladders = ladders();
    assert_eq!(grade_of("ES", &ladders["asco"]), "D");
    assert_eq!(grade_of("ES514", &ladders["asco"]), "B");
    assert_eq!(grade_of("PL42", &ladders["zachodniopomorskie"]), "A");
    assert_eq!(grade_of("DEE0", &ladders["burgenlandkreis"]), "C");
}
