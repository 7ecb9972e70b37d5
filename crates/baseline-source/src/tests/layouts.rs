//! Declared layouts: what each declaration does, on specimens of our own; what is said when a file differs from its layout.

use baseline_model::definitions::Shape;
use baseline_model::{Reading, Severity};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::{check_with, codes, real, rows};
use crate::specimen::{Cells, old_workbook, workbook, workbook_of};
use crate::{Limits, ReadOptions, read};

/// Layouts, newest first, as a record states them.
fn shapes(toml: &str) -> Vec<Shape> {
    #[derive(serde::Deserialize)]
    struct Record {
        shapes: Vec<Shape>,
    }
    toml::from_str::<Record>(toml).unwrap().shapes
}

fn check(input: &[u8], layouts: &str, expected_rows: &[&str], expected_codes: &[&str]) -> Reading {
    let shapes = shapes(layouts);
    check_with(input, &ReadOptions { shapes: &shapes, ..ReadOptions::default() }, expected_rows, expected_codes)
}

/// The message of the only finding at error level holds all of these.
fn says(reading: &Reading, parts: &[&str]) {
    let errors: Vec<_> = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let text = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for part in parts {
        assert!(text.contains(part), "expected {part} in\n{text}");
    }
}

/// Two header rows with group titles in their first columns, technical codes in a third.
const CROSS: &str = r#"
    [[shapes]]
    numbers = { marks = { ".." = "" } }
    [[shapes.blocks]]
    sheet = ["POP", "POPUL"]
    header_rows = 3
    technical = ["ypa#"]
    keys = [{ column = "Region", dimension = "geo", fill = true }]
    period_column = "Year"
    period_fill = true
    measures = [{ column = "Total", set = { nat = "TOTAL" } }]
    ignore = ["Marital status"]
    stop = ["Source"]
    [[shapes.blocks.crosses]]
    levels = [{ row = 1, is = "Nationality" }, { row = 2, dimension = "nat", codes = { "Greek" = "NAT", "EU country" = "EU" } }]
"#;

const POP: Cells<'static> = &[
    (0, 0, "Population"),
    (0, 2, "Total"),
    (0, 3, "Nationality"),
    (0, 5, "Marital  status"),
    (1, 0, "Year"),
    (1, 1, "Region"),
    (1, 3, "Greek"),
    (1, 4, "EU\ncountry"),
    (1, 5, "Single"),
    (1, 6, "Married"),
    (2, 3, "ypa1"),
    (4, 0, "2024"),
    (4, 1, "Kriti"),
    (4, 2, "10"),
    (4, 3, "8"),
    (4, 4, ".."),
    (4, 5, "1"),
    (5, 1, "Attiki"),
    (5, 3, "7"),
    (8, 0, "Source: x"),
    (9, 0, "2020"),
    (9, 1, "Kriti"),
    (9, 2, "1"),
];

const POP_ROWS: [&str; 5] = [
    "Kriti TOTAL 2024 10 @POPUL!C5",
    "Kriti NAT 2024 8 @POPUL!D5",
    "Kriti EU 2024 - ..| @POPUL!E5",
    "Attiki TOTAL 2024 - @POPUL!C6",
    "Attiki NAT 2024 7 @POPUL!D6",
];

fn with(cells: Cells<'static>, change: impl Fn(u32, u32, &'static str) -> Option<(u32, u32, &'static str)>) -> Vec<u8> {
    let cells: Vec<_> = cells.iter().filter_map(|(row, column, text)| change(*row, *column, text)).collect();
    workbook(&[("Contents", &[(0, 0, "x")]), ("POPUL", &cells)])
}

