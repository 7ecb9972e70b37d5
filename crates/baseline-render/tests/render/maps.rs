//! Maps: a golden of a small geometry of our own, boxes of labels, size, refusals; and the embedded outlines and (where
//! they lie beside the project) real regions, for looking at with `BASELINE_LOOK=<folder>`.

use std::collections::BTreeMap;
use std::sync::Arc;

use baseline_model::definitions::Unit;
use baseline_model::{Grade, NutsVersion};
use baseline_render::chart::{self, Drawing, Sheet};
use baseline_render::document::{Chart, Figure, Table};
use baseline_render::map::classes::Classes;
use baseline_render::map::geometry::Geometry;
use baseline_render::map::read::{Wanted, read};
use baseline_render::map::{Choropleth, Circle, Fill, Layer, Legend, Map, MapArea, Place, Symbols, countries, label_point};

use crate::charts::check;
use crate::sample::{english, mark};

const SHEETS: [(&str, Sheet); 3] = [("file", Sheet::FILE), ("wide", Sheet::WIDE), ("narrow", Sheet::NARROW)];

const NINE: [(&str, [f64; 2], &str, &str); 9] = [
    ("Zachodniopomorskie", [15.5, 53.6], "PL", "PL42 · A"),
    ("Linköping", [15.62, 58.41], "SE", "SE12 · C"),
    ("Jyväskylä", [25.74, 62.24], "FI", "FI19 · C"),
    ("Piemonte", [7.9, 45.0], "IT", "ITC1 · A"),
    ("Het Hogeland", [6.5, 53.4], "NL", "NL11 · C"),
    ("Ascó", [0.57, 41.2], "ES", "ES51 · C"),
    ("Κεντρική Μακεδονία", [23.0, 40.8], "EL", "EL52 · A"),
    ("Burgenlandkreis", [11.97, 51.1], "DE", "DEE08 · A"),
    ("Postojna", [14.2, 45.78], "SI", "SI03 · C"),
];

fn legend() -> Legend {
    Legend {
        no_data: "No data".into(),
        withheld: "Withheld: too unreliable to be published".into(),
        not_applicable: "Not applicable".into(),
        borrowed: "Hatched: value of a larger region".into(),
        study: "Countries of the study".into(),
        territory: "Territories of the study".into(),
        accent: "The territory of this report".into(),
        ours: "Regions of the study's territories".into(),
        place: "Territory of the study".into(),
    }
}

fn figure(id: &str, map: Map) -> Figure {
    Figure {
        id: id.into(),
        label: "Figure 1".into(),
        title: "A map that says where".into(),
        subtitle: "Measure, universe, 2024, %.".into(),
        note: "Notes, wrapped under the map.".into(),
        source: "Eurostat, lfsa_eoqgan, updated 2026-06-30".into(),
        alt: "Map of Europe.".into(),
        long_description: "The data table has every value.".into(),
        chart: Chart::Map(Box::new(map)),
        data: Table::default(),
    }
}

fn base(ground: Arc<Geometry>) -> Map {
    Map {
        ground,
        regions: None,
        areas: BTreeMap::new(),
        layer: Layer::Locator,
        places: Vec::new(),
        legend: legend(),
        stamp: vec!["Country outlines: Natural Earth. Boundaries imply no opinion on the status of any territory.".into()],
    }
}

fn choropleth(values: &BTreeMap<String, f64>, zero: bool) -> (Layer, BTreeMap<String, MapArea>) {
    let numbers: Vec<f64> = values.values().copied().collect();
    let classes = Classes::of(&numbers, 1, zero).expect("different values");
    let areas = values.iter().map(|(code, value)| {
        let fill = Fill::Class(classes.class(*value, 1));
        (code.clone(), MapArea { fill, ..MapArea::default() })
    });
    let areas = areas.collect();
    let layer = Layer::Choropleth(Choropleth {
        unit: Unit::Percent,
        classes,
        title: "Employment rate of foreign-born persons, %".into(),
        method: "Five classes of about as many regions each.".into(),
        benchmark: "EU-27: 67.1 %".into(),
    });
    (layer, areas)
}

