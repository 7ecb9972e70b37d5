//! A map: areas in one frame, named places, the outermost regions in windows of their own, legend, scale bar, and a stamp
//! that says which boundaries these are.
//!
//! On a wide sheet legend and windows stand at the right of the map, on a narrow one under it. No north arrow: the
//! projection is the usual one of European statistics. Outlines are drawn as finely as [`BUDGET`] allows.

mod element;
mod labels;
mod legend;

use std::collections::BTreeSet;

use baseline_model::language::Language;

use self::element::{Paint, Rimmed, rimmed};
use self::labels::{Rect, Wish, stands};
use self::legend::{ink, radius};
use super::canvas::{Anchor, DrawError, Pen, Shape, Type, fine};
use super::palette::{COAST, FIRST, LAND, LAND_LINE, MUTED, PAPER, SEA, TEXT};
use super::{NARROW, SMALL, is_hollow, mark_title, paragraph, plain_mark, value_text};
use crate::map::geometry::{Geometry, Line};
use crate::map::outline::{Outline, Projected, Px, Window, hatched, path};
use crate::map::{Fill, INSETS, Layer, Map};
use crate::text::Cut;

/// Between the strokes of a hatching.
const HATCH: f64 = 4.5;
/// Between the dots of an area without a number.
const DOTS: f64 = 6.0;
/// Bytes of path data of one map: the file stays below 60 KB.
const BUDGET: usize = 44_000;
/// Column of the legend on a wide sheet.
const COLUMN: f64 = 216.0;
/// Room for the name of a region at the side.
const INSET_NAME: f64 = 16.0;
const SCALE_KM: f64 = 500.0;
const NAME: Type = Type { size: 12.5, cut: Cut::SemiBold, ink: TEXT };
const TINY: Type = Type { size: 11.5, cut: Cut::Regular, ink: TEXT };

pub(super) fn draw(pen: &Pen, map: &Map, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let narrow = pen.width < NARROW;
    let whole = pen.width - 2.0 * margin;
    let width = if narrow { whole } else { whole - COLUMN - 20.0 };
    let window = Window::europe((margin, top), width);
    let largest = if narrow { 17.0 } else { 26.0 };
    // The insets stand under the legend, which is drawn first to know its height.
    let (legend_left, legend_top, column) =
        if narrow { (margin, top + window.height + 12.0, whole) } else { (margin + width + 20.0, top + 2.0, COLUMN) };
    let legend_bottom = legend::draw(pen, map, language, (legend_left, legend_top), column, largest)?;
    let map_bottom = top + window.height;
    let insets = insets(map, narrow, (legend_left, legend_bottom + 8.0), column, map_bottom, (margin, whole));
    let windows: Vec<Window> = std::iter::once(window).chain(insets.iter().map(|(_, inset)| *inset)).collect();
    for (number, (window, paints)) in windows.iter().zip(within_budget(map, &windows)).enumerate() {
        // The name of a region at the side stands above its window, in the same frame.
        let top = if number > 0 { window.top - INSET_NAME } else { window.top };
        pen.rect((window.left, top), (window.left + window.width, window.top + window.height), SEA)?;
        for paint in paints.iter().filter(|paint| !paint.data.is_empty()) {
            pen.area.draw(paint)?;
        }
        let corners = vec![
            [window.left, top],
            [window.left + window.width, top],
            [window.left + window.width, window.top + window.height],
            [window.left, window.top + window.height],
        ];
        pen.area.draw(&Paint { data: path(&[corners], true), stroke: Some((COAST, 1.0)), ..Paint::default() })?;
        if number > 0 {
            let name = INSETS[insets[number - 1].0].0;
            pen.centred(window.left + 4.0, top + 9.0, name, TINY, Anchor::Start)?;
        }
    }
    let bar = scale_bar(pen, &window)?;
    let unplaced = places(pen, map, language, &windows, bar, largest)?;
    let mut bottom = insets.iter().map(|(_, inset)| inset.top + inset.height).fold(map_bottom.max(legend_bottom), f64::max) + 8.0;
    for text in unplaced.iter().chain(&map.stamp) {
        bottom = paragraph(pen, margin, bottom, text, SMALL, whole)?;
    }
    Ok(bottom)
}

