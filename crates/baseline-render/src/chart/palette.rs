//! Colours: one list, each with its dark-mode counterpart, so that one SVG serves both: the HTML recolours
//! it by attribute (`[fill="#12436D"]`). Contrast is tested here: texts 4.5:1, marks 3:1, on both papers.
//! Colour never stands alone: hollow marks, shapes, positions and direct labels say the same.

#![expect(clippy::unreadable_literal, reason = "colours are read in pairs of digits, as everywhere else")]

use plotters::style::RGBColor;

/// A colour on white and its counterpart on the dark paper, `0xRRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    pub light: u32,
    pub dark: u32,
}

const fn ink(light: u32, dark: u32) -> Ink {
    Ink { light, dark }
}

pub const PAPER: Ink = ink(0xFFFFFF, 0x15191E);
/// Titles and labels.
pub const TEXT: Ink = ink(0x1D2731, 0xE9EDF1);
/// Subtitles, notes, axis labels.
pub const MUTED: Ink = ink(0x56626E, 0xA9B4BF);
/// Grid lines and rules: decoration, every value is also printed.
pub const GRID: Ink = ink(0xDDE2E6, 0x343C45);
/// The bar between two dots.
pub const BAR: Ink = ink(0xA9B4BE, 0x5D6975);
/// Behind the highlighted row.
pub const BAND: Ink = ink(0xF1F5F9, 0x1F2831);
/// First group, ours, accent.
pub const FIRST: Ink = ink(0x12436D, 0x96B5FF);
/// Second group.
pub const SECOND: Ink = ink(0xF46A25, 0xFF8A4D);
/// The second group's colour where it is text.
pub const SECOND_TEXT: Ink = ink(0xB13F06, 0xFF9D69);
/// Behind a cell that is better or worse; its edge and words say the same.
pub const BETTER: Ink = ink(0xD6E6F4, 0x1E3A55);
pub const WORSE: Ink = ink(0xFDE3D3, 0x52301B);
/// Between the accent and the lightest of its kind: the second of ordered areas.
pub const MIDDLE: Ink = ink(0x2A6FB0, 0x5B84C8);
/// All other regions in a strip.
pub const OTHERS: Ink = ink(0x7A8793, 0x8794A1);

/// Lines and categories, in this order (after the UK Analysis Function).
pub const CATEGORIES: [Ink; 6] =
    [FIRST, ink(0x1F8277, 0x56C8BA), ink(0x762044, 0xC97BBC), SECOND_TEXT, ink(0x3D3D3D, 0xC9CED3), ink(0x7A5AA8, 0xBBA2E6)];

/// Grounds and lines of maps.
pub const SEA: Ink = ink(0xEDF3F7, 0x1A222B);
pub const LAND: Ink = ink(0xF6F4EF, 0x2A3038);
pub const LAND_LINE: Ink = ink(0xC3C8CD, 0x4B545D);
pub const COAST: Ink = ink(0x96A1AB, 0x6C7782);
/// Countries and regions in which a place of the study lies; the study's territories.
pub const STUDY: Ink = ink(0xB9CDDE, 0x35506A);
pub const TERRITORY: Ink = ink(0x7FA9CC, 0x4E7EA8);
/// Areas without a number.
pub const NO_DATA: Ink = ink(0xD2D2D2, 0x5A5F65);

/// Classes from low to high: even steps of lightness from pale yellow to dark blue, so that they can also be told apart in
/// grey and by whoever sees no red or no green. On dark paper high values are the light ones.
const LOW: Ink = ink(0xEBE8B5, 0x304C74);
const HIGH: Ink = ink(0x234167, 0xE3DFAD);
const SEQUENTIAL: [&[Ink]; 3] = [
    &[LOW, ink(0x4BBCA4, 0x08849E), ink(0x067E97, 0x4ABBA3), HIGH],
    &[LOW, ink(0x77C9A2, 0x077698), ink(0x059EA4, 0x0FA0A7), ink(0x0F6E8D, 0x74C69F), HIGH],
    &[LOW, ink(0x8ED0A2, 0x086E94), ink(0x18B1A6, 0x048FA3), ink(0x088A9D, 0x1AB2A6), ink(0x0A6588, 0x8BCC9F), HIGH],
];

/// Classes on the two sides of zero, from zero outwards.
const NEGATIVE: [Ink; 5] =
    [ink(0xC9E5E4, 0x405958), ink(0x93C3C3, 0x4C7A7A), ink(0x5BA1A3, 0x559C9E), ink(0x108085, 0x5DBFC4), ink(0x015C61, 0x63E4ED)];
const POSITIVE: [Ink; 5] =
    [ink(0xFAD9C6, 0x694F3F), ink(0xE3AF93, 0x95684D), ink(0xCA8563, 0xC3815C), ink(0xB05C38, 0xF39B6C), ink(0x94310E, 0xFEC5AA)];

/// The colour of a class, from 0, of so many. Of more than six classes the outer ones share a colour.
pub fn sequential(classes: usize, class: usize) -> Ink {
    let ramp = SEQUENTIAL[classes.clamp(4, 6) - 4];
    // Two or three classes take the ends and the middle.
    let place = if (2..4).contains(&classes) { class * (ramp.len() - 1) / (classes - 1) } else { class };
    ramp[place.min(ramp.len() - 1)]
}

/// The colour of a class, from the lowest, of so many below zero and above it.
pub fn diverging(below: usize, above: usize, class: usize) -> Ink {
    let (side, ramp, count) = match class.checked_sub(below) {
        Some(side) => (side, POSITIVE, above),
        None => (below - 1 - class, NEGATIVE, below),
    };
    // The same distance from zero has the same strength on both sides.
    let longest = below.max(above).max(count);
    let place = if longest <= 2 {
        1 + 2 * side
    } else if longest == 3 {
        2 * side
    } else {
        side
    };
    ramp[place.min(ramp.len() - 1)]
}

/// Every colour that only maps have.
pub fn of_maps() -> impl Iterator<Item = Ink> {
    let grounds = [SEA, LAND, LAND_LINE, COAST, STUDY, TERRITORY, NO_DATA, LOW, HIGH];
    let inner = SEQUENTIAL.into_iter().flat_map(|ramp| ramp[1..ramp.len() - 1].iter().copied());
    grounds.into_iter().chain(inner).chain(NEGATIVE).chain(POSITIVE)
}

/// Every colour that charts have, for the dark style sheet; see [`of_maps`] for the rest.
pub const ALL: [Ink; 17] = [
    PAPER,
    TEXT,
    MUTED,
    GRID,
    BAR,
    BAND,
    FIRST,
    SECOND,
    SECOND_TEXT,
    BETTER,
    WORSE,
    MIDDLE,
    OTHERS,
    CATEGORIES[1],
    CATEGORIES[2],
    CATEGORIES[4],
    CATEGORIES[5],
];

impl Ink {
    pub fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

/// `#RRGGBB`.
pub fn hex(colour: u32) -> String {
    format!("#{colour:06X}")
}

/// A channel of sRGB as a share of light.
#[cfg(test)]
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
fn luminance(colour: u32) -> f64 {
    let [_, red, green, blue] = colour.to_be_bytes();
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// The contrast ratio of WCAG 2.2, 1 to 21: what the tests of all colours ask for.
#[cfg(test)]
pub(crate) fn contrast(a: u32, b: u32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests;
