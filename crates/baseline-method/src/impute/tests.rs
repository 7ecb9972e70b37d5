use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{Cell, Sheet};

/// Candidates as `own 2020 5.5 b`; a value `:` is none.
fn candidates(text: &str) -> Vec<Candidate> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let owner = match words[0] {
            "own" => Owner::Own,
            "nuts3" => Owner::Parent(Parent::Nuts3),
            "nuts2" => Owner::Parent(Parent::Nuts2),
            "country" => Owner::Parent(Parent::Country),
            _ => Owner::Modelled,
        };
        let status = ObsStatus::new(words.get(3).copied().unwrap_or_default());
        Candidate { owner, year: words[1].parse().unwrap(), value: words[2].parse().ok(), status }
    };
    text.split(',').map(str::trim).filter(|line| !line.is_empty()).map(one).collect()
}

/// The answer for 2024.
fn check(text: &str, expected: &str) {
    let climbed = climb(2024, &candidates(text), Bounds::default()).unwrap();
    let reasons: Vec<&str> = climbed.skipped.iter().map(|reason| reason.word()).collect();
    let found = match climbed.filled {
        Some(filled) => {
            format!("{} {} {} {:?} [{}]", filled.value, filled.rung.word(), filled.rung.grade(), filled.sources, filled.status)
        }
        None => format!("none: {}", reasons.join(", ")),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn rungs() {
    check("own 2024 5 p, own 2023 4, country 2024 9", "5 own A [0] [p]");
    check("own 2024 0, country 2024 9", "0 own A [0] []");
    check("own 2024 :, own 2023 4 d, own 2022 3, country 2024 9", "4 carried A [1] [d]");
    check("own 2021 4 d, own 2025 8 p", "7 interpolated A [0, 1] [dep]");
    check("own 2021 4, nuts3 2024 7, nuts2 2024 8", "7 nuts3 B [1] []");
    check("own 2021 4, nuts2 2024 8 u, country 2024 9", "8 nuts2 C [1] [u]");
    check("nuts2 2024 : c, country 2024 9, modelled 2024 3", "9 country D [1] []");
    check("country 2023 9, modelled 2024 3", "3 modelled M [1] []");
    check("", "none: no value, no value, no value, no value, no value, no value, no value");
    check("own 2021 4", "none: no value, too far, no value, no value, no value, no value, no value");
    check("own 2020 4, own 2025 8", "none: no value, too far, too far, no value, no value, no value, no value");
}

#[test]
fn never_across_a_break() {
    check("own 2023 4 b", "4 carried A [0] [b]");
    check("own 2023 4, own 2024 : b, country 2024 9", "9 country D [2] []");
    check("own 2021 4 b, own 2025 8", "7 interpolated A [0, 1] [be]");
    check("own 2021 4, own 2025 8 b, country 2024 9", "9 country D [2] []");
    check("own 2021 4, own 2023 : b, own 2025 8, country 2024 9", "9 country D [3] []");
}

#[test]
fn withheld_is_not_replaced_by_own() {
    check("own 2024 : c, own 2023 4, country 2024 9", "9 country D [2] []");
    check("own 2024 : bu, own 2023 4", "none: withheld, withheld, withheld, no value, no value, no value, no value");
}

#[test]
fn refused() {
    let twice = climb(2024, &candidates("own 2024 1, own 2024 2"), Bounds::default());
    assert_eq!(twice.map_err(|fault| fault.code()), Err("method-duplicate"));
    let endless = climb(2024, &candidates("own 2024 inf"), Bounds::default());
    assert_eq!(endless.map_err(|fault| fault.code()), Err("method-number"));
}

fn filled(values: &[f64], rule: Filling) -> String {
    let values: Vec<Option<f64>> = values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect();
    let years: Vec<i32> = (2020..).take(values.len()).collect();
    let known = fill(&years, &values, rule).unwrap();
    let text = |known: &Option<Known>| known.map_or("-".to_owned(), |known| known.value.to_string());
    known.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn series() {
    let gaps = [f64::NAN, 2.0, f64::NAN, f64::NAN, 5.0, f64::NAN];
    assert_eq!(filled(&gaps, Filling::None), "- 2 - - 5 -");
    assert_eq!(filled(&gaps, Filling::Carry), "2 2 2 2 5 5");
    assert_eq!(filled(&gaps, Filling::Interpolate), "2 2 3 4 5 5");
    assert_eq!(filled(&[f64::NAN, f64::NAN], Filling::Interpolate), "- -");
    assert_eq!(fill(&[1, 1], &[None, None], Filling::Carry).map_err(|fault| fault.code()), Err("method-duplicate"));
}

fn run(text: &str, params: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sheet = Sheet::read("x.csv", text.as_bytes()).map_err(|fault| fault.to_string())?;
    let answer = crate::compute(&METHOD, &sheet, &params, &BTreeMap::new()).map_err(|fault| fault.to_string())?;
    Ok(answer.rows.iter().map(|row| row.iter().map(Cell::to_string).collect::<Vec<_>>().join(",")).collect())
}

#[test]
fn tables() {
    let text = "unit,level,year,value,flag\na,own,2020,1,\na,own,2022,:,u\na,country,2022,7,p\n";
    let expected = [
        "a,2020,1,,1,own,A,,2020,2,",
        "a,2022,7,p,6,country,D,,2022,4,1 withheld; 2 withheld; 3 withheld; 4 no value; 5 no value",
    ];
    assert_eq!(run(text, &[]).unwrap(), expected);
    let one = run("territory,year,value,nuts2\na,2020,1,\na,2024,,3\n", &[("years", "2021-2022;2024")]).unwrap();
    assert_eq!(one[0], "a,2021,1,,2,carried,A,1,2020,2,1 no value");
    assert_eq!(one[2], "a,2024,3,,5,nuts2,C,,2024,3,1 no value; 2 too far; 3 no value; 4 no value");
    // As an office prints a rate: countries by name, the rate under its own name, other columns of texts.
    let printed = "geo,country,year,naturalisation_rate,flag\nSE,Sweden,2020,5,\nSE,Sweden,2021,,c\nPL,Poland,2021,4,e\n";
    assert_eq!(run(printed, &[("years", "2021")]).unwrap()[1], "PL,2021,4,e,1,own,A,,2021,4,");
    assert_eq!(run("country,year,rate\nPoland,2020,4\n", &[]).unwrap(), ["Poland,2020,4,,1,own,A,,2020,2,"]);
    assert_eq!(run("geo,unit,year,value\nSE,PC,2020,4\nPL,PC,2020,4\n", &[]).unwrap().len(), 2);
    assert!(run("geo,year,rate,count\nSE,2020,4,9\n", &[]).unwrap_err().contains("expected a column `value`"));
    assert!(run("unit,year,value\na,2020,x\n", &[]).unwrap_err().contains("line 2, column value"));
    assert!(run("unit,year,value\na,2020,1\na,2020,2\n", &[]).unwrap_err().contains("stands twice"));
    assert!(run("unit,year,value\na,soon,1\n", &[]).unwrap_err().contains("a year as a whole number"));
    assert!(run("unit,level,year,value\na,village,2020,1\n", &[]).unwrap_err().contains("found `village`"));
    assert!(run("unit,value\na,1\n", &[]).unwrap_err().contains("expected a column `year`"));
    assert!(run("unit,year,value\na,2020,1\n", &[("years", "0-999999")]).is_err());
}

proptest! {
    /// No rung makes a number: what comes out is a candidate's number or lies between two.
    #[test]
    fn nothing_from_nothing(cells in proptest::collection::vec(
        (0..5_usize, 2018..2028_i32, proptest::option::of(1..100_i32), "[bcpu]{0,2}"), 0..20)
    ) {
        let owners = [Owner::Own, Owner::Parent(Parent::Nuts3), Owner::Parent(Parent::Nuts2), Owner::Parent(Parent::Country), Owner::Modelled];
        let mut candidates: Vec<Candidate> = Vec::new();
        for (owner, year, value, status) in cells {
            let owner = owners[owner];
            if !candidates.iter().any(|other| other.owner == owner && other.year == year) {
                candidates.push(Candidate { owner, year, value: value.map(f64::from), status: ObsStatus::new(&status) });
            }
        }
        let climbed = climb(2023, &candidates, Bounds::default()).unwrap();
        if let Some(filled) = climbed.filled {
            let sources: Vec<f64> = filled.sources.iter().map(|source| candidates[*source].value.unwrap()).collect();
            let low = sources.iter().copied().fold(f64::INFINITY, f64::min);
            let high = sources.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low <= filled.value && filled.value <= high && filled.value > 0.0);
            prop_assert_eq!(climbed.skipped.len() + 1, usize::from(filled.rung.number()));
        } else {
            prop_assert_eq!(climbed.skipped.len(), 7);
        }
    }
}
