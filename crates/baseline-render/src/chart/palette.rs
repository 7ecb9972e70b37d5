//! Colours: one list, each with its dark-mode counterpart, so that one SVG serves both: the HTML recolours
//! it by attribute (`[fill="#12436D"]`). Contrast is tested here: texts 4.5:1, marks 3:1, on both papers.
//! Colour never stands alone: hollow marks, shapes, positions and direct labels say the same.

#![expect(clippy::unreadable_literal, reason = "colours are read in pairs of digits, as everywhere else")]

mod maps;

use plotters::style::RGBColor;

pub use self::maps::{COAST, LAND, LAND_LINE, NO_DATA, SEA, STUDY, TERRITORY, diverging, of_maps, sequential};

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

/// Every colour, for the dark style sheet.
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
