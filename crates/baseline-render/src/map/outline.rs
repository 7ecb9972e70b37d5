//! From degrees to outlines on paper: projected, simplified line by line (so neighbours stay neighbours), clipped to the
//! frame, written as path data with tenths of a pixel. Knows neither colours nor figures.

use std::collections::BTreeMap;

use super::geometry::{Geometry, LineUse};
use super::projection::Laea;
use super::{EUROPE, INSETS};

/// Pixels, x to the right, y down.
pub type Px = [f64; 2];

/// A frame on paper with the part of the world in it.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    laea: Laea,
    /// Metres at the left top corner.
    origin: [f64; 2],
    /// Pixels in a metre.
    pub scale: f64,
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Window {
    /// Europe, as wide as given; the height follows.
    pub fn europe((left, top): (f64, f64), width: f64) -> Self {
        let [west, south, east, north] = EUROPE;
        let scale = width / (east - west);
        Self { laea: Laea::europe(), origin: [west, north], scale, left, top, width, height: (north - south) * scale }
    }

    /// One of [`INSETS`], fitted into a box with its own centre of projection.
    pub fn inset(number: usize, (left, top): (f64, f64), (width, height): (f64, f64)) -> Self {
        let (_, [west, south, east, north]) = INSETS[number % INSETS.len()];
        let centre = (f64::midpoint(west, east), f64::midpoint(south, north));
        let laea = Laea::new(centre, (0.0, 0.0));
        let corners =
            [[west, south], [west, north], [east, south], [east, north]].map(|corner| laea.forward(corner).unwrap_or([0.0, 0.0]));
        let reach = |axis: usize| corners.iter().map(|corner| corner[axis].abs()).fold(1.0, f64::max);
        let scale = (width / (2.0 * reach(0))).min(height / (2.0 * reach(1)));
        Self { laea, origin: [-width / 2.0 / scale, height / 2.0 / scale], scale, left, top, width, height }
    }

    /// Where a place is on paper; it may lie outside of the frame.
    pub fn place(&self, point: [f64; 2]) -> Option<Px> {
        let [x, y] = self.laea.forward(point)?;
        Some([self.left + (x - self.origin[0]) * self.scale, self.top + (self.origin[1] - y) * self.scale])
    }

    /// The place at a pixel.
    pub fn back(&self, [x, y]: Px) -> Option<[f64; 2]> {
        self.laea.inverse([self.origin[0] + (x - self.left) / self.scale, self.origin[1] - (y - self.top) / self.scale])
    }

    pub fn contains(&self, [x, y]: Px) -> bool {
        (self.left..=self.left + self.width).contains(&x) && (self.top..=self.top + self.height).contains(&y)
    }
}

/// The lines of a geometry on paper, with all their points.
pub struct Projected<'a> {
    geometry: &'a Geometry,
    window: Window,
    /// Of each line; empty when it cannot be projected.
    lines: Vec<Vec<Px>>,
}

/// The same as finely as a map needs them.
pub struct Outline<'a> {
    geometry: &'a Geometry,
    window: Window,
    lines: Vec<Vec<Px>>,
    /// Parts smaller than this, in square pixels, are left out.
    speck: f64,
}

/// The smallest part that is drawn at all, in square pixels. A coarser line lets larger ones go: as a triangle an island
/// says nothing.
const SPECK: f64 = 0.8;
/// An area of which less than this is drawn gets a dot.
const DOT: f64 = 5.0;

impl<'a> Projected<'a> {
    pub fn new(geometry: &'a Geometry, window: Window) -> Self {
        let project = |points: &Vec<[f64; 2]>| {
            let placed: Option<Vec<Px>> = points.iter().map(|point| window.place(*point)).collect();
            placed.unwrap_or_default()
        };
        Self { geometry, window, lines: geometry.lines.iter().map(|line| project(&line.points)).collect() }
    }

    /// No point of a line lies farther than `tolerance` pixels from what is drawn.
    pub fn outline(&self, tolerance: f64) -> Outline<'a> {
        let lines = self.lines.iter().map(|line| simplified(line, tolerance)).collect();
        Outline { geometry: self.geometry, window: self.window, lines, speck: SPECK.max(2.5 * tolerance * tolerance) }
    }
}

