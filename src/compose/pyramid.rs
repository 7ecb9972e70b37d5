//! A population by age and sex, in percent of all, with the country as an outline.
//!
//! Shares are computed of the counts of one table: they are the same region's, of one year.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::Indicator;
use baseline_model::{Frequency, Grade, Observation, Period};
use baseline_render::document::{Chart, Figure, Pyramid, PyramidRow, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flagged, flags_note};
use super::method;
use crate::compare;
use crate::derive::{Key, Series};

/// Codes of the age groups, youngest first, with their ends; the last is open.
const AGES: [&str; 18] = [
    "Y_LT5", "Y5-9", "Y10-14", "Y15-19", "Y20-24", "Y25-29", "Y30-34", "Y35-39", "Y40-44", "Y45-49", "Y50-54", "Y55-59",
    "Y60-64", "Y65-69", "Y70-74", "Y75-79", "Y80-84", "Y_GE85",
];
const SEXES: [&str; 2] = ["M", "F"];
/// Of the shares in print.
const DECIMALS: u8 = 1;
/// The indicator whose value the title states beside that of the country.
const OLD: &str = "share_65_over";

/// The pyramid of a territory; `None` without counts by age and sex.
pub fn pyramid(context: &Context<'_>, (id, record): (&str, &Indicator), territory: &str) -> Option<Figure> {
    let series = context.series(id, territory)?;
    let period = newest(series, record)?;
    let ours = shares(series, record, period)?;
    let whose = ours.iter().flatten().flatten().next()?;
    let (geo, grade) = (whose.geo.code.clone(), whose.grade);
    let country = context.territory(territory).map(|territory| territory.country.clone()).filter(|country| *country != geo);
    let beside = country.as_ref().and_then(|country| shares(context.series(id, country)?, record, period));
    let place = context.region_name(&geo);
    let other = country.as_deref().filter(|_| beside.is_some()).map(|country| context.region_name(country));
    let (mut rows, mut table, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for (index, age) in AGES.iter().enumerate() {
        let label = context.age(age);
        let mark = |value: &Option<Observation>| value.as_ref().and_then(|value| context.mark(value, DECIMALS));
        let outline = beside.as_ref().map(|beside| &beside[index]);
        let missing = ours[index].iter().find_map(|value| match value {
            Some(value) if value.value.number().is_some() => None,
            Some(value) => Some(context.bare(value, DECIMALS).text),
            None => Some(context.word("missing.absent")),
        });
        rows.push(PyramidRow {
            label: label.clone(),
            marks: [mark(&ours[index][0]), mark(&ours[index][1])],
            missing: missing.unwrap_or_default(),
            outline: outline.map_or([None, None], |outline| [mark(&outline[0]), mark(&outline[1])]),
        });
        let values: Vec<&Option<Observation>> = ours[index].iter().chain(outline.into_iter().flatten()).collect();
        let shown =
            |value: &&Option<Observation>| value.as_ref().map_or(TableCell::Empty, |value| cell(context, value, DECIMALS));
        table.push(TableRow { header: Text::plain(label), cells: values.iter().map(shown).collect(), highlight: false });
        used.extend(values.into_iter().flatten().cloned());
    }
    let year = context.period(period);
    let name = context.unit_name(territory);
    let title = title(context, territory, country.as_deref(), period, (&geo, &place));
    let fill = [("place", place.as_str()), ("period", &year), ("universe", &context.language.phrase(&record.universe))];
    let subtitle = context.text("subtitle.pyramid", &fill);
    let mut note = String::new();
    if grade != Grade::A {
        let fill = [("place", place.as_str()), ("territory", &name), ("grade", &grade.to_string())];
        note = context.text("note.series_borrowed", &fill);
    }
    if let Some(other) = &other {
        note.push_str(&format!(" {}", context.text("note.pyramid.outline", &[("country", other)])));
    }
    let flags = beside.iter().flatten().flatten().flatten().flat_map(|value| value.obs_status.letters());
    let flags: BTreeSet<String> = flags.map(|letter| format!("[{letter}]")).collect();
    if !flags.is_empty() {
        let flags = flags.into_iter().collect::<Vec<_>>().join(" ");
        note.push_str(&format!(" {}", context.text("note.pyramid.outline_flags", &[("flags", &flags)])));
    }
    note.push_str(&flags_note(context, used.iter()));
    let source = method::source_line(context, used.iter());
    let figure_id = format!("pyramid-{}", id.replace('_', "-"));
    let sexes = ["sex.men", "sex.women"].map(|key| context.word(key));
    let unit = context.word("unit.percent_of_population");
    let places: Vec<&String> = std::iter::once(&place).chain(&other).collect();
    let columns = places.iter().flat_map(|place| sexes.iter().map(move |sex| format!("{place}: {sex}, %")));
    let texts = [0, 1].map(|side| {
        let values = rows.iter().map(|row| row.marks[side].as_ref().map_or_else(|| row.missing.clone(), flagged));
        values.collect::<Vec<_>>().join("; ")
    });
    Some(Figure {
        label: String::new(),
        alt: context.text(
            if other.is_some() { "alt.pyramid.outline" } else { "alt.pyramid" },
            &[("place", &place), ("period", &year), ("country", other.as_deref().unwrap_or_default()), ("finding", &title)],
        ),
        long_description: context.text(
            "long.pyramid",
            &[("place", &place), ("period", &year), ("men", &texts[0]), ("women", &texts[1]), ("finding", &title)],
        ),
        note: note.trim().to_owned(),
        chart: Chart::Pyramid(Pyramid {
            unit,
            sides: sexes.clone(),
            rows,
            legend_bars: place.clone(),
            legend_outline: other.clone().unwrap_or_default(),
            legend_proxy: context.word("legend.hatched"),
            legend_flag: context.word("legend.flag"),
            axis: context.axis(),
        }),
        data: Table {
            id: format!("{figure_id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns: std::iter::once(context.word("column.age")).chain(columns).collect(),
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        id: figure_id,
        title,
        subtitle,
        source,
    })
}

fn key(record: &Indicator, period: Period, sex: &str, age: &str) -> Key {
    Key { period, origin: record.headline.origin, sex: sex.to_owned(), age: age.to_owned() }
}

/// The newest year of which both sexes have the most age groups.
fn newest(series: &Series, record: &Indicator) -> Option<Period> {
    let mut counts: BTreeMap<Period, usize> = BTreeMap::new();
    for (found, value) in series.iter().filter(|(found, _)| found.period.frequency == Frequency::Annual) {
        let wanted =
            found.origin == record.headline.origin && SEXES.contains(&found.sex.as_str()) && AGES.contains(&found.age.as_str());
        if wanted && value.value.number().is_some() {
            *counts.entry(found.period).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(period, count)| (*count, *period)).map(|(period, _)| period)
}

/// By age group, men and women in percent of all; `None` when the count of all is not there.
fn shares(series: &Series, record: &Indicator, period: Period) -> Option<Vec<[Option<Observation>; 2]>> {
    let whole = series.get(&key(record, period, &record.headline.sex, &record.headline.age))?;
    let of_age = |age: &str| SEXES.map(|sex| series.get(&key(record, period, sex, age)).map(|part| compare::share(part, whole)));
    let all: Vec<_> = AGES.iter().map(|age| of_age(age)).collect();
    let any = all.iter().flatten().flatten().any(|value| value.value.number().is_some());
    any.then_some(all)
}

/// The share of the old beside that of the country, where both are of the same year.
fn title(context: &Context<'_>, territory: &str, country: Option<&str>, period: Period, (geo, place): (&str, &str)) -> String {
    let of = |unit: &str| {
        let (id, record) = context.indicator(OLD)?;
        let value = context.figures.series.get(&(id.to_owned(), unit.to_owned()))?.get(&Key {
            period,
            origin: record.headline.origin,
            sex: record.headline.sex.clone(),
            age: record.headline.age.clone(),
        })?;
        value.value.number()?;
        // The pyramid and the value must be of one region.
        (value.geo.code == geo || unit != territory).then(|| context.number(value, record.decimals).text)
    };
    let neutral = || context.text("title.pyramid", &[("place", place)]);
    let Some(ours) = of(territory) else { return neutral() };
    match country.and_then(|country| Some((context.region_name(country), of(country)?))) {
        Some((country, theirs)) => context
            .text("title.pyramid.old.beside", &[("place", place), ("value", &ours), ("country", &country), ("other", &theirs)]),
        None => context.text("title.pyramid.old", &[("place", place), ("value", &ours)]),
    }
}