/// The outlines of every window, those of the map at the finest tolerance that keeps to the budget.
fn within_budget(map: &Map, windows: &[Window]) -> Vec<Vec<Paint>> {
    let Some((main, others)) = windows.split_first() else { return Vec::new() };
    let projected = |window: &Window| {
        let regions = map.regions.as_deref().map(|regions| Projected::new(regions, *window));
        (Projected::new(&map.ground, *window), regions)
    };
    // The windows at the side are small: what is coarse on the map would be wrong in them.
    let mut all: Vec<Vec<Paint>> = others.iter().map(|window| paints(map, &projected(window), 0.5)).collect();
    let bytes = |paints: &[Paint]| -> usize { paints.iter().map(|paint| paint.data.len()).sum() };
    let left = BUDGET.saturating_sub(all.iter().map(|paints| bytes(paints)).sum());
    let main = projected(main);
    let mut tolerance = 0.3;
    loop {
        let paints = paints(map, &main, tolerance);
        if bytes(&paints) <= left || tolerance > 6.0 {
            all.insert(0, paints);
            return all;
        }
        tolerance *= 1.3;
    }
}

/// Everything with an outline, from the bottom up.
fn paints(map: &Map, (ground, regions): &(Projected<'_>, Option<Projected<'_>>), tolerance: f64) -> Vec<Paint> {
    // Under regions the ground is only what lies around them.
    let ground = ground.outline(if regions.is_some() { tolerance * 1.6 } else { tolerance });
    let regions = regions.as_ref().map(|regions| regions.outline(tolerance));
    // Where regions are drawn, the ground under them is not: two shores that differ a little would both be seen.
    let covered: BTreeSet<&str> =
        map.regions.iter().flat_map(|regions| &regions.areas).map(|area| area.country.as_str()).collect();
    let neutral = |index: usize| {
        let code = map.ground.areas[index].code.as_str();
        if map.regions.is_some() { !covered.contains(code) } else { !map.areas.contains_key(code) }
    };
    let mut paints = vec![
        Paint { data: path(&ground.dissolved(&neutral), true), fill: Some(LAND), ..Paint::default() },
        stroked(&ground.lines(&|line| !line.is_inner() && line.sides.iter().all(|side| neutral(*side))), LAND_LINE, 0.6),
    ];
    let (outline, geometry) = match (&regions, &map.regions) {
        (Some(outline), Some(geometry)) => (outline, geometry.as_ref()),
        _ => (&ground, map.ground.as_ref()),
    };
    areas(map, geometry, outline, map.regions.is_some(), &mut paints);
    paints
}

/// The areas with their fills, hatchings, borders and outlines.
fn areas(map: &Map, geometry: &Geometry, outline: &Outline<'_>, is_regions: bool, paints: &mut Vec<Paint>) {
    let shown = |index: usize| map.areas.get(&geometry.areas[index].code);
    if is_regions {
        let others = |index: usize| shown(index).is_none();
        paints.push(Paint { data: path(&outline.dissolved(&others), true), fill: Some(LAND), ..Paint::default() });
        let between = |line: &Line| !line.is_inner() && line.sides.iter().all(|side| others(*side));
        let foreign = |line: &Line| between(line) && (line.sides.len() < 2 || abroad(geometry, line));
        paints.push(stroked(&outline.lines(&foreign), LAND_LINE, 0.6));
    }
    // Areas of one fill that stand for no figure of their own are one outline.
    let fills: BTreeSet<(Fill, bool)> =
        map.areas.values().filter(|area| area.id.is_empty()).map(|area| (area.fill, area.borrowed)).collect();
    for (fill, borrowed) in fills {
        let same =
            |index: usize| shown(index).is_some_and(|area| area.id.is_empty() && (area.fill, area.borrowed) == (fill, borrowed));
        let rings = outline.dissolved(&same);
        paints.push(Paint { data: path(&rings, true), fill: Some(ink(map, fill)), ..Paint::default() });
        paints.push(stroked(&pattern(fill, borrowed, &rings), MUTED, 0.7));
    }
    for (index, area) in
        (0..geometry.areas.len()).filter_map(|index| Some((index, shown(index)?))).filter(|(_, area)| !area.id.is_empty())
    {
        let rings = outline.rings(index);
        let (id, title) = (area.id.clone(), area.title.clone());
        paints.push(Paint { data: path(&rings, true), fill: Some(ink(map, area.fill)), id, title, ..Paint::default() });
        paints.push(stroked(&pattern(area.fill, area.borrowed, &rings), MUTED, 0.7));
    }
    let touches = |line: &Line| !line.is_inner() && line.sides.iter().any(|side| shown(*side).is_some());
    let inner = |line: &Line| line.is_border() && line.sides.iter().all(|side| shown(*side).is_some());
    let white = |line: &Line| inner(line) && !(is_regions && abroad(geometry, line));
    paints.push(stroked(&outline.lines(&white), PAPER, if is_regions { 0.5 } else { 0.9 }));
    if is_regions {
        paints.push(stroked(&outline.lines(&|line| inner(line) && abroad(geometry, line)), MUTED, 0.7));
    }
    // Shores, and borders to neutral land.
    paints.push(stroked(&outline.lines(&|line| touches(line) && !inner(line)), COAST, 0.6));
    for (index, area) in (0..geometry.areas.len()).filter_map(|index| Some((index, shown(index)?))) {
        if let Some([x, y]) = outline.dot(index) {
            // One without a number is smaller: no dots have room in it.
            let radius = if area.fill == Fill::NoData { 1.3 } else { 2.2 };
            paints.push(Paint {
                data: circle([x, y], radius),
                fill: Some(ink(map, area.fill)),
                stroke: Some((if area.ours { TEXT } else { COAST }, 0.6)),
                id: area.id.clone(),
                title: area.title.clone(),
            });
            // No pattern has room in it.
            let across = match area.fill {
                _ if area.borrowed => Some(1.0),
                Fill::Withheld => Some(1.0),
                Fill::NotApplicable => Some(-1.0),
                Fill::NoData | Fill::Class(_) | Fill::Study | Fill::Accent | Fill::Territory => None,
            };
            let stroke = across.map(|rise| vec![[x - 3.0, y + 3.0 * rise], [x + 3.0, y - 3.0 * rise]]);
            paints.extend(stroke.map(|stroke| stroked(&[stroke], TEXT, 0.9)));
        } else if area.ours {
            paints.push(Paint { data: path(&outline.rings(index), true), stroke: Some((TEXT, 1.6)), ..Paint::default() });
        }
    }
}

