//! How far two groupings of the same cases agree: the Rand index, and adjusted for chance.

use std::collections::BTreeMap;

use super::columns::{NAMES, find};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// Agreement of two groupings.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    pub cases: usize,
    /// Pairs of cases on which both groupings say the same, of all pairs; 0 to 1.
    pub rand: f64,
    /// (index − expected)/(maximum − expected): 0 as by chance, 1 the same grouping, below 0 less than by chance.
    pub adjusted: f64,
    /// Cases by a label of the first and a label of the second grouping.
    pub table: BTreeMap<(String, String), usize>,
}

/// Rand 1971 and Hubert and Arabie 1985 over two labels for each case.
///
/// # Errors
/// When the slices differ in length or there are fewer than two cases.
pub fn agreement(a: &[&str], b: &[&str]) -> Result<Agreement, Fault> {
    if a.len() != b.len() {
        return Err(Fault::shape("labels", a.len().to_string(), b.len().to_string(), "two labels for each case"));
    }
    if a.len() < 2 {
        return Err(Fault::Few { at: "labelled cases".into(), found: a.len(), least: 2 });
    }
    let mut table: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut rows, mut columns): (BTreeMap<&str, usize>, BTreeMap<&str, usize>) = (BTreeMap::new(), BTreeMap::new());
    for (a, b) in a.iter().zip(b) {
        *table.entry(((*a).to_owned(), (*b).to_owned())).or_default() += 1;
        *rows.entry(a).or_default() += 1;
        *columns.entry(b).or_default() += 1;
    }
    let both: f64 = table.values().map(|n| pairs(*n)).sum();
    let (in_a, in_b): (f64, f64) = (rows.values().map(|n| pairs(*n)).sum(), columns.values().map(|n| pairs(*n)).sum());
    let all = pairs(a.len());
    let (expected, maximum) = (in_a * in_b / all, f64::midpoint(in_a, in_b));
    // Both groupings trivial in the same way (all together, or all apart) are the same grouping.
    let adjusted = if maximum == expected { 1.0 } else { (both - expected) / (maximum - expected) };
    Ok(Agreement { cases: a.len(), rand: (all + 2.0 * both - in_a - in_b) / all, adjusted, table })
}

fn pairs(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) / 2.0
}

pub const METHOD: Method = Method {
    id: "rand-index",
    about: "How far two groupings of the same cases agree: Rand index and adjusted Rand index",
    formula: &[
        "n_ab cases with label a and label b; S = Σ C(n_ab, 2), A = Σ C(n_a, 2), B = Σ C(n_b, 2), N = C(n, 2)",
        "rand = (N + 2S − A − B)/N",
        "adjusted_rand = (S − AB/N) / ((A + B)/2 − AB/N)",
    ],
    sources: &[
        "Rand, Objective criteria for the evaluation of clustering methods, JASA 66, 1971",
        "Hubert and Arabie, Comparing partitions, Journal of Classification 2, 1985",
    ],
    assumptions: &["labels are names only: numbering the groups otherwise changes nothing"],
    columns: &[
        Column { name: "id", required: false, about: "name of the case" },
        Column { name: "a", required: false, about: "label in the first grouping; else the first further column" },
        Column { name: "b", required: false, about: "label in the second grouping; else every further column against the first" },
        Column { name: "*", required: true, about: "labels, texts or numbers" },
    ],
    params: &[Param { name: "missing", default: "refuse", file: false, about: "a case without a label: refuse, or leave_out" }],
    example: (include_str!("../../examples/rand-index.csv"), &[]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let leave_out = given.choice("missing", &["refuse", "leave_out"])? == "leave_out";
    let labels = labels(sheet);
    let [first, others @ ..] = labels.as_slice() else {
        return Err(Fault::Few { at: format!("{}, columns of labels", sheet.name), found: 0, least: 2 });
    };
    if others.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of labels", sheet.name), found: 1, least: 2 });
    }
    if let Some(name) = find(sheet, NAMES).filter(|name| !labels.contains(name)) {
        sheet.keys(&[name])?;
    }
    let mut answer = Answer::new(&["a", "b", "label_a", "label_b", "cases", "rand", "adjusted_rand"]);
    for other in others {
        let (a, b) = labelled(sheet, first, other, leave_out)?;
        let found = agreement(&a, &b).map_err(|fault| fault.within(&sheet.name))?;
        for ((label_a, label_b), cases) in &found.table {
            let names = [*first, *other, label_a, label_b].map(Cell::from);
            let numbers = [Cell::whole(Some(*cases)), Cell::from(found.rand), Cell::from(found.adjusted)];
            answer.rows.push(names.into_iter().chain(numbers).collect());
        }
        // With several pairs the table says which number is whose.
        if others.len() == 1 {
            answer.facts.push(("cases", Cell::whole(Some(found.cases))));
            answer.facts.push(("rand", Cell::from(found.rand)));
            answer.facts.push(("adjusted_rand", Cell::from(found.adjusted)));
        }
    }
    Ok(answer)
}

