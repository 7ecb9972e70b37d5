//! Maps of a report: where the territories lie ([`locator`]), and an indicator by country or by region ([`maps`]).
//!
//! A value of a country is that country's own, so a map of countries borrows nothing; what it means for a territory inside
//! says the note. Regions are drawn only on boundaries of their own NUTS version (`run/geometry` proves that before).

mod locator;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_method::interval::{Comparison, Rule};
use baseline_model::definitions::{Indicator, Level, Territory};
use baseline_model::{Grade, NutsVersion, Observation, Reason, Value};
use baseline_render::document::{Chart, Figure, Number, Table, TableCell, TableRow, Text};
use baseline_render::map::classes::{Classes, Method};
use baseline_render::map::geometry::Geometry;
use baseline_render::map::{
    Choropleth, Circle, Fill, Layer, Legend, Map, MapArea, Place, Symbols, countries, is_rate, label_point,
};

use super::context::{Context, as_mark};
use super::figures::flags_note;
use super::{capital, method, ordering};
use crate::compare::order;
use crate::derive::{Rung, rungs};

pub use locator::locator;

/// Boundaries of regions at hand, by NUTS version.
pub type Boundaries = BTreeMap<NutsVersion, Arc<Geometry>>;

/// The figures of all regions of a map, with the areas that they are drawn on.
#[derive(Debug, Clone)]
pub struct Mapped {
    pub version: NutsVersion,
    pub geometry: Arc<Geometry>,
    /// By region code; a region that the table states without a number is there too.
    pub values: BTreeMap<String, Observation>,
    /// Codes with a number that are of no NUTS version and have no area.
    pub outside: Vec<String>,
}

/// To be printed on every map with boundaries of GISCO, in these words.
const NOTICE: &str = "© EuroGeographics for the administrative boundaries";
/// Countries with a number below which a map says nothing.
const FEWEST: usize = 3;
/// Values that an alternative text or a description names.
const NAMED: usize = 12;

/// The maps of a chapter: of regions where boundaries are at hand, else of countries.
pub fn maps(context: &Context<'_>, wanted: &[String], ours: Option<&str>) -> Vec<Figure> {
    let indicators = wanted.iter().filter_map(|id| context.indicator(id));
    indicators
        .filter_map(|indicator| of_regions(context, indicator, ours).or_else(|| of_countries(context, indicator, ours)))
        .collect()
}

/// A value with its place.
struct Item {
    code: String,
    name: String,
    value: Observation,
    number: Number,
}

/// What the two kinds of map have in common.
struct Content<'a> {
    id: String,
    indicator: (&'a str, &'a Indicator),
    items: Vec<Item>,
    decimals: u8,
    is_gap: bool,
    regions: Option<&'a Mapped>,
    title: String,
    subtitle: String,
    notes: Vec<String>,
    /// Over the classes.
    legend: String,
    benchmark: String,
    places: Vec<Place>,
    ours: BTreeSet<String>,
}

