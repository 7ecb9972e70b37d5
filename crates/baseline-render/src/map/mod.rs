//! Maps: what one says ([`Map`]), and the geometry behind it. Areas are read ([`read`]), projected ([`projection`]), know
//! their shared borders ([`geometry`]), and become outlines at the scale of the paper ([`outline`]). `chart::map` draws.
//!
//! The embedded outlines of countries ([`countries`]) are Natural Earth's, made by `tools/geo/outlines.py`. Regions are
//! not shipped. Opens no file.

pub mod classes;
pub mod geometry;
pub mod outline;
pub mod projection;
pub mod read;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use baseline_model::definitions::Unit;

use self::classes::Classes;
use self::geometry::Geometry;
use self::outline::Window;
use self::read::Wanted;
use crate::document::Mark;

/// A map of Europe.
#[derive(Debug, Clone)]
pub struct Map {
    /// Countries: neutral land, and the areas of a map of countries.
    pub ground: Arc<Geometry>,
    /// Regions with values, drawn over the ground; none on a map of countries.
    pub regions: Option<Arc<Geometry>>,
    /// Code -> how the area is drawn. A code that is missing is neutral land.
    pub areas: BTreeMap<String, MapArea>,
    pub layer: Layer,
    /// Named places, the most important first.
    pub places: Vec<Place>,
    /// Explanations of the legend. Each is printed only when the map shows what it explains.
    pub legend: Legend,
    /// Under the map: NUTS version, origin of the boundaries, attribution.
    pub stamp: Vec<String>,
}

/// What the map is about.
#[derive(Debug, Clone)]
pub enum Layer {
    /// Where the places are.
    Locator,
    Choropleth(Choropleth),
    Symbols(Symbols),
}

/// Areas coloured by classes of a rate.
#[derive(Debug, Clone)]
pub struct Choropleth {
    /// A total cannot be drawn: large areas would look like large numbers.
    pub unit: Unit,
    pub classes: Classes,
    /// Over the classes: what is measured, with its unit.
    pub title: String,
    /// How the limits were chosen.
    pub method: String,
    /// A benchmark with its value, `EU-27: 67.1 %`; empty: not known.
    pub benchmark: String,
}

/// Circles whose area is proportional to a total.
#[derive(Debug, Clone)]
pub struct Symbols {
    pub title: String,
    pub circles: Vec<Circle>,
}

#[derive(Debug, Clone)]
pub struct Circle {
    /// Longitude and latitude of its middle.
    pub at: [f64; 2],
    pub name: String,
    pub mark: Mark,
}

