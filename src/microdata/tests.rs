use baseline_method::Cell;
use baseline_method::mismatch::Definition;
use baseline_model::definitions::{DefinitionFile, parse};

use super::*;

const LAYOUT: &str = r#"
name = "made for tests"
weight_persons = 1000
age_missing = [999]
fixed = { year = "2024" }
columns = { weight = "W", age = "AGE", status = "STATUS", education = "EDU", country = "C", region = "R", citizenship = "CIT", occupation = "ISCO", sex = "SEX" }
status = { employed = ["1"], unemployed = ["2"], inactive = ["3"], missing = ["9"] }
education = { low = ["0", "1", "2"], medium = ["3", "4"], high = ["5", "6", "7", "8"], missing = ["9"] }
citizenship = { own_country = true, eu = ["DE", "EL", "PL"], non_eu = ["STLS"], other_countries_non_eu = true, missing = ["99"] }
occupation = { digits = 3, missing = ["999"] }
sex = { men = ["1"], women = ["2"] }
"#;

const HEADER: &str = "W,AGE,STATUS,EDU,C,R,CIT,ISCO,SEX";

fn layout() -> Layout {
    let file = DefinitionFile { path: "layouts/a.toml".into(), text: LAYOUT.into(), from: "test".into() };
    let (definitions, errors) = parse(&[file]);
    assert!(errors.is_empty(), "{errors:?}");
    definitions.layouts["a"].clone()
}

fn query(by: &[By], measures: &[Measure]) -> Query {
    Query { by: by.to_vec(), measures: measures.to_vec(), ages: (20, 64) }
}

const OVER: &[Measure] = &[Measure::Mismatch(Definition::Eurostat)];

fn sums(rows: &str, query: &Query) -> Result<Sums, MicrodataError> {
    delimited(format!("{HEADER}\n{rows}").as_bytes(), "persons.csv", &layout(), query)
}

/// `by: rate n mark` of every row of the table, with limits that hide nothing.
fn check(rows: &str, query: &Query, expected: &[&str]) {
    let sums = sums(rows, query).unwrap();
    let found = table(&sums, query, Limits { cell: 0, group: 0 }).unwrap();
    assert_eq!(shown(&found, query.by.len()), expected, "{rows}");
}

fn shown(table: &Table, by: usize) -> Vec<String> {
    let cell = |row: &[Cell], at: usize| row[at].to_string();
    let line = |row: &Vec<Cell>| {
        let group: Vec<String> = row[..by].iter().map(Cell::to_string).collect();
        let mark = cell(row, by + 10);
        format!("{}: {} {} {mark}", group.join(" "), cell(row, by + 4), cell(row, by + 6)).trim_end().to_owned()
    };
    table.rows.iter().map(line).collect()
}

#[test]
fn weights_decide() {
    let rows = "3,30,1,5,SE,11,SE,211,1\n1,40,1,540,SE,11,SE,522,1\n5,19,1,5,SE,11,SE,522,1\n5,65,1,5,SE,11,SE,522,1\n\
                5,30,2,5,SE,11,SE,,1\n5,30,1,3,SE,11,SE,522,1\n";
    check(rows, &query(&[], OVER), &[": 25 2"]);
}

#[test]
fn groups() {
    let rows = "1,30,1,5,SE,11,SE,211,1\n1,30,1,5,SE,11,DE,522,1\n1,30,1,5,EL,30,GR,211,1\n1,30,1,5,SE,11,IN,211,1\n\
                1,30,1,5,SE,,99,211,2\n1,30,1,5,SE,,,911,2\n1,30,1,5,SE,,XYZ,911,2\n1,30,1,5,SE,,STLS,911,2\n";
    let by = query(&[By::Citizenship], OVER);
    check(rows, &by, &["eu: 100 1", "national: 0 2", "non_eu: 50 2", "unknown: 66.66666666666667 3"]);
    let by = query(&[By::Region, By::Year], OVER);
    check(rows, &by, &["EL30 2024: 0 1", "SE 2024: 75 4", "SE11 2024: 33.333333333333336 3"]);
    assert_eq!(sums(rows, &query(&[By::Citizenship], OVER)).unwrap().counts.unknown, [0, 0, 1, 0, 0]);
    check(rows, &query(&[By::Sex, By::Age], OVER), &["F Y30-34: 75 4", "M Y30-34: 25 4"]);
}

#[test]
fn occupations() {
    // Armed forces are in the denominator; a code of another length may be of two groups.
    let rows = "1,30,1,5,SE,11,SE,011,1\n1,30,1,5,SE,11,SE,411,1\n1,30,1,5,SE,11,SE,4,1\n1,30,1,5,SE,11,SE,999,1\n\
                1,30,1,5,SE,11,SE,,1\n1,30,1,5,SE,11,SE,0,1\n";
    check(rows, &query(&[], OVER), &[": 33.333333333333336 3"]);
    let counts = sums(rows, &query(&[], OVER)).unwrap().counts;
    assert_eq!((counts.rows, counts.unknown), (6, [0, 0, 0, 1, 0]));
}

