//! What the tests of the modules share, and the published cases.

use std::collections::BTreeMap;

use crate::method::{Answer, Cell, Method};
use crate::{Fault, Sheet, compute};

pub fn run(method: &Method, text: &str, params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let named = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    compute(method, &Sheet::read("x.csv", text.as_bytes())?, &named, &BTreeMap::new())
}

pub fn answer(method: &Method, text: &str, params: &[(&str, &str)]) -> Answer {
    run(method, text, params).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

pub fn fault(method: &Method, text: &str, params: &[(&str, &str)]) -> String {
    run(method, text, params).expect_err(text).to_string()
}

pub fn fact(answer: &Answer, name: &str) -> f64 {
    let fact = answer.facts.iter().find(|(fact, _)| *fact == name).unwrap_or_else(|| panic!("no fact {name}"));
    number(&fact.1)
}

/// The number at a column of the row that starts with some texts.
pub fn cell(answer: &Answer, row: &[&str], column: &str) -> f64 {
    let index = answer.columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
    let starts = |cells: &&Vec<Cell>| row.iter().zip(cells.iter()).all(|(text, cell)| cell.to_string() == *text);
    number(&answer.rows.iter().find(starts).unwrap_or_else(|| panic!("no row {row:?}"))[index])
}

fn number(cell: &Cell) -> f64 {
    cell.to_string().parse().unwrap_or_else(|_| panic!("{cell} is no number"))
}

/// The published cases of `regional_methods_examples.csv`, each through `compute`, to the digits stated.
#[test]
fn validation() {
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/regional_methods_examples.csv");
    let Ok(bytes) = std::fs::read(&place) else {
        println!("skipped: {} is not there", place.display());
        return;
    };
    let cases = Sheet::read("regional_methods_examples.csv", &bytes).unwrap();
    let mut done = BTreeMap::new();
    for case in &cases.rows {
        let [id, input, _, expected] = [&case[0], &case[1], &case[2], &case[3]].map(String::as_str);
        let (method, input, facts): (&Method, String, Vec<&str>) = match id {
            "shift_share_dunn" => {
                let facts = vec!["growth", "national", "industry_mix", "regional", "net_total"];
                (&super::shift_share::METHOD, columns(input), facts)
            }
            "location_quotient" => (&super::quotient::LQ, columns(input), vec!["lq"]),
            "krugman_specialisation" => (&super::quotient::KRUGMAN, columns(input), vec!["krugman"]),
            "theil_mean_log_deviation" => (&super::inequality::METHOD, columns(input), vec!["theil_l"]),
            "dissimilarity_D" => (&super::segregation::METHOD, columns(input), vec!["dissimilarity"]),
            _ => continue,
        };
        let found = answer(method, &input, &[]);
        for (name, expected) in facts.iter().zip(expected.split('|')) {
            let digits = expected.split_once('.').map_or(0, |(_, digits)| digits.len());
            // All digits stated: half a unit of the last one, 1e-9 where a whole number is stated.
            let tolerance = if digits == 0 { 1e-9 } else { 0.5 * 10f64.powi(-i32::try_from(digits).unwrap()) };
            let difference = fact(&found, name) - expected.parse::<f64>().unwrap();
            assert!(difference.abs() <= tolerance, "{id} {name}: {difference}");
        }
        *done.entry(id.to_owned()).or_insert(0) += 1;
    }
    let expected = [("dissimilarity_D", 4), ("krugman_specialisation", 1), ("location_quotient", 1), ("shift_share_dunn", 3)];
    assert!(expected.iter().all(|(id, cases)| done.get(*id) == Some(cases)) && done["theil_mean_log_deviation"] == 1, "{done:?}");
}

/// `region A: a=[1, 2] b=3` as a table with columns a and b.
fn columns(text: &str) -> String {
    let text = text.rsplit_once(": ").map_or(text, |(_, rest)| rest);
    let mut table: Vec<(&str, Vec<&str>)> = Vec::new();
    let text = text.replace(", ", ",");
    for part in text.split(' ') {
        let (name, numbers) = part.split_once('=').unwrap();
        table.push((name, numbers.trim_matches(['[', ']']).split(',').collect()));
    }
    let rows = table.iter().map(|(_, numbers)| numbers.len()).max().unwrap();
    let line = |row: usize| table.iter().map(|(_, numbers)| numbers[row]).collect::<Vec<_>>().join(",");
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    format!("{}\n{}\n", names.join(","), (0..rows).map(line).collect::<Vec<_>>().join("\n"))
}

/// Whatever a table holds, a method of these answers or says why not, without a number that is none.
#[test]
fn hostile() {
    let methods: Vec<&Method> = crate::METHODS
        .iter()
        .copied()
        .filter(|method| {
            let ours = "lq krugman shift-share dissimilarity theil convergence cluster rand-index quadrant nuts-convert";
            ours.split(' ').any(|id| id == method.id)
        })
        .collect();
    assert_eq!(methods.len(), 10);
    let cells = ["", "0", "1", "-3", "1e300", "x", "FI193", "2021", "NaN", "-0", "é"];
    let headers = [
        "id,x,y",
        "region,industry,value",
        "geo,time,value",
        "unit,group,n",
        "industry,e_t,e_t1",
        "e_ij,e_i,e",
        "id,t0,t1",
        "geo,2011,2021",
        "id,label,total",
        "a,b,weight",
        "é,ß_t,ß_t1",
    ];
    for header in headers {
        for first in 0..cells.len() {
            for step in (0..cells.len()).step_by(4) {
                let mut text = format!("{header}\n");
                for row in 0..4 {
                    let cell = |column: usize| cells[(first + row * step + column * (step + row)) % cells.len()];
                    text.push_str(&format!("{},{},{}\n", cell(0), cell(1), cell(2)));
                }
                // Reading the official lists is what takes time: two tables are enough there.
                let slow = |method: &&&Method| method.id == "nuts-convert" && !header.starts_with("geo");
                for method in methods.iter().filter(|method| !slow(method)) {
                    for params in [[].as_slice(), &[("k", "2")], &[("mixed", "split")], &[("years", "5")]] {
                        match run(method, &text, params) {
                            Ok(found) => assert!(found.rows.iter().all(|row| row.len() == found.columns.len()), "{text}"),
                            Err(fault) => assert!(!fault.to_string().is_empty() && !fault.code().is_empty(), "{text}"),
                        }
                    }
                }
            }
        }
    }
}
