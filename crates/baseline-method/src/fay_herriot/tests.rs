//! The milk data and a panel of our own, both computed by other means as well, and what must hold whatever the numbers are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::compute as run;

/// Milk expenditure 1989 in 43 areas: estimate, standard error, major area (Arora & Lahiri 1997, Statistica Sinica 7; You &
/// Chapman 2006, Survey Methodology 32).
const MILK: [(f64, f64, u8); 43] = [
    (1.099, 0.163, 1),
    (1.075, 0.080, 1),
    (1.105, 0.083, 1),
    (0.628, 0.109, 1),
    (0.753, 0.119, 1),
    (0.981, 0.141, 1),
    (1.257, 0.202, 1),
    (1.095, 0.127, 2),
    (1.405, 0.168, 2),
    (1.356, 0.178, 2),
    (0.615, 0.100, 2),
    (1.460, 0.201, 2),
    (1.338, 0.148, 2),
    (0.854, 0.143, 2),
    (1.176, 0.149, 3),
    (1.111, 0.145, 3),
    (1.257, 0.135, 3),
    (1.430, 0.172, 3),
    (1.278, 0.137, 3),
    (1.292, 0.163, 3),
    (1.002, 0.125, 3),
    (1.183, 0.247, 3),
    (1.044, 0.140, 3),
    (1.267, 0.171, 3),
    (1.193, 0.106, 3),
    (0.791, 0.121, 4),
    (0.795, 0.121, 4),
    (0.759, 0.259, 4),
    (0.796, 0.106, 4),
    (0.565, 0.089, 4),
    (0.886, 0.225, 4),
    (0.952, 0.205, 4),
    (0.807, 0.119, 4),
    (0.582, 0.067, 4),
    (0.684, 0.106, 4),
    (0.787, 0.126, 4),
    (0.440, 0.092, 4),
    (0.759, 0.132, 4),
    (0.770, 0.100, 4),
    (0.800, 0.113, 4),
    (0.756, 0.083, 4),
    (0.865, 0.121, 4),
    (0.640, 0.129, 4),
];

const LIMITS: Limits = Limits { limit: 1e-10, iterations: 500 };

fn answer(text: &str, params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let sheet = Sheet::read("x.csv", text.as_bytes())?;
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    run(&METHOD, &sheet, &params, &BTreeMap::new())
}

fn milk() -> String {
    let mut text = "SmallArea,yi,SD,MajorArea\n".to_owned();
    for (at, (direct, error, group)) in MILK.iter().enumerate() {
        writeln!(text, "{},{direct},{error},{group}", at + 1).unwrap();
    }
    text
}

fn near(found: &Cell, expected: f64, relative: f64) {
    let Cell::Number(found) = found else { panic!("{found:?} is no number") };
    assert!((found / expected - 1.0).abs() < relative, "{found} is not {expected}");
}

fn fact<'a>(answer: &'a Answer, name: &str) -> &'a Cell {
    &answer.facts.iter().find(|(found, _)| *found == name).unwrap().1
}

/// The expected figures are of another program, with P as a whole matrix and the scoring run to its end.
#[test]
fn milk_by_other_means() {
    let params = [("groups", "MajorArea")];
    let areas = answer(&milk(), &params).unwrap();
    near(fact(&areas, "sigma2_u"), 0.018_550_3, 1e-5);
    near(fact(&areas, "log_likelihood"), 12.677_47, 1e-6);
    near(fact(&areas, "aic"), -15.354_94, 1e-6);
    let column = |row: usize, name: &str| &areas.rows[row][areas.columns.iter().position(|column| column == name).unwrap()];
    for (row, estimate, mse) in [(0, 1.021_971, 0.013_460_3), (1, 1.047_602, 0.005_372_9), (3, 0.760_817, 0.008_541_7)] {
        near(column(row, "estimate"), estimate, 1e-5);
        near(column(row, "mse"), mse, 1e-5);
    }
    let table = answer(&milk(), &[params[0], ("table", "coefficients")]).unwrap();
    let expected = [(0.968_189, 0.069_362), (0.132_780, 0.103_001), (0.226_946, 0.092_330), (-0.241_301, 0.081_617)];
    assert_eq!(table.rows.len(), expected.len());
    for (row, (value, error)) in table.rows.iter().zip(expected) {
        near(&row[1], value, 1e-5);
        near(&row[2], error, 1e-5);
    }
}

