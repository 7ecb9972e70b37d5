//! Location quotient and Krugman's index of specialisation: what a region is specialised in, and how much its structure
//! differs from another's.

use baseline_model::Finding;

use super::columns::{find, name_column};
use super::counts::{Counts, is_total};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// (`e_ij`/`e_j`) / (`e_i`/`e`): the share of an industry in a region over its share in the reference; 1 = as there.
///
/// `e_ij` region and industry, `e_j` region, `e_i` industry in the reference, `e` reference; persons or any other count.
/// Florence 1939; as in Farhauer and Kröll, Standorttheorien, 2013.
///
/// # Errors
/// When a number is negative or not finite, or a region, an industry or the reference is empty.
pub fn location_quotient(e_ij: f64, e_j: f64, e_i: f64, e: f64) -> Result<f64, Fault> {
    if !(e_ij >= 0.0 && e_ij.is_finite()) {
        return Err(Fault::number("e_ij", "a count from 0 up", &e_ij));
    }
    for (number, name) in [(e_j, "e_j"), (e_i, "e_i"), (e, "e")] {
        if !(number > 0.0 && number.is_finite()) {
            return Err(Fault::number(name, "a count above 0", &number));
        }
    }
    Ok((e_ij / e_j) / (e_i / e))
}

/// Σ |`a_i`/A − `b_i`/B| over industries: 0 the same structure, 2 nothing in common. Krugman, Geography and Trade, 1991.
///
/// # Errors
/// When the slices differ in length, hold a negative number, or sum to zero.
pub fn specialisation(a: &[f64], b: &[f64]) -> Result<f64, Fault> {
    let (a, b) = (shares(a, "first")?, shares(b, "second")?);
    if a.len() != b.len() {
        let hint = "give both structures over the same industries";
        return Err(Fault::shape("structures", a.len().to_string(), b.len().to_string(), hint));
    }
    Ok(a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum())
}

/// Each part of the whole.
///
/// # Errors
/// When a number is negative or not finite, or the sum is zero.
pub fn shares(counts: &[f64], name: &str) -> Result<Vec<f64>, Fault> {
    if let Some(wrong) = counts.iter().find(|count| !(**count >= 0.0 && count.is_finite())) {
        return Err(Fault::number(name, "a count from 0 up", wrong));
    }
    let sum: f64 = counts.iter().sum();
    if sum == 0.0 {
        return Err(Fault::number(format!("{name}, sum"), "a sum above 0", &sum));
    }
    Ok(counts.iter().map(|count| count / sum).collect())
}

const REGIONS: &[&str] =
    &["region", "territory", "geo", "place", "area", "county", "municipality", "country", "nuts", "id", "name"];
const INDUSTRIES: &[&str] = &["industry", "sector", "branch", "nace", "activity", "occupation", "isco", "category", "i"];

const ORIENTATION: Param = Param {
    name: "regions",
    default: "auto",
    file: false,
    about: "in a wide table: rows, columns or auto (from the name of the first column and the place of the reference)",
};
const ABSENT: Param =
    Param { name: "absent", default: "refuse", file: false, about: "in a long table, a pair that is not there: refuse, or zero" };

pub const LQ: Method = Method {
    id: "lq",
    about: "Location quotients: how much more or less of an industry a region has than the reference",
    formula: &[
        "LQ_ij = (e_ij / e_j) / (e_i / e)",
        "e_ij region j and industry i, e_j region, e_i industry in the reference, e reference",
    ],
    sources: &["Florence, Report on the location of industry, 1939; Farhauer and Kröll, Standorttheorien, 2013, chapter 9"],
    assumptions: &[
        "counts of the same concept, date and classification in the region and the reference",
        "without a reference column the reference is the sum of all regions of the table",
    ],
    columns: &[
        Column { name: "region", required: false, about: "long or one row each: name of the region" },
        Column { name: "industry", required: false, about: "long or one row each: name of the industry" },
        Column { name: "value", required: false, about: "long: count" },
        Column { name: "e_ij", required: false, about: "one row each: count of region and industry" },
        Column { name: "e_j", required: false, about: "one row each: total of the region; else the sum of its rows" },
        Column { name: "e_i", required: false, about: "one row each: total of the industry in the reference" },
        Column { name: "e", required: false, about: "one row each: total of the reference; else the sum of e_i" },
        Column { name: "*", required: true, about: "wide: counts, a column for each industry or each region" },
    ],
    params: &[
        Param {
            name: "reference",
            default: "",
            file: false,
            about: "name of the region that is the reference; else one named total, nation or country, else the sum of all regions",
        },
        ORIENTATION,
        ABSENT,
    ],
    example: (include_str!("../../examples/lq.csv"), &[]),
    compute: compute_lq,
};