#[test]
fn cross_tables() {
    check(&with(POP, |row, column, text| Some((row, column, text))), CROSS, &POP_ROWS, &[]);
    // Data may begin some rows below the header, and stand elsewhere in the sheet.
    let moved = with(POP, |row, column, text| Some((if row > 2 { row - 1 } else { row }, column, text)));
    let expected = POP_ROWS.map(|row| row.replace('6', "#").replace('5', "4").replace('#', "5"));
    check(&moved, CROSS, &expected.each_ref().map(String::as_str), &[]);
    let shifted = with(POP, |row, column, text| Some((row, column + 1, text)));
    let expected = POP_ROWS.map(|row| {
        row.replace("!D", "!E").replace("!C", "!D").replace("!E5", "!#5").replace(".| @POPUL!#", ".| @POPUL!F").replace('#', "E")
    });
    check(&shifted, CROSS, &expected.each_ref().map(String::as_str), &[]);
}

#[test]
fn drift() {
    // A renamed header.
    let renamed = with(POP, |row, column, text| Some((row, column, if text == "Greek" { "Greeks" } else { text })));
    let reading =
        check(&renamed, CROSS, &[POP_ROWS[0], POP_ROWS[2], POP_ROWS[3]], &["error column-missing", "warning column-undeclared"]);
    says(&reading, &["POPUL", "expected `Greek` in the header row 2", "`Greeks`", "nearest is `Greeks`"]);
    // An inserted column does no harm, and is named.
    let inserted = with(POP, |row, column, text| Some((row, if column > 3 { column + 1 } else { column }, text)));
    check(&inserted, CROSS, &POP_ROWS.map(|row| row.replace("!E", "!F")).each_ref().map(String::as_str), &[]);
    let mut more = POP.to_vec();
    more.extend([(0, 9, "Religion"), (4, 9, "3"), (4, 12, "4")]);
    let reading =
        check(&workbook(&[("POPUL", &more)]), CROSS, &POP_ROWS, &["warning column-undeclared", "warning cell-without-header"]);
    assert!(reading.findings[0].message.contains("`Religion`"));
    // A missing sheet.
    let reading = check(&workbook(&[("POPULA", POP)]), CROSS, &[], &["error sheet-missing"]);
    says(&reading, &["expected the sheet `POP` or `POPUL`", "nearest is `POP"]);
    // A title above the header.
    let lower = with(POP, |row, column, text| Some((row + 2, column, text)));
    let shapes = shapes(CROSS);
    let reading = read(&lower, "x", &ReadOptions { shapes: &shapes, ..ReadOptions::default() });
    assert!(rows(&reading).is_empty(), "{reading:?}");
    says(&reading, &["expected the column `Region`", "the declared header stands in row 3"]);
}

#[test]
fn vintages() {
    let newer = CROSS.replace("\"Greek\" = ", "\"Citizens\" = ");
    let both = format!("{newer}\n{CROSS}");
    check(&with(POP, |row, column, text| Some((row, column, text))), &both, &POP_ROWS, &[]);
    let renamed = with(POP, |row, column, text| Some((row, column, if text == "Greek" { "Citizens" } else { text })));
    check(&renamed, &both, &POP_ROWS, &[]);
    let neither = with(POP, |row, column, text| Some((row, column, if text == "Greek" { "Natives" } else { text })));
    let reading = check(&neither, &both, &[], &["error no-shape-fits"]);
    says(&reading, &["2 declared layouts", "layout 1", "expected `Citizens`", "layout 2", "expected `Greek`", "`Natives`"]);
}

#[test]
fn ambiguous_columns() {
    let layout = r#"
        [[shapes]]
        [[shapes.blocks]]
        header_rows = 2
        period = "2024"
        keys = [{ column = "Region", dimension = "geo" }]
        measures = [{ column = "Total", code = "a" }]
    "#;
    let cells: Cells<'_> = &[
        (0, 0, "Region"),
        (0, 1, "Men"),
        (0, 2, "Women"),
        (1, 1, "Total"),
        (1, 2, "Total"),
        (2, 0, "x"),
        (2, 1, "1"),
        (2, 2, "2"),
    ];
    let reading = check(&workbook(&[("s", cells)]), layout, &[], &["error column-ambiguous", "warning column-undeclared"]);
    says(&reading, &["expected one column `Total`, found 2"]);
    let path = layout.replace("\"Total\"", "[\"Women\", \"Total\"]").replace("code = \"a\"", "code = \"b\"");
    check(&workbook(&[("s", cells)]), &path, &["b x 2024 2 @s!C3"], &["warning column-undeclared"]);
    let text = path.replace("[\"Women\", \"Total\"]", "\"Women / Total\"").replace("period =", "ignore = [\"Men\"]\nperiod =");
    check(&workbook(&[("s", cells)]), &text, &["b x 2024 2 @s!C3"], &[]);
}

