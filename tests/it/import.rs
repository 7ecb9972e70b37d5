//! A partner's spreadsheet on its way: looked at, mapped, imported, counted by an indicator, shown; and next year's file.

use rust_xlsxwriter::Workbook;

use super::kit::Workspace;

/// A sheet with a title, a header in row 3 and a footnote column; places by their names.
fn workbook(header: [&str; 4], rows: &[(&str, f64, &str, f64)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    // Without a date of its own a workbook has the moment's, and another hash with every run.
    let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 1).unwrap();
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
    let sheet = workbook.add_worksheet().set_name("Employees").expect("a name");
    sheet.write(0, 0, "Employees by municipality").expect("a cell");
    for (column, text) in (0..).zip(header) {
        sheet.write(2, column, text).expect("a cell");
    }
    for (row, (place, all, foreign, nationals)) in (3..).zip(rows) {
        sheet.write(row, 0, *place).expect("a cell");
        sheet.write(row, 1, *all).expect("a cell");
        match foreign.parse::<f64>() {
            Ok(number) => sheet.write(row, 2, number).expect("a cell"),
            Err(_) => sheet.write(row, 2, *foreign).expect("a cell"),
        };
        sheet.write(row, 3, *nationals).expect("a cell");
    }
    workbook.save_to_buffer().expect("a workbook")
}

const HEADER: [&str; 4] = ["Municipality", "All employees", "Foreign employees", "Nationals"];

const MAPPING: [&str; 18] = [
    "--as",
    "partner/employees",
    "--sheet",
    "Employees",
    "--header-row",
    "3",
    "--key",
    "Municipality=geo",
    "--value",
    "All employees=total",
    "--value",
    "Foreign employees=foreign",
    "--value",
    "Nationals=national",
    "--unit",
    "persons",
    "--missing",
    "..",
];

const INDICATOR: &str = "name = \"Employees (partner)\"\nunit = \"persons\"\ndirection = \"neutral\"\nuniverse = \"Employees\"\n\
     concept = \"Partner's count of employees\"\ndecimals = 0\n[[series]]\ndataflow = \"partner/employees\"\n\
     where = { unit = \"persons\" }\nset = { sex = \"T\", age = \"TOTAL\" }\nby = \"citizenship\"\n\
     [headline]\norigin = \"foreign\"\nsex = \"T\"\nage = \"TOTAL\"\n";

fn import(workspace: &Workspace, file: &str, further: &[&str]) -> super::kit::Said {
    workspace.run(&["import", file].into_iter().chain(further.iter().copied()).collect::<Vec<_>>())
}

/// Imports the first file with its mapping.
fn imported(workspace: &Workspace) {
    let rows = [("Postojna", 900.0, "120", 780.0), ("Ascó", 412.0, "3", 409.0), ("Elsewhere", 300.0, "..", 250.0)];
    workspace.write("2025.xlsx", workbook(HEADER, &rows));
    let said = import(workspace, "2025.xlsx", &[&MAPPING[..], &["--period", "2025"]].concat());
    assert_eq!(said.exit, 0, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("9 cells, stored as"), "{}", said.stdout);
}

