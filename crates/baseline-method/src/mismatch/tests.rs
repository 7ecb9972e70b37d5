use proptest::prelude::*;

use super::*;

fn worker(group: usize, level: &str, code: &'static str, weight: f64, n: f64) -> Workers<'static> {
    let level = Level::read(level).expect("a level");
    let occupation = super::occupation(code).expect("a code");
    let mass = Mass::new(weight, Some(n), None);
    Workers { group, level, occupation, years: None, field: None, learning: None, mass }
}

fn check(definition: Definition, cells: &[Workers<'_>], expected: &[(Outcome, f64)]) {
    let rules = Rules { least: 0.0, ..Rules::default() };
    let norms = norms(cells.iter(), rules).unwrap();
    let found = assess(cells, 1, definition, &norms, rules).unwrap();
    let found: Vec<(Outcome, f64)> = found[0].masses.iter().map(|(outcome, mass)| (*outcome, mass.weight)).collect();
    assert_eq!(found, expected, "{definition:?}");
}

fn some() -> Vec<Workers<'static>> {
    vec![
        worker(0, "5", "2", 1.0, 1.0),
        worker(0, "H", "4", 2.0, 1.0),
        worker(0, "8", "9", 4.0, 1.0),
        worker(0, "6", "0", 8.0, 1.0),
        worker(0, "M", "51", 16.0, 1.0),
        worker(0, "L", "5", 32.0, 1.0),
        worker(0, "H", "", 64.0, 1.0),
        worker(0, "", "2", 128.0, 1.0),
        worker(0, "3", "92", 256.0, 1.0),
    ]
}

#[test]
fn vertical() {
    use Outcome::{Matched, Outside, Over, Under, Undetermined};
    check(Definition::Eurostat, &some(), &[(Over, 6.0), (Matched, 9.0), (Outside, 304.0), (Undetermined, 192.0)]);
    check(Definition::WithoutArmedForces, &some(), &[(Over, 6.0), (Matched, 1.0), (Outside, 312.0), (Undetermined, 192.0)]);
    check(Definition::Istat, &some(), &[(Over, 2.0), (Matched, 1.0), (Outside, 316.0), (Undetermined, 192.0)]);
    check(Definition::Oecd, &some(), &[(Undetermined, 511.0)]);
    check(
        Definition::IloNormative,
        &some(),
        &[(Over, 262.0), (Matched, 17.0), (Under, 32.0), (Outside, 8.0), (Undetermined, 192.0)],
    );
}

#[test]
fn modal() {
    use Outcome::{Matched, Over, Under};
    // 51 is medium alone, 5 as a whole low; a tie in 7 takes in both its levels.
    let cells = [
        worker(0, "M", "51", 16.0, 1.0),
        worker(0, "L", "5", 32.0, 1.0),
        worker(0, "H", "51", 1.0, 1.0),
        worker(0, "L", "7", 4.0, 1.0),
        worker(0, "H", "7", 4.0, 1.0),
        worker(0, "M", "7", 2.0, 1.0),
        worker(0, "L", "51", 64.0, 1.0),
        worker(0, "M", "52", 128.0, 1.0),
        worker(0, "L", "52", 256.0, 1.0),
    ];
    check(Definition::IloModal, &cells, &[(Over, 145.0), (Matched, 362.0)]);
    let cells = [worker(0, "M", "5", 3.0, 1.0), worker(0, "L", "5", 2.0, 1.0), worker(0, "H", "5", 1.0, 1.0)];
    check(Definition::IloModal, &cells, &[(Over, 1.0), (Matched, 3.0), (Under, 2.0)]);
}

#[test]
fn small_occupations() {
    let cells = [worker(0, "H", "25", 10.0, 9.0), worker(0, "M", "24", 30.0, 25.0), worker(0, "M", "31", 5.0, 4.0)];
    let rules = Rules::default();
    let norms = norms(cells.iter(), rules).unwrap();
    assert_eq!(norms.too_small(), ["24", "25", "3", "31"]);
    let found = assess(&cells, 1, Definition::IloModal, &norms, rules).unwrap();
    assert_eq!(found[0].rate(Outcome::Over), Some(25.0));
    assert_eq!(found[0].mass(Outcome::Undetermined).weight, 5.0);
}

#[test]
fn years() {
    let with = |years: f64, weight: f64| Workers { years: Some(years), ..worker(0, "M", "5", weight, weight) };
    // mean 12, variance (4·16 + 4·16)/16 = 8
    let cells = [with(8.0, 4.0), with(12.0, 8.0), with(16.0, 4.0)];
    check(Definition::MeanYears, &cells, &[(Outcome::Over, 4.0), (Outcome::Matched, 8.0), (Outcome::Under, 4.0)]);
    check(Definition::MeanYears, &[with(11.3, 3.0)], &[(Outcome::Matched, 3.0)]);
}

#[test]
fn fields() {
    let matches = Matches::new([("06", "25"), ("06", "351"), ("0912", "221")]);
    let check = |field: &str, code: &str, expected| {
        assert_eq!(matches.outcome(Some(field), Some(code)), expected, "{field} {code}");
    };
    check("0613", "251", Outcome::Matched);
    check("061", "252", Outcome::Matched);
    check("06", "351", Outcome::Matched);
    check("06", "35", Outcome::Undetermined);
    check("06", "221", Outcome::Mismatched);
    check("0912", "2211", Outcome::Matched);
    check("091", "221", Outcome::Undetermined);
    assert_eq!(matches.outcome(None, Some("251")), Outcome::Undetermined);
}

#[test]
fn levels() {
    let check = |text: &str, expected: Option<Option<Broad>>| {
        assert_eq!(Level::read(text).map(|level| level.map(Level::broad)), expected, "{text}");
    };
    for (text, broad) in [("0", Broad::Low), ("ED2", Broad::Low), ("ED0-2", Broad::Low), ("354", Broad::Medium)] {
        check(text, Some(Some(broad)));
    }
    for text in ["H", "h", "ED5-8", "tertiary", "8", "660"] {
        check(text, Some(Some(Broad::High)));
    }
    for text in ["", "9", "999"] {
        check(text, Some(None));
    }
    for text in ["x", "-1", "5000", "é", "ED"] {
        check(text, None);
    }
}

#[test]
fn letters_have_no_primary() {
    let cells = [worker(0, "L", "9", 1.0, 1.0)];
    let rules = Rules { primary_to: 1, ..Rules::default() };
    let fault = assess(&cells, 1, Definition::IloNormative, &Norms::default(), rules).unwrap_err();
    assert_eq!(fault.code(), "method-shape");
    let fault = norms(cells.iter(), Rules { single_levels: true, ..Rules::default() }).unwrap_err();
    assert_eq!(fault.code(), "method-shape");
}

#[test]
fn indexes() {
    let of = |numbers: &[f64]| numbers.iter().map(|number| Mass::new(*number, Some(*number), None)).collect::<Vec<_>>();
    let found = index::index(&of(&[20.0, 50.0, 30.0]), &of(&[5.0, 4.0, 1.0])).unwrap();
    assert!((found.index - 0.3).abs() < 1e-12);
    // signs −, +, +: variance 1 − (−0.2 + 0.8)² over 100, 1 − (−0.5 + 0.5)² over 10
    assert!((found.standard_error.unwrap() - (0.64_f64 / 100.0 + 1.0 / 10.0).sqrt() / 2.0).abs() < 1e-12);
    assert_eq!(index::index(&of(&[0.0]), &of(&[1.0])).unwrap_err().code(), "method-too-few");
    assert_eq!(index::index(&of(&[-1.0]), &of(&[1.0])).unwrap_err().code(), "method-number");
}

#[test]
fn effective_size() {
    let mut mass = Mass::new(3.0, Some(3.0), None);
    mass.add(Mass::new(3.0, Some(1.0), None));
    // weights 1, 1, 1, 3
    assert_eq!(mass.effective(), Some(36.0 / 12.0));
    mass.add(Mass::new(1.0, None, None));
    assert_eq!((mass.weight, mass.count, mass.effective()), (7.0, None, None));
}

/// Runs a method on a text.
fn run(id: &str, text: &str, params: &[(&str, &str)]) -> Result<String, String> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = crate::find(id)
        .and_then(|method| {
            let sheet = crate::Sheet::read("x.csv", text.as_bytes())?;
            crate::compute(method, &sheet, &params, &BTreeMap::new())
        })
        .map_err(|fault| format!("{} {fault}", fault.code()))?;
    Ok(answer.csv())
}