const QUARTERS: &str = r#"
    [[shapes]]
    [[shapes.blocks]]
    begins = "*NUMBERS"
    header_rows = 2
    groups = [{ row = 1, begins = '####' }]
    keys = [{ column = "NUTS II", dimension = "geo" }]
    [[shapes.blocks.crosses]]
    set = { unit = "THS" }
    levels = [{ row = 1, periods = ["{year} {quarter}{letters} quarter"] }, { row = 2, dimension = "measure", codes = { Employed = "emp", Unemployed = "une" } }]
    [[shapes.blocks]]
    begins = "*PERCENT*"
    header_rows = 2
    keys = [{ column = "NUTS II", dimension = "geo" }]
    [[shapes.blocks.crosses]]
    set = { unit = "PC" }
    levels = [{ row = 1, dimension = "measure", codes = { Rate = "rate" } }, { row = 2, periods = ["{quarter}{letters} quarter {year}"] }]
"#;

/// The year in one cell, the quarter in the next, the block again below.
fn quarters(second: &'static str) -> Vec<(u32, u32, &'static str)> {
    let mut cells = vec![(0, 0, "Table 2")];
    for (top, year, quarter) in [(1, "2001", " 3rd quarter"), (12, "2002", second)] {
        cells.extend([
            (top, 0, "I.  NUMBERS"),
            (top + 1, 0, "NUTS II"),
            (top + 1, 1, year),
            (top + 1, 2, quarter),
            (top + 1, 3, year),
            (top + 1, 4, "4th  quarter"),
            (top + 2, 1, "Employed"),
            (top + 2, 2, "Unemployed"),
            (top + 2, 3, "Employed"),
            (top + 2, 4, "Unemployed"),
            (top + 3, 0, "Kriti"),
            (top + 3, 1, "1"),
            (top + 3, 2, "2"),
            (top + 3, 3, "3"),
        ]);
    }
    cells.extend([
        (6, 0, "II. PERCENT (%)"),
        (7, 0, "NUTS II"),
        (7, 1, "Rate"),
        (8, 1, "3rd quarter 2001"),
        (8, 2, "4th quarter 2001"),
        (9, 0, "Kriti"),
        (9, 1, "4.5"),
        (9, 2, "5"),
    ]);
    cells
}

#[test]
fn repeated_blocks() {
    let expected = [
        "Kriti THS emp 2001-Q3 1 @s!B5",
        "Kriti THS une 2001-Q3 2 @s!C5",
        "Kriti THS emp 2001-Q4 3 @s!D5",
        "Kriti THS emp 2002-Q2 1 @s!B16",
        "Kriti THS une 2002-Q2 2 @s!C16",
        "Kriti THS emp 2002-Q4 3 @s!D16",
        "Kriti PC rate 2001-Q3 4.5 @s!B10",
        "Kriti PC rate 2001-Q4 5 @s!C10",
    ];
    check(&workbook(&[("s", &quarters("2d quarter"))]), QUARTERS, &expected, &[]);
    // A quarter that cannot be read is not read as another.
    let rest: Vec<&str> = expected.iter().copied().filter(|row| !row.contains("2002-Q2")).collect();
    check(&workbook(&[("s", &quarters("spring"))]), QUARTERS, &rest, &["warning column-undeclared"]);
    let reading = check(&workbook(&[("s", &[(0, 0, "x")])]), QUARTERS, &[], &["error block-missing", "error block-missing"]);
    says(&reading, &["expected a row that begins with `*NUMBERS`"]);
}

