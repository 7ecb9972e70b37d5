//! Colours of maps: grounds, and the classes of a choropleth. Classes differ in lightness first, so that they are told apart
//! in grey and by every eye; what has no number is grey, what is outside nearly white.

use super::{Ink, ink};

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

/// Every colour that only maps have; the others are those of all charts.
pub fn of_maps() -> impl Iterator<Item = Ink> {
    let grounds = [SEA, LAND, LAND_LINE, COAST, STUDY, TERRITORY, NO_DATA, LOW, HIGH];
    let inner = SEQUENTIAL.into_iter().flat_map(|ramp| ramp[1..ramp.len() - 1].iter().copied());
    grounds.into_iter().chain(inner).chain(NEGATIVE).chain(POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::super::{ALL, hex, luminance};
    use super::*;

    /// CIE lightness, 0 to 100.
    fn lightness(colour: u32) -> f64 {
        let luminance = luminance(colour);
        if luminance > 0.008_856 { 116.0 * luminance.cbrt() - 16.0 } else { 903.3 * luminance }
    }

    /// Classes are told apart by lightness alone, which every eye and every printer has; the steps are even.
    fn check_classes(what: &str, inks: &[Ink], least: f64) {
        for (name, pick) in [("light", (|ink: &Ink| ink.light) as fn(&Ink) -> u32), ("dark", |ink: &Ink| ink.dark)] {
            let steps: Vec<f64> = inks.windows(2).map(|pair| lightness(pick(&pair[1])) - lightness(pick(&pair[0]))).collect();
            let same_way = steps.iter().all(|step| step.signum() == steps[0].signum());
            assert!(same_way && steps.iter().all(|step| step.abs() >= least), "{what}, {name}: {steps:?}");
        }
    }

    #[test]
    fn classes_are_apart() {
        for classes in 2..=6 {
            let inks: Vec<Ink> = (0..classes).map(|class| sequential(classes, class)).collect();
            check_classes(&format!("{classes} classes"), &inks, 11.0);
        }
        check_classes("below zero", &NEGATIVE, 10.0);
        check_classes("above zero", &POSITIVE, 10.0);
    }

    #[test]
    fn zero_parts_the_colours() {
        assert_eq!([0, 1, 2, 3].map(|class| diverging(2, 2, class)), [NEGATIVE[3], NEGATIVE[1], POSITIVE[1], POSITIVE[3]]);
        assert_eq!([0, 1, 4].map(|class| diverging(1, 4, class)), [NEGATIVE[0], POSITIVE[0], POSITIVE[3]]);
        // More classes than colours: no panic.
        assert_eq!(diverging(0, 9, 8), POSITIVE[4]);
        assert_eq!(sequential(9, 8), HIGH);
        assert_eq!(sequential(1, 0), LOW);
    }

    #[test]
    fn no_colour_is_listed_twice() {
        let maps: Vec<u32> = of_maps().map(|ink| ink.light).collect();
        for (index, ink) in maps.iter().enumerate() {
            assert!(!maps[index + 1..].contains(ink) && ALL.iter().all(|other| other.light != *ink), "{}", hex(*ink));
        }
    }
}
