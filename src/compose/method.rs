//! Data situation, sources and method: what each value is, where it comes from, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{Direction, Indicator, Territory};
use baseline_model::{Cell, Finding, Grade, NutsCode, Observation, Reason, Receipt, Value};
use baseline_render::document::{Span, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::{gaps, provenance};
use crate::derive::Outcome;

/// Provider, table code and update stamp of every table the observations come from; computed values say so.
pub fn source_line<'a>(context: &Context<'_>, observations: impl Iterator<Item = &'a Observation>) -> String {
    // (citation, update in words) -> table codes.
    let mut tables: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut computed = false;
    for observation in observations {
        computed |= !matches!(observation.evidence, baseline_model::Evidence::Cell(_) | baseline_model::Evidence::Nowhere);
        for cell in observation.cells() {
            let Receipt { source, dataflow, .. } = cell.receipt.as_ref();
            let citation = context.definitions.sources.get(source).map_or(source.clone(), |source| source.citation.clone());
            // A receipt of the seed names the source too.
            let stem = dataflow.rsplit('/').next().unwrap_or(dataflow);
            let id = format!("{source}/{stem}");
            let code = context.definitions.dataflows.get(&id).map_or(stem, |record| record.table(&id));
            tables.entry((citation, updated(context, cell))).or_default().insert(code.to_owned());
        }
    }
    let mut parts: Vec<String> = tables
        .iter()
        .map(|((citation, updated), codes)| {
            let codes = codes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("{}, {updated}", citation.replace("{code}", &codes))
        })
        .collect();
    if computed {
        parts.push(context.word("source.own_calculations"));
    }
    parts.join(" · ")
}

/// The table's update in words: the provider's stamp, or that the file states none and when the copy was made.
fn updated(context: &Context<'_>, cell: &Cell) -> String {
    match cell.original() {
        Some(original) if !original.updated.is_empty() => {
            context.text("source.updated", &[("stamp", &context.language.date(&day(&original.updated)))])
        }
        Some(original) => context.text("source.no_stamp", &[("date", &context.language.date(&original.retrieved))]),
        None => String::new(),
    }
}

/// The day of a stamp: `2026-06-30T11:00:00+0200` and Eurostat's `30/06/26 11:00:00`; another form as it is.
fn day(stamp: &str) -> String {
    let bytes = stamp.as_bytes();
    let digits = |places: &[usize]| places.iter().all(|place| bytes.get(*place).is_some_and(u8::is_ascii_digit));
    if bytes.get(2) == Some(&b'/') && bytes.get(5) == Some(&b'/') && digits(&[0, 1, 3, 4, 6, 7]) {
        return format!("20{}-{}-{}", &stamp[6..8], &stamp[3..5], &stamp[..2]);
    }
    if bytes.get(4) == Some(&b'-') && digits(&[0, 1, 2, 3, 5, 6, 8, 9]) { stamp[..10].to_owned() } else { stamp.to_owned() }
}