#[test]
fn headings_and_notes() {
    let layout = r#"
        [[shapes]]
        delimiter = ";"
        numbers = { decimal = "," }
        [[shapes.blocks]]
        header_row = 2
        header_rows = 2
        footnotes = true
        period_column = "ANNI"
        periods = ["{year}"]
        keys = [{ column = "ANNI", dimension = "isced11", carry = true, codes = { "LICENZA MEDIA" = "ED0-2", "DIPLOMA" = "ED3_4" } }]
        [[shapes.blocks.crosses]]
        set = { unit = "PC" }
        levels = [{ row = 1, dimension = "age", codes = { "15-24" = "Y15-24" } }, { row = 2, dimension = "nat", codes = { Straniera = "FOR", Italiana = "NAT" } }]
    "#;
    let text = "Titolo;;\nANNI;15-24;\n;Straniera1);Italiana\n;;\n LICENZA MEDIA;;\n2018;69,1;50,2\n2019;;1,0\nDIPLOMA (a);;\n2018;x;3\n(a) una nota;;\n";
    check(
        text.as_bytes(),
        layout,
        &[
            "ED0-2 PC Y15-24 FOR 2018 69.1 @R6C2",
            "ED0-2 PC Y15-24 NAT 2018 50.2 @R6C3",
            "ED0-2 PC Y15-24 NAT 2019 1 @R7C3",
            "ED0-2 PC Y15-24 FOR 2018 - @R9C2",
            "ED0-2 PC Y15-24 NAT 2018 3 @R9C3",
        ],
        &["info note", "error not-a-number", "info note", "error duplicate-key"],
    );
    let marked = layout
        .replace("{ decimal = \",\" }", "{ decimal = \",\", marks = { x = \"\" } }")
        .replace("\"DIPLOMA\"", "\"DIPLOMA (a)\"");
    check(
        text.as_bytes(),
        &marked.replace("footnotes = true", "misprints = { \"Straniera1)\" = \"Straniera\" }"),
        &[
            "ED0-2 PC Y15-24 FOR 2018 69.1 @R6C2",
            "ED0-2 PC Y15-24 NAT 2018 50.2 @R6C3",
            "ED0-2 PC Y15-24 NAT 2019 1 @R7C3",
            "ED3_4 PC Y15-24 FOR 2018 - x| @R9C2",
            "ED3_4 PC Y15-24 NAT 2018 3 @R9C3",
        ],
        &["info note"],
    );
    // Figures above the first heading belong to none.
    check(b"t;;\nANNI;15-24;\n;Straniera;Italiana\n2018;1;2\n", layout, &[], &["error row-without-key"]);
    check(b"t;;\nANNI;15-24;\n;Straniera;Italiana\nDIPLOMA;;\n18;1;2\n", layout, &[], &["error row-without-period"]);
    check(b"t;;\nANNI;15-24;\n;Straniera;Italiana\nDIPLOMA;;\n2018;1\n", layout, &[], &["error wrong-number-of-cells"]);
}

#[test]
fn rows_by_number() {
    let layout = r#"
        [[shapes]]
        [[shapes.blocks]]
        rows = { column = "Year", from = 1981, to = 1988 }
        period_column = "Year"
        skip = ["9999"]
        keys = [{ column = "Region", dimension = "geo", codes = { Ipeiros = "old" }, when = { column = "Year", to = 1987 } }, { column = "New", dimension = "new", empty = "none" }]
        measures = [{ column = "Value", code = "v" }]
    "#;
    let text = "Year,Region,New,Value\n1987,Ipeiros,a,1\n1988,Ipeiros,,2\n1989,Ipeiros,,3\n9999,x,,4\n";
    check(text.as_bytes(), layout, &["v old a 1987 1 @R2C4", "v Ipeiros none 1988 2 @R3C4"], &[]);
}