pub const KRUGMAN: Method = Method {
    id: "krugman",
    about: "Krugman's index of specialisation: how much two economic structures differ, 0 to 2",
    formula: &["K = Σ_i |e_ia/E_a − e_ib/E_b|", "half = K/2, the share that would have to change its industry"],
    sources: &["Krugman, Geography and Trade, 1991, pages 75-76"],
    assumptions: &["the same classification in all regions; a finer one gives higher values"],
    columns: &[
        Column { name: "region", required: false, about: "long: name of the region" },
        Column { name: "industry", required: false, about: "long: name of the industry" },
        Column { name: "value", required: false, about: "long: count" },
        Column { name: "*", required: true, about: "wide: counts, a column for each region or each industry" },
    ],
    params: &[
        Param {
            name: "against",
            default: "pairs",
            file: false,
            about: "pairs; rest (the sum of the other regions); mean (of the other regions' shares); or the name of a region",
        },
        ORIENTATION,
        ABSENT,
    ],
    example: (include_str!("../../examples/krugman.csv"), &[]),
    compute: compute_krugman,
};

fn compute_lq(given: &Given<'_>) -> Result<Answer, Fault> {
    let columns = ["region", "industry", "e_ij", "e_j", "e_i", "e", "share_region", "share_reference", "lq"];
    let mut answer = Answer::new(&columns);
    let push = |answer: &mut Answer, names: [&str; 2], numbers: [f64; 4]| -> Result<(), Fault> {
        let [e_ij, e_j, e_i, e] = numbers;
        let lq = location_quotient(e_ij, e_j, e_i, e).map_err(|fault| fault.within(&names.join(", ")))?;
        let mut cells: Vec<Cell> = names.into_iter().map(Cell::from).collect();
        cells.extend([e_ij, e_j, e_i, e, e_ij / e_j, e_i / e, lq].map(Cell::from));
        answer.rows.push(cells);
        Ok(())
    };
    if let (Some(e_ij), Some(e_i)) = (find(given.sheet, &["e_ij", "local"]), find(given.sheet, &["e_i", "nation", "national"])) {
        for (names, numbers) in stated(given.sheet, e_ij, e_i)? {
            push(&mut answer, [&names[0], &names[1]], numbers)?;
        }
    } else {
        let mut counts = by_region(given, true, given.param("reference"))?;
        let named = counts.rows.iter().position(|row| row == given.param("reference"));
        let reference = match named.or_else(|| counts.rows.iter().position(|row| is_total(row))) {
            Some(index) => {
                let name = counts.rows.remove(index);
                answer.notes.push(Finding::info("reference", "lq", format!("the reference is `{name}`")));
                counts.cells.remove(index)
            }
            None if !given.param("reference").is_empty() => {
                return Err(unknown("reference", given.param("reference"), &counts.rows));
            }
            None if counts.rows.len() < 2 => {
                return Err(Fault::Few { at: format!("{}, regions", given.sheet.name), found: counts.rows.len(), least: 2 });
            }
            None => {
                let message = format!("the reference is the sum of {}", counts.rows.join(", "));
                let hint = "--param reference=NAME names another one";
                answer.notes.push(Finding::info("reference", "lq", message).hint(hint));
                (0..counts.columns.len()).map(|column| counts.column(column).iter().sum()).collect()
            }
        };
        let e: f64 = reference.iter().sum();
        for (region, cells) in counts.rows.iter().zip(&counts.cells) {
            let e_j: f64 = cells.iter().sum();
            for ((industry, e_ij), e_i) in counts.columns.iter().zip(cells).zip(&reference) {
                push(&mut answer, [region, industry], [*e_ij, e_j, *e_i, e])?;
            }
        }
        answer.notes.append(&mut counts.notes);
    }
    if let [row] = answer.rows.as_slice() {
        answer.facts.push(("lq", row[8].clone()));
    }
    Ok(answer)
}

/// Region and industry; `e_ij`, `e_j`, `e_i`, `e`.
type Stated = ([String; 2], [f64; 4]);