impl Outline<'_> {
    /// The outlines of some areas together, without the borders between them: rings inside the frame, for even-odd filling.
    pub fn dissolved(&self, areas: &dyn Fn(usize) -> bool) -> Vec<Vec<Px>> {
        let odd = |line: usize| self.geometry.lines[line].sides.iter().filter(|side| areas(**side)).count() % 2 == 1;
        let uses: Vec<usize> = (0..self.lines.len()).filter(|line| odd(*line)).collect();
        self.chained(&uses)
            .into_iter()
            .filter(|ring| area(ring).abs() >= self.speck)
            .filter_map(|ring| self.clipped(ring))
            .collect()
    }

    /// The rings of one area inside the frame.
    pub fn rings(&self, index: usize) -> Vec<Vec<Px>> {
        self.dissolved(&|area| area == index)
    }

    /// Where an area is to be drawn as a dot because it is too small to be seen: in the middle of its largest part. `None`
    /// for an area that is large enough, or not in the frame.
    pub fn dot(&self, index: usize) -> Option<Px> {
        let mut largest: Option<(f64, Px)> = None;
        for ring in self.geometry.areas[index].polygons.iter().filter_map(|rings| rings.first()) {
            let points = self.joined(ring);
            let size = area(&points).abs();
            let Some(at) = centre(&points).filter(|at| self.window.contains(*at)) else { continue };
            if largest.is_none_or(|(known, _)| size > known) {
                largest = Some((size, at));
            }
        }
        largest.filter(|_| self.rings(index).iter().map(|ring| area(ring).abs()).sum::<f64>() < DOT).map(|(_, at)| at)
    }

    /// The pieces of the lines that pass the test, inside the frame.
    pub fn lines(&self, test: &dyn Fn(&super::geometry::Line) -> bool) -> Vec<Vec<Px>> {
        let wanted = self.geometry.lines.iter().zip(&self.lines).filter(|(line, points)| {
            // The shore of what is left out is left out with it.
            test(line) && !(line.is_closed() && area(points).abs() < self.speck)
        });
        wanted.flat_map(|(_, points)| self.pieces(points)).collect()
    }

    fn joined(&self, ring: &[LineUse]) -> Vec<Px> {
        let mut points = Vec::new();
        for part in ring {
            let line = &self.lines[part.line];
            let kept = line.len().saturating_sub(1);
            if part.reversed { points.extend(line.iter().rev().take(kept)) } else { points.extend(line.iter().take(kept)) }
        }
        points
    }

    /// Joins lines end to end into rings. Under even-odd it does not matter which of several ways a node is passed.
    fn chained(&self, uses: &[usize]) -> Vec<Vec<Px>> {
        let key = |point: &Px| (point[0].to_bits(), point[1].to_bits());
        let mut rings = Vec::new();
        let mut open: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
        for line in uses {
            let points = &self.lines[*line];
            let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
            if first == last {
                rings.push(points[..points.len() - 1].to_vec());
            } else {
                open.entry(key(first)).or_default().push(*line);
                open.entry(key(last)).or_default().push(*line);
            }
        }
        let mut used = vec![false; self.lines.len()];
        for start in uses {
            let points = &self.lines[*start];
            if used[*start] || points.is_empty() || points.first() == points.last() {
                continue;
            }
            used[*start] = true;
            let mut ring = points.clone();
            while let Some(end) = ring.last().copied() {
                if ring.first() == Some(&end) {
                    break;
                }
                let next = open.get(&key(&end)).into_iter().flatten().find(|line| !used[**line]).copied();
                let Some(next) = next else { break };
                used[next] = true;
                let line = &self.lines[next];
                if line[0] == end { ring.extend(&line[1..]) } else { ring.extend(line.iter().rev().skip(1)) }
            }
            if ring.first() == ring.last() {
                ring.pop();
                rings.push(ring);
            }
        }
        rings
    }

    /// A ring cut to the frame (Sutherland and Hodgman); `None` when nothing is left.
    fn clipped(&self, ring: Vec<Px>) -> Option<Vec<Px>> {
        let Window { left, top, width, height, .. } = self.window;
        let mut points = ring;
        // Axis, limit, and whether what is larger stays.
        for (axis, limit, larger) in [(0, left, true), (0, left + width, false), (1, top, true), (1, top + height, false)] {
            let inside = |point: &Px| (point[axis] >= limit) == larger || point[axis] == limit;
            let mut kept = Vec::with_capacity(points.len());
            for (index, here) in points.iter().enumerate() {
                let before = &points[(index + points.len() - 1) % points.len()];
                if inside(here) != inside(before) {
                    kept.push(crossing(*before, *here, axis, limit));
                }
                if inside(here) {
                    kept.push(*here);
                }
            }
            points = kept;
        }
        (points.len() >= 3 && area(&points).abs() >= SPECK / 2.0).then_some(points)
    }

    /// The parts of a line inside the frame.
    fn pieces(&self, line: &[Px]) -> Vec<Vec<Px>> {
        let mut pieces: Vec<Vec<Px>> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = self.segment(pair[0], pair[1]) else { continue };
            match pieces.last_mut().filter(|piece| piece.last() == Some(&from)) {
                Some(piece) => piece.push(to),
                None => pieces.push(vec![from, to]),
            }
        }
        pieces
    }

    /// A straight line cut to the frame (Liang and Barsky).
    fn segment(&self, from: Px, to: Px) -> Option<(Px, Px)> {
        let Window { left, top, width, height, .. } = self.window;
        let step = [to[0] - from[0], to[1] - from[1]];
        let (mut begin, mut end) = (0.0_f64, 1.0_f64);
        for (axis, low, high) in [(0, left, left + width), (1, top, top + height)] {
            if step[axis] == 0.0 {
                if from[axis] < low || from[axis] > high {
                    return None;
                }
                continue;
            }
            let (a, b) = ((low - from[axis]) / step[axis], (high - from[axis]) / step[axis]);
            (begin, end) = (begin.max(a.min(b)), end.min(a.max(b)));
        }
        let at = |t: f64| {
            if t <= 0.0 {
                from
            } else if t >= 1.0 {
                to
            } else {
                [from[0] + t * step[0], from[1] + t * step[1]]
            }
        };
        (begin < end).then(|| (at(begin), at(end)))
    }
}