/// The strokes over an area: hatching for a borrowed or withheld value, the other way for one that cannot be, dots for none.
/// These three must be told apart from the classes by those who see no colours.
fn pattern(fill: Fill, borrowed: bool, rings: &[Vec<Px>]) -> Vec<Vec<Px>> {
    let mirrored =
        |rings: &[Vec<Px>]| -> Vec<Vec<Px>> { rings.iter().map(|ring| ring.iter().map(|[x, y]| [-x, *y]).collect()).collect() };
    match fill {
        _ if borrowed => hatched(rings, HATCH),
        Fill::Withheld => hatched(rings, HATCH),
        Fill::NotApplicable => mirrored(&hatched(&mirrored(rings), HATCH)),
        Fill::NoData => hatched(rings, DOTS).iter().flat_map(|line| dots(line)).collect(),
        Fill::Class(_) | Fill::Study | Fill::Accent | Fill::Territory => Vec::new(),
    }
}

/// Short strokes along a line, at places that do not depend on where it begins.
fn dots(line: &[Px]) -> Vec<Vec<Px>> {
    let [from, .., to] = line else { return Vec::new() };
    let (low, high) = (from[0].min(to[0]), from[0].max(to[0]));
    let slope = if high > low { (to[1] - from[1]) / (to[0] - from[0]) } else { 0.0 };
    let first = (low / DOTS).ceil();
    let places = (0_u16..).map(|step| (first + f64::from(step)) * DOTS).take_while(|x| *x <= high);
    places.map(|x| (x, from[1] + (x - from[0]) * slope)).map(|(x, y)| vec![[x - 0.5, y], [x + 0.5, y]]).collect()
}

/// Whether a line is a border between two countries.
fn abroad(geometry: &Geometry, line: &Line) -> bool {
    let country = |side: usize| geometry.areas[side].country.as_str();
    line.sides.iter().any(|side| country(*side) != country(line.sides[0]))
}

fn stroked(lines: &[Vec<Px>], ink: super::palette::Ink, width: f64) -> Paint {
    Paint { data: path(lines, false), stroke: Some((ink, width)), ..Paint::default() }
}

/// Path data of a circle.
fn circle([x, y]: Px, radius: f64) -> String {
    let (x, y, r, d) = (fine(x - radius), fine(y), fine(radius), fine(2.0 * radius));
    let text = super::canvas::trimmed;
    format!("M{} {}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0-{} 0z", text(x), text(y), text(d), text(d), r = text(r))
}