#[test]
fn a_look_says_what_is_there() {
    let workspace = Workspace::new();
    workspace.write(
        "2025.xlsx",
        workbook(
            HEADER,
            &[("Postojna", 900.0, "120", 780.0), ("Ascó", 412.0, "few", 409.0), ("X", 1.0, "2", 3.0), ("Y", 1.0, "2", 3.0)],
        ),
    );
    let said = import(&workspace, "2025.xlsx", &["--inspect"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    for part in [
        "sheet Employees: 21 cells, A1:D7",
        "header may be row 3: Municipality | All employees | Foreign employees | Nationals",
        "Employees!C5: the text `few` among numbers",
    ] {
        assert!(said.stdout.contains(part), "no `{part}` in\n{}", said.stdout);
    }
    let json: serde_json::Value =
        serde_json::from_str(&import(&workspace, "2025.xlsx", &["--inspect", "--json"]).stdout).expect("JSON");
    assert_eq!(json["sheets"][0]["headers"][0]["row"], 3);
    assert!(workspace.tree("data").is_empty() && workspace.tree("pipelines").is_empty(), "a look writes nothing");
}

#[test]
fn what_is_not_said_is_proposed_and_nothing_is_stored() {
    let workspace = Workspace::new();
    workspace.write("2025.xlsx", workbook(HEADER, &[("Postojna", 900.0, "120", 780.0)]));
    let said = import(&workspace, "2025.xlsx", &["--as", "partner/employees"]);
    assert_eq!(said.exit, 2, "{}", said.stderr);
    for part in [
        "header_row = 3",
        "column = \"Municipality\", dimension = \"geo\"",
        "column = \"All employees\"",
        "\"Postojna\" = \"094\"",
    ] {
        assert!(said.stdout.contains(part), "no `{part}` in\n{}", said.stdout);
    }
    for part in ["--period 2025", "--unit persons", "confirm the columns of figures"] {
        assert!(said.stderr.contains(part), "no `{part}` in\n{}", said.stderr);
    }
    assert!(workspace.tree("data").is_empty() && workspace.tree("pipelines").is_empty());
}

#[test]
fn from_a_spreadsheet_to_an_indicator_and_next_year() {
    let workspace = Workspace::new();
    imported(&workspace);
    assert!(workspace.run(&["list", "dataflows"]).stdout.contains("partner/employees"));
    // An indicator draws on it like on any table.
    workspace.write("pipelines/indicators/employees_partner.toml", INDICATOR);
    let study =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/studies/milestone.toml")).expect("the study");
    let study = study.replacen(
        "id = \"labour_market\"\nindicators = [",
        "id = \"labour_market\"\nindicators = [\n  \"employees_partner\",",
        1,
    );
    assert!(study.contains("employees_partner"));
    workspace.write("pipelines/studies/milestone.toml", study);
    let shown = workspace.run(&["show", "employees_partner"]);
    assert_eq!(shown.exit, 0, "{}", shown.stderr);
    let line = |name: &str| shown.stdout.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
    assert!(line("Postojna").contains("120") && line("Postojna").contains(" A "), "{}", shown.stdout);
    // Three foreign employees are not told, neither here nor by what is left of all.
    assert!(line("Ascó").contains("withheld"), "{}", shown.stdout);
    let why = workspace.run(&["why", "employees_partner.postojna.foreign.T.TOTAL.2025"]);
    for part in ["Employees!C4", "(import)", "2025.xlsx", "sha256"] {
        assert!(why.stdout.contains(part), "no `{part}` in\n{}{}", why.stdout, why.stderr);
    }
    let hidden = workspace.run(&["why", "employees_partner.asco.national.T.TOTAL.2025"]);
    // Hashes may hold the digits of the count by chance.
    let told: Vec<&str> =
        hidden.stdout.lines().filter(|line| !["vintage", "sha256", "file"].iter().any(|part| line.contains(part))).collect();
    assert!(hidden.stdout.contains("withheld") && !told.join("\n").contains("409"), "{}", hidden.stdout);
    let checked = workspace.run(&["check", "--data", "--json"]);
    let json: serde_json::Value =
        serde_json::from_str(&checked.stdout).unwrap_or_else(|_| panic!("{}{}", checked.stdout, checked.stderr));
    let table = json["tables"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|table| table["dataflow"] == "partner/employees")
        .expect("the table");
    assert!(table["at_hand"].as_str().unwrap_or_default().starts_with("imported"), "{table}");
    assert_eq!((table["cells"].as_i64(), table["findings"][0]["code"].as_str()), (Some(9), Some("disclosure")), "{table}");

    // Next year: the period is asked for, both years stay, and the mapping is not touched.
    let record = workspace.tree("pipelines/dataflows");
    workspace.write("2026.xlsx", workbook(HEADER, &[("Postojna", 950.0, "140", 810.0)]));
    let silent = import(&workspace, "2026.xlsx", &["--as", "partner/employees"]);
    assert!(silent.exit == 2 && silent.stderr.contains("--period"), "{}", silent.stderr);
    let next = import(&workspace, "2026.xlsx", &["--as", "partner/employees", "--period", "2026"]);
    assert_eq!(next.exit, 0, "{}", next.stderr);
    assert!(next.stdout.contains("(2 files)"), "{}", next.stdout);
    assert_eq!(record, workspace.tree("pipelines/dataflows"));
    for (year, value) in [("2025", "120"), ("2026", "140")] {
        let why = workspace.run(&["why", &format!("employees_partner.postojna.foreign.T.TOTAL.{year}")]);
        assert!(why.stdout.contains(value), "{year}: {}", why.stdout);
    }
    let again = import(&workspace, "2026.xlsx", &["--as", "partner/employees", "--period", "2026"]);
    assert!(again.stdout.contains("unchanged"), "{}", again.stdout);

    // A renamed column is said, with the nearest, and what is stored stays.
    let before = workspace.tree("data/raw");
    workspace.write(
        "2027.xlsx",
        workbook(["Municipality", "All employees", "Foreign employed", "Nationals"], &[("Postojna", 1.0, "2", 3.0)]),
    );
    let drift = import(&workspace, "2027.xlsx", &["--as", "partner/employees", "--period", "2027"]);
    assert_eq!(drift.exit, 1, "{}", drift.stdout);
    for part in ["expected the column `Foreign employees`", "`Foreign employed`", "nothing was stored", "hint:"] {
        assert!(drift.stderr.contains(part), "no `{part}` in\n{}", drift.stderr);
    }
    assert!(before == workspace.tree("data/raw"), "drift touched what is stored");
}

#[test]
fn a_survey_becomes_shares_and_keeps_no_person() {
    let workspace = Workspace::new();
    let mut sheet = String::from("Sex;Work;English;German\n");
    for person in 0..120 {
        let (sex, work) = (if person % 2 == 0 { "F" } else { "M" }, if person % 3 == 0 { "yes" } else { "no" });
        sheet.push_str(&format!(
            "{sex};{work};{};{}\n",
            if person % 4 == 0 { "x" } else { "" },
            if person % 5 == 0 { "x" } else { "0" }
        ));
    }
    workspace.write("survey.csv", sheet);
    let said = import(
        &workspace,
        "survey.csv",
        &[
            "--as",
            "partner/survey",
            "--question",
            "work=Work",
            "--question",
            "language=English|German",
            "--by",
            "sex=Sex",
            "--geo",
            "postojna",
            "--period",
            "2025",
        ],
    );
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert!(said.stdout.lines().any(|line| line.contains("share,work,yes,total,2025,33.3")), "{}", said.stdout);
    let stored: String = workspace.tree("data/raw").values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(!stored.contains("F;yes") && stored.contains("tabulated from survey.csv"), "a person's answers were kept");
    assert!(workspace.run(&["list", "dataflows"]).stdout.contains("partner/survey"));
}

#[test]
fn what_cannot_be_imported_is_said() {
    let workspace = Workspace::new();
    workspace.write("x.csv", "Place;All\nPostojna;10\n");
    let check = |args: &[&str], exit: i32, part: &str| {
        let said = import(&workspace, "x.csv", args);
        assert!(said.exit == exit && said.stderr.contains(part), "{args:?}: {} {}", said.exit, said.stderr);
    };
    check(&[], 2, "--as");
    check(&["--as", "eurostat/lfsa_ergan"], 2, "is a table of an office");
    check(
        &["--as", "partner/Bad Name", "--key", "Place=geo", "--value", "All=total", "--unit", "persons", "--period", "2025"],
        2,
        "expected partner/",
    );
    check(&["--as", "partner/x", "--key", "Place"], 2, "expected two names with =");
    check(&["--as", "partner/x", "--sheet", "Y"], 2, "no sheet `Y`");
    check(
        &["--as", "partner/x", "--key", "Plce=geo", "--value", "All=total", "--unit", "persons", "--period", "2025"],
        1,
        "`Place`",
    );
    assert!(workspace.tree("data").is_empty() && workspace.tree("pipelines").is_empty());
}
