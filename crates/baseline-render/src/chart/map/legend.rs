//! The legend of a map: swatches, signs and sizes, each only when the map shows it, in one column.

use baseline_model::language::Language;

use super::element::Paint;
use crate::chart::canvas::{Anchor, DrawError, Pen, Shape, Type, fine};
use crate::chart::palette::{self, FIRST, Ink, MUTED, PAPER, TEXT};
use crate::chart::{LEGEND, SMALL, paragraph, plain_mark};
use crate::map::outline::path;
use crate::map::{Fill, Layer, Map};
use crate::text::Cut;

const SWATCH: (f64, f64) = (24.0, 15.0);
const HEAD: Type = Type { size: 14.0, cut: Cut::SemiBold, ink: TEXT };

/// The ink of an area; the hatching says the rest.
pub fn ink(map: &Map, fill: Fill) -> Ink {
    match (fill, &map.layer) {
        (Fill::Class(class), Layer::Choropleth(choropleth)) => {
            let classes = &choropleth.classes;
            if classes.around_zero {
                palette::diverging(classes.below_zero(), classes.len() - classes.below_zero(), class)
            } else {
                palette::sequential(classes.len(), class)
            }
        }
        (Fill::Withheld | Fill::NotApplicable, _) => PAPER,
        (Fill::Study, _) => palette::STUDY,
        (Fill::Accent, _) => FIRST,
        (Fill::Territory, _) => palette::TERRITORY,
        (Fill::NoData | Fill::Class(_), _) => palette::NO_DATA,
    }
}

/// Draws the legend from `top` on; gives the bottom.
pub fn draw(
    pen: &Pen,
    map: &Map,
    language: &Language,
    (left, top): (f64, f64),
    width: f64,
    largest: f64,
) -> Result<f64, DrawError> {
    let mut y = top;
    let has = |fill: Fill| map.areas.values().any(|area| area.fill == fill);
    match &map.layer {
        Layer::Choropleth(choropleth) => {
            y = paragraph(pen, left, y, &choropleth.title, HEAD, width)? + 6.0;
            for (class, text) in choropleth.classes.texts(language).iter().enumerate() {
                y = swatch(pen, (left, y), width, text, map, (Fill::Class(class), false))?;
            }
            y = paragraph(pen, left, y + 2.0, &choropleth.method, SMALL, width)? + 4.0;
            if !choropleth.benchmark.is_empty() {
                y = paragraph(pen, left, y, &choropleth.benchmark, LEGEND, width)? + 6.0;
            }
        }
        Layer::Symbols(symbols) => {
            y = paragraph(pen, left, y, &symbols.title, HEAD, width)? + 6.0;
            let most = symbols.circles.iter().map(|circle| circle.mark.value).fold(0.0, f64::max);
            for size in sizes(most) {
                let radius = radius(size, most, largest);
                let middle = y + radius.max(LEGEND.leading() / 2.0);
                pen.mark(&plain_mark((fine(left + largest), fine(middle)), radius, FIRST, true, Shape::Dot))?;
                pen.centred(left + 2.0 * largest + 8.0, middle, &language.number(size, 0), LEGEND, Anchor::Start)?;
                y = middle + radius.max(LEGEND.leading() / 2.0) + 4.0;
            }
            y += 6.0;
        }
        Layer::Locator => {}
    }
    let legend = &map.legend;
    for (fill, text) in [
        (Fill::Accent, &legend.accent),
        (Fill::Territory, &legend.territory),
        (Fill::Study, &legend.study),
        (Fill::NoData, &legend.no_data),
        (Fill::Withheld, &legend.withheld),
        (Fill::NotApplicable, &legend.not_applicable),
    ] {
        if has(fill) && !text.is_empty() {
            y = swatch(pen, (left, y), width, text, map, (fill, false))?;
        }
    }
    if map.areas.values().any(|area| area.borrowed) && !legend.borrowed.is_empty() {
        y = swatch(pen, (left, y), width, &legend.borrowed, map, (Fill::Study, true))?;
    }
    if map.areas.values().any(|area| area.ours) && !legend.ours.is_empty() {
        let corners = [
            [left + 1.0, y + 2.0],
            [left + SWATCH.0 - 1.0, y + 2.0],
            [left + SWATCH.0 - 1.0, y + SWATCH.1],
            [left + 1.0, y + SWATCH.1],
        ];
        let data = path(&[corners.to_vec()], true);
        pen.area.draw(&Paint { data, stroke: Some((TEXT, 1.6)), ..Paint::default() })?;
        y = beside(pen, (left, y), width, &legend.ours)?;
    }
    if map.places.iter().any(|place| place.point) && !legend.place.is_empty() {
        pen.mark(&plain_mark((fine(left + SWATCH.0 / 2.0), fine(y + LEGEND.leading() / 2.0)), 4.5, TEXT, false, Shape::Dot))?;
        y = beside(pen, (left, y), width, &legend.place)?;
    }
    Ok(y)
}