#[test]
fn code_pages() {
    let layout = |encoding: &str| {
        format!(
            "[[shapes]]\nencoding = \"{encoding}\"\n[[shapes.blocks]]\nperiod = \"2024\"\n\
             keys = [{{ column = \"r\", dimension = \"geo\" }}]\nmeasures = [{{ column = \"v\", code = \"v\" }}]"
        )
    };
    let check = |name: &[u8], encoding: &str, expected: &[&str], codes: &[&str]| {
        let text = [b"r,v\n", name, b",1\n"].concat();
        let expected: Vec<String> = expected.iter().map(|name| format!("v {name} 2024 1 @R2C2")).collect();
        check(&text, &layout(encoding), &expected.iter().map(String::as_str).collect::<Vec<_>>(), codes);
    };
    check(b"\xa3\xf3d\x9f", "cp1250", &["Łódź"], &[]);
    check(b"\xca\xf1\xde\xf4\xe7", "iso-8859-7", &["Κρήτη"], &[]);
    check(b"\xca\xf1\xde\xf4\xe7", "windows-1253", &["Κρήτη"], &[]);
    check(b"Link\xf6ping", "iso-8859-1", &["Linköping"], &[]);
    check("Linköping".as_bytes(), "iso-8859-1", &["Linköping"], &["warning encoding-differs"]);
    check(b"Link\xf6ping", "utf-8", &[], &["error not-unicode"]);
    check(b"Link\xf6ping", "klingon", &[], &["error shape-wrong"]);
    check(b"\xd2\xff", "iso-8859-7", &[], &["error not-in-code-page"]);
    check(b"plain", "iso-8859-7", &["plain"], &[]);
}