fn of_countries(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let codes: BTreeSet<&str> = study(context).map(|(_, record)| record.country.as_str()).collect();
    let is_gap = record.gap.is_some() && is_rate(record.unit);
    let (mut items, mut judged) = (Vec::new(), Vec::new());
    for code in codes {
        let (value, decimals) = if is_gap {
            let gap = context.gap(indicator, code)?;
            if gap.points.value.number().is_some() && order::compare(&gap.of, &gap.against) != Comparison::NotKnown {
                judged.push(order::disadvantage(&gap, record.direction));
            }
            (gap.points, 1)
        } else {
            let value = context.value(indicator, code, record.headline.origin)?;
            (value, record.decimals)
        };
        let number = if is_gap { context.bare_signed(&value, decimals) } else { context.bare(&value, decimals) };
        items.push(Item { code: code.to_owned(), name: context.region_name(code), value, number });
    }
    let period = context.period(*context.figures.reference.get(id)?);
    let (name, universe) = (context.indicator_name(indicator), context.language.phrase(&record.universe));
    let with_number = items.iter().filter(|item| item.number.value.is_some()).count();
    if with_number < FEWEST {
        return None;
    }
    let (title, subtitle, legend) = if let Some(rule) = record.gap.filter(|_| is_gap) {
        let (of, against) = (context.origin(rule.of), context.origin(rule.against));
        let title = if judged.is_empty() {
            context.text("title.gap.unknown", &[("of", &of), ("against", &against)])
        } else {
            capital(&ordering::map_title(context, &judged, &of))
        };
        let unit = context.unit(baseline_model::definitions::Unit::PercentagePoints);
        let fill = [
            ("name", name.as_str()),
            ("of", &of),
            ("against", &against),
            ("period", &period),
            ("unit", &unit),
            ("universe", &universe),
        ];
        (title, context.text("subtitle.map.gap", &fill), context.word("column.gap_pp"))
    } else {
        let group = context.origin(record.headline.origin);
        let fill = [
            ("name", name.as_str()),
            ("group", &group),
            ("period", &period),
            ("unit", &context.unit(record.unit)),
            ("universe", &universe),
        ];
        (
            range_title(context, indicator, &items),
            context.text("subtitle.map.countries", &fill),
            capital(&context.headed(&group, record.unit)),
        )
    };
    let benchmark = context.study.benchmarks.keys().next().and_then(|unit| {
        let number = if is_gap {
            let gap = context.gap(indicator, unit)?;
            gap.points.value.number()?;
            context.bare_signed(&gap.points, 1)
        } else {
            let value = context.value(indicator, unit, record.headline.origin)?;
            value.value.number()?;
            context.bare(&value, record.decimals)
        };
        Some(format!("{}: {}", context.unit_name(unit), number.marked()))
    });
    let ground = countries();
    let value_at = |item: &Item| {
        Some(Place {
            at: label_point(&ground, &item.code)?,
            name: item.name.clone(),
            label: String::new(),
            sublabel: printed(&item.number),
            point: false,
            highlight: false,
        })
    };
    let mut places: Vec<Place> = items.iter().filter_map(value_at).collect();
    let dot = |(id, record): (&str, &Territory)| {
        let place = record.place.as_ref()?;
        let highlight = Some(id) == ours;
        let (at, name) = ([place.lon, place.lat], context.unit_name(id));
        Some(Place { at, name, label: String::new(), sublabel: String::new(), point: true, highlight })
    };
    places.extend(study(context).filter_map(dot));
    let decimals = if is_gap { 1 } else { record.decimals };
    figure(
        context,
        Content {
            id: format!("map-{}", id.replace('_', "-")),
            indicator,
            items,
            decimals,
            is_gap,
            regions: None,
            title,
            subtitle,
            notes: vec![context.word("note.map.countries")],
            legend,
            benchmark: benchmark.unwrap_or_default(),
            places,
            ours: BTreeSet::new(),
        },
    )
}