/// Windows of the outermost regions that the map says something about: under the legend when there is room, else under
/// the map.
fn insets(
    map: &Map,
    narrow: bool,
    (left, top): (f64, f64),
    column: f64,
    map_bottom: f64,
    (margin, whole): (f64, f64),
) -> Vec<(usize, Window)> {
    let geometry = map.regions.as_deref().unwrap_or(&map.ground);
    if matches!(map.layer, Layer::Locator) {
        return Vec::new();
    }
    let there = |number: &usize| {
        let [west, south, east, north] = INSETS[*number].1;
        let inside = |point: &[f64; 2]| (west..=east).contains(&point[0]) && (south..=north).contains(&point[1]);
        let shown = geometry.areas.iter().enumerate().filter(|(_, area)| map.areas.contains_key(&area.code));
        let shown: BTreeSet<usize> = shown.map(|(index, _)| index).collect();
        geometry.lines.iter().any(|line| line.sides.iter().any(|side| shown.contains(side)) && line.points.iter().any(inside))
    };
    let wanted: Vec<usize> = (0..INSETS.len()).filter(there).collect();
    let (gap, height) = (6.0, 66.0);
    let grid = |left: f64, top: f64, width: f64, columns: usize| -> Vec<(usize, Window)> {
        let cell = (width - gap * (columns as f64 - 1.0)) / columns as f64;
        let place = |(position, number): (usize, &usize)| {
            let (column, row) = (position % columns, position / columns);
            let corner = (left + column as f64 * (cell + gap), top + row as f64 * (height + gap) + INSET_NAME);
            (*number, Window::inset(*number, corner, (cell, height - INSET_NAME)))
        };
        wanted.iter().enumerate().map(place).collect()
    };
    let rows = wanted.len().div_ceil(2) as f64;
    let needed = rows * (height + gap) - gap;
    if wanted.is_empty() {
        Vec::new()
    } else if narrow {
        grid(left, top, column, 3)
    } else if top + needed <= map_bottom {
        grid(left, map_bottom - needed, column, 2)
    } else {
        grid(margin, map_bottom.max(top) + 8.0, whole, 8)
    }
}

/// At the left top, over the sea; gives the room that it takes.
fn scale_bar(pen: &Pen, window: &Window) -> Result<Rect, DrawError> {
    let (x, y) = (window.left + 10.0, window.top + 24.0);
    let length = SCALE_KM * 1000.0 * window.scale;
    for (from, to) in [((x, y), (x + length, y)), ((x, y - 4.0), (x, y)), ((x + length, y - 4.0), (x + length, y))] {
        pen.line(from, to, TEXT, 1.2)?;
    }
    let text = format!("{SCALE_KM:.0}\u{a0}km");
    pen.centred(x + 4.0, y - 9.0, &text, TINY, Anchor::Start)?;
    Ok([x - 4.0, y - 18.0, x + length.max(TINY.width(&text)) + 8.0, y + 6.0])
}

