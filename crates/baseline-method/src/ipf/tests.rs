use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::method::{Answer, Cell};
use crate::{Sheet, compute as run};

fn answer(text: &str, files: &[(&str, &str)], params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let read = |(name, text): &(&str, &str)| Ok(((*name).to_owned(), Sheet::read(&format!("{name}.csv"), text.as_bytes())?));
    run(&METHOD, &Sheet::read("x.csv", text.as_bytes())?, &params, &files.iter().map(read).collect::<Result<_, Fault>>()?)
}

/// The fitted cells to one decimal.
fn fitted(answer: &Answer) -> Vec<String> {
    let at = answer.columns.iter().position(|column| column == "fitted").unwrap();
    let text = |row: &Vec<Cell>| match row[at] {
        Cell::Number(number) => format!("{number:.1}"),
        Cell::Text(_) | Cell::Whole(_) | Cell::Missing => panic!("{row:?}"),
    };
    answer.rows.iter().map(text).collect()
}

fn check(text: &str, files: &[(&str, &str)], expected: Result<&str, &str>) {
    check_with(text, files, &[], expected);
}

fn check_with(text: &str, files: &[(&str, &str)], params: &[(&str, &str)], expected: Result<&str, &str>) {
    let found = answer(text, files, params).map(|answer| fitted(&answer).join(" "));
    let found = found.map_err(|fault| format!("{} {fault}", fault.code()));
    assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
}

const WIDE: &str = "sex,a,b,c\nmale,100,50,100\nfemale,50,50,50\n";
const LONG: &str = "sex,job,n\nmale,a,100\nmale,b,50\nmale,c,100\nfemale,a,50\nfemale,b,50\nfemale,c,50\n";
const ROWS: (&str, &str) = ("rows", "sex,target\nfemale,275\nmale,325\n");
const COLUMNS: (&str, &str) = ("columns", "job,target\na,225\nb,200\nc,175\n");
/// Karmel & Maclachlan 1988.
const PUBLISHED: Result<&str, &str> = Ok("134.7 85.5 104.8 90.3 114.5 70.2");

#[test]
fn every_layout() {
    check(WIDE, &[ROWS, COLUMNS], PUBLISHED);
    check(LONG, &[ROWS, COLUMNS], PUBLISHED);
    check("sex,a,b,c,target\nmale,100,50,100,325\nfemale,50,50,50,275\ntarget,225,200,175,600\n", &[], PUBLISHED);
    let named = "dimension,name,target\nsex,male,325\nsex,female,275\njob,a,225\njob,b,200\njob,c,175\n";
    check(LONG, &[("margins", named)], PUBLISHED);
    let columns = "sex,job,target\nmale,,325\nfemale,,275\n,a,225\n,b,200\n,c,175\n";
    check(LONG, &[("margins", columns)], PUBLISHED);
    // One margin alone, and the table itself as its margin.
    check(LONG, &[("rows", "name,target\nmale,500\nfemale,150\n")], Ok("200.0 100.0 200.0 50.0 50.0 50.0"));
    check("k,n\na,1\nb,3\n", &[("rows", "k,target\na,2\nb,2\n")], Ok("2.0 2.0"));
}

#[test]
fn published_rows_of_validation() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/regional_methods_examples.csv");
    let Ok(bytes) = std::fs::read(place) else {
        println!("skipped: ../shared/validation is not here");
        return;
    };
    let sheet = Sheet::read("regional_methods_examples.csv", &bytes).unwrap();
    let row = sheet.rows.iter().find(|row| row[0] == "ipf_spree").unwrap();
    let list = |after: &str| -> Vec<f64> {
        let text = row[1].split_once(after).unwrap().1;
        text[..text.find(']').unwrap()].split(',').map(|number| number.parse().unwrap()).collect()
    };
    let number = |after: &str| -> f64 {
        let text = row[1].rsplit_once(after).unwrap().1;
        text.split([' ', ';']).next().unwrap().parse().unwrap()
    };
    let seed = table(&[2, 3], [list("male=["), list("female=[")].concat());
    let rows = Margin { dimensions: vec![0], targets: vec![number(" male="), number("female=")] };
    let columns = Margin { dimensions: vec![1], targets: list("occ=[") };
    let found = fit(&seed, &[rows, columns], 1e-10, 1000).unwrap();
    let text = |cells: &[f64]| cells.iter().map(|cell| format!("{cell:.1}")).collect::<Vec<_>>().join(",");
    assert_eq!(format!("{}|{}", text(&found.cells[..3]), text(&found.cells[3..])), row[3]);
}