/// The columns of labels.
fn labels(sheet: &Sheet) -> Vec<&str> {
    if let (Some(a), Some(b)) = (find(sheet, &["a"]), find(sheet, &["b"])) {
        return vec![a, b];
    }
    let all: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
    // With exactly two columns both are labels, whatever their names.
    let name = if all.len() > 2 { find(sheet, NAMES).or(all.first().copied()) } else { None };
    all.into_iter().filter(|column| Some(*column) != name).collect()
}

/// The labels of two columns, of the cases that have both.
fn labelled<'s>(sheet: &'s Sheet, a: &str, b: &str, leave_out: bool) -> Result<(Vec<&'s str>, Vec<&'s str>), Fault> {
    if !leave_out {
        return Ok((sheet.texts(a)?, sheet.texts(b)?));
    }
    let index = |name: &str| sheet.columns.iter().position(|column| column == name).unwrap_or_default();
    let (a, b) = (index(a), index(b));
    Ok(sheet.rows.iter().map(|row| (row[a].as_str(), row[b].as_str())).filter(|(a, b)| !a.is_empty() && !b.is_empty()).unzip())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::structure::tests::{answer, fact, fault};

    fn check(a: &str, b: &str, rand: f64, adjusted: f64) {
        let labels = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let (a, b) = (labels(a), labels(b));
        let a: Vec<&str> = a.iter().map(String::as_str).collect();
        let b: Vec<&str> = b.iter().map(String::as_str).collect();
        let found = agreement(&a, &b).unwrap();
        assert!((found.rand - rand).abs() < 1e-12 && (found.adjusted - adjusted).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn by_hand() {
        check("xxyy", "ppqq", 1.0, 1.0);
        check("xxyy", "qqpp", 1.0, 1.0);
        check("xxyy", "pqpq", 1.0 / 3.0, -0.5);
        // S = 1, A = 2, B = 1, N = 6: rand = (6 + 2 − 3)/6; adjusted = (1 − 1/3)/(1.5 − 1/3).
        check("xxyy", "ppqr", 5.0 / 6.0, 4.0 / 7.0);
        check("xxx", "ppp", 1.0, 1.0);
        check("xyz", "pqr", 1.0, 1.0);
        check("xxx", "pqr", 0.0, 0.0);
    }

    #[test]
    fn layouts() {
        for text in
            ["a,b\n1,p\n1,p\n2,q\n2,r\n", "territory,ward,label\nk,1,p\nl,1,p\nm,2,q\nn,2,r\n", "x,y\n1,p\n1,p\n2,q\n2,r\n"]
        {
            assert!((fact(&answer(&METHOD, text, &[]), "adjusted_rand") - 4.0 / 7.0).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn refused() {
        assert_eq!(fault(&METHOD, "a,b\n1,p\n", &[]), "x.csv, labelled cases: 1 usable, at least 2 needed");
        assert_eq!(fault(&METHOD, "id,a,b\nx,1,p\nx,2,q\n", &[]), "x.csv, line 3: `x` stands twice, first in line 2");
        assert_eq!(fault(&METHOD, "id,a,b\nx,1,p\ny,,q\n", &[]), "x.csv, line 3, column a: expected a text, found an empty cell");
        assert_eq!(fault(&METHOD, "a\n1\n2\n", &[]), "x.csv, columns of labels: 1 usable, at least 2 needed");
    }

    proptest! {
        #[test]
        fn symmetric_and_free_of_names(labels in prop::collection::vec((0usize..4, 0usize..3), 2..20)) {
            let names = ["a", "b", "c", "d"];
            let (a, b): (Vec<&str>, Vec<&str>) = labels.iter().map(|(a, b)| (names[*a], names[*b])).unzip();
            let renamed: Vec<&str> = labels.iter().map(|(a, _)| names[3 - a]).collect();
            let found = agreement(&a, &b).unwrap().adjusted;
            prop_assert!((agreement(&b, &a).unwrap().adjusted - found).abs() < 1e-12);
            prop_assert!((agreement(&renamed, &b).unwrap().adjusted - found).abs() < 1e-12);
            prop_assert!(found <= 1.0 + 1e-12);
        }
    }
}
