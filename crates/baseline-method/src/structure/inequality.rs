//! How unequal the values of territories or persons are: Theil's T and L, coefficient of variation, Gini, Hoover.
//!
//! Two indices are called Theil. T weighs by share of the sum; L is the mean log deviation, weighs by share of the cases,
//! and is what the R package REAT calls "Theil". They are named here and never exchanged.

use baseline_model::Finding;

use super::columns::{TIMES, find, is_text, name_column, split, unused};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// Measures of inequality; all without unit but `mean` and `sd`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inequality {
    pub mean: f64,
    pub sd: f64,
    /// sd / mean.
    pub cv: f64,
    /// Σ s x/μ ln(x/μ), s the share of a case in all cases or in all weight; 0 equal, ln n all in one.
    pub theil_t: f64,
    /// Σ s ln(μ/x), the mean log deviation; `None` when a value is zero.
    pub theil_l: Option<f64>,
    /// Σ Σ s s' |x − x'| / (2μ).
    pub gini: f64,
    /// Gini · n/(n − 1), 1 when all is in one case; `None` with weights.
    pub gini_normalised: Option<f64>,
    /// ½ Σ s |x/μ − 1|: the share of the sum that would have to move.
    pub hoover: f64,
}

/// The measures over values, each case counting once or with its weight (population). The standard deviation has n − 1
/// with `sample`, n otherwise; with weights it is the population's.
///
/// # Errors
/// With fewer than two values, a negative or infinite one, a weight that is not above zero, or a sum of zero.
pub fn inequality(values: &[f64], weights: Option<&[f64]>, sample: bool) -> Result<Inequality, Fault> {
    if values.len() < 2 {
        return Err(Fault::Few { at: "values".into(), found: values.len(), least: 2 });
    }
    if let Some(wrong) = values.iter().find(|value| !(**value >= 0.0 && value.is_finite())) {
        return Err(Fault::number("values", "a number from 0 up", wrong));
    }
    if let Some(weights) = weights {
        if weights.len() != values.len() {
            return Err(Fault::shape(
                "weights",
                values.len().to_string(),
                weights.len().to_string(),
                "one weight for each value",
            ));
        }
        if let Some(wrong) = weights.iter().find(|weight| !(**weight > 0.0 && weight.is_finite())) {
            return Err(Fault::number("weights", "a number above 0", wrong));
        }
    }
    let n = values.len() as f64;
    let s = shares(values.len(), weights);
    let over = |of: &dyn Fn(f64) -> f64| -> f64 { values.iter().zip(&s).map(|(x, s)| s * of(*x)).sum() };
    let mean = over(&|x| x);
    if mean == 0.0 {
        return Err(Fault::number("values, sum", "a sum above 0", &0));
    }
    let variance = over(&|x| (x - mean).powi(2)) * if sample && weights.is_none() { n / (n - 1.0) } else { 1.0 };
    let theil_t = over(&|x| if x > 0.0 { x / mean * (x / mean).ln() } else { 0.0 });
    let theil_l = values.iter().all(|x| *x > 0.0).then(|| over(&|x| (mean / x).ln()));
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let (mut below, mut area) = (0.0, 0.0);
    for index in order {
        area += s[index] * values[index] * (2.0 * below + s[index]);
        below += s[index];
    }
    // Equal values would give the rounding of the machine.
    let gini = (area / mean - 1.0).max(0.0);
    Ok(Inequality {
        mean,
        sd: variance.sqrt(),
        cv: variance.sqrt() / mean,
        theil_t: theil_t.max(0.0),
        theil_l: theil_l.map(|l| l.max(0.0)),
        gini,
        gini_normalised: weights.is_none().then_some(gini * n / (n - 1.0)),
        hoover: over(&|x| (x / mean - 1.0).abs()) / 2.0,
    })
}

/// The parts of Theil's T and L within and between groups; each pair sums to the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    pub t_within: f64,
    pub t_between: f64,
    /// `None` when a value is zero.
    pub l_within: Option<f64>,
    pub l_between: Option<f64>,
}

