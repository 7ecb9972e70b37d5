//! Whose values there are at a glance: the letters of the coverage table as a grid, chapter by chapter. For one territory a
//! column a level of regions, for several a column a territory.

use baseline_model::definitions::Indicator;
use baseline_model::{Grade, Reason, Value};
use baseline_render::document::{Area, Chart, Figure, Matrix, MatrixCell, MatrixRow, Table, TableCell, TableRow, Text};

use super::context::Context;
use crate::derive::{self, Outcome};

/// What one place of the grid shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Taken(Grade),
    Withheld,
    Nothing,
    /// Not looked at: a finer region had a value.
    Unasked,
}

/// The grid of all indicators that are looked for at every level; `None` when none of them has a ladder.
pub fn figure(context: &Context<'_>, territories: &[String]) -> Option<Figure> {
    let alone = match territories {
        [territory] => Some(territory.as_str()),
        _ => None,
    };
    let columns: Vec<String> = match alone {
        Some(territory) => derive::rungs(context.territory(territory)?)
            .iter()
            .map(|rung| context.word(&format!("level.{:?}", rung.level).to_lowercase()))
            .collect(),
        None => territories.iter().map(|territory| context.unit_name(territory)).collect(),
    };
    let (mut rows, mut table) = (Vec::new(), Vec::new());
    let (mut own, mut borrowed, mut nothing) = (0_usize, 0_usize, 0_usize);
    let mut seen: Vec<Found> = Vec::new();
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED) {
        let mut heading = context.word(&format!("chapter.{}", chapter.id));
        let mut without = 0_usize;
        // Offices publish what they like: a figure of theirs that nobody here has is no gap, as in the table of grades.
        let taken =
            |indicator: (&str, &Indicator), territory: &String| matches!(shown(context, indicator, territory), Found::Taken(_));
        let listed = |indicator: &(&str, &Indicator)| {
            !indicator.1.latest || territories.iter().any(|territory| taken(*indicator, territory))
        };
        for indicator in context.chapter(&chapter.id).into_iter().filter(listed) {
            let found: Vec<Found> = match alone {
                Some(territory) => levels(context, indicator, territory, columns.len()),
                None => territories.iter().map(|territory| shown(context, indicator, territory)).collect(),
            };
            for one in territories.iter().map(|territory| shown(context, indicator, territory)) {
                match one {
                    Found::Taken(Grade::A) => own += 1,
                    Found::Taken(_) => borrowed += 1,
                    _ if indicator.1.latest => {}
                    Found::Withheld | Found::Nothing | Found::Unasked => nothing += 1,
                }
            }
            let label = context.indicator_name(indicator);
            let cells: Vec<MatrixCell> = found.iter().map(|found| drawn(context, *found)).collect();
            let empty = found.iter().all(|found| *found == Found::Nothing);
            seen.extend(found);
            table.push(TableRow {
                header: Text::plain(&label),
                cells: cells.iter().map(|cell| TableCell::Text(Text::plain(&cell.letter))).collect(),
                highlight: false,
            });
            if empty {
                without += 1;
            } else {
                rows.push(MatrixRow { heading: std::mem::take(&mut heading), label, cells, highlight: false });
            }
        }
        // What nobody has would fill half of the page with dashes.
        if without > 0 {
            let label = context.language.count("coverage.without", without, &[]);
            let cells = vec![drawn(context, Found::Nothing); columns.len()];
            rows.push(MatrixRow { heading, label, cells, highlight: false });
        }
    }
    let all = own + borrowed + nothing;
    if all == 0 {
        return None;
    }
    let (own, borrowed, nothing, count) = (own.to_string(), borrowed.to_string(), nothing.to_string(), table.len().to_string());
    let (all, name) = (all.to_string(), alone.map_or_else(String::new, |territory| context.unit_name(territory)));
    let fill = [
        ("own", own.as_str()),
        ("borrowed", borrowed.as_str()),
        ("nothing", nothing.as_str()),
        ("all", all.as_str()),
        ("indicators", &count),
        ("territory", name.as_str()),
    ];
    let key = |name: &str| if alone.is_some() { format!("{name}.coverage.one") } else { format!("{name}.coverage") };
    let (title, subtitle) = (context.text(&key("title"), &fill), context.text(&key("subtitle"), &fill));
    let corner = context.word("column.indicator");
    Some(Figure {
        id: "coverage-letters".into(),
        label: String::new(),
        alt: context.text(&key("alt"), &fill),
        long_description: context.text("long.coverage", &fill),
        note: context.word(if alone.is_some() { "note.coverage.one" } else { "note.coverage.grid" }),
        source: String::new(),
        data: Table {
            id: "coverage-letters-data".into(),
            caption: format!("{title}: {subtitle}"),
            columns: std::iter::once(corner.clone()).chain(columns.iter().cloned()).collect(),
            rows: table,
            ..Table::default()
        },
        chart: Chart::Matrix(Matrix { corner, columns, rows, legend: legend(context, &seen) }),
        title,
        subtitle,
    })
}

