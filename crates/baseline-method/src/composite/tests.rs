use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::{Answer, Cell, Sheet};

fn sheet(name: &str, text: &str) -> Sheet {
    Sheet::read(name, text.as_bytes()).unwrap()
}

fn run(text: &str, files: &[(&str, &str)], params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), sheet(&format!("{name}.csv"), text))).collect();
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    crate::compute(&METHOD, &sheet("x.csv", text), &params, &files)
}

/// The answer's rows, and its notes' codes; or the fault.
fn check(text: &str, files: &[(&str, &str)], params: &[(&str, &str)], expected: &str) {
    let found = match run(text, files, params) {
        Ok(answer) => {
            let rows: Vec<String> =
                answer.rows.iter().map(|row| row.iter().map(Cell::to_string).collect::<Vec<_>>().join(",")).collect();
            let notes: Vec<&str> = answer.notes.iter().map(|note| note.code).collect();
            format!("{} # {}", rows.join(" | "), notes.join(" "))
        }
        Err(fault) => format!("{} {fault}", fault.code()),
    };
    assert_eq!(found, expected);
}

const TWO: &str = "id,x,y\na,0,10\nb,5,10\nc,10,20\n";

#[test]
fn flat_tables() {
    check(TWO, &[], &[], "a,0,3,2,0,0 | b,25,2,2,50,0 | c,100,1,2,100,100 # equal-weights");
    check(TWO, &[], &[("lower_is_better", "y")], "a,50,2,2,0,100 | b,75,1,2,50,100 | c,50,2,2,100,0 # equal-weights");
    check(TWO, &[], &[("indicators", "x")], "a,0,3,1,0 | b,50,2,1,50 | c,100,1,1,100 # equal-weights columns-not-used");
    let weights = [("weights", "method,x,y\nEW,0.5,0.5\nFA,0.75,0.25\n")];
    check(TWO, &weights, &[("scheme", "FA")], "a,0,3,2,0,0 | b,37.5,2,2,50,0 | c,100,1,2,100,100 # weight-above-half");
    let posts = [("goalposts", "indicator,lower,upper\nx,0,5\ny,0,20\n")];
    check(TWO, &posts, &[("scale", "1")], "a,0.25,3,2,0,0.5 | b,0.75,2,2,1,0.5 | c,1,1,2,1,1 # equal-weights goalpost-clip");
    let long = [("weights", "indicator,weight\nx,3\ny,1\n")];
    check(TWO, &long, &[("rescale", "yes")], "a,0,3,2,0,0 | b,37.5,2,2,50,0 | c,100,1,2,100,100 # weight-above-half");
    check(
        "id,x,y\na,4,9\nb,1,4\n",
        &[],
        &[("normalisation", "raw"), ("aggregation", "geometric")],
        "a,6,1,2,4,9 | b,2,2,2,1,4 # equal-weights",
    );
}

#[test]
fn availability() {
    let some = "id,x,y,z\na,0,,\nb,5,10,\nc,10,20,1\nd,7,5,0\n";
    let expected = "a,,,1,0,, | b,41.66666666666666,2,2,50,33.33333333333333,";
    let answer = run(some, &[], &[]).unwrap();
    let rows: Vec<String> = answer.csv().lines().skip(1).take(2).map(str::to_owned).collect();
    assert_eq!(rows.join(" | "), expected);
    assert!(answer.notes.iter().any(|note| note.code == "too-little-available" && note.message.ends_with("a (1 of 3)")));
    let answer = run(some, &[], &[("availability", "0")]).unwrap();
    assert!(answer.csv().lines().nth(1).unwrap().starts_with("a,0,4,1,"));
}

/// Six indicators, three groups, two dimensions.
const STRUCTURE: &str =
    "indicator,worst,best,group,weight_in_group,dimension,group_weight_in_dimension,dimension_weight_in_index_geometric
p,0,10,g1,0.5,d1,0.5,0.5
q,0,10,g1,0.5,d1,0.5,0.5
r,10,0,g2,1,d1,0.5,0.5
s,0,10,g3,0.5,d2,1,0.5
t,0,10,g3,0.5,d2,1,0.5
";

