//! Areas as polygons that know their borders: every line between two areas is one [`Line`], which both name. So a
//! shared border is simplified once and drawn once, and no gap opens between neighbours.
//!
//! Coordinates are longitude and latitude in degrees. A hole is a further ring of its polygon; what is inside an even
//! number of rings is outside (even-odd), so the direction of rings means nothing. Draws nothing, reads no bytes.

use std::collections::BTreeMap;

use baseline_model::NutsVersion;

/// Areas and the lines they are made of.
#[derive(Debug, Clone, Default)]
pub struct Geometry {
    /// In the order of their codes, each once.
    pub areas: Vec<Area>,
    pub lines: Vec<Line>,
    /// The NUTS version that the file itself states.
    pub version: Option<NutsVersion>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Area {
    pub code: String,
    pub name: String,
    /// Code of the country it lies in; its own for a country.
    pub country: String,
    /// A polygon is a list of rings, the outer one and its holes; a ring is a chain of lines.
    pub polygons: Vec<Vec<Vec<LineUse>>>,
}

/// A line in a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineUse {
    pub line: usize,
    pub reversed: bool,
}

/// A line between two areas, or along the outside of one.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// At least two; of a closed line the first is also the last.
    pub points: Vec<Point>,
    /// The areas that have it, by index, in order, as often as they use it.
    pub sides: Vec<usize>,
}

/// Longitude, latitude.
pub type Point = [f64; 2];

/// An area as it was read: polygons of rings of points, closed or not.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    pub code: String,
    pub name: String,
    pub country: String,
    pub polygons: Vec<Vec<Vec<Point>>>,
}

/// Points that agree to a millionth of a degree (a tenth of a metre) are one.
type Key = (i64, i64);
/// Of a degree.
const UNITS: f64 = 1e6;

impl Geometry {
    /// Finds the lines that shapes share. Shapes of one code become one area. Rings of fewer than three different points
    /// are left out, and areas without a ring.
    pub fn new(shapes: Vec<Shape>) -> Self {
        let mut merged: BTreeMap<String, Shape> = BTreeMap::new();
        for shape in shapes {
            let known = merged.entry(shape.code.clone()).or_insert_with(|| Shape { polygons: Vec::new(), ..shape.clone() });
            known.polygons.extend(shape.polygons);
        }
        let shapes: Vec<Shape> = merged
            .into_values()
            .map(|shape| Shape { polygons: shape.polygons.into_iter().filter_map(tidy).collect(), ..shape })
            .filter(|shape| !shape.polygons.is_empty())
            .collect();
        let nodes = nodes(&shapes);
        let mut geometry = Self::default();
        let mut known: BTreeMap<Vec<Key>, usize> = BTreeMap::new();
        for (index, shape) in shapes.into_iter().enumerate() {
            let mut polygons = Vec::new();
            for rings in shape.polygons {
                let mut cut = |ring: &Vec<Point>| -> Vec<LineUse> {
                    cut(ring, &nodes).into_iter().map(|points| geometry.line(&points, index, &mut known)).collect()
                };
                polygons.push(rings.iter().map(&mut cut).collect());
            }
            geometry.areas.push(Area { code: shape.code, name: shape.name, country: shape.country, polygons });
        }
        geometry
    }

    /// The area of a code.
    pub fn area(&self, code: &str) -> Option<&Area> {
        self.areas.binary_search_by(|area| area.code.as_str().cmp(code)).ok().map(|index| &self.areas[index])
    }

    /// The points of a ring, the first not repeated at the end.
    pub fn ring(&self, ring: &[LineUse]) -> Vec<Point> {
        let mut points = Vec::new();
        for part in ring {
            let line = &self.lines[part.line].points;
            let kept = line.len() - 1;
            if part.reversed {
                points.extend(line.iter().rev().take(kept));
            } else {
                points.extend(line.iter().take(kept));
            }
        }
        points
    }