/// What an indicator's headline shows for a territory.
fn shown(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Found {
    let Some(ladder) = context.ladder(indicator.0, territory) else { return Found::Nothing };
    match context.value(indicator, territory, indicator.1.headline.origin).map(|value| value.value) {
        Some(Value::Number(_)) => Found::Taken(ladder.grade),
        Some(Value::Missing(Reason::Withheld)) => Found::Withheld,
        _ => Found::Nothing,
    }
}

/// The same level by level, from the territory's own upwards.
fn levels(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str, count: usize) -> Vec<Found> {
    let rungs = context.territory(territory).map(derive::rungs).unwrap_or_default();
    let steps = context.ladder(indicator.0, territory).map(|ladder| ladder.steps.as_slice()).unwrap_or_default();
    let whole = shown(context, indicator, territory);
    if whole == Found::Taken(Grade::M) {
        // An estimate is for the territory itself and on no rung.
        return std::iter::once(whole).chain(std::iter::repeat(Found::Unasked)).take(count).collect();
    }
    let found = rungs.iter().map(|rung| {
        let Some(step) = steps.iter().find(|step| step.level == rung.level) else {
            return if whole == Found::Nothing { Found::Nothing } else { Found::Unasked };
        };
        match step.outcome {
            Outcome::Taken => whole,
            Outcome::NoNumber(Reason::Withheld) => Found::Withheld,
            Outcome::NotPublished | Outcome::NoRow | Outcome::NoNumber(_) | Outcome::NoComposition | Outcome::NoRates => {
                Found::Nothing
            }
        }
    });
    found.chain(std::iter::repeat(Found::Nothing)).take(count).collect()
}

fn drawn(context: &Context<'_>, found: Found) -> MatrixCell {
    match found {
        Found::Taken(grade) => MatrixCell { letter: grade.to_string(), area: Area::Grade(grade) },
        Found::Withheld => MatrixCell { letter: context.word("letter.withheld"), area: Area::Withheld },
        Found::Nothing => MatrixCell { letter: context.word("letter.none"), area: Area::Nothing },
        Found::Unasked => MatrixCell { letter: String::new(), area: Area::Nothing },
    }
}

/// The letters that occur, finest first, with their meanings.
fn legend(context: &Context<'_>, seen: &[Found]) -> Vec<(MatrixCell, String)> {
    let grades = [Grade::A, Grade::B, Grade::C, Grade::D, Grade::M].map(Found::Taken);
    let all = grades.into_iter().chain([Found::Withheld, Found::Nothing]);
    let meaning = |found: Found| match found {
        Found::Taken(grade) => context.word(&format!("grade.{grade}")),
        Found::Withheld => context.missing(Reason::Withheld),
        Found::Nothing | Found::Unasked => context.word("legend.nothing"),
    };
    all.filter(|found| seen.contains(found)).map(|found| (drawn(context, found), meaning(found))).collect()
}