/// The example panel, computed in another program from P as a whole matrix.
#[test]
fn a_panel_computed_by_other_means() {
    let answer = answer(METHOD.example.0, METHOD.example.1).unwrap();
    near(fact(&answer, "sigma2_u"), SIGMA, 1e-7);
    near(fact(&answer, "log_likelihood"), LIKELIHOOD, 1e-8);
    for (row, estimate, mse) in PANEL {
        near(&answer.rows[row][3], estimate, 1e-7);
        near(&answer.rows[row][9], mse, 1e-6);
    }
}

const SIGMA: f64 = 0.944_699_537;
const LIKELIHOOD: f64 = -37.057_553_334;
/// Row, estimate, mean squared error; the last has no estimate of its own.
const PANEL: [(usize, f64, f64); 4] = [
    (0, 17.676_832_717, 2.054_544_269),
    (6, 31.518_175_732, 0.717_766_889),
    (16, 20.424_697_370, 1.457_718_756),
    (17, 29.837_249_218, 2.087_721_963),
];

fn check(text: &str, params: &[(&str, &str)], expected: &str) {
    let fault = answer(text, params).expect_err(expected);
    assert_eq!(format!("{} {fault}", fault.code()), expected, "{text:?}");
    assert!(!fault.hint().is_empty());
}

#[test]
fn faults() {
    let head = "area,direct,standard_error,x,y\n";
    let bad = |rows: &str, params: &[(&str, &str)], expected: &str| check(&format!("{head}{rows}"), params, expected);
    let few = "method-too-few areas with an estimate and its standard error: 1 usable, at least 2 needed";
    bad("a,1,1,1,1\n", &[], few);
    bad("a,1,1,1,1\nb,,,1,1\n", &[], few);
    bad("a,1,1,1,1\na,2,1,1,1\n", &[], "method-duplicate x.csv, line 3: `a` stands twice, first in line 2");
    let spread = "expected a number above 0, or an empty cell, found";
    bad("a,1,0,1,1\n", &[], &format!("method-number x.csv, line 2, column standard_error: {spread} 0"));
    bad("a,1,-1,1,1\n", &[], &format!("method-number x.csv, line 2, column standard_error: {spread} -1"));
    let finite = "expected a finite number with a decimal point, or an empty cell, found";
    bad("a,NaN,1,1,1\n", &[], &format!("method-number x.csv, line 2, column direct: {finite} `NaN`"));
    bad("a,1,inf,1,1\n", &[], &format!("method-number x.csv, line 2, column standard_error: {finite} `inf`"));
    let rows = "a,1,1,1,2\nb,3,1,2,4\nc,2,2,4,8\nd,5,1,3,6\ne,4,1,3,6\n";
    let twice = "method-singular regression: the columns x, y depend on one another; there is no unique solution";
    bad(rows, &[("covariates", "x,y")], twice);
    let hole = "method-number x.csv, line 2, column x: expected a number, found an empty cell";
    bad("a,1,1,,2\nb,3,1,2,4\n", &[("covariates", "x")], hole);
    bad(rows, &[("covariates", "z")], "method-shape x.csv: expected a column `z`, found area, direct, standard_error, x, y");
    bad(rows, &[("intercept", "no")], "method-too-few columns of the regression: 0 usable, at least 1 needed");
    bad(rows, &[("limit", "0")], "method-number --param limit: expected a number above 0, found 0");
    check("area,direct\na,1\n", &[], "method-shape x.csv: expected a column `standard_error`, found area, direct");
    let far = "method-number direct estimates and their variances: expected numbers whose squares are finite, found inf";
    bad("a,1e300,1,1,1\nb,-1e300,1,1,1\n", &[], far);
    let early = answer(&milk(), &[("groups", "MajorArea"), ("iterations", "2")]).unwrap_err();
    assert!(matches!(early, Fault::NotConverged { iterations: 2, last, .. } if last > 1e-8), "{early}");
    assert!(early.to_string().contains("the last error was 0."), "{early}");
}