fn locator() -> Map {
    let mut map = base(countries());
    for (_, _, country, _) in NINE {
        map.areas.insert(country.into(), MapArea { fill: Fill::Study, ..MapArea::default() });
    }
    let place = |(number, (label, at, _, sublabel)): (usize, (&str, [f64; 2], &str, &str))| Place {
        at,
        name: label.into(),
        label: label.into(),
        sublabel: sublabel.into(),
        point: true,
        highlight: number == 0,
    };
    map.places = NINE.into_iter().enumerate().map(place).collect();
    map
}

fn country_gaps() -> Map {
    let mut map = base(countries());
    let gaps = [43.4, 41.6, 29.1, 26.4, 21.7, 16.0, 15.2, 14.3, -1.9];
    let values: BTreeMap<String, f64> = NINE.into_iter().map(|(_, _, country, _)| country.to_owned()).zip(gaps).collect();
    let (layer, areas) = choropleth(&values, true);
    (map.layer, map.areas) = (layer, areas);
    for (code, area) in &mut map.areas {
        (area.id, area.title) = (format!("gap.{code}"), format!("{code}: {}", values[code]));
    }
    if let Some(area) = map.areas.get_mut("EL") {
        area.borrowed = true;
    }
    let label = |(code, value): (&String, &f64)| Place {
        at: label_point(&map.ground, code).expect("a country has a middle"),
        name: code.clone(),
        label: String::new(),
        sublabel: english().number(*value, 1),
        point: false,
        highlight: false,
    };
    map.places = values.iter().map(label).collect();
    map
}

fn symbols() -> Map {
    let mut map = locator();
    map.places.clear();
    let circles = NINE.into_iter().enumerate().map(|(number, (name, _, country, _))| Circle {
        at: label_point(&map.ground, country).expect("a country has a middle"),
        name: name.into(),
        mark: mark(
            [980_000.0, 36_000.0, 64_000.0, 160_000.0, 117_000.0, 190_000.0, 27_000.0, 1_120_000.0, 9_000.0][number],
            Grade::D,
            "",
            country,
        ),
    });
    map.layer = Layer::Symbols(Symbols { title: "Persons under temporary protection".into(), circles: circles.collect() });
    map
}

/// Real regions with made-up values; `None` where the folder of specimens is not there.
fn regions(version: &str) -> Option<Map> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/geo");
    let name = format!("NUTS_RG_60M_{version}_4326_LEVL_2.geojson");
    let bytes = std::fs::read(folder.join(&name)).ok()?;
    let wanted = Wanted { version: NutsVersion::parse(version), level: Some(2), object: None };
    let geometry = read(&bytes, &name, wanted).expect("the specimen is sound");
    let mut map = base(countries());
    let value = |(number, code): (usize, &str)| (code.to_owned(), 35.0 + (number as f64 * 7.3) % 50.0);
    let out = ["TR", "AL", "MK", "RS", "ME", "UK"];
    let codes = geometry.areas.iter().filter(|area| !out.contains(&area.country.as_str())).map(|area| area.code.as_str());
    let values: BTreeMap<String, f64> = codes.enumerate().map(value).collect();
    let (layer, areas) = choropleth(&values, false);
    (map.layer, map.areas) = (layer, areas);
    let mut set = |code: &str, change: &dyn Fn(&mut MapArea)| {
        if let Some(area) = map.areas.get_mut(code) {
            change(area);
        }
    };
    for code in ["PL42", "SE12", "ITC1", "EL52", "FI19", "NL11", "ES51", "DEE0", "SI03"] {
        set(code, &|area| area.ours = true);
    }
    for code in ["FRM0", "PT15"] {
        set(code, &|area| area.fill = Fill::Withheld);
    }
    set("CY00", &|area| area.fill = Fill::NoData);
    set("IE04", &|area| area.fill = Fill::NotApplicable);
    set("SE12", &|area| area.borrowed = true);
    map.regions = Some(Arc::new(geometry));
    let label = |(name, at, _, sublabel): (&str, [f64; 2], &str, &str)| Place {
        at,
        name: name.into(),
        label: name.into(),
        sublabel: sublabel.into(),
        point: sublabel.ends_with('C'),
        highlight: false,
    };
    map.places = NINE.into_iter().map(label).collect();
    map.stamp.push(format!("Regions: NUTS {version}, © EuroGeographics for the administrative boundaries."));
    Some(map)
}