fn crossing(from: Px, to: Px, axis: usize, limit: f64) -> Px {
    let t = (limit - from[axis]) / (to[axis] - from[axis]);
    let mut point = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
    point[axis] = limit;
    point
}

/// Slanted strokes over an even-odd area, `gap` pixels apart.
pub fn hatched(rings: &[Vec<Px>], gap: f64) -> Vec<Vec<Px>> {
    // Along a stroke x + y is the same.
    let sums = || rings.iter().flatten().map(|point| point[0] + point[1]);
    let (low, high) = (sums().fold(f64::INFINITY, f64::min), sums().fold(f64::NEG_INFINITY, f64::max));
    let mut strokes = Vec::new();
    if !(low.is_finite() && high.is_finite()) {
        return strokes;
    }
    let mut level = (low / gap).ceil() * gap + 0.013;
    while level < high {
        let mut xs: Vec<f64> = Vec::new();
        for ring in rings {
            for (index, to) in ring.iter().enumerate() {
                let from = &ring[(index + ring.len() - 1) % ring.len()];
                let (a, b) = (from[0] + from[1] - level, to[0] + to[1] - level);
                if (a > 0.0) != (b > 0.0) {
                    xs.push(from[0] + (to[0] - from[0]) * a / (a - b));
                }
            }
        }
        xs.sort_by(f64::total_cmp);
        for pair in xs.as_chunks::<2>().0 {
            if pair[1] - pair[0] > 0.3 {
                strokes.push(vec![[pair[0], level - pair[0]], [pair[1], level - pair[1]]]);
            }
        }
        level += gap;
    }
    strokes
}

