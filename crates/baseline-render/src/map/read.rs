//! GeoJSON (RFC 7946, and its older form with a `crs` member, as GISCO writes it) and TopoJSON with quantised arcs become a
//! [`Geometry`]. Total: whatever cannot be read with certainty is refused whole, because an area in the wrong place is
//! worse than no map.
//!
//! ```text
//! {"type": "FeatureCollection", "name": "NUTS_RG_60M_2024_4326_LEVL_2.geojson", "crs": {... "urn:ogc:def:crs:EPSG::4326"},
//!  "features": [{"type": "Feature", "properties": {"NUTS_ID": "AL01", "LEVL_CODE": 2, "CNTR_CODE": "AL", "NAME_LATN": "Veri"},
//!                "geometry": {"type": "Polygon", "coordinates": [[[20.07, 42.55], ...]]}}]}
//! ```

use baseline_model::NutsVersion;
use serde_json::Value;

use super::geometry::{Geometry, Point, Shape};
use super::projection::Laea;

/// What a file must turn out to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Of the classification; checked against what the file and its name say.
    pub version: Option<NutsVersion>,
    /// 0 to 3.
    pub level: Option<u8>,
    /// Object of a TopoJSON file; without it the file has one object only.
    pub object: Option<&'a str>,
}

/// Why a geometry cannot be used. Every message ends with a hint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    #[error(
        "{name}: expected areas, found {bytes} bytes of a placeholder ({found})\n  hint: pull it again (baseline pull --geometry), or fetch the file itself instead of its pointer"
    )]
    Stub { name: String, bytes: usize, found: String },
    #[error("{name}: expected GeoJSON or TopoJSON, found {found}\n  hint: take the GeoJSON form of the file")]
    Format { name: String, found: String },
    #[error(
        "{name}: expected regions of NUTS {wanted}, found NUTS {found}\n  hint: take the file of the version that the figures have; codes mean other places in another version"
    )]
    Version { name: String, wanted: NutsVersion, found: String },
    #[error(
        "{name}: expected regions of level {wanted}, found {code} of level {found}\n  hint: take the file named LEVL_{wanted}"
    )]
    Level { name: String, wanted: u8, found: String, code: String },
    #[error("{name}: feature {number} has no code: expected the property NUTS_ID or an id\n  hint: {hint}")]
    Code { name: String, number: usize, hint: &'static str },
    #[error("{name}: {what} has no area\n  hint: the file is incomplete; pull it again")]
    Empty { name: String, what: String },
    #[error(
        "{name}: {at} has the coordinates {found}; expected degrees (EPSG:4326), or metres of EPSG:3035 where the file says so\n  hint: take the file with 4326 in its name"
    )]
    Coordinates { name: String, at: String, found: String },
}

impl GeometryError {
    /// Stable, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stub { .. } => "geometry-stub",
            Self::Format { .. } => "geometry-format",
            Self::Version { .. } => "geometry-version",
            Self::Level { .. } => "geometry-level",
            Self::Code { .. } => "geometry-codes",
            Self::Empty { .. } => "geometry-empty",
            Self::Coordinates { .. } => "geometry-coordinates",
        }
    }
}

/// Reads the areas of a file. `name` is its name, for messages and for what it says of itself.
///
/// # Errors
/// [`GeometryError`]: the file is not what is wanted, or not whole.
pub fn read(bytes: &[u8], name: &str, wanted: Wanted<'_>) -> Result<Geometry, GeometryError> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = || {
        let head = String::from_utf8_lossy(&text[..text.len().min(60)]);
        head.lines().next().unwrap_or_default().trim().to_owned()
    };
    if text.is_empty() || text.starts_with(b"version https://git-lfs") {
        let found = if text.is_empty() { "nothing".into() } else { head() };
        return Err(GeometryError::Stub { name: name.into(), bytes: bytes.len(), found });
    }
    let root: Value = serde_json::from_slice(text).map_err(|error| {
        let found = if text.first() == Some(&b'{') { format!("JSON that breaks off or is damaged: {error}") } else { head() };
        GeometryError::Format { name: name.into(), found }
    })?;
    let reader = Reader { name, wanted, version: stated_version(&root, name) };
    if let (Some(wanted), Some(found)) = (wanted.version, reader.version.as_deref())
        && wanted.to_string() != found
    {
        return Err(GeometryError::Version { name: name.into(), wanted, found: found.into() });
    }
    let shapes = match root["type"].as_str() {
        Some("FeatureCollection") => reader.features(&root)?,
        Some("Topology") => reader.topology(&root)?,
        other => {
            let found = other.map_or("JSON without a `type`".to_owned(), |kind| format!("a `{kind}`"));
            return Err(GeometryError::Format { name: name.into(), found });
        }
    };
    let geometry = Geometry { version: reader.version.as_deref().and_then(NutsVersion::parse), ..Geometry::new(shapes) };
    if geometry.areas.is_empty() {
        return Err(reader.empty("the file"));
    }
    Ok(geometry)
}