/// A square island with a hole that another area fills, a neighbour, and a speck.
fn small() -> Map {
    let ring = |lon: f64, lat: f64, size: f64| {
        format!("[[{lon},{lat}],[{},{lat}],[{},{}],[{lon},{}],[{lon},{lat}]]", lon + size, lon + size, lat + size, lat + size)
    };
    let feature = |code: &str, rings: &[String]| {
        format!(
            r#"{{"type":"Feature","id":"{code}","properties":{{"CNTR_CODE":"{}"}},"geometry":{{"type":"Polygon","coordinates":[{}]}}}}"#,
            &code[..2],
            rings.join(",")
        )
    };
    let features = [
        feature("AA1", &[ring(5.0, 45.0, 8.0), ring(8.0, 48.0, 3.0)]),
        feature("AA2", &[ring(8.0, 48.0, 3.0)]),
        feature("BB1", &[ring(13.0, 45.0, 8.0)]),
        feature("BB2", &[ring(2.0, 40.0, 0.05)]),
        feature("BB3", &[ring(-15.0, 28.0, 0.8)]),
    ];
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let ground = Arc::new(read(text.as_bytes(), "small", Wanted::default()).expect("sound"));
    let mut map = base(ground);
    let values = [("AA1", 12.0), ("AA2", 31.0), ("BB1", 47.0), ("BB2", 22.0), ("BB3", 25.0)];
    let (layer, areas) = choropleth(&values.map(|(code, value)| (code.to_owned(), value)).into(), false);
    (map.layer, map.areas) = (layer, areas);
    map.areas.entry("BB1".into()).and_modify(|area| area.fill = Fill::Withheld);
    map.areas.entry("AA2".into()).and_modify(|area| (area.ours, area.id) = (true, "rate.AA2".into()));
    map.places = vec![Place {
        at: [9.5, 49.5],
        name: "Enclave <b>".into(),
        label: "Enclave <b>".into(),
        sublabel: "31.0".into(),
        point: true,
        highlight: true,
    }];
    map
}

/// No data, withheld, not applicable and a class, on a large area and on one that is a dot.
#[test]
fn why_there_is_no_number_is_told_without_colours() {
    for code in ["BB1", "BB2"] {
        let drawn = |fill: Fill| {
            let mut map = small();
            // The legend would tell it.
            map.legend = Legend::default();
            map.areas.entry(code.into()).and_modify(|area| area.fill = fill);
            crate::overview::grey(Chart::Map(Box::new(map)))
        };
        let fills = [Fill::Class(0), Fill::Withheld, Fill::NotApplicable, Fill::NoData];
        for (index, one) in fills.iter().enumerate() {
            for other in &fills[index + 1..] {
                assert!(drawn(*one) != drawn(*other), "{code}: {one:?} and {other:?} are told apart by colour alone");
            }
        }
    }
}

/// The label of an area stands on it, not in its hole.
#[test]
fn a_label_stands_on_no_other_area() {
    let ground = small().ground;
    let [lon, lat] = label_point(&ground, "AA1").expect("an area");
    assert!((5.0..13.0).contains(&lon) && (45.0..53.0).contains(&lat), "{lon} {lat}");
    assert!(!((8.0..11.0).contains(&lon) && (48.0..51.0).contains(&lat)), "{lon} {lat} is in the hole");
}

/// A place in an outermost region is said although its window has no room for a label.
#[test]
fn a_place_at_the_side_is_said() {
    let mut map = small();
    map.places.push(Place {
        at: [-14.6, 28.4],
        name: "Fuerteventura".into(),
        label: String::new(),
        sublabel: "25.0".into(),
        point: true,
        highlight: false,
    });
    let drawing = chart::draw(&figure("side", map), &english(), Sheet::WIDE).expect("it can be drawn");
    assert!(drawing.placed.iter().any(|placed| placed.text.contains("Fuerteventura: 25.0")));
}