/// Path data in tenths of a pixel, with relative steps: `M10.5 7l3 .4-2 1z`.
pub fn path(lines: &[Vec<Px>], closed: bool) -> String {
    let mut data = String::new();
    for line in lines {
        let mut points = line.iter().map(|point| point.map(tenths));
        let Some(mut last) = points.next() else { continue };
        let mut steps = String::new();
        for point in points {
            let step = [point[0].saturating_sub(last[0]), point[1].saturating_sub(last[1])];
            if step != [0, 0] {
                push(&mut steps, step[0]);
                push(&mut steps, step[1]);
                last = point;
            }
        }
        if steps.is_empty() {
            continue;
        }
        let start = line[0].map(tenths);
        data.push('M');
        push(&mut data, start[0]);
        push(&mut data, start[1]);
        data.push('l');
        data.push_str(&steps);
        if closed {
            data.push('z');
        }
    }
    data.replace("M ", "M").replace("l ", "l")
}

#[expect(clippy::cast_possible_truncation, reason = "rounded and inside a frame; the cast saturates")]
fn tenths(pixels: f64) -> i32 {
    (pixels * 10.0).round() as i32
}

/// A number with the separator that it needs.
fn push(data: &mut String, tenths: i32) {
    let size = tenths.unsigned_abs();
    data.push(if tenths < 0 { '-' } else { ' ' });
    match (size / 10, size % 10) {
        (whole, 0) => data.push_str(&whole.to_string()),
        (0, tenth) => data.push_str(&format!(".{tenth}")),
        (whole, tenth) => data.push_str(&format!("{whole}.{tenth}")),
    }
}

/// Of a ring, signed by its direction.
pub fn area(ring: &[Px]) -> f64 {
    let Some(last) = ring.last() else { return 0.0 };
    let mut sum = 0.0;
    let mut before = last;
    for here in ring {
        sum += before[0] * here[1] - here[0] * before[1];
        before = here;
    }
    sum / 2.0
}

/// The mean of the corners.
fn centre(ring: &[Px]) -> Option<Px> {
    let count = ring.len() as f64;
    let sum = ring.iter().fold([0.0, 0.0], |sum, point| [sum[0] + point[0], sum[1] + point[1]]);
    (count > 0.0).then(|| [sum[0] / count, sum[1] / count])
}

/// A point inside an area and none of its holes, about as far from its border as can be: the best of a grid of points, refined.
/// The first ring is the outer one.
pub fn middle(rings: &[Vec<Px>]) -> Option<Px> {
    let ring = rings.first()?;
    let bound = |axis: usize| {
        let values = ring.iter().map(|point| point[axis]);
        (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (top, bottom)) = (bound(0), bound(1));
    let mut best: Option<(f64, Px)> = None;
    let (mut centre, mut reach) =
        ([f64::midpoint(left, right), f64::midpoint(top, bottom)], [(right - left) / 2.0, (bottom - top) / 2.0]);
    for _ in 0..4 {
        for row in -8..=8 {
            for column in -8..=8 {
                let at = [centre[0] + reach[0] * f64::from(column) / 8.0, centre[1] + reach[1] * f64::from(row) / 8.0];
                let depth = depth(rings, at);
                if best.is_none_or(|(known, _)| depth > known + 1e-9) {
                    best = Some((depth, at));
                }
            }
        }
        centre = best?.1;
        reach = reach.map(|reach| reach / 6.0);
    }
    best.filter(|(depth, _)| *depth > 0.0).map(|(_, at)| at).or_else(|| self::centre(ring))
}

/// Distance to the border, negative outside.
fn depth(rings: &[Vec<Px>], at: Px) -> f64 {
    let mut nearest = f64::INFINITY;
    let mut odd = false;
    for (ring, index, to) in rings.iter().flat_map(|ring| ring.iter().enumerate().map(move |(index, to)| (ring, index, to))) {
        let from = ring[(index + ring.len() - 1) % ring.len()];
        nearest = nearest.min(distance(at, from, *to));
        if (from[1] > at[1]) != (to[1] > at[1]) && at[0] < (to[0] - from[0]) * (at[1] - from[1]) / (to[1] - from[1]) + from[0] {
            odd = !odd;
        }
    }
    if odd { nearest } else { -nearest }
}

/// From a point to a straight piece of line.
fn distance(at: Px, from: Px, to: Px) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (across, down) = (at[0] - from[0] - t * dx, at[1] - from[1] - t * dy);
    // The square root is rounded the same everywhere, which `hypot` is not, and takes a fraction of its time.
    (across * across + down * down).sqrt()
}