/// Merged header over three rows, footnotes, German numbers as texts, marks, as the Federal Employment Agency lays them out.
fn agency() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Tabelle 2.1").unwrap();
    let plain = Format::new();
    let percent = Format::new().set_num_format("0.0%");
    sheet.merge_range(0, 0, 0, 5, "Sozialversicherungspflichtig Beschäftigte nach Staatsangehörigkeit", &plain).unwrap();
    sheet.write(1, 0, "Kreise, Stichtag 30.06.2024").unwrap();
    sheet.merge_range(3, 0, 5, 0, "Region", &plain).unwrap();
    sheet.merge_range(3, 1, 3, 5, "Beschäftigte", &plain).unwrap();
    sheet.merge_range(4, 1, 5, 1, "Insgesamt", &plain).unwrap();
    sheet.merge_range(4, 2, 4, 4, "darunter\nAusländer1)", &plain).unwrap();
    sheet.write(5, 2, "absolut").unwrap();
    sheet.write(5, 3, "Anteil").unwrap();
    sheet.write(5, 4, "Veränderung  ggü.\nVorjahr2)").unwrap();
    sheet.write(4, 5, "Stand").unwrap();
    for (row, (name, cells)) in (6..).zip([
        ("15084 Burgenlandkreis", ["59.866", "7.293", "", "10,4"]),
        ("15085 Harz*", ["*", "x", "", ".x"]),
        ("15086 Jerichower Land", ["1.000.000", "<5", "", "\u{2212}3,5"]),
        ("15087 Mansfeld-Südharz", ["12", "-", "", "1.5"]),
    ]) {
        sheet.write(row, 0, name).unwrap();
        for (column, cell) in (1..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    sheet.write_with_format(6, 3, 0.1218, &percent).unwrap();
    let date = Format::new().set_num_format("dd.mm.yyyy");
    sheet.write_with_format(6, 5, ExcelDateTime::from_ymd(2024, 6, 30).unwrap(), &date).unwrap();
    sheet.write_formula(7, 3, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    sheet.write(11, 0, "1) Personen ohne deutsche Staatsangehörigkeit").unwrap();
    sheet.write(12, 0, "Erstellungsdatum: 12.01.2025").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn agency_workbook() {
    let layout = r##"
        [[shapes]]
        [shapes.numbers]
        decimal = ","
        groups = ["."]
        marks = { "*" = "", "x" = "", ".x" = "", "-" = "", "<#" = "", "#DIV/0!" = "" }
        [[shapes.blocks]]
        sheet = "Tabelle 2.1"
        header_row = 4
        header_rows = 3
        footnotes = true
        period = "2024-06-30"
        stop = ["1)"]
        ignore = ["Stand"]
        keys = [{ column = "Region", dimension = "geo" }]
        skip_blanks = true
        measures = [
            { column = ["Beschäftigte", "Insgesamt"], code = "total" },
            { column = "Beschäftigte / darunter Ausländer / absolut", code = "foreign" },
            { column = "Anteil", code = "share" },
            { column = "Veränderung ggü. Vorjahr", code = "change" },
        ]
    "##;
    let expected = [
        "total 15084 Burgenlandkreis 2024-06-30 59866 @Tabelle 2.1!B7",
        "foreign 15084 Burgenlandkreis 2024-06-30 7293 @Tabelle 2.1!C7",
        "share 15084 Burgenlandkreis 2024-06-30 0.1218 @Tabelle 2.1!D7",
        "change 15084 Burgenlandkreis 2024-06-30 10.4 @Tabelle 2.1!E7",
        "total 15085 Harz 2024-06-30 - *| @Tabelle 2.1!B8",
        "foreign 15085 Harz 2024-06-30 - x| @Tabelle 2.1!C8",
        "share 15085 Harz 2024-06-30 - #DIV/0!| @Tabelle 2.1!D8",
        "change 15085 Harz 2024-06-30 - .x| @Tabelle 2.1!E8",
        "total 15086 Jerichower Land 2024-06-30 1000000 @Tabelle 2.1!B9",
        "foreign 15086 Jerichower Land 2024-06-30 - <5| @Tabelle 2.1!C9",
        "change 15086 Jerichower Land 2024-06-30 -3.5 @Tabelle 2.1!E9",
        "total 15087 Mansfeld-Südharz 2024-06-30 12 @Tabelle 2.1!B10",
        "foreign 15087 Mansfeld-Südharz 2024-06-30 - -| @Tabelle 2.1!C10",
        "change 15087 Mansfeld-Südharz 2024-06-30 - @Tabelle 2.1!E10",
    ];
    // `1.5` is neither a German number nor a grouped one.
    let reading = check(&agency(), layout, &expected, &["error not-a-number"]);
    says(&reading, &["Tabelle 2.1!E10", "decimal comma", "`1.5`"]);
    // A date is no figure.
    let dated = layout.replace("ignore = [\"Stand\"]", "").replace(
        "{ column = \"Anteil\", code = \"share\" }",
        "{ column = \"Anteil\", code = \"share\" }, { column = \"Stand\", code = \"date\" }",
    );
    let reading = read(&agency(), "x", &ReadOptions { shapes: &shapes(&dated), ..ReadOptions::default() });
    says(&reading, &["`2024-06-30` of another kind"]);
    // Without the rule nothing is guessed, and a grouped number is no decimal.
    let bare = layout.replace("decimal = \",\"", "").replace("groups = [\".\"]", "");
    let reading = read(&agency(), "x", &ReadOptions { shapes: &shapes(&bare), ..ReadOptions::default() });
    says(&reading, &["`59.866`", "`1.000.000`", "`10,4`"]);
    let values = reading.tables[0].value.iter().flatten().copied().collect::<Vec<_>>();
    assert_eq!(values, [0.1218, 12.0, 1.5]);
}

#[test]
fn far_cells_and_bombs() {
    let layout = "[[shapes]]\n[[shapes.blocks]]\nperiod = \"2024\"\nkeys = [{ column = \"r\", dimension = \"geo\" }]\nmeasures = [{ column = \"v\", code = \"v\" }]";
    let far = r#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>r</v></c><c r="B1" t="str"><v>v</v></c></row>
        <row r="2"><c r="A2" t="str"><v>x</v></c><c r="B2"><v>1</v></c></row>
        <row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    check(&workbook_of(&[("s", far)]), layout, &["v x 2024 1 @s!B2"], &["error row-without-key"]);
    let header = r#"<worksheet><sheetData><row r="1048576"><c r="XFD1048576" t="str"><v>r</v></c></row></sheetData></worksheet>"#;
    check(&workbook_of(&[("s", header)]), layout, &[], &["error column-missing", "error column-missing"]);
    // What unpacks to more than is allowed is not read, whatever the file says of itself.
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, " ".repeat(30_000)).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let limits = Limits { unpacked: 20_000, cells: 1_000 };
    let shapes = shapes(layout);
    let options = ReadOptions { shapes: &shapes, limits, ..ReadOptions::default() };
    check_with(&bytes, &options, &[], &["error too-large"]);
    let many = (0..2_000).map(|row| format!("x{row},1\n")).collect::<String>();
    check_with(format!("r,v\n{many}").as_bytes(), &options, &[], &["error too-many-cells"]);
}

#[test]
fn old_workbooks() {
    let layout = "[[shapes]]\n[[shapes.blocks]]\nsheet = \"s\"\nheader_row = 3\nperiod = \"2024\"\nkeys = [{ column = \"r\", dimension = \"geo\" }]\nmeasures = [{ column = \"v\", code = \"v\" }]";
    // The used range begins at C3.
    let cells: Cells<'_> = &[(2, 2, "r"), (2, 3, "v"), (3, 2, "Κρήτη"), (3, 3, "1.5"), (5, 2, "x"), (5, 3, "2")];
    let book = old_workbook("s", cells);
    check(&book, layout, &["v Κρήτη 2024 1.5 @s!D4", "v x 2024 2 @s!D6"], &[]);
    check(&old_workbook("s", &[]), layout, &[], &["error column-missing", "error column-missing"]);
    // Two cells in opposite corners would be a range of sixteen million; runs may claim a column that they do not have.
    let corners = old_workbook("s", &[(0, 0, "1"), (65_535, 65_535, "1")]);
    let reading = check(&corners, layout, &[], &["error workbook-damaged"]);
    says(&reading, &["its sheets span 4294967296 cells"]);
    for cut in (8..book.len()).step_by(251) {
        let reading = read(&book[..cut], "x", &ReadOptions::default());
        assert!(reading.tables.is_empty() && !reading.findings.is_empty(), "{cut}");
    }
}

#[test]
fn hand_made_csv_of_istat() {
    let layout = r#"
        [[shapes]]
        delimiter = ";"
        numbers = { decimal = "," }
        [[shapes.blocks]]
        header_row = 8
        header_rows = 2
        period_column = "ANNI"
        periods = ["{year}"]
        keys = [{ column = "ANNI", dimension = "isced11", carry = true, codes = { "LICENZA MEDIA" = "ED0-2", "DIPLOMA" = "ED3_4", "TITOLO UNIVERSITARIO" = "ED5-8" } }]
        stop = ["(a)"]
        [[shapes.blocks.crosses]]
        levels = [
            { row = 1, dimension = "age", codes = { "15-24" = "Y15-24", "25-34" = "Y25-34", "35-44" = "Y35-44", "45-54" = "Y45-54", "55-64" = "Y55-64", "Totale" = "Y15-64" } },
            { row = 2, dimension = "nat", codes = { Straniera = "FOR", Italiana = "NAT" } },
        ]
    "#;
    let shapes = shapes(layout);
    let Some(reading) = real::reading(
        "national/istat/NI2024-Stranieri_altri_dati_2.csv",
        &ReadOptions { shapes: &shapes, ..ReadOptions::default() },
    ) else {
        return;
    };
    assert_eq!(codes(&reading), [""; 0], "{:#?}", reading.findings);
    let rows = rows(&reading);
    assert_eq!(rows.len(), 3 * 6 * 6 * 2);
    for row in ["ED0-2 Y15-24 FOR 2018 69.1 @R14C3", "ED5-8 Y15-64 NAT 2023 20.1 @R37C19"] {
        assert!(rows.iter().any(|found| found == row), "{row}");
    }
    let sum: f64 = reading.tables[0].value.iter().flatten().sum();
    // Three levels of education make a hundred, for twelve groups and six years, but for rounding.
    assert!((sum - 7_200.0).abs() < 3.0, "{sum}");
}

#[test]
fn finnish_key_figures() {
    let layout = r#"
        [[shapes]]
        delimiter = "\t"
        [[shapes.blocks]]
        period = "2018"
        keys = [{ column = "Region 2018", dimension = "geo" }]
        measures = [
            { column = "Population", code = "population" },
            { column = "Share of foreign citizens of the population, %", code = "foreign_share" },
            { column = "Proportion of the unemployed among the labour force, %", code = "unemployed_share" },
        ]
        ignore = ["Population change from the previous year, %", "Share of Swedish-speakers of the population, %", "Proportion of pensioners of the population, %"]
    "#;
    let shapes = shapes(layout);
    let Some(reading) = real::reading(
        "national/statfin/municipal_key_figures_2018.tsv",
        &ReadOptions { shapes: &shapes, ..ReadOptions::default() },
    ) else {
        return;
    };
    let rows = rows(&reading);
    for row in ["population Jyväskylä 2018 140188", "foreign_share Jyväskylä 2018 3.3", "unemployed_share Jyväskylä 2018 16.6"]
    {
        assert!(rows.iter().any(|found| found.starts_with(&format!("{row} @"))), "{row}");
    }
    assert_eq!(rows.iter().filter(|row| row.starts_with("population ")).count(), 490, "{:?}", reading.findings);
}

#[test]
fn half_years_of_slovenia() {
    let layout = r#"
        [[shapes]]
        [[shapes.blocks]]
        period_column = "POLLETJE"
        periods = ["{year}H{half}"]
        keys = [{ column = "KOHEZIJSKA REGIJA", dimension = "geo" }, { column = "STAROST", dimension = "age" }, { column = "SPOL", dimension = "sex" }]
        measures = [{ column = "value_num" }]
    "#;
    let shapes = shapes(layout);
    let Some(reading) =
        real::reading("national/surs/sistat_readme_05.csv", &ReadOptions { shapes: &shapes, ..ReadOptions::default() })
    else {
        return;
    };
    assert_eq!(codes(&reading), [""; 0]);
    let rows = rows(&reading);
    assert_eq!(rows[..2], ["0 999 0 2008-S1 2025866 @R2C5", "0 999 1 2008-S1 1000624 @R3C5"]);
}

#[test]
fn nuts_workbooks() {
    let layout = |sheet: &str, header: u32, old: &str, new: &str, level: &str| {
        shapes(&format!(
            "[[shapes]]\n[[shapes.blocks]]\nsheet = {sheet:?}\nheader_row = {header}\nperiod = \"2024\"\nkeys = [{{ column = {old:?}, dimension = \"old\", empty = \"\" }}, \
             {{ column = {new:?}, dimension = \"new\", empty = \"\" }}]\nskip_blanks = true\nmeasures = [{{ column = {level:?}, code = \"level\" }}]"
        ))
    };
    let check = |file: &str, shapes: &[Shape], expected: usize, row: &str| {
        let Some(reading) = real::reading(&format!("reference/{file}"), &ReadOptions { shapes, ..ReadOptions::default() }) else {
            return;
        };
        let rows = rows(&reading);
        assert!(rows.iter().any(|found| found == row), "{file}: {row} {:?} {:#?}", &rows[..4.min(rows.len())], reading.findings);
        assert_eq!(rows.len(), expected, "{file}");
    };
    check(
        "NUTS2021-NUTS2024.xlsx",
        &layout("NUTS2021- NUTS2024", 1, "Code 2021", "Code 2024", "NUTS level"),
        1_647,
        "level FI193  2024 3 @NUTS2021- NUTS2024!I1577",
    );
    // Old workbooks: `NUTS` stands above `level`.
    check(
        "NUTS2003-NUTS2006.xls",
        &layout("NUTS2003-NUTS2006", 2, "Code 2003", "Code 2006", "level"),
        1_869,
        "level FI193 FI193 2024 3 @NUTS2003-NUTS2006!I1626",
    );
    check(
        "NUTS2006-NUTS2010.xls",
        &layout("NUTS2006-NUTS2010", 2, "Code 2006", "Code 2010", "level"),
        1_830,
        "level DE411 DE403 2024 3 @NUTS2006-NUTS2010!I313",
    );
    check(
        "NUTS2016-NUTS2021.xlsx",
        &layout("Changes detailed NUTS 2016-2021", 1, "Code 2016", "Code 2021", "NUTS level"),
        2_144,
        "level BE2 BE2 2024 1 @Changes detailed NUTS 2016-2021!I6",
    );
}