fn of_regions(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let mapped = context.mapped.get(id).filter(|_| is_rate(record.unit))?;
    let item = |(code, value): (&String, &Observation)| {
        let area = mapped.geometry.area(code)?;
        let named = context.region_name(code);
        let name = if named == *code { area.name.clone() } else { named };
        Some(Item { code: code.clone(), name, value: value.clone(), number: context.bare(value, record.decimals) })
    };
    let items: Vec<Item> = mapped.values.iter().filter_map(item).collect();
    let period = context.period(*context.figures.reference.get(id)?);
    let group = context.origin(record.headline.origin);
    let fill = [
        ("name", context.indicator_name(indicator)),
        ("group", group.clone()),
        ("period", period),
        ("unit", context.unit(record.unit)),
        ("universe", context.language.phrase(&record.universe)),
    ];
    let fill: Vec<(&str, &str)> = fill.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let mut places = Vec::new();
    let mut outlined = BTreeSet::new();
    // The report's own territory first: its label finds a place before the others.
    let mut territories: Vec<_> = study(context).collect();
    territories.sort_by_key(|(id, _)| Some(*id) != ours);
    for (id, territory) in territories {
        let Some((code, rung)) = region_of(territory, &mapped.geometry) else { continue };
        outlined.insert(code.clone());
        let item = items.iter().find(|item| item.code == code);
        let value = item.map_or_else(|| context.missing(Reason::Absent), |item| printed(&item.number));
        let own = territory.level == Level::Nuts2;
        let at =
            if own { label_point(&mapped.geometry, &code) } else { territory.place.as_ref().map(|place| [place.lon, place.lat]) };
        let sublabel = if own { value } else { format!("{code} · {}: {value}", rung.grade) };
        places.extend(at.map(|at| Place {
            at,
            name: context.unit_name(id),
            label: context.unit_name(id),
            sublabel,
            point: !own,
            highlight: Some(id) == ours,
        }));
    }
    let mut notes = vec![context.word("note.map.regions")];
    if !mapped.outside.is_empty() {
        notes.push(context.text("note.map.outside", &[("codes", &mapped.outside.join(", "))]));
    }
    let benchmark = context.study.benchmarks.keys().next().and_then(|unit| {
        let value = context.value(indicator, unit, record.headline.origin)?;
        value.value.number()?;
        let number = context.bare(&value, record.decimals);
        Some(format!("{}: {}", context.unit_name(unit), number.marked()))
    });
    let title = range_title(context, indicator, &items);
    figure(
        context,
        Content {
            id: format!("map-{}", id.replace('_', "-")),
            indicator,
            items,
            decimals: record.decimals,
            is_gap: false,
            regions: Some(mapped),
            title,
            subtitle: context.text("subtitle.map.regions", &fill),
            notes,
            legend: capital(&context.headed(&group, record.unit)),
            benchmark: benchmark.unwrap_or_default(),
            places,
            ours: outlined,
        },
    )
}

