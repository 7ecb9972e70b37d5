//! Rival definitions of one thing side by side: for every territory what each says of the whole population, with its year.
//! Never merged into one series, and nothing is computed from them.

use baseline_model::definitions::{Chapter, Indicator, Origin};
use baseline_model::{Grade, Observation};
use baseline_render::document::{Chart, Dots, DotsRow, Figure, Lane, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{self, cell, flags_note};
use super::method;

/// What a definition says of a territory: its newest number of the whole population, of the sex and age of its headline.
fn newest(context: &Context<'_>, (id, indicator): (&str, &Indicator), territory: &str) -> Option<Observation> {
    let wanted = |origin: Origin, sex: &str, age: &str| {
        origin == Origin::Total && sex == indicator.headline.sex && age == indicator.headline.age
    };
    let series = context.series(id, territory)?;
    let mut numbers = series.iter().rev().filter(|(_, value)| value.value.number().is_some());
    numbers.find(|(key, _)| wanted(key.origin, &key.sex, &key.age)).map(|(_, value)| value.clone())
}

/// The chart of a chapter's `definitions`; `None` when fewer than two of them have any number.
pub fn figure(context: &Context<'_>, chapter: &Chapter, ours: Option<&str>) -> Option<Figure> {
    let all: Vec<(&str, &Indicator)> = chapter.definitions.iter().filter_map(|id| context.indicator(id)).collect();
    let has = |indicator: &(&str, &Indicator)| {
        context.study.territories.iter().any(|territory| newest(context, *indicator, territory).is_some())
    };
    let (shown, empty): (Vec<_>, Vec<_>) = all.into_iter().partition(has);
    if shown.len() < 2 {
        return None;
    }
    let (mut rows, mut table, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for territory in &context.study.territories {
        let found: Vec<Option<Observation>> = shown.iter().map(|indicator| newest(context, *indicator, territory)).collect();
        let lanes = found.iter().zip(&shown).map(|(value, (_, indicator))| {
            let mark = value.as_ref().and_then(|value| context.mark(value, indicator.decimals));
            let text = match (&mark, value) {
                (Some(mark), Some(value)) => {
                    context.text("definitions.value", &[("value", &mark.text), ("year", &context.period(value.period))])
                }
                _ => context.word("missing.absent"),
            };
            Lane { mark, range: None, text }
        });
        let name = context.unit_name(territory);
        let mut geo: Vec<String> = found.iter().flatten().map(figures::whose).collect();
        geo.dedup();
        let highlight = Some(territory.as_str()) == ours;
        rows.push(DotsRow { label: name.clone(), sublabel: geo.join(", "), lanes: lanes.collect(), highlight });
        for (value, indicator) in found.iter().zip(&shown) {
            let Some(value) = value else { continue };
            let text = |text: &str| TableCell::Text(Text::plain(text));
            table.push(TableRow {
                header: Text::plain(&name),
                cells: vec![
                    text(&context.indicator_name(*indicator)),
                    text(&context.language.phrase(&indicator.1.concept)),
                    text(&context.language.phrase(&indicator.1.universe)),
                    text(&context.region_name(&value.geo.code)),
                    text(&value.period.to_string()),
                    cell(context, value, indicator.1.decimals),
                ],
                highlight,
            });
        }
        used.extend(found.into_iter().flatten());
    }
    let unit = context.unit(shown.first()?.1.unit);
    let mut note = context.word("note.definitions");
    if used.iter().any(|value| value.grade != Grade::A) {
        note.push_str(&format!(" {}", context.word("note.definitions.borrowed")));
    }
    if !empty.is_empty() {
        let names: Vec<String> = empty.iter().map(|indicator| context.indicator_name(*indicator)).collect();
        note.push_str(&format!(" {}", context.text("note.definitions.empty", &[("names", &names.join("; "))])));
    }
    note.push_str(&flags_note(context, used.iter()));
    let count = shown.len().to_string();
    let names: Vec<String> = shown.iter().map(|indicator| context.indicator_name(*indicator)).collect();
    let title = context.text("title.definitions", &[("n", &count)]);
    let subtitle = context.text("subtitle.definitions", &[("unit", &unit)]);
    let source = method::source_line(context, used.iter());
    let columns = [
        "column.territory",
        "column.indicator",
        "column.concept",
        "column.universe",
        "column.region",
        "column.year",
        "column.value",
    ];
    let id = format!("definitions-{}", chapter.id.replace('_', "-"));
    Some(Figure {
        label: String::new(),
        alt: context.text("alt.definitions", &[("n", &count), ("rows", &rows.len().to_string())]),
        long_description: context.text("long.definitions", &[("names", &names.join("; "))]),
        note: note.trim().to_owned(),
        chart: Chart::Dots(Dots {
            unit,
            series: names,
            rows,
            legend_proxy: context.word("legend.proxy"),
            legend_flag: context.word("legend.flag"),
            legend_range: String::new(),
            places: None,
            reach: Vec::new(),
            axis: context.axis(),
        }),
        data: Table {
            id: format!("{id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns: columns.map(|key| context.word(key)).into(),
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        id,
        title,
        subtitle,
        source,
    })
}