#[test]
fn levels() {
    let text = "id,p,q,r,s,t\na,2,4,5,1,3\nb,2,,0,,\n";
    // a: g1 30, g2 50, g3 20; d1 40, d2 20; index sqrt(800). b: no d2, so no index.
    let answer = run(text, &[("structure", STRUCTURE)], &[]).unwrap();
    assert_eq!(answer.columns.join(","), "id,index,rank,indicators_present,d1,d2,g1,g2,g3,p,q,r,s,t");
    let lines: Vec<String> = answer.csv().lines().skip(1).map(str::to_owned).collect();
    assert!(
        lines[0].starts_with("a,28.2842712474619") && lines[0].ends_with(",1,5,40,20,30,50,20,20,40,50,10,30"),
        "{}",
        lines[0]
    );
    assert_eq!(lines[1], "b,,,2,60,,20,100,,20,,100,,");
    // Neither weights nor rules: equal, arithmetic within and geometric across.
    let bare = "indicator,worst,best,group,dimension\np,0,10,g1,d1\nq,0,10,g1,d1\nr,10,0,g2,d1\ns,0,10,g3,d2\nt,0,10,g3,d2\n";
    let plain = run(text, &[("structure", bare)], &[]).unwrap();
    assert_eq!(plain.rows, answer.rows);
    assert_eq!(plain.notes.iter().filter(|note| note.code == "equal-weights").count(), 3);
    let all = run(text, &[("structure", STRUCTURE)], &[("aggregation", "arithmetic")]).unwrap();
    assert!(all.csv().lines().nth(1).unwrap().starts_with("a,30,"));
    let long = run(text, &[("structure", STRUCTURE)], &[("layout", "long")]).unwrap();
    assert!(long.csv().contains("\nb,indicator,p,g1,2,2,,20,,0.5,1,\n"), "{}", long.csv());
    assert!(long.csv().contains("\na,group,g1,d1,,,,30,,0.5,0.5,\n"), "{}", long.csv());
}