#[test]
fn a_negative_variance_is_cut_off_and_said() {
    let rows = "area,direct,variance\na,10,1\nb,10.1,1\nc,9.9,1\nd,10.05,1\n";
    let found = answer(rows, &[]).unwrap();
    assert_eq!(fact(&found, "sigma2_u"), &Cell::Number(0.0));
    assert_eq!(fact(&found, "sigma2_u_truncated_to_0"), &Cell::from("yes"));
    assert_eq!(found.notes[0].code, "fay-herriot-truncated");
    found.rows.iter().for_each(|row| near(&row[3], 10.0125, 1e-12));
}

#[test]
fn categories() {
    assert_eq!(levels(&["10", "9", "1"]), ["1", "9", "10"]);
    assert_eq!(levels(&["b", "10", "a", "b"]), ["10", "a", "b"]);
    // Without an intercept every category has its own column: the same fit.
    let with = answer(&milk(), &[("groups", "MajorArea")]).unwrap();
    let without = answer(&milk(), &[("groups", "MajorArea"), ("intercept", "no")]).unwrap();
    for (with, without) in with.rows.iter().zip(&without.rows) {
        let Cell::Number(number) = with[3] else { panic!() };
        near(&without[3], number, 1e-9);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariances(
        rows in prop::collection::vec((-20.0_f64..60.0, 0.5_f64..9.0, 0.0_f64..10.0), 6..40),
        scale in prop_oneof![Just(0.01), Just(3.0), Just(1000.0)],
        shift in -50.0_f64..50.0,
    ) {
        let names = ["intercept".to_owned(), "x".to_owned()];
        let area = |(direct, variance, x): &(f64, f64, f64)| Area {
            direct: Some(*direct),
            variance: Some(*variance),
            covariates: vec![1.0, *x],
        };
        let areas: Vec<Area> = rows.iter().map(area).collect();
        let moved: Vec<Area> = rows.iter().map(|(y, v, x)| area(&(scale * y + shift, scale * scale * v, *x))).collect();
        let (fitted, moved) = (fit(&areas, &names, LIMITS), fit(&moved, &names, LIMITS));
        let (Ok(fitted), Ok(moved)) = (fitted, moved) else { return Err(TestCaseError::reject("columns depend on one another")) };
        let size = rows.iter().map(|row| row.0.abs()).fold(1.0, f64::max);
        for ((one, other), (direct, variance, _)) in fitted.areas.iter().zip(&moved.areas).zip(&rows) {
            prop_assert!((scale * one.estimate + shift - other.estimate).abs() < 1e-5 * (scale * size + shift.abs()));
            prop_assert!((scale * scale * one.mse / other.mse - 1.0).abs() < 1e-4);
            prop_assert!((0.0..1.0).contains(&one.gamma));
            let (low, high) = (one.synthetic.min(*direct), one.synthetic.max(*direct));
            prop_assert!(low - 1e-9 <= one.estimate && one.estimate <= high + 1e-9);
            prop_assert!(one.g1 <= *variance && one.g2 >= 0.0 && one.g3 >= 0.0);
            prop_assert!((one.mse - (one.g1 + one.g2 + 2.0 * one.g3)).abs() < 1e-12 * one.mse);
        }
        // Areas without an own estimate change nothing for the others.
        let mut more = areas.clone();
        more.push(Area { direct: None, variance: None, covariates: vec![1.0, 5.0] });
        let more = fit(&more, &names, LIMITS).unwrap();
        prop_assert_eq!(&more.areas[..rows.len()], &fitted.areas[..]);
    }
}