#[test]
fn refuses() {
    let check = |id: &str, text: &str, expected: &str| {
        let found = run(id, text, &[]).expect_err(text);
        assert!(found.starts_with(expected), "{text:?}: {found}");
    };
    check("mismatch", "group,isced,isco,weight\na,5,2,-1\n", "method-number x.csv, line 2, column weight");
    check("mismatch", "group,isced,isco,weight\na,5,2,NaN\n", "method-number x.csv, line 2, column weight");
    check("mismatch", "group,isced,isco,weight\na,5,2,inf\n", "method-number x.csv, line 2, column weight");
    check("mismatch", "group,isced,isco,weight\na,5,2,\n", "method-number x.csv, line 2, column weight");
    check("mismatch", "group,isced,isco,weight\na,college,2,1\n", "method-shape x.csv, line 2, column isced");
    check("mismatch", "group,isced,isco,weight\na,5,nurse,1\n", "method-shape x.csv, line 2, column isco");
    check("mismatch", "group,isced,isco,weight\na,5,2,1\na,5,2,1\n", "method-duplicate x.csv, line 3");
    check("mismatch", "group,isced,isco,weight,n\na,5,2,1,-2\n", "method-number x.csv, line 2, column n");
    check("mismatch", "group,isced,weight\na,5,2\n", "method-shape x.csv: expected a column `isco`");
    check("mismatch", "group,isced,isco,weight,in_education\na,5,2,1,maybe\n", "method-shape x.csv, line 2, column in_ed");
    check("horizontal-mismatch", "group,field,isco,weight\na,06,251,1\n", "method-shape --param match");
    check("mismatch-index", "level,employed,unemployed\nL,1,0\n", "method-too-few x.csv, group all, unemployed");
    check("mismatch-index", "level,employed,unemployed\nL,1,-1\n", "method-number x.csv, line 2, column unemployed");
    check("mismatch-index", "level,employed,unemployed\nL,1,1\nL,1,1\n", "method-duplicate x.csv, line 3");
    let total = run("mismatch", "group,isced,isco,weight\na,5,2,1\n", &[("total", "b")]).unwrap_err();
    assert!(total.starts_with("method-shape --param total"), "{total}");
}