fn figure(context: &Context<'_>, content: Content<'_>) -> Option<Figure> {
    let Content { indicator: (_, record), items, decimals, is_gap, regions, .. } = &content;
    let numbers: Vec<f64> = items.iter().filter_map(|item| item.number.value).collect();
    let is_total = !is_gap && !is_rate(record.unit);
    let classes = if is_total { None } else { Some(Classes::of(&numbers, *decimals, *is_gap)?) };
    let ground = countries();
    let geometry = regions.map_or(&ground, |mapped| &mapped.geometry);
    let class_texts = classes.as_ref().map_or_else(Vec::new, |classes| classes.texts(context.language));
    // Limits of classes are no figures of a place: the lint knows them as numbers that stand in descriptions.
    for text in &class_texts {
        context.said.number(text, &context.language.number);
        context.said.license(text);
    }
    let class_of = |item: &Item| Some(classes.as_ref()?.class(item.number.value?, *decimals));
    let mut areas: BTreeMap<String, MapArea> = BTreeMap::new();
    // Regions of a country with figures are "no data" when the table has nothing of them; other countries are not its matter.
    let covered: BTreeSet<&str> =
        items.iter().filter_map(|item| geometry.area(&item.code)).map(|area| area.country.as_str()).collect();
    if regions.is_some() {
        let silent = geometry.areas.iter().filter(|area| covered.contains(area.country.as_str()));
        areas.extend(silent.map(|area| (area.code.clone(), MapArea::default())));
    }
    for item in items {
        let fill = match item.value.value {
            Value::Number(_) if is_total => Fill::Study,
            Value::Number(_) => Fill::Class(class_of(item)?),
            Value::Missing(Reason::Absent | Reason::NotAvailable) => Fill::NoData,
            Value::Missing(Reason::Withheld) => Fill::Withheld,
            Value::Missing(Reason::NotApplicable) => Fill::NotApplicable,
        };
        let ours = content.ours.contains(&item.code);
        // Only what is ours is a mark of its own among the regions: hundreds of them would be too much for one picture.
        let (id, title) = if regions.is_none() || ours {
            let title = format!("{}: {}", item.name, item.number.marked());
            (item.number.id.clone(), title)
        } else {
            (String::new(), String::new())
        };
        let borrowed = item.number.grade != Grade::A;
        areas.insert(item.code.clone(), MapArea { fill, id, title, borrowed, ours });
    }
    let whole: Vec<&Item> = items.iter().collect();
    let (low, high) = ends(&whole);
    let fill =
        [("n", numbers.len().to_string()), ("low", low), ("high", high), ("name", context.indicator_name(content.indicator))];
    let fill: Vec<(&str, &str)> = fill.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let alt = context.text(
        match (is_total, regions.is_some()) {
            (true, _) => "alt.map.total",
            (false, true) => "alt.map.regions",
            (false, false) => "alt.map.countries",
        },
        &fill,
    );
    let named = items.iter().filter(|item| regions.is_none() || content.ours.contains(&item.code)).take(NAMED);
    let named: Vec<String> = named.map(|item| format!("{} {}", item.name, printed(&item.number))).collect();
    let long = context.text("long.map", &[("classes", &class_texts.join("; ")), ("values", &named.join("; "))]);
    let source = method::source_line(context, items.iter().map(|item| &item.value));
    let mut notes = content.notes.clone();
    if is_total {
        notes.push(context.word("note.map.total"));
    }
    let sure = items.iter().filter(|item| item.number.value.is_some() && is_sure(item)).count();
    if sure < numbers.len() && !is_gap {
        notes.push(context.word("note.map.unreliable"));
    }
    let flags = flags_note(context, items.iter().map(|item| &item.value));
    notes.extend((!flags.is_empty()).then(|| flags.trim().to_owned()));
    let rows = items.iter().map(|item| {
        let class = class_of(item).and_then(|class| class_texts.get(class)).cloned().unwrap_or_default();
        let mut cells = vec![TableCell::Text(Text::plain(item.code.clone())), TableCell::Number(item.number.clone())];
        if !is_total {
            cells.push(TableCell::Text(Text::plain(class)));
        }
        TableRow { header: Text::plain(item.name.clone()), cells, highlight: content.ours.contains(&item.code) }
    });
    let rows = rows.collect();
    let place = if regions.is_some() { "map.column.region" } else { "map.column.country" };
    let mut columns = vec![context.word(place), context.word("map.column.code"), content.legend.clone()];
    if !is_total {
        columns.push(context.word("map.column.class"));
    }
    let layer = match classes {
        Some(classes) => Layer::Choropleth(Choropleth {
            unit: if *is_gap { baseline_model::definitions::Unit::PercentagePoints } else { record.unit },
            method: context.word(match classes.method {
                Method::Quantiles => "map.method.quantiles",
                Method::EqualSteps => "map.method.steps",
            }),
            classes,
            title: content.legend.clone(),
            benchmark: content.benchmark.clone(),
        }),
        None => Layer::Symbols(Symbols { title: content.legend.clone(), circles: circles(items, geometry) }),
    };
    // Of a total the circles carry the numbers.
    let places = content.places.iter().filter(|place| !is_total || place.point).cloned().collect();
    let map = Map {
        ground: Arc::clone(&ground),
        regions: regions.map(|mapped| Arc::clone(&mapped.geometry)),
        areas,
        layer,
        places,
        legend: legend(context, regions.is_some()),
        stamp: stamp(context, regions.map(|mapped| mapped.version)),
    };
    Some(Figure {
        label: String::new(),
        alt,
        long_description: long,
        note: notes.join(" "),
        chart: Chart::Map(Box::new(map)),
        data: Table {
            id: format!("{}-data", content.id),
            caption: format!("{}: {}", content.title, content.subtitle),
            columns,
            rows,
            source: source.clone(),
            ..Table::default()
        },
        id: content.id,
        title: content.title,
        subtitle: content.subtitle,
        source,
    })
}

