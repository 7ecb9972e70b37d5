//! How differently groups are spread over units (occupations, areas, industries): dissimilarity, isolation and exposure of
//! pairs, Theil's H and M for all groups together.

use super::counts::Counts;
use super::quotient::shares;
use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};

/// ½ Σ |`a_i`/A − `b_i`/B|: the share of a group that would have to move for equal distributions; 0 to 1. Counts by unit.
/// Duncan and Duncan 1955.
///
/// # Errors
/// When the slices differ in length, hold a negative number, or sum to zero.
pub fn dissimilarity(a: &[f64], b: &[f64]) -> Result<f64, Fault> {
    super::quotient::specialisation(a, b).map(|sum| sum / 2.0)
}

/// Σ (`a_i`/A)(`b_i`/`t_i`): the share of group b in the unit of an average member of group a; with b = a, isolation. `totals` are
/// all persons by unit. Bell 1954; Lieberson 1981.
///
/// # Errors
/// As [`dissimilarity`].
pub fn exposure(a: &[f64], b: &[f64], totals: &[f64]) -> Result<f64, Fault> {
    let a = shares(a, "first")?;
    let units = a.iter().zip(b).zip(totals);
    Ok(units.map(|((a, b), total)| if *total > 0.0 { a * b / total } else { 0.0 }).sum())
}

/// Segregation of all groups at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Multigroup {
    /// Entropy of the groups, E = −Σ `p_g` ln `p_g`; nats.
    pub entropy: f64,
    /// Mutual information, M = Σ `p_ug` ln(`p_ug`/(`p_u` `p_g`)); nats.
    pub m: f64,
    /// Theil's information index, H = M/E; 0 to 1.
    pub h: f64,
    /// Σ `t_u` |`p_g|u` − `p_g`| / (2 T Σ `p_g`(1 − `p_g`)): dissimilarity of more than two groups.
    pub dissimilarity: f64,
}

/// Theil's H and M over `cells[unit][group]`. Theil and Finizza 1971; Mora and Ruiz-Castillo 2011; Reardon and Firebaugh 2002.
///
/// # Errors
/// When a count is negative or not finite, or fewer than two groups have members.
pub fn multigroup(cells: &[Vec<f64>]) -> Result<Multigroup, Fault> {
    let groups = cells.first().map_or(0, Vec::len);
    let by_group: Vec<f64> = (0..groups).map(|group| cells.iter().map(|row| row[group]).sum()).collect();
    let p = shares(&by_group, "groups")?;
    if let Some(wrong) = cells.iter().flatten().find(|count| !(**count >= 0.0 && count.is_finite())) {
        return Err(Fault::number("counts", "a count from 0 up", wrong));
    }
    let found = by_group.iter().filter(|count| **count > 0.0).count();
    if found < 2 {
        return Err(Fault::Few { at: "groups with members".into(), found, least: 2 });
    }
    let all: f64 = by_group.iter().sum();
    let entropy: f64 = p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
    let (mut m, mut apart) = (0.0, 0.0);
    for row in cells {
        let unit: f64 = row.iter().sum();
        for (count, p) in row.iter().zip(&p).filter(|_| unit > 0.0) {
            if *count > 0.0 {
                m += count / all * (count / unit / p).ln();
            }
            apart += unit * (count / unit - p).abs();
        }
    }
    let spread: f64 = p.iter().map(|p| p * (1.0 - p)).sum();
    Ok(Multigroup { entropy, m, h: m / entropy, dissimilarity: apart / (2.0 * all * spread) })
}

const UNITS: &[&str] = &[
    "unit",
    "occupation",
    "isco",
    "industry",
    "sector",
    "nace",
    "school",
    "tract",
    "area",
    "region",
    "place",
    "geo",
    "territory",
    "municipality",
    "district",
];
const GROUPS: &[&str] = &["group", "origin", "citizenship", "citizen", "c_birth", "country_of_birth", "sex", "race", "ethnicity"];