/// Theil within and between groups: T = Σ `y_g` `T_g` + Σ `y_g` ln(`μ_g`/μ), L = Σ `p_g` `L_g` + Σ `p_g` ln(μ/`μ_g`), with `y_g` the group's
/// share of the sum and `p_g` its share of the cases or the weight. Shorrocks 1980.
///
/// # Errors
/// As [`inequality`]; when the slices differ in length.
pub fn parts(values: &[f64], weights: Option<&[f64]>, groups: &[&str]) -> Result<Parts, Fault> {
    let whole = inequality(values, weights, false)?;
    if groups.len() != values.len() {
        return Err(Fault::shape("groups", values.len().to_string(), groups.len().to_string(), "one group for each value"));
    }
    let s = shares(values.len(), weights);
    let mut names = groups.to_vec();
    names.sort_unstable();
    names.dedup();
    let (mut t_between, mut l_between) = (0.0, Some(0.0));
    for name in names {
        let members = || (0..values.len()).filter(|index| groups[*index] == name);
        let p: f64 = members().map(|index| s[index]).sum();
        let mean = members().map(|index| s[index] * values[index]).sum::<f64>() / p;
        let ratio = mean / whole.mean;
        if ratio > 0.0 {
            t_between += p * ratio * ratio.ln();
            l_between = l_between.map(|sum| sum - p * ratio.ln());
        } else {
            l_between = None;
        }
    }
    let l_between = l_between.filter(|_| whole.theil_l.is_some());
    let l_within = whole.theil_l.zip(l_between).map(|(whole, between)| whole - between);
    Ok(Parts { t_within: whole.theil_t - t_between, t_between, l_within, l_between })
}

fn shares(n: usize, weights: Option<&[f64]>) -> Vec<f64> {
    match weights {
        Some(weights) => {
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        }
        None => vec![1.0 / n as f64; n],
    }
}

pub const METHOD: Method = Method {
    id: "theil",
    about: "Inequality: Theil's T, Theil's L (mean log deviation), coefficient of variation, Gini, Hoover; with weights and groups",
    formula: &[
        "s = 1/n, or w/Σw with weights; μ = Σ s x",
        "theil_t = Σ s (x/μ) ln(x/μ)",
        "theil_l = Σ s ln(μ/x), the mean log deviation; REAT calls this one Theil",
        "cv = sd/μ; sd with n − 1, or n with sd=population; √(Σ s (x−μ)²) with weights",
        "gini = Σ Σ s s' |x − x'| / (2μ); gini_normalised = gini n/(n − 1)",
        "hoover = ½ Σ s |x/μ − 1|",
        "T = Σ y_g T_g + Σ y_g ln(μ_g/μ); L = Σ p_g L_g + Σ p_g ln(μ/μ_g): within and between groups",
    ],
    sources: &[
        "Theil, Economics and information theory, 1967; Shorrocks, The class of additively decomposable inequality measures, \
         Econometrica 48, 1980",
        "Williamson, Regional inequality and the process of national development, 1965 (population-weighted cv)",
        "input of the example: Störmann, Regionalökonomik, 2009, as in the R package REAT, theil",
    ],
    assumptions: &[
        "values on a ratio scale, none negative; L needs all above zero",
        "weights when x is a value per head: then every person counts once. Without, every territory counts once",
    ],
    columns: &[
        Column { name: "id", required: false, about: "name of the case" },
        Column { name: "x", required: false, about: "the values; else every column of numbers is one indicator" },
        Column { name: "weight", required: false, about: "population behind each value; weight, weights, population or pop" },
        Column { name: "group", required: false, about: "for the parts within and between groups" },
        Column { name: "time", required: false, about: "long: period; each is computed for itself" },
        Column { name: "*", required: true, about: "indicators" },
    ],
    params: &[Param { name: "sd", default: "sample", file: false, about: "sample (n − 1) or population (n), without weights" }],
    example: (include_str!("../../examples/theil.csv"), &[]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let sample = given.choice("sd", &["sample", "population"])? == "sample";
    let weight = find(sheet, &["weight", "weights", "population", "pop", "w"]);
    let time = find(sheet, TIMES);
    let group = find(sheet, &["group"]);
    let name = name_column(sheet).filter(|column| Some(*column) != group);
    let taken: Vec<&str> = [weight, time, group, name].into_iter().flatten().collect();
    let (numbers, texts) = split(sheet, &taken);
    let stated = find(sheet, &["x", "value"]).filter(|column| !is_text(sheet, column));
    let indicators = stated.map_or(numbers, |column| vec![column]);
    if indicators.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of numbers", sheet.name), found: 0, least: 1 });
    }
    let mut columns = vec!["indicator", "n", "mean", "sd", "cv", "theil_t", "theil_l", "gini", "gini_normalised", "hoover"];
    if group.is_some() {
        columns.extend(["t_within", "t_between", "l_within", "l_between"]);
    }
    if time.is_some() {
        columns.insert(1, "time");
    }
    let mut answer = Answer::new(&columns);
    answer.notes.extend(unused(METHOD.id, &texts));
    if let Some(name) = name {
        sheet.keys(&[Some(name), time].into_iter().flatten().collect::<Vec<_>>())?;
    }
    let periods = time.map(|time| sheet.texts(time)).transpose()?;
    let groups = group.map(|group| sheet.texts(group)).transpose()?;
    let weights = weight.map(|weight| sheet.numbers(weight)).transpose()?;
    let mut slices: Vec<Option<&str>> =
        periods.as_ref().map_or_else(|| vec![None], |all| all.iter().copied().map(Some).collect());
    slices.sort_unstable();
    slices.dedup();
    for indicator in indicators {
        let values = sheet.numbers(indicator)?;
        for slice in &slices {
            let inside = |row: &usize| slice.is_none_or(|slice| periods.as_ref().is_some_and(|all| all[*row] == slice));
            let known = |row: &usize| values[*row].is_some() && weights.as_ref().is_none_or(|all| all[*row].is_some());
            let rows: Vec<usize> = (0..values.len()).filter(inside).filter(known).collect();
            let missing = (0..values.len()).filter(inside).count() - rows.len();
            let place = slice.map_or_else(|| indicator.to_owned(), |slice| format!("{indicator} {slice}"));
            if missing > 0 {
                let message = format!("{missing} rows without a value or a weight were left out");
                answer.notes.push(Finding::warning("rows-left-out", place.clone(), message));
            }
            let cells = measured(sheet, &rows, (indicator, &values), weights.as_deref(), groups.as_deref(), sample)?;
            if matches!(cells[5], Cell::Missing) {
                let hint = "use theil_t, or say what the zeros stand for";
                let note = Finding::warning("theil-l-undefined", place, "theil_l needs values above zero, and one is zero");
                answer.notes.push(note.hint(hint));
            }
            let names = [Some(indicator), *slice].into_iter().flatten().map(Cell::from);
            answer.rows.push(names.chain(cells).collect());
        }
    }
    if let [row] = answer.rows.as_slice() {
        let facts = ["theil_t", "theil_l", "cv", "gini"];
        let at = |name: &str| answer.columns.iter().position(|column| column == name);
        answer.facts = facts.iter().filter_map(|name| Some((*name, row[at(name)?].clone()))).collect();
    }
    Ok(answer)
}