/// Which grade each indicator has in each territory: letters, with the reasons in their titles.
pub fn coverage(context: &Context<'_>, territories: &[String]) -> Table {
    let mut rows = Vec::new();
    for chapter in &context.study.chapters {
        for indicator in context.chapter(&chapter.id) {
            // Authorities and offices publish what they like: a figure that none of these has, and no known table would
            // give, is no gap in the coverage.
            let nowhere = || {
                let none = |territory: &String| {
                    !has_number(context, indicator.0, territory)
                        && (chapter.id == super::PRINTED || gaps::tables_for(context, indicator.0, territory).next().is_none())
                };
                territories.iter().all(none)
            };
            if (chapter.id == super::PRINTED || indicator.1.latest) && nowhere() {
                continue;
            }
            let cells = territories.iter().map(|territory| {
                let Some(ladder) = context.ladder(indicator.0, territory) else { return TableCell::Empty };
                // Printed facts have dates of their own: any number counts.
                let value = if chapter.id == super::PRINTED {
                    context
                        .series(indicator.0, territory)
                        .and_then(|series| series.values().rev().find(|value| value.value.number().is_some()).cloned())
                } else {
                    context.value(indicator, territory, indicator.1.headline.origin)
                };
                let place = place(context, &ladder.geo);
                let steps: Vec<String> = ladder
                    .steps
                    .iter()
                    .filter(|step| step.outcome != Outcome::Taken)
                    .map(|step| format!("{}: {}", step.code, provenance::outcome(context, step.outcome)))
                    .collect();
                let mut reasons = if steps.is_empty() { String::new() } else { format!(" ({})", steps.join("; ")) };
                let tables: Vec<&str> = gaps::tables_for(context, indicator.0, territory).map(|(id, _)| id).collect();
                if !tables.is_empty() {
                    reasons.push_str(&format!("; {}", context.text("coverage.fillable", &[("tables", &tables.join(", "))])));
                }
                if let Some(awaits) = &indicator.1.awaits {
                    reasons.push_str(&format!(
                        "; {}",
                        context.text("coverage.awaits", &[("what", &context.language.phrase(&awaits.what))])
                    ));
                }
                match value.map(|value| value.value) {
                    Some(Value::Number(_)) => TableCell::Letter {
                        letter: ladder.grade.to_string(),
                        title: format!("{}: {place}{reasons}", context.word(&format!("grade.{}", ladder.grade))),
                        grade: Some(ladder.grade),
                    },
                    Some(Value::Missing(Reason::Withheld)) => TableCell::Letter {
                        letter: context.word("letter.withheld"),
                        title: format!("{}: {place}{reasons}", context.missing(Reason::Withheld)),
                        grade: None,
                    },
                    _ => TableCell::Letter {
                        letter: context.word("letter.none"),
                        title: format!("{}{reasons}", context.missing(Reason::Absent)),
                        grade: None,
                    },
                }
            });
            rows.push(TableRow {
                header: Text::plain(context.indicator_name(indicator)),
                cells: cells.collect(),
                highlight: false,
            });
        }
    }
    let mut columns = vec![context.word("column.indicator")];
    columns.extend(territories.iter().map(|territory| context.unit_name(territory)));
    Table {
        id: "coverage".into(),
        label: String::new(),
        caption: context.word("caption.coverage"),
        columns,
        rows,
        notes: vec![Text::plain(context.word("note.coverage"))],
        source: String::new(),
        reference: true,
    }
}

/// Whether any number is there for a territory.
fn has_number(context: &Context<'_>, indicator: &str, territory: &str) -> bool {
    let series = context.series(indicator, territory);
    series.is_some_and(|series| series.values().any(|value| value.value.number().is_some()))
}

fn place(context: &Context<'_>, geo: &NutsCode) -> String {
    let version = geo.version.map_or(String::new(), |version| format!(", NUTS {version}"));
    format!("{} ({}{version})", context.region_name(&geo.code), geo.code)
}

