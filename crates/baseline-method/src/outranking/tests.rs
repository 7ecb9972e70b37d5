use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{Method, Sheet};

fn run(method: &Method, text: &str, params: &[(&str, &str)]) -> Result<String, Fault> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = crate::compute(method, &Sheet::read("x.csv", text.as_bytes())?, &params, &BTreeMap::new())?;
    let rows: Vec<String> = answer.csv().lines().skip(1).map(str::to_owned).collect();
    let facts: Vec<String> = answer.facts.iter().take(2).map(|(name, value)| format!("{name}={value}")).collect();
    Ok(format!("{} # {}", rows.join(" | "), facts.join(" ")))
}

fn check(method: &Method, text: &str, params: &[(&str, &str)], expected: &str) {
    let found = run(method, text, params).unwrap_or_else(|fault| format!("{} {fault}", fault.code()));
    assert_eq!(found, expected);
}

#[test]
fn support() {
    check(&OUTRANKING, "id,x,y\na,3,1\nb,2,1\n", &[], "a,,0.75 | b,0.25, # units=2");
    check(&OUTRANKING, "id,x,y\na,3,1\nb,2,1\n", &[("lower_is_better", "x")], "a,,0.25 | b,0.75, # units=2");
    check(&OUTRANKING, "id,x,y\na,3,\nb,2,1\n", &[("layout", "long")], "a,b,1 | b,a,0 # units=2");
    check(&OUTRANKING, "id,x\na,3\n", &[], "method-too-few units: 1 usable, at least 2 needed");
    check(&OUTRANKING, "id,x\na,3\na,4\n", &[], "method-duplicate x.csv, line 3: `a` stands twice, first in line 2");
}

#[test]
fn rankings() {
    let clear = "1,1,a,1 | 1,2,b,2 | 1,3,c,3 # score=3 optima=1";
    check(&KEMENY, "id,x\nb,2\na,3\nc,1\n", &[], clear);
    check(&KEMENY, "u,c,a,b\na,1,-,1\nb,1,0,-\nc,-,0,0\n", &[], clear);
    // A circle: each of the three turns is as good.
    let circle = "u,a,b,c\na,,0.6,0.4\nb,0.4,,0.6\nc,0.6,0.4,\n";
    let turns = "1,1,a,1 | 1,2,b,1 | 1,3,c,1 | 2,1,b,1 | 2,2,c,1 | 2,3,a,1 | 3,1,c,1 | 3,2,a,1 | 3,3,b,1";
    check(&KEMENY, circle, &[], &format!("{turns} # score=1.6 optima=3"));
    // The same circle with a row a pair, as `outranking` writes it with layout=long.
    let pairs = "unit,against,e\na,b,0.6\na,c,0.4\nb,a,0.4\nb,c,0.6\nc,a,0.6\nc,b,0.4\n";
    check(&KEMENY, pairs, &[], &format!("{turns} # score=1.6 optima=3"));
    check(
        &KEMENY,
        &pairs.replace("c,b,0.4\n", ""),
        &[],
        "method-shape row 3, column 2: expected the support for one before the other, found none",
    );
    check(&KEMENY, &pairs.replace("c,b,", "c,a,"), &[], "method-duplicate x.csv, line 7: `c a` stands twice, first in line 6");
    check(&KEMENY, "id,x\nb,2\na,1\n", &[("input", "pairs")], "method-shape x.csv: expected pairs of units, found id, x");
    check(&KEMENY, circle, &[("most", "1")], "1,1,a,1 | 1,2,b,1 | 1,3,c,1 # score=1.6 optima=3");
    check(&KEMENY, "id,x\na,1\nb,1\n", &[], "1,1,a,1 | 1,2,b,1 | 2,1,b,1 | 2,2,a,1 # score=0.5 optima=2");
}

#[test]
fn refused() {
    check(
        &KEMENY,
        "u,a,b\na,,-0.5\nb,1.5,\n",
        &[],
        "method-number row 1, column 2: expected a finite number from 0 up, found -0.5",
    );
    check(
        &KEMENY,
        "u,a,b\na,,\nb,1,\n",
        &[],
        "method-shape row 1, column 2: expected the support for one before the other, found none",
    );
    check(&KEMENY, "u,a\na,1\n", &[], "method-too-few units: 1 usable, at least 2 needed");
    check(&KEMENY, "u,a,c\na,,1\nb,1,\n", &[("input", "matrix")], "method-shape x.csv: expected columns a, b, found a, c");
    let many = vec![vec![Some(0.5); LARGEST + 1]; LARGEST + 1];
    assert_eq!(kemeny(&many, 1).map_err(|fault| fault.code()), Err("method-shape"));
}