/// Rows that state the numbers of the formula themselves.
fn stated(sheet: &Sheet, e_ij: &str, e_i: &str) -> Result<Vec<Stated>, Fault> {
    let (parts, wholes) = (sheet.full(e_ij)?, sheet.full(e_i)?);
    let region = find(sheet, &["region", "territory", "geo", "place"]);
    let industry = find(sheet, INDUSTRIES).or_else(|| name_column(sheet).filter(|column| Some(*column) != region));
    let named = |column: Option<&str>| column.map_or_else(|| Ok(vec![""; sheet.rows.len()]), |column| sheet.texts(column));
    let (regions, industries) = (named(region)?, named(industry)?);
    let by: Vec<&str> = region.into_iter().chain(industry).collect();
    if !by.is_empty() {
        sheet.keys(&by)?;
    }
    let total = |column: Option<&str>, parts: &[f64]| match column {
        Some(column) => sheet.full(column),
        None => Ok(regions
            .iter()
            .map(|region| regions.iter().zip(parts).filter(|(other, _)| *other == region).map(|(_, part)| part).sum())
            .collect()),
    };
    let e_j = total(find(sheet, &["e_j", "local_total", "region_total"]), &parts)?;
    let e = total(find(sheet, &["e", "nation_total", "national_total", "reference_total"]), &wholes)?;
    let rows = (0..sheet.rows.len()).map(|row| {
        let names = [regions[row].to_owned(), industries[row].to_owned()];
        (names, [parts[row], e_j[row], wholes[row], e[row]])
    });
    Ok(rows.collect())
}

fn compute_krugman(given: &Given<'_>) -> Result<Answer, Fault> {
    let against = given.param("against");
    let mut counts = by_region(given, false, against)?;
    let mut answer = Answer::new(&["region", "against", "krugman", "half"]);
    answer.notes.append(&mut counts.notes);
    let pure = !counts.rows.iter().any(|row| row == against) && matches!(against, "pairs" | "rest" | "mean");
    if !pure && !counts.rows.iter().any(|row| row == against) {
        return Err(unknown("against", against, &counts.rows));
    }
    if counts.rows.len() < 2 {
        return Err(Fault::Few { at: format!("{}, regions", given.sheet.name), found: counts.rows.len(), least: 2 });
    }
    let mut push = |a: usize, name: &str, b: &[f64]| -> Result<(), Fault> {
        let found = specialisation(&counts.cells[a], b).map_err(|fault| fault.within(&format!("{}, {name}", counts.rows[a])))?;
        answer.rows.push(vec![Cell::from(counts.rows[a].as_str()), Cell::from(name), Cell::from(found), Cell::from(found / 2.0)]);
        Ok(())
    };
    for a in 0..counts.rows.len() {
        let others = || (0..counts.rows.len()).filter(|other| *other != a);
        let columns = 0..counts.columns.len();
        match (pure, against) {
            (true, "rest") => {
                let rest: Vec<f64> = columns.map(|column| others().map(|other| counts.cells[other][column]).sum()).collect();
                push(a, "rest", &rest)?;
            }
            (true, "mean") => {
                let parts: Vec<Vec<f64>> =
                    others().map(|other| shares(&counts.cells[other], &counts.rows[other])).collect::<Result<_, _>>()?;
                let mean: Vec<f64> = columns.map(|column| parts.iter().map(|part| part[column]).sum()).collect();
                push(a, "mean", &mean)?;
            }
            (true, _) => {
                for b in a + 1..counts.rows.len() {
                    push(a, &counts.rows[b], &counts.cells[b])?;
                }
            }
            (false, _) => {
                for b in others().filter(|b| counts.rows[*b] == against) {
                    push(a, against, &counts.cells[b])?;
                }
            }
        }
    }
    if let [row] = answer.rows.as_slice() {
        answer.facts.push(("krugman", row[2].clone()));
    }
    Ok(answer)
}

/// The counts with one row a region; industries that are sums of the others are left out.
fn by_region(given: &Given<'_>, rows_by_default: bool, reference: &str) -> Result<Counts, Fault> {
    let absent = given.choice("absent", &["refuse", "zero"])? == "zero";
    let orientation = given.choice("regions", &["auto", "rows", "columns"])?;
    let id = given.method.id;
    let counts = Counts::read(given.sheet, [&REGIONS[..9], INDUSTRIES], id, absent)?;
    let long = counts.heads[1] != "column";
    let has = |names: &[String]| names.iter().any(|name| name == reference);
    let head = |words: &[&str]| words.iter().any(|word| counts.heads[0].eq_ignore_ascii_case(word));
    let rows = match orientation {
        "rows" => true,
        "columns" => false,
        _ if long => true,
        _ if has(&counts.columns) => false,
        _ if has(&counts.rows) || head(&REGIONS[..9]) => true,
        _ if head(INDUSTRIES) || counts.columns.iter().any(|name| is_total(name)) => false,
        _ => rows_by_default,
    };
    let counts = if rows { counts } else { counts.transposed() };
    if counts.columns.iter().any(|name| *name == reference) { Ok(counts) } else { counts.without_total_column(id) }
}