#[test]
fn left_out_is_counted() {
    let rows = ",30,1,5,SE,11,SE,211,1\n1,,1,5,SE,11,SE,211,1\n1,999,1,5,SE,11,SE,211,1\n1,30,7,5,SE,11,SE,211,1\n\
                1,30,1,x,SE,11,SE,211,1\n1,30,1,9,SE,11,SE,211,1\n1,30,1,8,SE,11,SE,211,1\n0,30,1,8,SE,11,SE,211,1\n";
    let found = sums(rows, &query(&[], OVER)).unwrap();
    let expected = Counts { rows: 7, unweighted: 1, ageless: 2, unknown: [1, 1, 0, 0, 0] };
    assert_eq!(found.counts, expected);
    let table = table(&found, &query(&[], OVER), Limits { cell: 5, group: 50 }).unwrap();
    let notes: Vec<&str> = table.notes.iter().map(|note| note.code).collect();
    assert_eq!(
        notes,
        ["microdata-withheld", "microdata-left-out", "microdata-left-out", "microdata-unknown-code", "microdata-unknown-code"]
    );
    assert!(table.notes.iter().all(|note| !note.to_string().contains(" 1 rows")), "a small count is shown");
}

/// A hundred persons, `over` of them over-qualified.
fn hundred(over: usize, forces: usize) -> String {
    let code = |person: usize| {
        if person < over {
            "511"
        } else if person < over + forces {
            "011"
        } else {
            "211"
        }
    };
    (0..100).map(|person| format!("1,30,1,5,SE,11,SE,{},1\n", code(person))).collect()
}

#[test]
fn withheld() {
    let limits = Limits { cell: 5, group: 50 };
    let both = [Measure::Mismatch(Definition::Eurostat), Measure::Mismatch(Definition::WithoutArmedForces)];
    let check = |over, forces, measures: &[Measure], expected: &[&str]| {
        let query = query(&[], measures);
        let found = table(&sums(&hundred(over, forces), &query).unwrap(), &query, limits).unwrap();
        assert_eq!(shown(&found, 0), expected);
    };
    check(5, 0, OVER, &[": 5 100"]);
    check(4, 0, OVER, &[":   c"]);
    check(0, 0, OVER, &[":   c"]);
    check(96, 0, OVER, &[":   c"]);
    check(20, 0, &both, &[": 20 100", ": 20 100"]);
    // Three soldiers would be the difference between the two denominators.
    check(20, 3, &both, &[": 20 100", ":   c"]);
    check(20, 30, &both, &[": 20 100", ": 28.571428571428573 70"]);
    // Two unemployed would be the difference between employment and activity.
    let rows = hundred(20, 0) + &"1,30,3,5,SE,11,SE,,1\n".repeat(20) + &"1,30,2,5,SE,11,SE,,1\n".repeat(2);
    let query = query(&[], &[Measure::Employment, Measure::Activity, Measure::Unemployment]);
    let found = table(&sums(&rows, &query).unwrap(), &query, limits).unwrap();
    assert_eq!(shown(&found, 0), [": 81.9672131147541 122", ":   c", ":   c"]);
    let query = Query { measures: OVER.to_vec(), ..query };
    let few = table(&sums(&hundred(20, 0), &query).unwrap(), &query, Limits { cell: 5, group: 101 }).unwrap();
    assert_eq!(shown(&few, 0), [":   c"]);
}

#[test]
fn statuses() {
    let rows = "6,30,1,5,SE,11,SE,211,1\n2,30,2,3,SE,11,SE,,1\n2,30,3,1,SE,11,SE,,1\n7,30,9,5,SE,11,SE,,1\n";
    check(rows, &query(&[], &[Measure::Employment]), &[": 60 3"]);
    check(rows, &query(&[], &[Measure::Activity]), &[": 80 3"]);
    check(rows, &query(&[], &[Measure::Unemployment]), &[": 25 2"]);
    check(rows, &query(&[], &[Measure::Tertiary]), &[": 76.47058823529412 4"]);
    check(rows, &query(&[], &[Measure::MismatchIndex]), &[": 100 2"]);
}