/// The measures over some rows of a column, from `n` on.
fn measured(
    sheet: &Sheet,
    rows: &[usize],
    (indicator, values): (&str, &[Option<f64>]),
    weights: Option<&[Option<f64>]>,
    groups: Option<&[&str]>,
    sample: bool,
) -> Result<Vec<Cell>, Fault> {
    let pick = |all: &[Option<f64>]| rows.iter().filter_map(|row| all[*row]).collect::<Vec<f64>>();
    let (x, w) = (pick(values), weights.map(pick));
    let negative = rows.iter().find(|row| values[**row].is_some_and(|value| value < 0.0));
    if let Some(row) = negative {
        let found = values[*row].unwrap_or_default();
        return Err(Fault::number(sheet.at(sheet.lines[*row], indicator), "a number from 0 up", &found));
    }
    let located = |fault: Fault| fault.within(&format!("{}, column {indicator}", sheet.name));
    let found = inequality(&x, w.as_deref(), sample).map_err(located)?;
    let mut cells = vec![Cell::whole(Some(x.len()))];
    cells.extend([found.mean, found.sd, found.cv, found.theil_t].map(Cell::from));
    cells.extend([Cell::number(found.theil_l), Cell::from(found.gini)]);
    cells.extend([Cell::number(found.gini_normalised), Cell::from(found.hoover)]);
    if let Some(groups) = groups {
        let groups: Vec<&str> = rows.iter().map(|row| groups[*row]).collect();
        let parts = parts(&x, w.as_deref(), &groups).map_err(located)?;
        cells.extend([Cell::from(parts.t_within), Cell::from(parts.t_between)]);
        cells.extend([parts.l_within, parts.l_between].map(Cell::number));
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::structure::tests::{answer, cell, fact, fault};

    /// Störmann 2009 in the R package REAT, which names L "theil".
    #[test]
    fn published() {
        let found = answer(&METHOD, "x\n10\n10\n10\n20\n50\n", &[]);
        assert!((fact(&found, "theil_l") - 0.232_630_2).abs() < 5e-8);
        let t = (3.0 * 0.5 * 0.5f64.ln() + 2.5 * 2.5f64.ln()) / 5.0;
        assert!((fact(&found, "theil_t") - t).abs() < 1e-12);
        // Σ|x−x'| = 2·(3·10 + 3·40 + 30) = 360; 360/(25·2·20).
        assert!((fact(&found, "gini") - 0.36).abs() < 1e-12);
    }

    #[test]
    fn weights_are_cases() {
        let repeated = inequality(&[1.0, 1.0, 1.0, 5.0], None, false).unwrap();
        let weighted = inequality(&[1.0, 5.0], Some(&[3.0, 1.0]), false).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(repeated.theil_t, weighted.theil_t) && close(repeated.theil_l.unwrap(), weighted.theil_l.unwrap()));
        assert!(
            close(repeated.gini, weighted.gini) && close(repeated.cv, weighted.cv) && close(repeated.hoover, weighted.hoover)
        );
    }

    #[test]
    fn layouts() {
        let found = answer(&METHOD, "region,gdp,jobs,pop\na,1,2,10\nb,3,2,10\n", &[]);
        assert_eq!(found.rows.len(), 2);
        assert_eq!(cell(&found, &["jobs"], "theil_t"), 0.0);
        let found = answer(&METHOD, "region,year,value\na,2011,1\nb,2011,3\na,2021,2\nb,2021,2\n", &[]);
        assert!(cell(&found, &["value", "2011"], "gini") > 0.2 && cell(&found, &["value", "2021"], "gini") == 0.0);
        let found = answer(&METHOD, "id,x,group\na,1,p\nb,3,p\nc,2,q\nd,8,q\n", &[]);
        let sum = cell(&found, &["x"], "t_within") + cell(&found, &["x"], "t_between");
        assert!((sum - cell(&found, &["x"], "theil_t")).abs() < 1e-12);
    }

    #[test]
    fn refused() {
        assert_eq!(fault(&METHOD, "id,x\na,1\nb,-3\n", &[]), "x.csv, line 3, column x: expected a number from 0 up, found -3");
        assert_eq!(fault(&METHOD, "id,x\na,1\n", &[]), "x.csv, column x, values: 1 usable, at least 2 needed");
        assert_eq!(fault(&METHOD, "id,x\na,0\nb,0\n", &[]), "x.csv, column x, values, sum: expected a sum above 0, found 0");
        assert!(fault(&METHOD, "id,x\na,inf\nb,0\n", &[]).ends_with("found `inf`"));
        let zero = answer(&METHOD, "id,x\na,0\nb,1\n", &[]);
        assert_eq!(zero.notes[0].code, "theil-l-undefined");
    }

    proptest! {
        #[test]
        fn scale_free(values in prop::collection::vec(0.1f64..1000.0, 2..12), factor in 0.01f64..100.0) {
            let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
            let (one, other) = (inequality(&values, None, true).unwrap(), inequality(&scaled, None, true).unwrap());
            prop_assert!((one.theil_t - other.theil_t).abs() < 1e-9 && (one.gini - other.gini).abs() < 1e-9);
            prop_assert!((one.theil_l.unwrap() - other.theil_l.unwrap()).abs() < 1e-9 && (one.cv - other.cv).abs() < 1e-9);
            prop_assert!(one.theil_t <= (values.len() as f64).ln() + 1e-9 && one.gini <= 1.0);
        }

        #[test]
        fn parts_sum(values in prop::collection::vec((0.1f64..1000.0, 0.1f64..10.0, 0usize..3), 2..12)) {
            let x: Vec<f64> = values.iter().map(|value| value.0).collect();
            let w: Vec<f64> = values.iter().map(|value| value.1).collect();
            let groups: Vec<&str> = values.iter().map(|value| ["p", "q", "r"][value.2]).collect();
            let parts = parts(&x, Some(&w), &groups).unwrap();
            prop_assert!(parts.t_between > -1e-9 && parts.t_within > -1e-9);
            prop_assert!(parts.l_between.unwrap() > -1e-9 && parts.l_within.unwrap() > -1e-9);
        }
    }
}