fn unknown(param: &str, found: &str, known: &[String]) -> Fault {
    let hint = baseline_model::definitions::nearest(found, known.iter().map(String::as_str))
        .map_or_else(String::new, |close| format!("did you mean `{close}`?"));
    Fault::shape(format!("--param {param}"), format!("one of {}", known.join(", ")), format!("`{found}`"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::tests::{answer, fault};

    #[test]
    fn published() {
        // Stated by the R package REAT, man/locq.Rd and man/krugman.spec.Rd.
        assert!((location_quotient(1714.0, 79006.0, 879_213.0, 15_593_224.0).unwrap() - 0.384_762_3).abs() < 5e-8);
        let found = specialisation(&[20.0, 10.0, 70.0, 0.0, 0.0], &[0.0, 0.0, 0.0, 60.0, 40.0]).unwrap();
        assert!((found - 2.0).abs() < 1e-12);
    }

    fn check_lq(text: &str, params: &[(&str, &str)], expected: &str) {
        let found = answer(&LQ, text, params);
        let rows: Vec<String> = found
            .rows
            .iter()
            .map(|row| format!("{} {} {:.4}", row[0], row[1], row[8].to_string().parse::<f64>().unwrap()))
            .collect();
        assert_eq!(rows.join("; "), expected, "{text}");
    }

    #[test]
    fn layouts() {
        let all = "A p 0.7500; A q 1.1667; B p 1.2500; B q 0.8333";
        check_lq("region,p,q\nA,30,70\nB,50,50\n", &[], all);
        check_lq("industry,A,B\np,30,50\nq,70,50\n", &[], all);
        check_lq("region,p,q,total\nA,30,70,100\nB,50,50,100\n", &[], all);
        check_lq("region,industry,employment\nA,p,30\nA,q,70\nB,p,50\nB,q,50\n", &[], all);
        check_lq("sector,A,B,nation\np,30,50,80\nq,70,50,120\n", &[], all);
        check_lq("x,A,B,N\np,30,50,80\nq,70,50,120\n", &[("reference", "N")], all);
        check_lq("region,industry,e_ij,e_i\nA,p,30,80\nA,q,70,120\nB,p,50,80\nB,q,50,120\n", &[], all);
        check_lq("e_ij,e_j,e_i,e\n1714,79006,879213,15593224\n", &[], "  0.3848");
    }

    #[test]
    fn krugman_layouts() {
        let facts = |text: &str, params: &[(&str, &str)]| answer(&KRUGMAN, text, params).csv();
        let two = "region,against,krugman,half\nj,l,2,1\n";
        assert_eq!(facts("industry,j,l\na,20,0\nb,10,0\nc,70,0\nd,0,60\ne,0,40\n", &[]), two);
        assert_eq!(facts("j,l\n20,0\n10,0\n70,0\n0,60\n0,40\n", &[]), two);
        assert_eq!(facts("region,a,b\nj,1,0\nl,0,3\n", &[]), two);
        let rest = "region,against,krugman,half\nj,rest,1.5,0.75\nl,rest,1.5,0.75\nm,rest,1,0.5\n";
        assert_eq!(facts("region,a,b\nj,2,0\nl,0,2\nm,1,1\n", &[("against", "mean")]).matches("1.5").count(), 2);
        assert_eq!(facts("region,a,b\nj,4,0\nl,1,3\nm,0,4\n", &[("against", "rest")]).lines().count(), rest.lines().count());
        assert_eq!(facts("industry,j,N\na,1,1\nb,1,3\n", &[("against", "N")]), "region,against,krugman,half\nj,N,0.5,0.25\n");
    }

    #[test]
    fn refused() {
        assert_eq!(fault(&LQ, "region,p,q\nA,0,0\nB,1,1\n", &[]), "A, p, e_j: expected a count above 0, found 0");
        assert_eq!(
            fault(&LQ, "region,p,q\nA,1,1\nB,1,1\n", &[("reference", "C")]),
            "--param reference: expected one of A, B, found `C`"
        );
        assert_eq!(fault(&LQ, "region,p,q\nA,1,1\n", &[]), "x.csv, regions: 1 usable, at least 2 needed");
        assert_eq!(fault(&KRUGMAN, "region,p,q\nA,1,1\n", &[]), "x.csv, regions: 1 usable, at least 2 needed");
        assert_eq!(fault(&KRUGMAN, "region,p,q\nA,1,1\nB,0,0\n", &[]), "A, B, second, sum: expected a sum above 0, found 0");
    }
}