/// A group of nobody in the universe has no rate, not zero.
#[test]
fn nobody() {
    let found = run("mismatch", "group,isced,isco,weight\na,3,5,10\n", &[]).unwrap();
    let line = found.lines().find(|line| line.contains("eurostat_vertical")).unwrap();
    assert!(line.contains(",over,,,0,,0,0,0,10"), "{line}");
}

fn cells() -> impl Strategy<Value = Vec<Workers<'static>>> {
    const CODES: [&str; 8] = ["0", "1", "25", "41", "51", "7", "83", "92"];
    let one = (0..2_usize, 0..=8_u8, 0..CODES.len(), 0.5..100.0_f64).prop_map(|(group, level, code, weight)| Workers {
        years: Some(f64::from(level) * 2.0 + 4.0),
        level: Some(Level::Isced(level)),
        group,
        ..worker(0, "5", CODES[code], weight, 10.0)
    });
    prop::collection::vec(one, 1..40)
}

proptest! {
    /// Everybody is somewhere, once; rates do not depend on the unit of the weights nor on the order of the rows.
    #[test]
    fn invariances(cells in cells(), scale in 0.001..1000.0_f64) {
        let rules = Rules { least: 0.0, ..Rules::default() };
        let scaled: Vec<Workers<'_>> = cells
            .iter()
            .rev()
            .map(|cell| Workers { mass: Mass::new(cell.mass.weight * scale, cell.mass.count, None), ..*cell })
            .collect();
        let whole: f64 = cells.iter().map(|cell| cell.mass.weight).sum();
        for definition in Definition::ALL {
            let first = assess(&cells, 2, definition, &norms(cells.iter(), rules).unwrap(), rules).unwrap();
            let second = assess(&scaled, 2, definition, &norms(scaled.iter(), rules).unwrap(), rules).unwrap();
            let sum: f64 = first.iter().flat_map(|group| group.masses.values()).map(|mass| mass.weight).sum();
            prop_assert!((sum - whole).abs() < 1e-6);
            for (a, b) in first.iter().zip(&second) {
                for outcome in definition.outcomes() {
                    match (a.rate(*outcome), b.rate(*outcome)) {
                        (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-6, "{definition:?} {a} {b}"),
                        (a, b) => prop_assert_eq!(a, b),
                    }
                    if let (Some(a), Some(b)) = (a.standard_error(*outcome), b.standard_error(*outcome)) {
                        prop_assert!((a - b).abs() < 1e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn index_is_symmetric_and_bounded(pairs in prop::collection::vec((0.1..50.0_f64, 0.1..50.0_f64), 1..9)) {
        let mass = |number: f64| Mass::new(number, None, None);
        let (e, u): (Vec<Mass>, Vec<Mass>) = pairs.iter().map(|(e, u)| (mass(*e), mass(*u))).unzip();
        let there = index::index(&e, &u).unwrap().index;
        prop_assert!((0.0..=1.0).contains(&there));
        prop_assert!((there - index::index(&u, &e).unwrap().index).abs() < 1e-12);
        prop_assert!(index::index(&e, &e).unwrap().index.abs() < 1e-12);
    }
}