pub const METHOD: Method = Method {
    id: "dissimilarity",
    about: "How differently groups are spread over units: dissimilarity, isolation, exposure; Theil's H and M of all groups",
    formula: &[
        "D = ½ Σ_u |a_u/A − b_u/B|",
        "exposure_ab = Σ_u (a_u/A)(b_u/t_u); isolation_a = Σ_u (a_u/A)(a_u/t_u); t_u all groups of the table",
        "M = Σ_u Σ_g p_ug ln(p_ug/(p_u p_g)); E = −Σ_g p_g ln p_g; H = M/E",
        "dissimilarity_all = Σ_u Σ_g t_u |p_g|u − p_g| / (2 T Σ_g p_g (1 − p_g))",
    ],
    sources: &[
        "Duncan and Duncan, A methodological analysis of segregation indexes, American Sociological Review 20, 1955",
        "Theil and Finizza, A note on the measurement of racial integration of schools, 1971 (H); Mora and Ruiz-Castillo, \
         Entropy-based segregation indices, Sociological Methodology 41, 2011 (M)",
        "Reardon and Firebaugh, Measures of multigroup segregation, Sociological Methodology 32, 2002",
    ],
    assumptions: &[
        "the units cover all members of the groups",
        "small counts raise D by chance alone; finer units raise it by construction",
    ],
    columns: &[
        Column { name: "unit", required: false, about: "name of the unit: occupation, area, industry" },
        Column { name: "group", required: false, about: "long: name of the group" },
        Column { name: "n", required: false, about: "long: count" },
        Column { name: "*", required: true, about: "wide: counts, one column for each group" },
    ],
    params: &[
        Param { name: "group", default: "", file: false, about: "only pairs with this group" },
        Param { name: "against", default: "", file: false, about: "only pairs with this other group" },
        Param { name: "absent", default: "refuse", file: false, about: "long, a pair that is not there: refuse, or zero" },
    ],
    example: (include_str!("../../examples/dissimilarity.csv"), &[]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let absent = given.choice("absent", &["refuse", "zero"])? == "zero";
    let counts = Counts::read(given.sheet, [UNITS, GROUPS], METHOD.id, absent)?;
    // A wide table whose first column holds the groups has a row for each.
    let turned = counts.heads[1] == "column" && GROUPS.iter().any(|name| counts.heads[0].eq_ignore_ascii_case(name));
    let counts = if turned { counts.transposed() } else { counts };
    let counts = counts.without_total_column(METHOD.id)?.without_total_row(METHOD.id)?;
    if counts.columns.len() < 2 {
        return Err(Fault::Few { at: format!("{}, groups", given.sheet.name), found: counts.columns.len(), least: 2 });
    }
    let wanted: Vec<&str> =
        ["group", "against"].map(|name| given.param(name)).into_iter().filter(|name| !name.is_empty()).collect();
    if let Some(unknown) = wanted.iter().find(|name| !counts.columns.iter().any(|column| column == *name)) {
        let hint = "the names are those of the table";
        return Err(Fault::shape("--param group", format!("one of {}", counts.columns.join(", ")), format!("`{unknown}`"), hint));
    }
    let columns =
        ["group_a", "group_b", "dissimilarity", "isolation_a", "isolation_b", "exposure_ab", "exposure_ba", "count_a", "count_b"];
    let mut answer = Answer::new(&columns);
    let totals: Vec<f64> = counts.cells.iter().map(|row| row.iter().sum()).collect();
    for (a, name_a) in counts.columns.iter().enumerate() {
        for (b, name_b) in counts.columns.iter().enumerate().skip(a + 1) {
            if !wanted.iter().all(|name| name == name_a || name == name_b) {
                continue;
            }
            let (of_a, of_b) = (counts.column(a), counts.column(b));
            let place = |fault: Fault| fault.within(&format!("{name_a}, {name_b}"));
            let mut cells = vec![Cell::from(name_a.as_str()), Cell::from(name_b.as_str())];
            cells.push(Cell::from(dissimilarity(&of_a, &of_b).map_err(place)?));
            for (one, other) in [(&of_a, &of_a), (&of_b, &of_b), (&of_a, &of_b), (&of_b, &of_a)] {
                cells.push(Cell::from(exposure(one, other, &totals).map_err(place)?));
            }
            cells.extend([Cell::from(of_a.iter().sum::<f64>()), Cell::from(of_b.iter().sum::<f64>())]);
            answer.rows.push(cells);
        }
    }
    if let [row] = answer.rows.as_slice() {
        answer.facts.push(("dissimilarity", row[2].clone()));
    }
    let all = multigroup(&counts.cells)?;
    answer.facts.push(("units", Cell::whole(Some(counts.rows.len()))));
    let facts = [("entropy", all.entropy), ("theil_m", all.m), ("theil_h", all.h), ("dissimilarity_all", all.dissimilarity)];
    answer.facts.extend(facts.map(|(name, number)| (name, Cell::from(number))));
    answer.notes = counts.notes;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::structure::tests::{answer, fact, fault};

    fn check(a: [f64; 4], b: [f64; 4], expected: f64) {
        assert!((dissimilarity(&a, &b).unwrap() - expected).abs() < 1e-12);
        let rows: String = a.iter().zip(b).enumerate().map(|(unit, (a, b))| format!("u{unit},{a},{b}\n")).collect();
        let found = answer(&METHOD, &format!("unit,groupA,groupB\n{rows}"), &[]);
        assert!((fact(&found, "dissimilarity") - expected).abs() < 1e-12);
        assert!((fact(&found, "dissimilarity_all") - expected).abs() < 1e-12, "two groups: the same number");
    }

    /// The R package segregation, tests of dissimilarity.
    #[test]
    fn published() {
        check([100.0, 60.0, 40.0, 0.0], [0.0, 40.0, 60.0, 100.0], 0.6);
        check([80.0, 80.0, 20.0, 20.0], [20.0, 20.0, 80.0, 80.0], 0.6);
        check([100.0, 100.0, 0.0, 0.0], [0.0, 0.0, 100.0, 100.0], 1.0);
        check([100.0, 100.0, 100.0, 0.0], [100.0, 100.0, 100.0, 0.0], 0.0);
    }

    #[test]
    fn all_groups() {
        let apart = multigroup(&[vec![5.0, 0.0, 0.0], vec![0.0, 5.0, 0.0], vec![0.0, 0.0, 5.0]]).unwrap();
        assert!(
            (apart.h - 1.0).abs() < 1e-12 && (apart.m - 3f64.ln()).abs() < 1e-12 && (apart.dissimilarity - 1.0).abs() < 1e-12
        );
        let even = multigroup(&[vec![5.0, 2.0], vec![10.0, 4.0]]).unwrap();
        assert!(even.h.abs() < 1e-12 && even.dissimilarity.abs() < 1e-12);
    }

    #[test]
    fn long_layout() {
        let found = answer(&METHOD, "isco,citizen,n\n1,NAT,10\n1,TCN,30\n9,NAT,30\n9,TCN,10\n", &[]);
        assert!((fact(&found, "dissimilarity") - 0.5).abs() < 1e-12);
    }

    #[test]
    fn refused() {
        assert_eq!(fault(&METHOD, "unit,a,b\nx,1,0\ny,2,0\n", &[]), "a, b, second, sum: expected a sum above 0, found 0");
        assert_eq!(fault(&METHOD, "unit,a\nx,1\n", &[]), "x.csv, groups: 1 usable, at least 2 needed");
        assert_eq!(fault(&METHOD, "unit,a,b\nx,1,-2\n", &[]), "x.csv, line 2, column b: expected a count from 0 up, found -2");
        assert!(fault(&METHOD, "unit,a,b\nx,1,NaN\n", &[]).ends_with("found `NaN`"));
    }

    proptest! {
        #[test]
        fn bounded_and_scale_free(rows in prop::collection::vec((1u32..1000, 1u32..1000), 2..9), factor in 0.1f64..50.0) {
            let a: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let b: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let found = dissimilarity(&a, &b).unwrap();
            let scaled: Vec<f64> = a.iter().map(|count| count * factor).collect();
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert!((dissimilarity(&scaled, &b).unwrap() - found).abs() < 1e-12);
            prop_assert!((dissimilarity(&b, &a).unwrap() - found).abs() < 1e-12);
            let totals: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
            let sum = exposure(&a, &a, &totals).unwrap() + exposure(&a, &b, &totals).unwrap();
            prop_assert!((sum - 1.0).abs() < 1e-12);
        }
    }
}