fn circles(items: &[Item], geometry: &Geometry) -> Vec<Circle> {
    let circle = |item: &Item| {
        let mark = as_mark(item.number.clone())?;
        Some(Circle { at: label_point(geometry, &item.code)?, name: item.name.clone(), mark })
    };
    items.iter().filter_map(circle).collect()
}

/// `From 41.2 % to 89.3 %`: the span of the values that are not of low reliability.
fn range_title(context: &Context<'_>, indicator: (&str, &Indicator), items: &[Item]) -> String {
    let sure: Vec<&Item> = items.iter().filter(|item| is_sure(item)).collect();
    let (low, high) = ends(&sure);
    let key = format!("measure.strip.{}", indicator.0);
    let measure = if context.language.has(&key) { context.word(&key) } else { context.indicator_name(indicator) };
    let unit = |text: String| if text == "–" { text } else { context.with_unit(&text, indicator.1.unit) };
    capital(&context.text("title.map.range", &[("measure", &measure), ("low", &unit(low)), ("high", &unit(high))]))
}

/// Whether a value is not of low reliability.
fn is_sure(item: &Item) -> bool {
    order::rule(&item.value) == Rule::WhereKnown
}

/// The least and the greatest value as printed, with their marks.
fn ends(items: &[&Item]) -> (String, String) {
    let mut sorted: Vec<(&Item, f64)> = items.iter().filter_map(|item| Some((*item, item.number.value?))).collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let text = |found: Option<&(&Item, f64)>| found.map_or_else(|| "–".to_owned(), |(item, _)| printed(&item.number));
    (text(sorted.first()), text(sorted.last()))
}

/// A number for a label with its flags and years; whose it is says the map.
fn printed(number: &Number) -> String {
    Number { grade: Grade::A, ..number.clone() }.marked()
}

/// The territories of the study, in its order.
fn study<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a str, &'a Territory)> + use<'a> {
    let definitions = context.definitions;
    context.study.territories.iter().filter_map(move |id| Some((id.as_str(), definitions.territories.get(id)?)))
}

/// The NUTS 2 region in which a territory lies, or which it is, under the code that the geometry has.
fn region_of(territory: &Territory, geometry: &Geometry) -> Option<(String, Rung)> {
    let rung = rungs(territory).into_iter().find(|rung| rung.level == Level::Nuts2)?;
    let code = rung.codes.iter().find(|code| geometry.area(code).is_some())?.clone();
    Some((code, rung))
}

/// With regions a point is a territory that is less than one; without, every territory is a point.
fn legend(context: &Context<'_>, with_regions: bool) -> Legend {
    Legend {
        no_data: capital(&context.missing(Reason::Absent)),
        withheld: capital(&context.missing(Reason::Withheld)),
        not_applicable: capital(&context.missing(Reason::NotApplicable)),
        borrowed: context.word("map.legend.borrowed"),
        study: String::new(),
        territory: context.word("map.legend.territory"),
        accent: context.word("map.legend.accent"),
        ours: context.word("map.legend.ours"),
        place: context.word(if with_regions { "map.legend.place" } else { "map.legend.territory" }),
    }
}

/// Whose boundaries these are.
fn stamp(context: &Context<'_>, version: Option<NutsVersion>) -> Vec<String> {
    context.drawn.borrow_mut().extend(version);
    let mut lines = vec![context.word("map.stamp.countries")];
    lines.extend(
        version.map(|version| context.text("map.stamp.regions", &[("version", &version.to_string()), ("notice", NOTICE)])),
    );
    lines
}