/// Circles, points and labels; gives what found no room, in words.
fn places(
    pen: &Pen,
    map: &Map,
    language: &Language,
    windows: &[Window],
    bar: Rect,
    largest: f64,
) -> Result<Vec<String>, DrawError> {
    struct Named<'a> {
        name: &'a str,
        label: &'a str,
        sublabel: String,
        highlight: bool,
        wish: Wish,
    }
    let Some(window) = windows.first() else { return Ok(Vec::new()) };
    // In the map or, of the outermost regions, in a window at its side, where no label has room.
    let stands_in = |at: [f64; 2]| {
        let inside =
            |(number, window): (usize, &Window)| Some((number == 0, window.place(at).filter(|at| window.contains(*at))?));
        windows.iter().enumerate().find_map(inside)
    };
    let aside = |name: &str, said: &str| if said.is_empty() { name.to_owned() } else { format!("{name}: {said}") };
    let mut unplaced = Vec::new();
    let mut named: Vec<Named> = Vec::new();
    let measure = |label: &str, sublabel: &str| {
        let width = NAME.width(label).max(TINY.width(sublabel));
        let rows = [label, sublabel].iter().filter(|text| !text.is_empty()).count();
        (width, if rows == 2 { 28.0 } else { 15.0 })
    };
    if let Layer::Symbols(symbols) = &map.layer {
        let most = symbols.circles.iter().map(|circle| circle.mark.value).fold(0.0, f64::max);
        let mut circles: Vec<_> = symbols.circles.iter().collect();
        circles.sort_by(|a, b| b.mark.value.total_cmp(&a.mark.value).then_with(|| a.name.cmp(&b.name)));
        for item in circles {
            let (label, sublabel) = (item.name.as_str(), value_text(&item.mark));
            let Some((main, at)) = stands_in(item.at) else {
                unplaced.push(aside(label, &sublabel));
                continue;
            };
            let radius = radius(item.mark.value, most, largest);
            let hollow = is_hollow(&item.mark);
            let paint = Paint {
                data: circle(at, radius.max(1.5)),
                fill: Some(if hollow { PAPER } else { FIRST }),
                stroke: Some(if hollow { (FIRST, 1.6) } else { (PAPER, 1.0) }),
                id: item.mark.id.clone(),
                title: mark_title(language, &item.name, &item.mark),
            };
            pen.area.draw(&paint)?;
            if !main {
                unplaced.push(aside(label, &sublabel));
                continue;
            }
            let (width, height) = measure(label, &sublabel);
            let wish = Wish { at, radius: radius.max(2.0), width, height };
            named.push(Named { name: label, label, sublabel, highlight: false, wish });
        }
    }
    let dots = || map.places.iter().filter(|place| place.point).filter_map(|place| Some((place, stands_in(place.at)?.1)));
    let mut order: Vec<_> = dots().collect();
    order.sort_by_key(|(place, _)| place.highlight);
    for (place, at) in order {
        let (radius, ink) = if place.highlight { (6.5, FIRST) } else { (4.5, TEXT) };
        pen.mark(&plain_mark((fine(at[0]), fine(at[1])), radius + 1.4, PAPER, false, Shape::Dot))?;
        pen.mark(&plain_mark((fine(at[0]), fine(at[1])), radius, ink, false, Shape::Dot))?;
    }
    for place in map.places.iter().filter(|place| !(place.label.is_empty() && place.sublabel.is_empty())) {
        let Some((true, at)) = stands_in(place.at) else {
            unplaced.push(aside(&place.name, &place.sublabel));
            continue;
        };
        let radius = match (place.point, place.highlight) {
            // A value alone may stand on its area, a name stands beside it.
            (false, _) if place.label.is_empty() => 0.0,
            (false, _) => 10.0,
            (true, true) => 8.0,
            (true, false) => 6.0,
        };
        // On a narrow map of regions there is room for names only.
        let bare = pen.width < NARROW && map.regions.is_some() && !matches!(map.layer, Layer::Locator);
        let sublabel = if bare && !place.highlight { String::new() } else { place.sublabel.clone() };
        let (width, height) = measure(&place.label, &sublabel);
        let wish = Wish { at, radius, width, height };
        named.push(Named { name: &place.name, label: &place.label, sublabel, highlight: place.highlight, wish });
    }
    // Points without a label are in the way too.
    let silent = dots().filter(|(place, _)| place.label.is_empty()).map(|(_, [x, y])| [x - 5.0, y - 5.0, x + 5.0, y + 5.0]);
    let taken: Vec<Rect> = std::iter::once(bar).chain(silent).collect();
    let (texts, wishes): (Vec<_>, Vec<_>) =
        named.into_iter().map(|named| ((named.name, named.label, named.sublabel, named.highlight), named.wish)).unzip();
    let found = stands(&wishes, window, &taken);
    for stand in found.iter().flatten() {
        if let Some((from, to)) = stand.leader {
            pen.line((from[0], from[1]), (to[0], to[1]), TEXT, 0.8)?;
        }
    }
    let mut lettering = Vec::new();
    for (((name, label, sublabel, highlight), wish), stand) in texts.iter().zip(&wishes).zip(&found) {
        let Some(stand) = stand else {
            unplaced.push(aside(name, sublabel));
            continue;
        };
        let ink = if *highlight { FIRST } else { TEXT };
        let lines: Vec<(&str, Type)> =
            [(*label, NAME.ink(ink)), (sublabel.as_str(), TINY)].into_iter().filter(|(text, _)| !text.is_empty()).collect();
        // A label at the left of its place ends there.
        let right = stand.left + wish.width / 2.0 < wish.at[0] - 1.0;
        let mut y = stand.top + 7.5;
        for (text, style) in lines {
            let x = if right { stand.left + wish.width - style.width(text) } else { stand.left };
            lettering.push(Rimmed { x, y, text: text.to_owned(), style });
            y += 13.5;
        }
    }
    rimmed(pen, &lettering)?;
    Ok(if unplaced.is_empty() { Vec::new() } else { vec![unplaced.join(" · ")] })
}