    /// The line of these points, made when it is new; noted as used by an area.
    fn line(&mut self, points: &[Point], area: usize, known: &mut BTreeMap<Vec<Key>, usize>) -> LineUse {
        let keys: Vec<Key> = points.iter().map(key).collect();
        let (canonical, reversed) = canonical(keys);
        let line = *known.entry(canonical).or_insert_with_key(|canonical| {
            let by_key: BTreeMap<Key, Point> = points.iter().map(|point| (key(point), *point)).collect();
            let points = canonical.iter().filter_map(|key| by_key.get(key).copied()).collect();
            self.lines.push(Line { points, sides: Vec::new() });
            self.lines.len() - 1
        });
        self.lines[line].sides.push(area);
        LineUse { line, reversed }
    }
}

impl Line {
    /// Whether it ends where it begins.
    pub fn is_closed(&self) -> bool {
        self.points.first() == self.points.last()
    }

    /// Whether it lies inside one area: two parts of it meet here.
    pub fn is_inner(&self) -> bool {
        self.sides.len() > 1 && self.sides.iter().all(|side| *side == self.sides[0])
    }

    /// Whether two different areas meet here.
    pub fn is_border(&self) -> bool {
        self.sides.iter().any(|side| *side != self.sides[0])
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounded degrees; the cast saturates")]
fn key(point: &Point) -> Key {
    ((point[0] * UNITS).round() as i64, (point[1] * UNITS).round() as i64)
}

/// The polygon without repeated points and without rings that enclose nothing; `None` without an outer ring.
fn tidy(rings: Vec<Vec<Point>>) -> Option<Vec<Vec<Point>>> {
    let mut kept = Vec::new();
    for (number, ring) in rings.into_iter().enumerate() {
        let mut points: Vec<Point> = Vec::with_capacity(ring.len());
        for point in ring {
            // Points that are one have one place: lines that meet in it meet exactly.
            let (x, y) = key(&point);
            if points.last().is_none_or(|last| key(last) != (x, y)) {
                points.push([x as f64 / UNITS, y as f64 / UNITS]);
            }
        }
        while points.len() > 1 && points.first().map(key) == points.last().map(key) {
            points.pop();
        }
        let mut different: Vec<Key> = points.iter().map(key).collect();
        different.sort_unstable();
        different.dedup();
        if different.len() >= 3 {
            kept.push(points);
        } else if number == 0 {
            return None;
        }
    }
    (!kept.is_empty()).then_some(kept)
}

/// Points where lines begin and end: those with other neighbours in one ring than in another.
fn nodes(shapes: &[Shape]) -> BTreeMap<Key, bool> {
    let mut seen: BTreeMap<Key, ((Key, Key), bool)> = BTreeMap::new();
    for ring in shapes.iter().flat_map(|shape| &shape.polygons).flatten() {
        let keys: Vec<Key> = ring.iter().map(key).collect();
        for (index, here) in keys.iter().enumerate() {
            let before = keys[(index + keys.len() - 1) % keys.len()];
            let after = keys[(index + 1) % keys.len()];
            let pair = (before.min(after), before.max(after));
            let entry = seen.entry(*here).or_insert((pair, false));
            entry.1 |= entry.0 != pair;
        }
    }
    seen.into_iter().map(|(key, (_, node))| (key, node)).collect()
}

/// The pieces of a ring between nodes, each with both its ends; the whole ring, closed, when it has none.
fn cut(ring: &[Point], nodes: &BTreeMap<Key, bool>) -> Vec<Vec<Point>> {
    let is_node = |point: &Point| nodes.get(&key(point)).copied().unwrap_or(false);
    let Some(first) = ring.iter().position(is_node) else {
        let mut whole = ring.to_vec();
        whole.push(ring[0]);
        return vec![whole];
    };
    let mut pieces = Vec::new();
    let mut piece = vec![ring[first]];
    for step in 1..=ring.len() {
        let point = ring[(first + step) % ring.len()];
        piece.push(point);
        if is_node(&point) {
            pieces.push(std::mem::replace(&mut piece, vec![point]));
        }
    }
    pieces
}

/// The same for a line whichever way it is walked, and for a closed one wherever it begins; and whether it was turned.
fn canonical(keys: Vec<Key>) -> (Vec<Key>, bool) {
    let closed = keys.first() == keys.last() && keys.len() > 2;
    if !closed {
        let mut back = keys.clone();
        back.reverse();
        return if back < keys { (back, true) } else { (keys, false) };
    }
    let open = &keys[..keys.len() - 1];
    let start = open.iter().enumerate().min_by_key(|(_, key)| **key).map_or(0, |(index, _)| index);
    let walk = |step: usize| -> Vec<Key> {
        let mut walked: Vec<Key> = (0..open.len()).map(|index| open[(start + index * step) % open.len()]).collect();
        walked.push(open[start]);
        walked
    };
    let (there, back) = (walk(1), walk(open.len() - 1));
    if back < there { (back, true) } else { (there, false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, size: f64) -> Vec<Point> {
        vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    }

    fn shape(code: &str, polygons: Vec<Vec<Vec<Point>>>) -> Shape {
        Shape { code: code.into(), name: code.into(), country: code[..1].into(), polygons }
    }

    /// Lines in all, borders, inner lines.
    fn check(shapes: Vec<Shape>, expected: (usize, usize, usize)) -> Geometry {
        let geometry = Geometry::new(shapes);
        let count = |test: fn(&Line) -> bool| geometry.lines.iter().filter(|line| test(line)).count();
        assert_eq!((geometry.lines.len(), count(Line::is_border), count(Line::is_inner)), expected);
        geometry
    }

    #[test]
    fn neighbours_share_one_line() {
        let east: Vec<Point> = square(1.0, 0.0, 1.0).into_iter().rev().collect();
        let geometry = check(vec![shape("A1", vec![vec![square(0.0, 0.0, 1.0)]]), shape("A2", vec![vec![east]])], (3, 1, 0));
        assert_eq!(geometry.lines.iter().find(|line| line.is_border()).unwrap().points.len(), 2);
    }

    #[test]
    fn an_enclave_fills_its_hole() {
        // As Berlin in Brandenburg: the hole begins elsewhere and runs the other way round.
        let hole = vec![[2.0, 2.0], [1.0, 2.0], [1.0, 1.0], [2.0, 1.0], [2.0, 2.0]];
        let around = shape("DE40", vec![vec![square(0.0, 0.0, 3.0), hole]]);
        let geometry = check(vec![around, shape("DE30", vec![vec![square(1.0, 1.0, 1.0)]])], (2, 1, 0));
        let ring = geometry.ring(&geometry.area("DE40").unwrap().polygons[0][1]);
        assert_eq!(ring.len(), 4);
    }

    #[test]
    fn parts_of_one_area_have_no_border_between_them() {
        let parts = vec![vec![square(0.0, 0.0, 1.0)], vec![square(1.0, 0.0, 1.0)]];
        check(vec![shape("CY", parts)], (3, 0, 1));
        // Two records of one code are one area.
        let twice = vec![shape("CY", vec![vec![square(0.0, 0.0, 1.0)]]), shape("CY", vec![vec![square(1.0, 0.0, 1.0)]])];
        assert_eq!(check(twice, (3, 0, 1)).areas.len(), 1);
    }

    #[test]
    fn what_encloses_nothing_is_left_out() {
        let flat = vec![[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]];
        check(vec![shape("A1", vec![vec![flat]])], (0, 0, 0));
        check(vec![shape("A1", vec![vec![vec![]], vec![square(0.0, 0.0, 1.0), vec![[0.1, 0.1]]]])], (1, 0, 0));
    }

    #[test]
    fn a_ring_comes_back_as_it_was() {
        let shapes = vec![shape("A1", vec![vec![square(0.0, 0.0, 1.0)]]), shape("A2", vec![vec![square(1.0, 0.0, 1.0)]])];
        let geometry = Geometry::new(shapes);
        for area in &geometry.areas {
            let mut ring: Vec<Key> = geometry.ring(&area.polygons[0][0]).iter().map(key).collect();
            ring.sort_unstable();
            assert_eq!(ring.len(), 4, "{ring:?}");
        }
    }
}