struct Reader<'a> {
    name: &'a str,
    wanted: Wanted<'a>,
    version: Option<String>,
}

impl Reader<'_> {
    fn empty(&self, what: &str) -> GeometryError {
        GeometryError::Empty { name: self.name.into(), what: what.into() }
    }

    fn features(&self, root: &Value) -> Result<Vec<Shape>, GeometryError> {
        let metres = self.is_metres(root)?;
        let features =
            root["features"].as_array().filter(|features| !features.is_empty()).ok_or_else(|| self.empty("the file"))?;
        let mut shapes = Vec::with_capacity(features.len());
        for (index, feature) in features.iter().enumerate() {
            let mut shape = self.described(feature, index + 1)?;
            let geometry = &feature["geometry"];
            let lists = match geometry["type"].as_str() {
                Some("Polygon") => vec![&geometry["coordinates"]],
                Some("MultiPolygon") => geometry["coordinates"].as_array().map_or_else(Vec::new, |list| list.iter().collect()),
                Some(other) => {
                    let found = format!("a `{other}` of {} instead of polygons", shape.code);
                    return Err(GeometryError::Format { name: self.name.into(), found });
                }
                None => Vec::new(),
            };
            for rings in lists {
                let rings = rings.as_array().ok_or_else(|| self.empty(&shape.code))?;
                let read = rings.iter().map(|ring| self.points(ring, metres, &shape.code)).collect::<Result<_, _>>()?;
                shape.polygons.push(read);
            }
            if shape.polygons.iter().flatten().all(|ring| ring.len() < 4) {
                return Err(self.empty(&shape.code));
            }
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// Whether the coordinates are metres of EPSG:3035.
    fn is_metres(&self, root: &Value) -> Result<bool, GeometryError> {
        let Some(crs) = root["crs"]["properties"]["name"].as_str() else { return Ok(false) };
        match crs.rsplit(':').next() {
            Some("3035") => Ok(true),
            Some("4326" | "4258" | "CRS84") => Ok(false),
            _ => Err(GeometryError::Coordinates { name: self.name.into(), at: "the file".into(), found: crs.into() }),
        }
    }

    /// Code, name and country of a feature of GeoJSON or a geometry of TopoJSON, its level being the one wanted.
    fn described(&self, feature: &Value, number: usize) -> Result<Shape, GeometryError> {
        let properties = &feature["properties"];
        let text = |value: &Value| match value {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let hint = if self.wanted.version.is_some() {
            "take a file of regions (NUTS_RG) from GISCO"
        } else {
            "a feature of GeoJSON needs an `id`"
        };
        let ids = [&properties["NUTS_ID"], &feature["id"], &properties["id"]];
        let ids = if self.wanted.version.is_some() { &ids[..1] } else { &ids[..] };
        let code = ids.iter().find_map(|id| text(id)).ok_or(GeometryError::Code { name: self.name.into(), number, hint })?;
        if let (Some(wanted), Some(level)) = (self.wanted.level, text(&properties["LEVL_CODE"]))
            && level != wanted.to_string()
        {
            return Err(GeometryError::Level { name: self.name.into(), wanted, found: level, code });
        }
        let names = [&properties["NAME_LATN"], &properties["NUTS_NAME"], &properties["name"]];
        let name = names.into_iter().find_map(text).unwrap_or_else(|| code.clone());
        let country = text(&properties["CNTR_CODE"]).unwrap_or_else(|| code.chars().take(2).collect());
        Ok(Shape { code, name, country, polygons: Vec::new() })
    }

    fn points(&self, ring: &Value, metres: bool, code: &str) -> Result<Vec<Point>, GeometryError> {
        let ring = ring.as_array().ok_or_else(|| self.empty(code))?;
        let laea = Laea::europe();
        let point = |value: &Value| {
            let pair = value.as_array().and_then(|pair| Some([pair.first()?.as_f64()?, pair.get(1)?.as_f64()?]));
            let degrees = if metres { pair.and_then(|pair| laea.inverse(pair)) } else { pair };
            degrees.filter(|point| is_place(*point)).ok_or_else(|| GeometryError::Coordinates {
                name: self.name.into(),
                at: code.into(),
                found: value.to_string().chars().take(60).collect(),
            })
        };
        ring.iter().map(point).collect()
    }

    fn topology(&self, root: &Value) -> Result<Vec<Shape>, GeometryError> {
        let format = |found: String| GeometryError::Format { name: self.name.into(), found };
        let objects = root["objects"].as_object().ok_or_else(|| self.empty("the file"))?;
        let object = match (self.wanted.object, objects.len()) {
            (Some(object), _) => objects.get(object),
            (None, 1) => objects.values().next(),
            (None, _) => None,
        };
        let object = object.ok_or_else(|| {
            let known: Vec<&str> = objects.keys().map(String::as_str).collect();
            format(format!("TopoJSON with the objects {}, and none of them named", known.join(", ")))
        })?;
        let arcs = self.arcs(root)?;
        let members = object["geometries"].as_array().ok_or_else(|| self.empty("the file"))?;
        let mut shapes = Vec::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            let mut shape = self.described(member, index + 1)?;
            let lists = match member["type"].as_str() {
                Some("Polygon") => vec![&member["arcs"]],
                Some("MultiPolygon") => member["arcs"].as_array().map_or_else(Vec::new, |list| list.iter().collect()),
                _ => Vec::new(),
            };
            for rings in lists {
                let ring = |ring: &Value| {
                    let references = ring.as_array().into_iter().flatten().map(Value::as_i64);
                    let mut points = Vec::new();
                    for reference in references {
                        let found = reference.and_then(|reference| {
                            let plain = if reference < 0 { !reference } else { reference };
                            Some((arcs.get(usize::try_from(plain).ok()?)?, reference < 0))
                        });
                        let (arc, reversed) =
                            found.ok_or_else(|| format(format!("a ring of {} with an arc that is not there", shape.code)))?;
                        if reversed { points.extend(arc.iter().rev()) } else { points.extend(arc) }
                    }
                    Ok(points)
                };
                let rings = rings.as_array().into_iter().flatten().map(ring).collect::<Result<_, GeometryError>>()?;
                shape.polygons.push(rings);
            }
            if shape.polygons.iter().flatten().all(Vec::is_empty) {
                return Err(self.empty(&shape.code));
            }
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// The arcs of a topology in degrees; quantised ones are differences from point to point.
    fn arcs(&self, root: &Value) -> Result<Vec<Vec<Point>>, GeometryError> {
        let pair = |value: &Value| Some([value[0].as_f64()?, value[1].as_f64()?]);
        let transform = &root["transform"];
        let quantised = pair(&transform["scale"]).zip(pair(&transform["translate"]));
        let bad = |number: usize, value: &Value| GeometryError::Coordinates {
            name: self.name.into(),
            at: format!("arc {number}"),
            found: value.to_string().chars().take(60).collect(),
        };
        let mut arcs = Vec::new();
        for (number, arc) in root["arcs"].as_array().into_iter().flatten().enumerate() {
            let mut sum = [0.0, 0.0];
            let mut points = Vec::new();
            for value in arc.as_array().into_iter().flatten() {
                let Some(step) = pair(value) else { return Err(bad(number, value)) };
                let point = match quantised {
                    Some((scale, shift)) => {
                        sum = [sum[0] + step[0], sum[1] + step[1]];
                        [sum[0] * scale[0] + shift[0], sum[1] * scale[1] + shift[1]]
                    }
                    None => step,
                };
                if !is_place(point) {
                    return Err(bad(number, value));
                }
                points.push(point);
            }
            arcs.push(points);
        }
        Ok(arcs)
    }
}

/// Whether the two numbers can be a longitude and a latitude.
fn is_place([lon, lat]: Point) -> bool {
    lon.abs() <= 180.000_001 && lat.abs() <= 90.000_001
}

/// The version in the file's own name member, else in the name it has: `NUTS_RG_60M_2021_4326_LEVL_2`.
fn stated_version(root: &Value, name: &str) -> Option<String> {
    let years = |text: &str| {
        let mut parts = text.split('_');
        parts.any(|part| part == "NUTS" || part.ends_with("/NUTS")).then_some(())?;
        let year = |part: &&str| part.len() == 4 && part.starts_with("20") && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split(['_', '.']).find(year).map(str::to_owned)
    };
    root["name"].as_str().and_then(years).or_else(|| years(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUTS: Wanted<'static> = Wanted { version: Some(NutsVersion::V2024), level: Some(2), object: None };
    const SQUARE: &str = "[[[5,50],[6,50],[6,51],[5,51],[5,50]]]";

    fn feature(properties: &str, kind: &str, coordinates: &str) -> String {
        format!(
            r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
        )
    }

    fn file(features: &[String]) -> String {
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    }

    fn nuts(code: &str) -> String {
        format!(r#""NUTS_ID":"{code}","LEVL_CODE":2,"CNTR_CODE":"XX","NAME_LATN":"Name""#)
    }

    /// The code of the refusal, and a part of the message.
    fn refused(text: &str, name: &str, wanted: Wanted<'_>, code: &str, says: &str) {
        let error = read(text.as_bytes(), name, wanted).expect_err(text);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says) && error.to_string().contains("hint: "), "{error}");
    }

    #[test]
    fn regions() {
        let text =
            file(&[feature(&nuts("XX02"), "Polygon", SQUARE), feature(&nuts("XX01"), "MultiPolygon", &format!("[{SQUARE}]"))]);
        let geometry = read(text.as_bytes(), "NUTS_RG_60M_2024_4326_LEVL_2.geojson", NUTS).unwrap();
        assert_eq!(geometry.version, Some(NutsVersion::V2024));
        let codes: Vec<&str> = geometry.areas.iter().map(|area| area.code.as_str()).collect();
        assert_eq!(codes, ["XX01", "XX02"]);
        assert_eq!((geometry.areas[0].name.as_str(), geometry.areas[0].country.as_str()), ("Name", "XX"));
        assert_eq!(geometry.lines.len(), 1, "the same square twice is one line");
    }

    #[test]
    fn metres_where_the_file_says_so() {
        let ring = "[[[3962799.45,2999718.85],[4062799,2999718],[4062799,3099718],[3962799.45,2999718.85]]]";
        let text = file(&[feature(&nuts("XX01"), "Polygon", ring)])
            .replace(r#","features""#, r#","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::3035"}},"features""#);
        let geometry = read(text.as_bytes(), "x", NUTS).unwrap();
        let points = geometry.ring(&geometry.areas[0].polygons[0][0]);
        assert!(points.iter().any(|[lon, lat]| (lon - 5.0).abs() < 1e-6 && (lat - 50.0).abs() < 1e-6), "{points:?}");
    }

    #[test]
    fn what_is_refused() {
        let name = "NUTS_RG_60M_2024_4326_LEVL_2.geojson";
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        refused(pointer, name, NUTS, "geometry-stub", "placeholder");
        refused(" ", name, NUTS, "geometry-stub", "nothing");
        refused("<html>", name, NUTS, "geometry-format", "<html>");
        let good = file(&[feature(&nuts("XX01"), "Polygon", SQUARE)]);
        refused(&good[..good.len() - 9], name, NUTS, "geometry-format", "breaks off");
        refused("{}", name, NUTS, "geometry-format", "without a `type`");
        refused(&file(&[]), name, NUTS, "geometry-empty", "the file");
        refused(&good, "NUTS_RG_60M_2021_4326_LEVL_2.geojson", NUTS, "geometry-version", "found NUTS 2021");
        let named = good.replace(r#","features""#, r#","name":"NUTS_RG_60M_2016_4326_LEVL_2","features""#);
        refused(&named, name, NUTS, "geometry-version", "found NUTS 2016");
        refused(&good.replace(r#""LEVL_CODE":2"#, r#""LEVL_CODE":3"#), name, NUTS, "geometry-level", "XX01 of level 3");
        refused(&good.replace("NUTS_ID", "GISCO_ID"), name, NUTS, "geometry-codes", "feature 1");
        refused(&file(&[feature(&nuts("XX01"), "Polygon", "[]")]), name, NUTS, "geometry-empty", "XX01");
        refused(
            &good.replace(&format!(r#"{{"type":"Polygon","coordinates":{SQUARE}}}"#), "null"),
            name,
            NUTS,
            "geometry-empty",
            "XX01",
        );
        refused(&file(&[feature(&nuts("XX01"), "Point", "[5,50]")]), name, NUTS, "geometry-format", "a `Point` of XX01");
        refused(&good.replace("[6,50]", "[6]"), name, NUTS, "geometry-coordinates", "[6]");
        refused(&good.replace("[6,50]", "[600000,50]"), name, NUTS, "geometry-coordinates", "600000");
        let mercator =
            good.replace(r#","features""#, r#","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},"features""#);
        refused(&mercator, name, NUTS, "geometry-coordinates", "3857");
    }

    #[test]
    fn topologies() {
        let text = r#"{"type":"Topology","transform":{"scale":[0.5,0.5],"translate":[1,2]},
            "objects":{"a":{"type":"GeometryCollection","geometries":[{"type":"Polygon","id":7,"arcs":[[0]]},{"type":"Polygon","id":"8","arcs":[[-1]]}]},
            "b":{"type":"GeometryCollection","geometries":[{"type":"Polygon","id":7,"arcs":[[3]]}]}},
            "arcs":[[[0,0],[2,0],[0,2],[-2,-2]]]}"#;
        let geometry = read(text.as_bytes(), "t", Wanted { object: Some("a"), ..Wanted::default() }).unwrap();
        assert_eq!((geometry.areas.len(), geometry.lines.len()), (2, 1));
        assert_eq!(geometry.lines[0].points[0], [1.0, 2.0]);
        refused(text, "t", Wanted::default(), "geometry-format", "objects a, b");
        refused(text, "t", Wanted { object: Some("b"), ..Wanted::default() }, "geometry-format", "not there");
        refused(
            &text.replace("[2,0]", "[2000,0]"),
            "t",
            Wanted { object: Some("a"), ..Wanted::default() },
            "geometry-coordinates",
            "arc 0",
        );
    }

    /// Real files, where the folder of specimens lies beside the project.
    #[test]
    fn specimens() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/geo");
        if !folder.is_dir() {
            eprintln_skip();
            return;
        }
        for (version, level, count) in [("2021", 0, 37), ("2021", 2, 334), ("2021", 3, 1514), ("2024", 2, 296), ("2024", 3, 1345)]
        {
            let name = format!("NUTS_RG_60M_{version}_4326_LEVL_{level}.geojson");
            let bytes = std::fs::read(folder.join(&name)).expect("the specimen is there");
            let wanted = Wanted { version: NutsVersion::parse(version), level: Some(level), object: None };
            let geometry = read(&bytes, &name, wanted).unwrap();
            assert_eq!(geometry.areas.len(), count, "{name}");
            if level == 2 {
                let berlin = geometry.areas.iter().position(|area| area.code == "DE30").unwrap();
                let around = geometry.areas.iter().position(|area| area.code == "DE40").unwrap();
                assert!(
                    geometry
                        .lines
                        .iter()
                        .any(|line| line.is_closed() && line.sides.contains(&berlin) && line.sides.contains(&around))
                );
            }
        }
        let labels = std::fs::read(folder.join("NUTS_LB_2021_4326_LEVL_2.geojson")).unwrap();
        let wanted = Wanted { version: Some(NutsVersion::V2021), level: Some(2), object: None };
        assert_eq!(read(&labels, "NUTS_LB_2021", wanted).unwrap_err().code(), "geometry-format");
    }

    fn eprintln_skip() {
        eprintln!("skipped: ../shared/data/geo is not there");
    }
}