/// An area of the map.
#[derive(Debug, Clone, Default)]
pub struct MapArea {
    pub fill: Fill,
    /// Figure id; empty when the area stands for no figure.
    pub id: String,
    /// Accessible name: place, value, flags and grade.
    pub title: String,
    /// Shown is the value of a larger region: hatched over its colour.
    pub borrowed: bool,
    /// Of the study: outlined.
    pub ours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Fill {
    /// Class of the choropleth, from 0.
    Class(usize),
    #[default]
    NoData,
    Withheld,
    NotApplicable,
    /// On a locator: a country, or the region around a territory.
    Study,
    /// On a locator: the report's own territory.
    Accent,
    /// On a locator: another territory of the study.
    Territory,
}

/// A labelled point.
#[derive(Debug, Clone)]
pub struct Place {
    pub at: [f64; 2],
    /// Said where the label finds no room; never empty.
    pub name: String,
    /// Beside the place; may be empty where only the value is printed.
    pub label: String,
    /// Small, under the label: code of the region on which it stands and grade, or the value.
    pub sublabel: String,
    /// Drawn as a point; else only the label stands at the place.
    pub point: bool,
    /// The report's own: larger and in the accent's colour.
    pub highlight: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Legend {
    pub no_data: String,
    pub withheld: String,
    pub not_applicable: String,
    pub borrowed: String,
    pub study: String,
    pub territory: String,
    pub accent: String,
    /// Of outlined areas.
    pub ours: String,
    /// Of points.
    pub place: String,
}

/// Metres of EPSG:3035: from Iceland to Cyprus, from Crete to the North Cape.
pub const EUROPE: [f64; 4] = [2_500_000.0, 1_370_000.0, 6_600_000.0, 5_450_000.0];

/// The outermost regions, each in a window of its own at the side of the map: native name and corners in degrees.
pub const INSETS: [(&str, [f64; 4]); 8] = [
    ("Canarias", [-18.3, 27.5, -13.3, 29.5]),
    ("Madeira", [-17.4, 32.3, -16.2, 33.2]),
    ("Açores", [-31.5, 36.7, -24.9, 39.9]),
    ("Guadeloupe", [-61.9, 15.8, -61.0, 16.6]),
    ("Martinique", [-61.3, 14.35, -60.75, 14.95]),
    ("Guyane", [-54.7, 2.0, -51.5, 5.9]),
    ("La Réunion", [55.15, -21.45, 55.9, -20.8]),
    ("Mayotte", [44.95, -13.05, 45.35, -12.6]),
];

/// The embedded country outlines.
///
/// # Panics
/// When the embedded file is damaged, which a test excludes for every build.
pub fn countries() -> Arc<Geometry> {
    static COUNTRIES: OnceLock<Arc<Geometry>> = OnceLock::new();
    let read = || {
        let bytes = include_bytes!("../../../../data/geo/outlines.json");
        Arc::new(read::read(bytes, "outlines.json", Wanted::default()).expect("a test reads the embedded outlines"))
    };
    Arc::clone(COUNTRIES.get_or_init(read))
}

/// Whether a map of areas may show values of a unit: rates and means, never totals.
pub fn is_rate(unit: Unit) -> bool {
    match unit {
        Unit::Percent | Unit::PercentagePoints | Unit::PerThousand | Unit::Years | Unit::Score | Unit::Ratio => true,
        // Of these, what a place has one number of per inhabitant is a rate, and which it is the unit does not say.
        Unit::Euro
        | Unit::MillionEuro
        | Unit::Persons
        | Unit::ThousandPersons
        | Unit::Permits
        | Unit::Households
        | Unit::Position => false,
    }
}

/// A point inside an area, far from its border and near its middle, for a label: longitude and latitude. That of its largest part in the European frame, or
/// of its largest part at all. `None` for an area without one.
pub fn label_point(geometry: &Geometry, code: &str) -> Option<[f64; 2]> {
    let window = Window::europe((0.0, 0.0), 1000.0);
    let area = geometry.area(code)?;
    type Rings = Vec<Vec<[f64; 2]>>;
    let placed = |ring: &Vec<geometry::LineUse>| {
        geometry.ring(ring).into_iter().map(|point| window.place(point)).collect::<Option<Vec<[f64; 2]>>>()
    };
    let parts: Vec<Rings> = area
        .polygons
        .iter()
        .filter_map(|rings| rings.iter().map(placed).collect::<Option<Rings>>())
        .filter(|rings| !rings.is_empty())
        .collect();
    let largest = |parts: &mut dyn Iterator<Item = &Rings>| {
        parts.max_by(|a, b| outline::area(&a[0]).abs().total_cmp(&outline::area(&b[0]).abs())).cloned()
    };
    let inside = |rings: &&Rings| rings[0].iter().any(|point| window.contains(*point));
    let part = largest(&mut parts.iter().filter(inside)).or_else(|| largest(&mut parts.iter()))?;
    window.back(outline::middle(&part)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_outlines() {
        let countries = countries();
        for code in ["SE", "FI", "IT", "NL", "ES", "EL", "DE", "PL", "SI", "CY", "MT", "UK", "XK", "RU", "MA", "TR"] {
            assert!(countries.area(code).is_some(), "{code}");
        }
        assert!(countries.area("GR").is_none() && countries.area("GB").is_none(), "Eurostat's codes");
        // Two parts of one country meet in inner lines: Cyprus.
        let cyprus = countries.areas.iter().position(|area| area.code == "CY").unwrap();
        assert!(countries.lines.iter().any(|line| line.is_inner() && line.sides[0] == cyprus));
    }

    #[test]
    fn label_points_lie_inside() {
        let near = |code: &str, lon: f64, lat: f64, reach: f64| {
            let [x, y] = label_point(&countries(), code).unwrap();
            assert!((x - lon).hypot(y - lat) < reach, "{code}: {x:.1} {y:.1}");
        };
        near("PL", 19.3, 52.1, 1.5);
        near("SI", 14.8, 46.1, 0.6);
        near("ES", -3.6, 40.2, 2.0);
        near("NL", 5.6, 52.2, 1.0);
        assert_eq!(label_point(&countries(), "ZZ"), None);
    }

    #[test]
    fn totals_are_no_rates() {
        assert!(is_rate(Unit::Percent) && is_rate(Unit::PerThousand));
        assert!(!is_rate(Unit::Persons) && !is_rate(Unit::Permits) && !is_rate(Unit::MillionEuro));
    }
}
