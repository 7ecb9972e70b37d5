//! Where the territories of the study lie: named places on country outlines, and on their regions where boundaries are at
//! hand. A municipality is a point on its region, with the grade that the region's values have for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use baseline_model::definitions::{Level, Territory};
use baseline_render::document::{Chart, Figure, Table, TableCell, TableRow, Text};
use baseline_render::map::{Fill, Layer, Legend, Map, MapArea, Place, countries};

use super::{legend, region_of, stamp, study};
use crate::compose::context::Context;
use crate::derive::{Rung, rungs};

/// The map with one territory highlighted. `None` when its record has no place.
pub fn locator(context: &Context<'_>, ours: &str) -> Option<Figure> {
    context.territory(ours)?.place.as_ref()?;
    let newest = context.boundaries.iter().next_back();
    let mut areas: BTreeMap<String, MapArea> = BTreeMap::new();
    let mut set = |code: &str, fill: Fill| {
        let area = areas.entry(code.to_owned()).or_insert_with(|| MapArea { fill, ..MapArea::default() });
        // A territory that is a region goes before one that lies in it, the report's own before all.
        if fill == Fill::Accent || (fill == Fill::Territory && area.fill == Fill::Study) {
            area.fill = fill;
        }
    };
    let (mut places, mut rows, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    let mut territories: Vec<(&str, &Territory)> = study(context).collect();
    territories.sort_by_key(|(id, _)| *id != ours);
    for (id, record) in territories {
        let highlight = id == ours;
        let region = newest.and_then(|(_, geometry)| region_of(record, geometry));
        let is_area = region.is_some() && record.level == Level::Nuts2;
        match &region {
            Some((code, _)) if is_area => set(code, if highlight { Fill::Accent } else { Fill::Territory }),
            Some((code, _)) => set(code, Fill::Study),
            None => set(&record.country, Fill::Study),
        }
        let Some(rung) = shown(record) else { continue };
        let code = rung.codes.first().cloned().unwrap_or_default();
        let (name, sublabel) = (context.unit_name(id), format!("{code} · {}", rung.grade));
        rows.push(row(context, (id, record), (&code, &rung), highlight));
        let Some(place) = &record.place else { continue };
        listed.push(format!("{name} ({code})"));
        places.push(Place { at: [place.lon, place.lat], name: name.clone(), label: name, sublabel, point: !is_area, highlight });
    }
    let (name, n) = (context.unit_name(ours), places.len().to_string());
    let code = context.territory(ours).and_then(shown).and_then(|rung| rung.codes.first().cloned()).unwrap_or_default();
    let fill = [("territory", name.as_str()), ("n", &n), ("code", &code), ("places", &listed.join(", "))];
    let title = context.text("title.map.locator", &fill);
    let subtitle = context.word("subtitle.map.locator");
    let study_areas = context.word(if newest.is_some() { "map.legend.study_region" } else { "map.legend.study_country" });
    let map = Map {
        ground: countries(),
        regions: newest.map(|(_, geometry)| Arc::clone(geometry)),
        areas,
        layer: Layer::Locator,
        places,
        legend: Legend { study: study_areas, ..legend(context, newest.is_some()) },
        stamp: stamp(context, newest.map(|(version, _)| *version)),
    };
    let columns = ["column.territory", "map.column.level", "map.column.region", "column.grade"];
    Some(Figure {
        id: "locator".into(),
        label: String::new(),
        alt: context.text("alt.map.locator", &fill),
        long_description: context.text("long.map.locator", &fill),
        note: context.word("note.map.locator"),
        source: context.word("source.map.locator"),
        chart: Chart::Map(Box::new(map)),
        data: Table {
            id: "locator-data".into(),
            caption: format!("{title}: {subtitle}"),
            columns: columns.map(|key| context.word(key)).into(),
            rows,
            ..Table::default()
        },
        title,
        subtitle,
    })
}

/// The region under whose code a territory stands on the map: its own, of a municipality the NUTS 2 region around it.
fn shown(record: &Territory) -> Option<Rung> {
    let level = if record.level == Level::Lau { Level::Nuts2 } else { record.level };
    rungs(record).into_iter().find(|rung| rung.level == level)
}

fn row(context: &Context<'_>, (id, record): (&str, &Territory), (code, rung): (&str, &Rung), highlight: bool) -> TableRow {
    let level = context.word(&format!("level.{:?}", record.level).to_lowercase());
    let region = format!("{} ({code})", context.region_name(code));
    let grade = TableCell::Letter {
        letter: rung.grade.to_string(),
        title: context.word(&format!("grade.{}", rung.grade)),
        grade: Some(rung.grade),
    };
    let cells = vec![TableCell::Text(Text::plain(level)), TableCell::Text(Text::plain(region)), grade];
    TableRow { header: Text::plain(context.unit_name(id)), cells, highlight }
}