/// Technology Achievement Index: the first five countries with equal weights; by hand from the table.
#[test]
fn technology_achievement_index() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/tai_raw_23.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no ../shared/validation");
        return;
    };
    let five: String = text.lines().take(6).map(|line| format!("{line}\n")).collect();
    let found = run(&OUTRANKING, &five, &[]).unwrap();
    // Finland is ahead of the United States in internet, telephones, electricity and university.
    assert!(found.starts_with("Finland,,0.5,"), "{found}");
    let best = run(&KEMENY, &five, &[]).unwrap();
    assert!(best.starts_with("1,1,United States,1 | 1,2,Sweden,1 | 1,3,Finland,1 | 1,4,Japan,2"), "{best}");
    assert!(best.ends_with("# score=6.4375 optima=3"), "{best}");
    // All 23: 18 of them beat one another in circles, and the best order is still found exactly.
    let all = run(&KEMENY, &text, &[("most", "1")]).unwrap();
    assert!(all.ends_with("# score=184.5 optima=96"), "{all}");
}

/// The best score and all rankings that reach it, by trying every one.
fn by_trying(matrix: &[Vec<Option<f64>>]) -> (f64, Vec<Vec<usize>>) {
    fn permutations(rest: &[usize]) -> Vec<Vec<usize>> {
        if rest.is_empty() {
            return vec![Vec::new()];
        }
        let mut all = Vec::new();
        for first in rest {
            let others: Vec<usize> = rest.iter().copied().filter(|unit| unit != first).collect();
            all.extend(permutations(&others).into_iter().map(|tail| [&[*first][..], &tail].concat()));
        }
        all
    }
    let units: Vec<usize> = (0..matrix.len()).collect();
    let score = |ranking: &[usize]| -> f64 {
        (0..ranking.len())
            .flat_map(|j| (j + 1..ranking.len()).map(move |k| (j, k)))
            .map(|(j, k)| matrix[ranking[j]][ranking[k]].unwrap())
            .sum()
    };
    let all = permutations(&units);
    let best = all.iter().map(|ranking| score(ranking)).fold(0.0, f64::max);
    (best, all.into_iter().filter(|ranking| score(ranking) > best - 1e-9).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The same as trying every ranking, circles and ties included.
    #[test]
    fn exact(cells in proptest::collection::vec(0..5_i32, 15), count in 2..6_usize) {
        let mut matrix = vec![vec![None; count]; count];
        let mut cells = cells.into_iter();
        for (j, k) in (0..count).flat_map(|j| (0..j).map(move |k| (j, k))) {
            let share = f64::from(cells.next().unwrap_or(2)) / 4.0;
            matrix[j][k] = Some(share);
            matrix[k][j] = Some(1.0 - share);
        }
        let (score, mut rankings) = by_trying(&matrix);
        rankings.sort();
        let found = kemeny(&matrix, 100_000).unwrap();
        prop_assert!((found.score - score).abs() < 1e-9);
        prop_assert_eq!(found.optima, rankings.len() as u64);
        prop_assert_eq!(found.rankings, rankings);
    }

    /// The two cells of a pair sum to 1, and the unit of measurement does not matter.
    #[test]
    fn pairs(rows in proptest::collection::vec(proptest::collection::vec(0..6_i32, 4), 3), factor in 1..9_i32) {
        let columns = |scale: i32| -> Vec<(&'static str, Vec<Option<f64>>)> {
            rows.iter().map(|row| ("x", row.iter().map(|value| Some(f64::from(value * scale))).collect())).collect()
        };
        let directions = [Direction::HigherIsBetter, Direction::LowerIsBetter, Direction::HigherIsBetter];
        let shares = [0.5, 0.25, 0.25];
        let matrix = outranking(&columns(1), &directions, &shares).unwrap();
        for (j, k) in (0..4).flat_map(|j| (0..j).map(move |k| (j, k))) {
            prop_assert_eq!(matrix[j][k].unwrap() + matrix[k][j].unwrap(), 1.0);
        }
        prop_assert_eq!(matrix, outranking(&columns(factor), &directions, &shares).unwrap());
    }
}