/// For each grade: its letter, its meaning, whose values these are for the territory, and how many indicators have it.
pub fn grades(context: &Context<'_>, territory_id: &str, territory: &Territory) -> Table {
    let rungs = crate::derive::rungs(territory);
    let mut counts: BTreeMap<Grade, usize> = BTreeMap::new();
    let mut nothing = 0;
    for ((indicator, of), ladder) in &context.figures.ladders {
        // Printed facts are the authority's own by nature; they are not looked for at higher levels.
        if of == territory_id && !context.is_printed(indicator) {
            if ladder.steps.iter().any(|step| step.outcome == Outcome::Taken) {
                *counts.entry(ladder.grade).or_default() += 1;
            } else if context.indicator(indicator).is_none_or(|(_, record)| !record.latest) {
                nothing += 1;
            }
        }
    }
    let row = |letter: String, meaning: String, whose: String, count: usize, grade: Option<Grade>| TableRow {
        header: Text::plain(meaning),
        cells: vec![
            TableCell::Letter { title: letter.clone(), letter, grade },
            TableCell::Text(Text::plain(whose)),
            TableCell::Text(Text::plain(count.to_string())),
        ],
        highlight: false,
    };
    let mut rows: Vec<TableRow> = rungs
        .iter()
        .map(|rung| {
            let code = rung.codes.first().cloned().unwrap_or_default();
            let name = if rung.grade == Grade::A { context.unit_name(territory_id) } else { context.region_name(&code) };
            let meaning = context.word(&format!("grade.{}", rung.grade));
            row(
                rung.grade.to_string(),
                meaning,
                format!("{name} ({code})"),
                counts.get(&rung.grade).copied().unwrap_or(0),
                Some(rung.grade),
            )
        })
        .collect();
    // No rung leads to an estimate: it has its row where there is one, or its letter would stand unexplained.
    if let Some(count) = counts.get(&Grade::M) {
        let meaning = context.word("grade.M");
        rows.push(row(Grade::M.to_string(), meaning, context.word("grades.modelled"), *count, Some(Grade::M)));
    }
    rows.push(row(context.word("letter.none"), context.word("grade.none"), String::new(), nothing, None));
    Table {
        id: "grades".into(),
        label: String::new(),
        caption: context.text("caption.grades", &[("territory", &context.unit_name(territory_id))]),
        columns: ["column.grade_meaning", "column.grade", "column.region", "column.indicators"]
            .map(|key| context.word(key))
            .into(),
        rows,
        notes: Vec::new(),
        source: String::new(),
        reference: false,
    }
}

/// Every table used, without those that are `elsewhere`: provider, code, title, update stamp, where the copy is from, licence.
pub fn sources(context: &Context<'_>, elsewhere: &BTreeSet<String>) -> Table {
    let mut rows = Vec::new();
    for (id, receipt) in context.receipts.iter().filter(|(id, _)| !elsewhere.contains(*id)) {
        let source = id.split('/').next().unwrap_or_default();
        let record = context.definitions.sources.get(source);
        let dataflow = context.definitions.dataflows.get(id);
        let title = dataflow.map_or(String::new(), |dataflow| dataflow.title.clone());
        let code = dataflow.map_or(id.as_str(), |dataflow| dataflow.table(id));
        let url = record.map_or(String::new(), |record| record.table_url.replace("{code}", code));
        let originals = &receipt.originals;
        // Pages quoted one by one share a file; each figure has its page and date beside it.
        let mut files = BTreeSet::new();
        for original in originals.iter().filter(|original| files.insert(original.sha256.as_str())) {
            let pages = originals.iter().filter(|other| other.sha256 == original.sha256).count() > 1;
            let stamp = match original.updated.as_str() {
                _ if pages => context.word("table.own_dates"),
                "" => context.word("source.not_stated"),
                updated => day(updated),
            };
            let from = match original.url.as_str() {
                _ if pages => context.word("table.pages"),
                "" => original.found.clone(),
                url => url.to_owned(),
            };
            let name = if url.is_empty() {
                Text::plain(code)
            } else {
                Text(vec![Span::Link { text: code.to_owned(), url: url.clone() }])
            };
            rows.push(TableRow {
                header: Text::plain(record.map_or(source.to_owned(), |record| record.name.clone())),
                cells: vec![
                    TableCell::Text(name),
                    TableCell::Text(Text::plain(title.clone())),
                    TableCell::Text(Text::plain(stamp)),
                    TableCell::Text(Text::plain(original.retrieved.get(..10).unwrap_or(&original.retrieved).to_owned())),
                    TableCell::Text(Text::plain(from)),
                    TableCell::Text(Text::plain(original.sha256.get(..16).unwrap_or(&original.sha256).to_owned())),
                    TableCell::Text(Text::plain(receipt.licence.clone())),
                ],
                highlight: false,
            });
        }
    }
    let columns = [
        "column.provider",
        "column.table",
        "column.title",
        "column.updated",
        "column.retrieved",
        "column.copy",
        "column.hash",
        "column.licence",
    ];
    Table {
        id: "sources".into(),
        label: String::new(),
        caption: context.word("caption.sources"),
        columns: columns.map(|key| context.word(key)).into(),
        rows,
        notes: Vec::new(),
        source: String::new(),
        reference: false,
    }
}