#[test]
fn gaps_are_filled_as_declared() {
    let text = "id,year,x\na,2020,0\na,2021,\na,2022,10\nb,2020,10\nb,2021,\nb,2022,\n";
    let scores = |params: &[(&str, &str)]| {
        let answer = run(text, &[], &[params, &[("availability", "0")]].concat()).unwrap();
        answer.rows.iter().map(|row| row[2].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(scores(&[]), "0  100 100  ");
    assert_eq!(scores(&[("fill", "carry")]), "0 0 100 100 100 100");
    assert_eq!(scores(&[("interpolate", "x")]), "0 50 100 100 100 100");
    check(
        "id,x\na,1\nb,2\n",
        &[],
        &[("fill", "carry")],
        "method-shape x.csv: expected a column of years, to fill gaps, found id, x",
    );
}

#[test]
fn refused() {
    let off = [("weights", "indicator,weight\nx,0.5\ny,0.6\n")];
    check(TWO, &off, &[], "method-weights weights.csv: the weights sum to 1.1, expected 1");
    let unknown = [("weights", "indicator,weight\nx,0.5\nz,0.5\n")];
    check(TWO, &unknown, &[], "method-shape weights.csv: expected names out of x, found `z`");
    let two = [("weights", "scheme,x,y\nA,0.5,0.5\nB,0.4,0.6\n")];
    check(TWO, &two, &[], "method-shape --param scheme: expected one of the schemes of weights.csv: A, B, found no choice");
    check(
        TWO,
        &two,
        &[("scheme", "C")],
        "method-shape --param scheme: expected one of the schemes of weights.csv: A, B, found `C`",
    );
    check(
        TWO,
        &[],
        &[("aggregation", "geometric")],
        "method-number a, index, geometric mean, present value 1: expected a number above 0 (else aggregate arithmetically, or set a floor on purpose), found 0",
    );
    check("id,x,y\na,1,2\n", &[], &[], "method-too-few column x, minmax, numbers: 1 usable, at least 2 needed");
    check("id,x,y\na,1,\nb,2,\n", &[], &[], "method-too-few x.csv, numbers in column y: 0 usable, at least 1 needed");
    check("id,x,y\na,1,2\nb,1,3\n", &[], &[], "method-no-spread column x, minmax, all numbers: no spread, both ends are 1");
    let equal = [("goalposts", "indicator,lower,upper\nx,5,5\ny,0,20\n")];
    check(TWO, &equal, &[], "method-no-spread goalposts.csv, line 2, column upper: no spread, both ends are 5");
    let some = [("goalposts", "indicator,lower,upper\nx,0,5\n")];
    check(TWO, &some, &[], "method-shape column y: expected goalposts, found none");
    check(TWO, &[], &[("availability", "2")], "method-number --param availability: expected a share from 0 to 1, found 2");
    check(
        TWO,
        &[],
        &[("normalisation", "raw"), ("lower_is_better", "x")],
        "method-shape column x, raw, raw numbers: expected higher_is_better, found lower_is_better",
    );
    let text = "id,p,q,r,s,t\na,2,4,5,1,3\n";
    let bad =
        |from: &str, to: &str, expected: &str| check(text, &[("structure", &STRUCTURE.replacen(from, to, 1))], &[], expected);
    bad("p,0,10,g1,0.5", "p,0,10,g1,0.6", "method-weights structure.csv, g1: the weights sum to 1.1, expected 1");
    bad(
        "q,0,10,g1,0.5,d1,0.5",
        "q,0,10,g1,0.5,d1,0.4",
        "method-shape structure.csv, line 3, column group_weight_in_dimension: expected 0.5, the weight of `g1` above, found 0.4",
    );
    bad(
        "q,0,10,g1,0.5,d1",
        "q,0,10,g1,0.5,d2",
        "method-shape structure.csv, line 3, column dimension: expected `d1`, in which `g1` lies, found `d2`",
    );
    bad("q,0,10", "qq,0,10", "method-shape x.csv: expected a column `qq`, found id; p; q; r; s; t");
    bad("q,0,10", "p,0,10", "method-duplicate structure.csv, line 3: `p` stands twice, first in line 2");
    bad("p,0,10,g1,0.5", "p,0,10,g1,-0.5", "method-number structure.csv, g1, weight 1: expected a weight from 0 up, found -0.5");
}

#[test]
fn a_floor_is_said() {
    let answer = run(TWO, &[], &[("aggregation", "geometric"), ("floor", "1")]).unwrap();
    assert!(answer.notes.iter().any(|note| note.code == "scores-floored" && note.message.starts_with("3 scores below 1")));
    let index = answer.rows.iter().map(|row| row[1].to_string()).collect::<Vec<_>>();
    assert!(index[0].parse::<f64>().is_ok_and(|index| (index - 1.0).abs() < 1e-12));
}

/// A file of the project's validation data, or none in a plain clone.
fn validation(name: &str) -> Option<String> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation")).join(name);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: no ../shared/validation/{name}");
    }
    text
}

/// European Skills Index 2024, raw to index: every published score and every index of 31 countries and 8 releases. All gaps
/// between known years lie on the line, three outside of the surveys held in waves too, so `interpolate` is `all`.
#[test]
fn european_skills_index() {
    let (Some(raw), Some(structure), Some(scores)) =
        (validation("esi2024_raw.csv"), validation("esi2024_goalposts_weights.csv"), validation("esi2024_scores.csv"))
    else {
        return;
    };
    let answer = run(&raw, &[("structure", &structure)], &[("interpolate", "all")]).unwrap();
    let found = sheet("answer.csv", &answer.csv());
    let published = sheet("scores.csv", &scores);
    let keys = |sheet: &Sheet| -> Vec<String> {
        sheet.keys(&["country", "release_year"]).unwrap().into_iter().map(|key| key.join(" ")).collect()
    };
    assert_eq!(keys(&found), keys(&published));
    let (mut indices, mut others) = (0, 0);
    for column in &published.columns[2..] {
        let ours = if column == "European Skills Index" { "index" } else { column };
        for ((row, theirs), ours) in published.numbers(column).unwrap().into_iter().enumerate().zip(found.numbers(ours).unwrap())
        {
            let key = published.rows[row][..2].join(" ");
            match (theirs, ours) {
                (Some(theirs), Some(ours)) => {
                    assert!((theirs - ours).abs() <= 0.01, "{column} {key}: {ours}, published {theirs}");
                }
                (None, None) => continue,
                both => panic!("{column} {key}: {both:?}"),
            }
            *if column == "European Skills Index" { &mut indices } else { &mut others } += 1;
        }
    }
    assert_eq!(indices, 248);
    // 3 672 indicator scores (3 157 of given numbers, the others of filled ones), 248 × 9 of groups.
    assert_eq!(others, 3672 + 248 * 9);
}

