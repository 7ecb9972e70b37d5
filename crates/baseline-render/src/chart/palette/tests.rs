//! The palette's lint: contrast of texts and areas on both papers, and how far colours are apart for colour-blind eyes.

use super::*;

fn check(what: &str, ink: Ink, paper: Ink, least: f64) {
    for (name, a, b) in [("light", ink.light, paper.light), ("dark", ink.dark, paper.dark)] {
        assert!(contrast(a, b) >= least, "{what}, {name}: {:.2}", contrast(a, b));
    }
}

#[test]
fn texts() {
    for paper in [PAPER, BAND] {
        check("text", TEXT, paper, 4.5);
        check("muted", MUTED, paper, 4.5);
        check("first", FIRST, paper, 4.5);
        check("second text", SECOND_TEXT, paper, 4.5);
    }
    for (index, ink) in CATEGORIES.into_iter().enumerate() {
        check(&format!("category {index}"), ink, PAPER, 4.5);
    }
    for shade in [BETTER, WORSE] {
        check("text in a shade", TEXT, shade, 4.5);
    }
    check("muted text in a shade", MUTED, BETTER, 4.5);
    // Letters in the areas of a matrix.
    check("letter of grade A", PAPER, FIRST, 4.5);
    check("letter of grade B", PAPER, MIDDLE, 4.5);
    check("letter of grade C", TEXT, BETTER, 4.5);
    check("letter of what is withheld", TEXT, GRID, 4.5);
}

/// An area without an edge stands out from the paper between it and the next; one with an edge by its edge.
#[test]
fn marks_and_areas() {
    check("second", SECOND, PAPER, 3.0);
    check("others", OTHERS, PAPER, 3.0);
    check("middle", MIDDLE, PAPER, 3.0);
    check("edge of the better on its shade", FIRST, BETTER, 3.0);
    check("edge of a matrix cell", FIRST, PAPER, 3.0);
    check("edge of what is withheld", MUTED, GRID, 3.0);
    check("edge of the better on paper", FIRST, PAPER, 3.0);
    check("edge of the worse on paper", SECOND_TEXT, PAPER, 3.0);
    check("edge of the worse on its shade", SECOND_TEXT, WORSE, 3.0);
    for (index, ink) in CATEGORIES.into_iter().enumerate() {
        check(&format!("category {index} on the band"), ink, BAND, 3.0);
    }
    assert!(contrast(FIRST.light, SECOND.light) >= 3.0);
}

#[test]
fn all_are_listed_once() {
    for (index, ink) in ALL.iter().enumerate() {
        assert!(ALL[index + 1..].iter().all(|other| other.light != ink.light), "{}", hex(ink.light));
    }
    for ink in CATEGORIES {
        assert!(ALL.contains(&ink));
    }
}

/// Whole colour blindness of each kind, on linear RGB: G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, A
/// physiologically-based model for simulation of color vision deficiency, IEEE TVCG 15(6), 2009, table for severity 1.0.
const BLIND: [(&str, [[f64; 3]; 3]); 4] = [
    ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("protan", [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]]),
    ("deutan", [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]]),
    ("tritan", [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]]),
];

fn seen(colour: u32, matrix: &[[f64; 3]; 3]) -> [f64; 3] {
    let [_, red, green, blue] = colour.to_be_bytes();
    let light = [red, green, blue].map(linear);
    matrix.map(|row| (0..3).map(|index| row[index] * light[index]).sum::<f64>().clamp(0.0, 1.0))
}

/// CIE L*a*b* of linear sRGB, white point D65.
fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let x = 0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue;
    let y = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175 * blue;
    let z = 0.019_333_9 * red + 0.119_192 * green + 0.950_304_1 * blue;
    let turned = |share: f64| if share > 0.008_856 { share.cbrt() } else { 7.787 * share + 16.0 / 116.0 };
    let (x, y, z) = (turned(x / 0.950_47), turned(y), turned(z / 1.088_83));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIEDE2000, as in G. Sharma, W. Wu and E. N. Dalal, Color Research and Application 30(1), 2005; all factors 1.
fn apart(one: [f64; 3], other: [f64; 3]) -> f64 {
    let chroma = |[_, a, b]: [f64; 3]| a.hypot(b);
    let mean = f64::midpoint(chroma(one), chroma(other)).powi(7);
    let stretch = 1.5 - 0.5 * (mean / (mean + 25_f64.powi(7))).sqrt();
    let turned = |[lightness, a, b]: [f64; 3]| {
        let a = a * stretch;
        let hue = if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
        (lightness, a.hypot(b), hue)
    };
    let ((l1, c1, h1), (l2, c2, h2)) = (turned(one), turned(other));
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let (lightness, colour) = (l2 - l1, c2 - c1);
    let hue = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let h = match h1 + h2 {
        sum if grey => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => sum / 2.0 + 180.0,
        sum => (sum - 360.0) / 2.0,
    };
    let cosine = |angle: f64| angle.to_radians().cos();
    let t = 1.0 - 0.17 * cosine(h - 30.0) + 0.24 * cosine(2.0 * h) + 0.32 * cosine(3.0 * h + 6.0) - 0.2 * cosine(4.0 * h - 63.0);
    let (sl, sc, sh) =
        (1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt(), 1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let bend = 60.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
    let rotation = -2.0 * (c.powi(7) / (c.powi(7) + 25_f64.powi(7))).sqrt() * bend.to_radians().sin();
    let (lightness, colour, hue) = (lightness / sl, colour / sc, hue / sh);
    (lightness.powi(2) + colour.powi(2) + hue.powi(2) + rotation * colour * hue).sqrt()
}

/// Pairs of the paper's test data.
#[test]
fn the_distance_is_the_published_one() {
    let pairs = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
    ];
    for (one, other, expected) in pairs {
        let found = apart(one, other);
        assert!((found - expected).abs() < 5e-5, "{one:?} {other:?}: {found:.4} for {expected}");
    }
}

/// Two colours that stand beside one another, on both papers and for all eyes.
fn far(what: &str, one: Ink, other: Ink) -> Vec<String> {
    let mut near = Vec::new();
    for (eyes, matrix) in &BLIND {
        for (paper, a, b) in [("light", one.light, other.light), ("dark", one.dark, other.dark)] {
            let distance = apart(lab(seen(a, matrix)), lab(seen(b, matrix)));
            if distance < 10.0 {
                near.push(format!("{what}, {paper}, {eyes}: {distance:.1}"));
            }
        }
    }
    near
}

#[test]
fn neighbours_are_far_apart_for_all_eyes() {
    let mut near = Vec::new();
    for (index, pair) in CATEGORIES.windows(2).enumerate() {
        near.extend(far(&format!("categories {index} and {}", index + 1), pair[0], pair[1]));
    }
    // Groups of up to four are drawn beside one another in any order.
    for (first, one) in CATEGORIES.into_iter().enumerate().take(4) {
        for (second, other) in CATEGORIES.into_iter().enumerate().take(4).skip(first + 1) {
            near.extend(far(&format!("categories {first} and {second}"), one, other));
        }
    }
    near.extend(far("groups", FIRST, SECOND));
    near.extend(far("ours and the others", FIRST, OTHERS));
    near.extend(far("edges", FIRST, SECOND_TEXT));
    near.extend(far("shades", BETTER, WORSE));
    near.extend(far("grades A and B", FIRST, MIDDLE));
    near.extend(far("grades B and C", MIDDLE, BETTER));
    assert!(near.is_empty(), "{}", near.join("\n"));
}