#[test]
fn contradictions() {
    let targets = |text| [("rows", text), COLUMNS];
    let sums = "method-shape targets: expected the margin of job to sum to 500, as that of sex does, found 600";
    let apart = "sex,target\nmale,250\nfemale,250\n";
    check(LONG, &targets(apart), Err(sums));
    check_with(LONG, &[ROWS, ("columns", "job,t\na,2.25\nb,2\nc,1.75\n")], &[("rescale", "yes")], PUBLISHED);
    let negative = "method-number target of sex=male: expected a number from 0 up, found -1";
    check(LONG, &[("rows", "sex,target\nmale,-1\nfemale,601\n")], Err(negative));
    check(
        &WIDE.replace("150", "-5").replace("male,100", "male,-5"),
        &[ROWS],
        Err("method-number seed, sex=male, column=a: expected a count from 0 up, found -5"),
    );
    let zeros = "method-shape target of sex=male: expected 0, as the seed has zeros only, found 325";
    check("sex,a,b,c\nmale,0,0,0\nfemale,50,50,50\n", &[ROWS, COLUMNS], Err(zeros));
    // Zeros that make the margins impossible together: no end, and the last error is told.
    let impossible = answer("k,a,b,target\nx,0,1,5\ny,1,1,5\ntarget,8,2,\n", &[], &[("iterations", "50")]).unwrap_err();
    assert!(matches!(impossible, Fault::NotConverged { iterations: 50, last, .. } if last > 0.1), "{impossible}");
    // Counts beyond what a number can hold are no fit.
    let tiny = answer("k,a,b\nx,1e-320,1e-320\ny,1,1\n", &[("rows", "k,t\nx,1e300\ny,1\n")], &[("iterations", "9")]);
    assert!(matches!(tiny, Err(Fault::NotConverged { .. })), "{tiny:?}");
    // Two margins that share a dimension, and differ in it.
    let cube = "a,b,c,n\n".to_owned() + &(0..8).map(|at| format!("{},{},{},1\n", at / 4, at / 2 % 2, at % 2)).collect::<String>();
    let shared = "a,b,c,target\n0,0,,3\n0,1,,1\n1,0,,2\n1,1,,2\n,0,0,1\n,0,1,1\n,1,0,3\n,1,1,3\n";
    let place = "method-shape targets: expected the margin of b × c to sum to 5 at b=0, as that of a × b does, found 2";
    check(&cube, &[("margins", shared)], Err(place));
}

#[test]
fn incomplete() {
    let short = "method-shape x.csv: expected a row for sex=female, job=b, found none";
    let holes = "sex,job,n\nmale,a,100\nmale,b,50\nfemale,a,50\n";
    let files = [("rows", "sex,target\nmale,6\nfemale,4\n")];
    check(holes, &files, Err(short));
    check_with(holes, &files, &[("absent", "zero")], Ok("4.0 2.0 4.0 0.0"));
    check(LONG, &[], Err("method-shape targets: expected margins to fit to, found none"));
    check(LONG, &[("rows", "sex,target\nmale,6\n")], Err("method-shape rows.csv: expected a target for sex=female, found none"));
    let known = "method-shape rows.csv: expected a sex of the seed: male, female, found `men`";
    check(LONG, &[("rows", "sex,target\nmen,6\nfemale,1\n")], Err(known));
    let twice = "method-shape rows.csv: expected one target for sex=male, found two";
    check(LONG, &[("rows", "sex,target\nmale,6\nmale,1\n")], Err(twice));
    check(&format!("{LONG}male,a,1\n"), &[ROWS], Err("method-duplicate x.csv, line 8: `male a` stands twice, first in line 2"));
    check(&format!("{LONG}total,a,1\n"), &[ROWS], Err("method-shape x.csv, column sex: expected cells only, found `total`"));
    check(
        &LONG.replace("100", ""),
        &[ROWS],
        Err("method-number x.csv, line 2, column n: expected a number, found an empty cell"),
    );
    let other = "method-shape margins.csv, header line: expected a dimension of the seed: sex, job, found `age`";
    check(LONG, &[("margins", "age,target\ny,1\n")], Err(other));
}