/// Every indicator: universe, numerator and denominator, direction, notes.
///
/// Of the locally published figures those of `territory`; without one, none: a comparison does not show them.
pub fn indicators(context: &Context<'_>, territory: Option<&str>) -> Table {
    let mut rows = Vec::new();
    for chapter in &context.study.chapters {
        for indicator in context.chapter(&chapter.id) {
            let wanted = match territory {
                Some(territory) => has_number(context, indicator.0, territory),
                None => chapter.id != super::PRINTED,
            };
            // What has no figure yet stands in the coverage; here it would explain nothing that is shown.
            let shown = match territory {
                Some(_) => wanted,
                None => wanted && context.study.territories.iter().any(|territory| has_number(context, indicator.0, territory)),
            };
            if !shown {
                continue;
            }
            let record = indicator.1;
            let phrase = |text: &str| context.language.phrase(text);
            let rate = match (record.numerator.is_empty(), record.denominator.is_empty()) {
                (false, false) => format!("{} / {}", phrase(&record.numerator), phrase(&record.denominator)),
                (false, true) => phrase(&record.numerator),
                _ => String::new(),
            };
            let estimated = record.estimate.as_ref().map(|_| baseline_model::Formula::Synthetic);
            let formula = record.derived.as_ref().map(|derived| derived.formula).or(estimated);
            let formula = formula.map_or(String::new(), |formula| provenance::formula_text(context, formula));
            let direction = context.word(match record.direction {
                Direction::HigherIsBetter => "direction.higher",
                Direction::LowerIsBetter => "direction.lower",
                Direction::Neutral => "direction.neutral",
            });
            let text = |text: String| TableCell::Text(Text::plain(text));
            rows.push(TableRow {
                header: Text::plain(context.indicator_name(indicator)),
                cells: vec![
                    text(phrase(&record.universe)),
                    text(rate),
                    text(formula),
                    text(direction),
                    text(notes(context, record)),
                    text(record.references.join("; ")),
                ],
                highlight: false,
            });
        }
    }
    let columns = [
        "column.indicator",
        "column.universe",
        "column.rate",
        "column.formula",
        "column.direction",
        "column.notes",
        "column.references",
    ];
    Table {
        id: "indicators".into(),
        label: String::new(),
        caption: context.word("caption.indicators"),
        columns: columns.map(|key| context.word(key)).into(),
        rows,
        notes: Vec::new(),
        source: String::new(),
        reference: true,
    }
}

/// The notes of an indicator, and the targets that policy has set for it and that are confirmed.
fn notes(context: &Context<'_>, record: &Indicator) -> String {
    let targets = record.targets.iter().filter(|target| target.unverified.is_none()).map(|target| {
        let value = context.language.number(target.value, usize::from(record.decimals.min(1)));
        let fill = [
            ("value", context.with_unit(&value, record.unit)),
            ("year", target.year.to_string()),
            ("origin", context.origin(target.origin)),
            ("reference", target.reference.clone()),
        ];
        context.text("indicator_target", &fill.each_ref().map(|(key, value)| (*key, value.as_str())))
    });
    record.notes.iter().map(|note| context.language.phrase(note)).chain(targets).collect::<Vec<_>>().join(" ")
}

/// What was odd in the data of this run, a line each.
pub fn findings(context: &Context<'_>, findings: &[Finding]) -> Vec<Text> {
    let lines: BTreeSet<String> =
        findings.iter().map(|finding| format!("{} ({}): {}", finding.code, finding.at, finding.message)).collect();
    lines.into_iter().map(|line| Text::plain(context.quote(line))).collect()
}