#[expect(clippy::print_stdout, reason = "a skip is printed")]
fn maps() -> Vec<(&'static str, Map)> {
    let mut all = vec![("small", small()), ("locator", locator()), ("gaps", country_gaps()), ("symbols", symbols())];
    for (name, version) in [("nuts-2021", "2021"), ("nuts-2024", "2024")] {
        match regions(version) {
            Some(map) => all.push((name, map)),
            None => println!("skipped: ../shared/data/geo is not there"),
        }
    }
    all
}

fn drawn(name: &str, map: &Map, sheet: Sheet) -> Drawing {
    chart::draw(&figure(name, map.clone()), &english(), sheet).expect("the sample can be drawn")
}

#[test]
fn golden_map() {
    for (name, sheet) in [("file", Sheet::FILE), ("narrow", Sheet::NARROW)] {
        check("chart", &format!("map-small-{name}"), &drawn("small", &small(), sheet).svg);
    }
}

#[test]
fn maps_are_small_and_their_texts_apart() {
    let look = std::env::var_os("BASELINE_LOOK").map(std::path::PathBuf::from);
    let mut bad = Vec::new();
    for (name, map) in maps() {
        for (setting, sheet) in SHEETS {
            let drawing = drawn(name, &map, sheet);
            if let Some(folder) = &look {
                std::fs::write(folder.join(format!("map-{name}-{setting}.svg")), &drawing.svg).expect("it can be written");
            }
            if drawing.svg.len() > 60_000 {
                bad.push(format!("{name} {setting}: {} bytes", drawing.svg.len()));
            }
            for (index, text) in drawing.placed.iter().enumerate() {
                if text.left < 0.0 || text.right > drawing.width || text.bottom > drawing.height {
                    bad.push(format!("{name} {setting}: '{}' leaves the figure", text.text));
                }
                for other in &drawing.placed[index + 1..] {
                    let apart = text.right <= other.left + 0.5
                        || other.right <= text.left + 0.5
                        || text.bottom <= other.top + 3.5
                        || other.bottom <= text.top + 3.5;
                    if !apart {
                        bad.push(format!("{name} {setting}: '{}' touches '{}'", text.text, other.text));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn every_territory_of_a_locator_is_named() {
    for (setting, sheet) in SHEETS {
        let drawing = drawn("locator", &locator(), sheet);
        for (name, _, _, sublabel) in NINE {
            let named = |wanted: &str| drawing.placed.iter().filter(|text| text.text == wanted).count();
            assert_eq!((named(name), named(sublabel)), (1, 1), "{setting}: {name}");
        }
    }
}

#[test]
fn drawn_twice_a_map_is_the_same() {
    let draw = || drawn("gaps", &country_gaps(), Sheet::FILE).svg;
    assert_eq!(draw(), draw());
}

#[test]
fn a_total_is_refused() {
    let mut map = country_gaps();
    if let Layer::Choropleth(choropleth) = &mut map.layer {
        choropleth.unit = Unit::Persons;
    }
    let error = chart::draw(&figure("gaps", map), &english(), Sheet::FILE).expect_err("a total").to_string();
    assert!(error.contains("a total") && error.contains("hint:"), "{error}");
}

#[test]
fn the_legend_explains_what_is_there_and_nothing_else() {
    let drawing = drawn("gaps", &country_gaps(), Sheet::FILE);
    let says = |wanted: &str| drawing.placed.iter().any(|text| text.text.starts_with(wanted));
    assert!(says("Hatched") && !says("No data") && !says("Withheld") && !says("Not applicable"));
    assert!(says("\u{2212}10 to under 0") || says("under 0"), "{:?}", drawing.placed);
    // A figure is a mark that leads to its source.
    for (_, _, country, _) in NINE {
        assert!(drawing.svg.contains(&format!("class=\"mark\" data-id=\"gap.{country}\"")), "{country}");
    }
}