/// After Douglas and Peucker; the ends stay. A closed line keeps at least three corners.
fn simplified(points: &[Px], tolerance: f64) -> Vec<Px> {
    let last = points.len().saturating_sub(1);
    let mut keep = vec![false; points.len()];
    let mut marks = vec![0, last];
    if last >= 3 && points[0] == points[last] {
        let farthest = |measure: &dyn Fn(Px) -> f64| {
            (1..last).max_by(|a, b| measure(points[*a]).total_cmp(&measure(points[*b]))).unwrap_or(1)
        };
        let far = farthest(&|point| distance(point, points[0], points[0]));
        let side = farthest(&|point| distance(point, points[0], points[far]));
        marks.extend([far, side]);
        marks.sort_unstable();
        marks.dedup();
    }
    for mark in &marks {
        if let Some(kept) = keep.get_mut(*mark) {
            *kept = true;
        }
    }
    let mut open: Vec<(usize, usize)> = marks.windows(2).map(|pair| (pair[0], pair[1])).collect();
    while let Some((from, to)) = open.pop() {
        let off = |index: &usize| distance(points[*index], points[from], points[to]);
        let Some(worst) = (from + 1..to).max_by(|a, b| off(a).total_cmp(&off(b))) else { continue };
        if off(&worst) > tolerance {
            keep[worst] = true;
            open.extend([(from, worst), (worst, to)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Shape;
    use super::*;

    fn window() -> Window {
        Window::europe((10.0, 20.0), 410.0)
    }

    fn ring(lon: f64, lat: f64, size: f64) -> Vec<[f64; 2]> {
        vec![[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    }

    fn geometry(shapes: &[(&str, Vec<Vec<[f64; 2]>>)]) -> Geometry {
        let shape = |(code, rings): &(&str, Vec<Vec<[f64; 2]>>)| Shape {
            code: (*code).into(),
            polygons: vec![rings.clone()],
            ..Shape::default()
        };
        Geometry::new(shapes.iter().map(shape).collect())
    }

    fn size(rings: &[Vec<Px>]) -> f64 {
        rings.iter().map(|ring| area(ring).abs()).sum()
    }

    #[test]
    fn a_window_knows_its_corners() {
        let [x, y] = window().place([10.0, 52.0]).unwrap();
        assert!((x - (10.0 + 182.1)).abs() < 0.01 && (y - (20.0 + 224.0)).abs() < 0.01, "{x} {y}");
        let [lon, lat] = window().back([x, y]).unwrap();
        assert!((lon - 10.0).abs() < 1e-6 && (lat - 52.0).abs() < 1e-6);
        for (number, (_, [west, south, east, north])) in INSETS.into_iter().enumerate() {
            let inset = Window::inset(number, (5.0, 5.0), (100.0, 60.0));
            for corner in [[west, south], [east, north], [west, north], [east, south]] {
                let [x, y] = inset.place(corner).unwrap();
                assert!((4.99..=105.01).contains(&x) && (4.99..=65.01).contains(&y), "{number}: {x} {y}");
            }
        }
    }

    #[test]
    fn a_hole_stays_a_hole() {
        let hole: Vec<[f64; 2]> = ring(11.0, 51.0, 1.0).into_iter().rev().collect();
        let both = geometry(&[("A", vec![ring(10.0, 50.0, 3.0), hole]), ("B", vec![ring(11.0, 51.0, 1.0)])]);
        let outline = Projected::new(&both, window()).outline(0.0);
        assert_eq!(outline.rings(0).len(), 2);
        // Dissolved with what fills it, the hole is gone.
        assert_eq!(outline.dissolved(&|_| true).len(), 1);
        assert_eq!(outline.lines(&super::super::geometry::Line::is_border).len(), 1);
    }

    #[test]
    fn neighbours_have_no_gap() {
        let both = geometry(&[("A", vec![ring(10.0, 50.0, 2.0)]), ("B", vec![ring(12.0, 50.0, 2.0)])]);
        let outline = Projected::new(&both, window()).outline(0.4);
        let (one, two) = (outline.rings(0), outline.rings(1));
        let together = outline.dissolved(&|_| true);
        assert_eq!(together.len(), 1);
        assert!((size(&one) + size(&two) - size(&together)).abs() < 1e-6);
    }

    #[test]
    fn what_is_outside_is_cut() {
        // Half of it lies west of the frame.
        let wide = geometry(&[("A", vec![vec![[-40.0, 45.0], [0.0, 45.0], [0.0, 50.0], [-40.0, 50.0]]])]);
        let outline = Projected::new(&wide, window()).outline(0.0);
        let rings = outline.rings(0);
        let near = |[x, y]: &Px| window().contains([x.round(), y.round()]);
        assert!(!rings.is_empty() && rings.iter().flatten().all(near), "{rings:?}");
        let lines = outline.lines(&|_| true);
        assert!(!lines.is_empty() && lines.iter().flatten().all(near), "{lines:?}");
        let away = geometry(&[("A", vec![ring(-100.0, 40.0, 5.0)])]);
        assert!(Projected::new(&away, window()).outline(0.0).rings(0).is_empty());
    }

    #[test]
    fn a_territory_never_vanishes() {
        let small = geometry(&[
            ("A", vec![ring(14.4, 35.9, 0.02)]),
            ("B", vec![ring(10.0, 50.0, 5.0)]),
            ("C", vec![ring(-100.0, 40.0, 0.1)]),
        ]);
        let outline = Projected::new(&small, window()).outline(0.4);
        assert!(outline.rings(0).is_empty());
        assert!(outline.dot(0).is_some_and(|at| window().contains(at)));
        assert_eq!((outline.dot(1), outline.dot(2)), (None, None));
    }

    #[test]
    fn paths_are_short() {
        assert_eq!(path(&[vec![[10.5, 7.0], [13.5, 7.4], [11.5, 8.4]]], true), "M10.5 7l3 .4-2 1z");
        assert_eq!(path(&[vec![[1.0, 1.0], [1.01, 1.01], [1.0, 0.5]]], false), "M1 1l0-.5");
        assert_eq!(path(&[vec![[1.0, 1.0], [1.01, 1.0]], vec![]], true), "");
    }

    #[test]
    fn strokes_stay_inside() {
        let frame =
            vec![vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]], vec![[4.0, 4.0], [6.0, 4.0], [6.0, 6.0], [4.0, 6.0]]];
        let strokes = hatched(&frame, 4.0);
        assert!(strokes.len() >= 5, "{strokes:?}");
        for stroke in &strokes {
            let mid = [f64::midpoint(stroke[0][0], stroke[1][0]), f64::midpoint(stroke[0][1], stroke[1][1])];
            assert!(
                (0.0..=10.0).contains(&mid[0]) && !((4.0..6.0).contains(&mid[0]) && (4.0..6.0).contains(&mid[1])),
                "{stroke:?}"
            );
        }
        assert!(hatched(&[], 4.0).is_empty());
    }

    #[test]
    fn simplification_keeps_to_its_tolerance() {
        let wave: Vec<Px> = (0..200).map(|step| [f64::from(step), (f64::from(step) / 9.0).sin() * 5.0]).collect();
        let simple = simplified(&wave, 0.5);
        assert!(simple.len() < 90, "{}", simple.len());
        for point in &wave {
            let nearest = simple.windows(2).map(|pair| distance(*point, pair[0], pair[1])).fold(f64::INFINITY, f64::min);
            assert!(nearest <= 0.5);
        }
        let circle: Vec<Px> =
            (0..=12).map(|step| f64::from(step % 12)).map(|turn| [turn.sin() * 0.1, turn.cos() * 0.1]).collect();
        assert!(simplified(&circle, 5.0).len() >= 4);
    }
}