#[test]
fn refuses_without_repeating_a_cell() {
    let check = |rows: &str, by: &[By], expected: &str| {
        let error = sums(rows, &query(by, OVER)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{rows}: {error}");
        assert!(!error.contains("secret") && !error.contains("77"), "{error}");
    };
    check("secret,30,1,5,SE,11,SE,211,1\n", &[], "persons.csv, line 2, column `W`: expected a finite number");
    check("1,secret,1,5,SE,11,SE,211,1\n", &[], "persons.csv, line 2, column `AGE`");
    check("1,30,1\n", &[], "persons.csv: line 2 has 3 cells, the header 9");
    check("-77,30,1,5,SE,11,SE,211,1\n", &[], "persons.csv: 1 rows with a weight in `W` that is negative");
    check("inf,30,1,5,SE,11,SE,211,1\n", &[], "persons.csv, line 2, column `W`");
    check("1,77,1,5,SE,11,SE,211,1\n", &[], "persons.csv: no rows of persons aged 20 to 64");
    check("", &[], "persons.csv: no rows");
    check("1,30,1,5,SE,11,SE,211,1\n", &[By::Birth], "the layout does not say the country of birth");
    let other = delimited("WEIGHT,AGE\n".as_bytes(), "x.csv", &layout(), &query(&[], OVER)).unwrap_err().to_string();
    assert!(other.starts_with("x.csv: no column `W`, which the layout takes for weights"), "{other}");
}

/// Blocks and separators make no difference.
#[test]
fn same_whatever_the_form() {
    let rows: String =
        (0..1000).map(|row| format!("{},{},1,5,SE,11,SE,{}11,1\n", row % 7 + 1, 15 + row % 60, row % 9 + 1)).collect();
    let query = query(&[By::Age], OVER);
    let plain = sums(&rows, &query).unwrap();
    let other = format!("\u{feff}{HEADER}\n{rows}").replace(',', ";").replace('\n', "\r\n");
    assert_eq!(delimited(other.as_bytes(), "x", &layout(), &query).unwrap(), plain);
}

/// Parquet with columns of texts, of whole numbers and of numbers with a point gives what CSV gives.
#[test]
fn same_from_parquet() {
    let rows = 5000_i64;
    let code = |row: i64| [11, 211, 522, 911, 0, 999, 310][usize::try_from(row % 7).unwrap()];
    let mut text = String::new();
    for row in 0..rows {
        let isco = if row % 11 == 0 { String::new() } else { format!("{:03}", code(row)) };
        let weight = 0.1 + (row % 13) as f64 / 7.0;
        text.push_str(&format!(
            "{weight},{},1,{},SE,11,{},{isco},1\n",
            row % 80,
            row % 10,
            ["SE", "DE", "UA", ""][usize::try_from(row % 4).unwrap()]
        ));
    }
    let column = |name: &str, values: Vec<Option<i64>>| Column::new(name.into(), values);
    let frame = DataFrame::new(
        usize::try_from(rows).unwrap(),
        vec![
            Column::new("W".into(), (0..rows).map(|row| 0.1 + (row % 13) as f64 / 7.0).collect::<Vec<_>>()),
            column("AGE", (0..rows).map(|row| Some(row % 80)).collect()),
            Column::new("STATUS".into(), vec![1.0; 5000]),
            column("EDU", (0..rows).map(|row| Some(row % 10)).collect()),
            Column::new("C".into(), vec!["SE"; 5000]),
            column("R", vec![Some(11); 5000]),
            Column::new(
                "CIT".into(),
                (0..rows).map(|row| ["SE", "DE", "UA", ""][usize::try_from(row % 4).unwrap()]).collect::<Vec<_>>(),
            ),
            Column::new(
                "ISCO".into(),
                (0..rows).map(|row| if row % 11 == 0 { f64::NAN } else { f64::from(code(row)) }).collect::<Vec<_>>(),
            ),
            column("SEX", vec![Some(1); 5000]),
        ],
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let query = query(&[By::Region, By::Citizenship, By::Sex], &[OVER[0], Measure::Employment]);
    let expected = sums(&text, &query).unwrap();
    for whole in [false, true] {
        let kind = if whole { DataType::Int32 } else { DataType::Float64 };
        // A column of whole numbers has lost the zeros in front, and has null for what is not stated.
        let isco = when(col("ISCO").is_nan()).then(lit(NULL)).otherwise(col("ISCO")).cast(kind).alias("ISCO");
        let mut frame = if whole { frame.clone().lazy().with_columns([isco]).collect().unwrap() } else { frame.clone() };
        let path = folder.path().join(format!("{whole}.parquet"));
        ParquetWriter::new(std::fs::File::create(&path).unwrap()).with_row_group_size(Some(700)).finish(&mut frame).unwrap();
        let found = parquet(&path, &layout(), &query).unwrap();
        assert_eq!(found.counts, expected.counts, "whole numbers: {whole}");
        assert_eq!(found, expected, "whole numbers: {whole}");
        assert_eq!(found, parquet(&path, &layout(), &query).unwrap());
    }
}

/// A file that was cut or changed is refused or read; nothing panics, and no message has a cell of it.
#[test]
fn damaged_parquet() {
    let mut frame = DataFrame::new(
        400,
        HEADER
            .split(',')
            .map(|name| Column::new(name.into(), (0..400_i64).map(|row| row % 60 + 1).collect::<Vec<_>>()))
            .collect(),
    )
    .unwrap();
    let mut whole = Vec::new();
    ParquetWriter::new(&mut whole).with_row_group_size(Some(100)).finish(&mut frame).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let query = query(&[By::Citizenship], OVER);
    let mut refused = 0;
    for step in 0..60 {
        let mut bytes = whole.clone();
        if step % 3 == 0 {
            bytes.truncate(whole.len() * step / 60);
        } else {
            let at = whole.len() * step / 60;
            bytes[at] ^= 0x55;
        }
        // Each its own file: they are mapped into memory, and one that shrinks while it is read ends the process.
        let path = folder.path().join(format!("{step}.parquet"));
        std::fs::write(&path, bytes).unwrap();
        refused += usize::from(parquet(&path, &layout(), &query).is_err());
    }
    assert!(refused >= 20, "{refused} of 60");
}