fn table(sizes: &[usize], cells: Vec<f64>) -> Table {
    let dimension = |(at, size): (usize, &usize)| Dimension {
        name: format!("d{at}"),
        codes: (0..*size).map(|code| code.to_string()).collect(),
    };
    Table { dimensions: sizes.iter().enumerate().map(dimension).collect(), cells }
}

fn margin(table: &Table, dimensions: &[usize]) -> Margin {
    let shape: Vec<usize> = table.dimensions.iter().map(|dimension| dimension.codes.len()).collect();
    let count = dimensions.iter().map(|at| shape[*at]).product();
    Margin { dimensions: dimensions.to_vec(), targets: sums(&table.cells, &slots(&shape, dimensions), count) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Margins of another table with the same zeros can be met.
    #[test]
    fn margins_are_met_and_zeros_stay(
        sizes in prop_oneof![
            (1_usize..6, 1_usize..6).prop_map(|(a, b)| vec![a, b]),
            (1_usize..4, 1_usize..4, 1_usize..4).prop_map(|(a, b, c)| vec![a, b, c]),
        ],
        cells in prop::collection::vec((prop_oneof![1 => Just(0.0), 6 => 1.0_f64..100.0], 1.0_f64..100.0), 27),
        pairs: bool,
    ) {
        let count: usize = sizes.iter().product();
        let seed = table(&sizes, cells[..count].iter().map(|(seed, _)| *seed).collect());
        let truth = table(&sizes, cells[..count].iter().map(|(seed, own)| if *seed == 0.0 { 0.0 } else { *own }).collect());
        let chosen: Vec<Vec<usize>> = if pairs && sizes.len() == 3 {
            vec![vec![0, 1], vec![1, 2], vec![0, 2]]
        } else {
            (0..sizes.len()).map(|at| vec![at]).collect()
        };
        let margins: Vec<Margin> = chosen.iter().map(|dimensions| margin(&truth, dimensions)).collect();
        let found = fit(&seed, &margins, 1e-6, 100_000).unwrap();
        for (before, after) in seed.cells.iter().zip(&found.cells) {
            prop_assert_eq!(*before == 0.0, *after == 0.0);
        }
        let result = Table { cells: found.cells.clone(), ..seed.clone() };
        for wanted in &margins {
            for (sum, target) in margin(&result, &wanted.dimensions).targets.iter().zip(&wanted.targets) {
                prop_assert!((sum - target).abs() <= 1.1e-6 * target, "{sum} {target}");
            }
        }
        // A table that fits already stays as it is, in no rounds.
        let again = fit(&result, &margins, 1.1e-6, 10).unwrap();
        prop_assert_eq!((again.cells, again.iterations), (found.cells, 0));
    }

    /// The seed's odds ratios are kept.
    #[test]
    fn structure_is_kept(cells in prop::collection::vec(1.0_f64..50.0, 4), rows in 0.1_f64..0.9, columns in 0.1_f64..0.9) {
        let seed = table(&[2, 2], cells);
        let share = |share: f64, at: usize| Margin { dimensions: vec![at], targets: vec![100.0 * share, 100.0 - 100.0 * share] };
        let found = fit(&seed, &[share(rows, 0), share(columns, 1)], 1e-12, 100_000).unwrap();
        let odds = |cells: &[f64]| cells[0] * cells[3] / (cells[1] * cells[2]);
        prop_assert!((odds(&found.cells) / odds(&seed.cells) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_missing_file_is_no_margin() {
    let files: BTreeMap<String, Sheet> = BTreeMap::new();
    let sheet = Sheet::read("x.csv", WIDE.as_bytes()).unwrap();
    assert!(run(&METHOD, &sheet, &BTreeMap::new(), &files).is_err());
}