/// Of a circle whose area is in proportion to its value.
pub fn radius(value: f64, most: f64, largest: f64) -> f64 {
    if most > 0.0 { largest * (value.max(0.0) / most).sqrt() } else { 0.0 }
}

/// Three round sizes up to the largest value, the largest first.
fn sizes(most: f64) -> Vec<f64> {
    if !(most.is_finite() && most >= 1.0) {
        return Vec::new();
    }
    let power = 10_f64.powf(most.log10().floor());
    let series: Vec<f64> =
        [0.1, 0.2, 0.5, 1.0, 2.0, 5.0].map(|factor| factor * power).into_iter().filter(|size| *size <= most).collect();
    series.into_iter().rev().filter(|size| *size >= 1.0).take(3).collect()
}

fn swatch(
    pen: &Pen,
    (left, top): (f64, f64),
    width: f64,
    text: &str,
    map: &Map,
    (fill, borrowed): (Fill, bool),
) -> Result<f64, DrawError> {
    let corners = vec![
        [left, top + 1.5],
        [left + SWATCH.0, top + 1.5],
        [left + SWATCH.0, top + 1.5 + SWATCH.1],
        [left, top + 1.5 + SWATCH.1],
    ];
    let rings = [corners];
    pen.area.draw(&Paint {
        data: path(&rings, true),
        fill: Some(ink(map, fill)),
        stroke: Some((palette::COAST, 0.6)),
        ..Paint::default()
    })?;
    let strokes = super::pattern(fill, borrowed, &rings);
    if !strokes.is_empty() {
        pen.area.draw(&Paint { data: path(&strokes, false), stroke: Some((MUTED, 0.8)), ..Paint::default() })?;
    }
    beside(pen, (left, top), width, text)
}

/// The text beside a swatch.
fn beside(pen: &Pen, (left, top): (f64, f64), width: f64, text: &str) -> Result<f64, DrawError> {
    let x = left + SWATCH.0 + 8.0;
    let mut y = top;
    for line in LEGEND.wrap(text, width - SWATCH.0 - 8.0) {
        pen.centred(x, y + LEGEND.leading() / 2.0, &line, LEGEND, Anchor::Start)?;
        y += LEGEND.leading();
    }
    Ok(y + 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_round_sizes() {
        let check = |most: f64, expected: &[f64]| assert_eq!(sizes(most), expected, "{most}");
        check(987_654.0, &[500_000.0, 200_000.0, 100_000.0]);
        check(1200.0, &[1000.0, 500.0, 200.0]);
        check(3.0, &[2.0, 1.0]);
        check(0.4, &[]);
        check(f64::NAN, &[]);
    }

    #[test]
    fn areas_are_in_proportion() {
        let (one, four) = (radius(1.0, 4.0, 20.0), radius(4.0, 4.0, 20.0));
        assert!((four * four / (one * one) - 4.0).abs() < 1e-9);
        assert_eq!(radius(-1.0, 4.0, 20.0), 0.0);
    }
}