/// Technology Achievement Index, 23 countries: the order by the handbook's three rules that can be recomputed.
#[test]
fn technology_achievement_index() {
    let (Some(raw), Some(weights), Some(posts)) =
        (validation("tai_raw_23.csv"), validation("tai_weights.csv"), validation("tai_goalposts.csv"))
    else {
        return;
    };
    let order = |files: &[(&str, &str)], params: &[(&str, &str)]| {
        let answer = run(&raw, files, params).unwrap();
        let rank = |row: &Vec<Cell>| (row[2].to_string().parse::<usize>().unwrap(), row[0].to_string());
        let mut ranks: Vec<(usize, String)> = answer.rows.iter().map(rank).collect();
        ranks.sort();
        ranks.into_iter().map(|(_, country)| country).collect::<Vec<_>>()
    };
    let both = [("weights", weights.as_str()), ("goalposts", posts.as_str())];
    let linear = order(&both, &[("scheme", "EW")]);
    // Table 23, equal weights.
    assert_eq!(
        linear.join(", "),
        "Finland, United States, Sweden, Japan, Korea, Rep. of, Netherlands, United Kingdom, Singapore, Canada, Australia, \
         Germany, Norway, Ireland, Belgium, New Zealand, Austria, France, Israel, Spain, Italy, Czech Republic, Hungary, Slovenia"
    );
    // Budget allocation moves Korea before Japan; the geometric mean of the raw columns moves it far down.
    let place = |order: &[String], country: &str| order.iter().position(|other| other == country).map(|place| place + 1);
    let budget = order(&both, &[("scheme", "BAP")]);
    assert_eq!((place(&budget, "Korea, Rep. of"), place(&budget, "Japan")), (Some(4), Some(5)));
    let geometric = order(&both[..1], &[("scheme", "EW"), ("normalisation", "raw"), ("aggregation", "geometric")]);
    assert_eq!((place(&geometric, "United States"), place(&geometric, "Korea, Rep. of")), (Some(1), Some(16)));
    // AHP's printed weights sum to 1.01.
    let ahp = run(&raw, &both, &[("scheme", "AHP")]).map(|_| ());
    assert_eq!(ahp, Err(Fault::Weights { at: "weights.csv, AHP".into(), sum: 1.01 }));
    assert_eq!(order(&both, &[("scheme", "AHP"), ("rescale", "yes")]).len(), 23);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// An index lies between its scores, and the weights that were used sum to 1.
    #[test]
    fn between_its_scores(scores in proptest::collection::vec(proptest::option::weighted(0.8, 1.0..100.0_f64), 5)) {
        let sheet = sheet("s.csv", STRUCTURE);
        let params = BTreeMap::new();
        let files = BTreeMap::new();
        let given = crate::Given { sheet: &sheet, params: &params, files: &files, method: &METHOD };
        let plan = structure::read(&given, &sheet).unwrap();
        let composed = compose(&scores, &plan.structure, Rules { availability: 0.0, floor: None }).unwrap();
        if let Some(index) = composed.index() {
            let low = scores.iter().flatten().copied().fold(f64::INFINITY, f64::min);
            let high = scores.iter().flatten().copied().fold(0.0, f64::max);
            prop_assert!(low * (1.0 - 1e-12) <= index && index <= high * (1.0 + 1e-12));
        }
        // The weights that were used sum to 1 in every group that has a score.
        for (height, level) in plan.structure.levels.iter().enumerate() {
            for (group, score) in composed.levels[height].iter().enumerate() {
                let inside = level.parent.iter().zip(&composed.shares[height]).filter(|(parent, _)| **parent == group);
                let sum: f64 = inside.map(|(_, share)| share).sum();
                let expected = f64::from(u8::from(score.is_some()));
                prop_assert!((sum - expected).abs() < 1e-12);
            }
        }
    }
}
