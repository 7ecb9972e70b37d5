use super::*;
use baseline_model::definitions::Dataflow;
use baseline_model::definitions::Source;

use crate::protocol::Sizes;

const BASE: &str = "https://genesis.example/genesisws/rest/2020";
const FORM: &str = "name=13111-01-03-4&area=all&compress=true&format=ffcsv";
const END: &str = "language=de&quality=on&job=";

/// Of a definition as it stands in a file.
fn with<T>(pull: &str, use_ask: impl FnOnce(&Ask<'_>) -> T) -> T {
    let source = Source {
        name: "Regionalstatistik".into(),
        protocol: "genesis".into(),
        base_url: format!("{BASE}/"),
        ..Source::default()
    };
    let dataflow: Dataflow =
        toml::from_str(&format!("title = 'T'\nfrequency = 'annual'\nlevels = ['nuts3']\n[pull]\n{pull}")).unwrap();
    use_ask(&Ask { source: &source, table: "13111-01-03-4", dataflow: &dataflow, sizes: &Sizes::new() })
}

fn planned(pull: &str) -> Result<Request, PlanError> {
    with(pull, |ask| Genesis.plan(ask)).map(|plan| plan.into_iter().next().unwrap())
}

fn check(pull: &str, expected: &str) {
    let request = planned(pull).unwrap();
    assert_eq!(request.url, format!("{BASE}/data/tablefile"));
    assert_eq!(request.payload.as_ref().unwrap().text, expected, "{pull}");
    assert_eq!(request.asked, format!("{}?{expected}", request.url));
}

#[test]
fn plans() {
    check("", &format!("{FORM}&{END}false"));
    check(
        "startyear = ['2020']\nregionalvariable = ['kreise']\nregionalkey = ['15084', '15']\nNAT = ['NATA']\nges = ['GESW', 'GESM']",
        &format!(
            "{FORM}&classifyingkey1=GESM%2CGESW&classifyingkey2=NATA&classifyingvariable1=GES&classifyingvariable2=NAT\
             &regionalkey=15%2C15084&regionalvariable=KREISE&startyear=2020&{END}false"
        ),
    );
}

/// A record as it stands in a file.
#[test]
fn a_dataflow() {
    let text = r#"
        title = "Employees subject to social insurance by citizenship and sex, districts"
        frequency = "annual"
        levels = ["nuts3", "country"]
        concept = "citizenship"
        code = "13111-01-03-4"
        dimensions = { kreise = "geo", nat = "origin", ges = "sex", unit = "unit" }
        [codes]
        sex = { TOTAL = "T", GESM = "M", GESW = "F" }
        [pull]
        startyear = ["2020"]
        regionalvariable = ["KREISE"]
        regionalkey = ["15084", "15"]
        nat = ["NATA"]
        "#;
    let dataflow: Dataflow = toml::from_str(text).unwrap();
    let source = Source { base_url: BASE.into(), ..Source::default() };
    let table = dataflow.code.as_deref().unwrap();
    let plan = Genesis.plan(&Ask { source: &source, table, dataflow: &dataflow, sizes: &Sizes::new() }).unwrap();
    let keys = "classifyingkey1=NATA&classifyingvariable1=NAT&regionalkey=15%2C15084&regionalvariable=KREISE&startyear=2020";
    assert_eq!(plan[0].payload.as_ref().unwrap().text, format!("{FORM}&{keys}&{END}false"));
}

#[test]
fn declarations_that_cannot_be_asked() {
    for pull in [
        "NAT = []",
        "NAT = ['']",
        "NAT = ['A,B']",
        "startyear = ['20']",
        "startyear = ['2020', '2021']",
        "regionalkey = ['15084']",
        "username = ['x']",
        "password = ['x']",
        "job = ['true']",
        "classifyingvariable1 = ['NAT']",
        "A = ['1']\nB = ['1']\nC = ['1']\nD = ['1']\nE = ['1']\nF = ['1']",
    ] {
        assert!(matches!(planned(pull), Err(PlanError::Selection { .. })), "{pull}");
    }
}

/// A step in short: `keep`, `wait 10 catalogue/results selection=…`, ...
fn step(request: &Request, status: u16, bytes: &[u8]) -> String {
    let short = |request: &Request| {
        let path = request.url.strip_prefix(BASE).unwrap().trim_start_matches('/').to_owned();
        let form = &request.payload.as_ref().unwrap().text;
        assert_eq!(request.asked, planned("").unwrap().asked);
        format!("{path} {}", form.replace(FORM, "").replace(END, "job="))
    };
    let answer = Answer { status, bytes, body: &Genesis.classify(bytes) };
    match with("", |ask| Genesis.next(ask, request, &answer)) {
        Step::Keep => "keep".into(),
        Step::KeepAnd(more) => format!("keep and {}", more.len()),
        Step::Continue(next) => format!("continue {}", next.len()),
        Step::Nothing { .. } => "nothing".into(),
        Step::Split(parts) => format!("split {}", parts.len()),
        Step::Whole(request) => format!("whole {}", short(&request)),
        Step::Wait { request, seconds, .. } => format!("wait {seconds} {}", short(&request)),
        Step::Follow(request) => format!("follow {}", short(&request)),
        Step::Resubmit { request, .. } => format!("resubmit {}", short(&request)),
        Step::Retry { .. } => "retry".into(),
        Step::Refuse { .. } => "refuse".into(),
    }
}

fn message(code: i64, content: &str, rest: &str) -> String {
    format!(
        r#"{{"Ident":{{"Service":"data","Method":"tablefile"}},"Status":{{"Code":{code},"Content":"{content}","Type":"x"}}{rest}}}"#
    )
}

const JOB: &str = "12531-0043_175879554";
const TABLE: &str = "\u{feff}statistics_code;time;value\n";

#[test]
fn next_steps_of_a_table() {
    let asked = planned("").unwrap();
    let created = format!("... mit folgendem Namen abgerufen werden: {JOB}");
    for (status, body, expected) in [
        (200, TABLE.to_owned(), "keep"),
        (200, TABLE.replace("statistics_code", "Statistik_Code"), "keep"),
        (200, "PK\u{3}\u{4}rest".to_owned(), "keep"),
        (500, TABLE.to_owned(), "retry"),
        (200, "Wartungsarbeiten".to_owned(), "retry"),
        (200, message(0, "erfolgreich", ""), "retry"),
        (200, message(22, "angepasst", ""), "refuse"),
        (200, message(50, "nichts neues", ""), "nothing"),
        (200, message(90, "nicht vorhanden", ""), "refuse"),
        (200, message(98, "zu gross", ""), "follow data/tablefile &job=true"),
        (
            200,
            message(99, &created, ""),
            "wait 10 catalogue/results selection=12531-0043_175879554&area=user&pagelength=1&language=de",
        ),
        (200, message(99, "ohne Namen", ""), "refuse"),
        (200, message(104, "keine Objekte", ""), "nothing"),
        (200, message(6, "zu viele", ""), "wait 60 data/tablefile &job=false"),
        (200, message(15, "keine Rechte", ""), "refuse"),
        (503, message(-1, "gestört", ""), "retry"),
        (401, r#"{"Code":15,"Content":"keine Rechte","Type":"ERROR"}"#.to_owned(), "refuse"),
        (200, "{\"a\":1}".to_owned(), "retry"),
        (200, "{\"a\":".to_owned(), "retry"),
        (200, "<html><title>Wartung</title>".to_owned(), "retry"),
        (403, "<html>".to_owned(), "refuse"),
        (404, "<html>".to_owned(), "refuse"),
        (429, String::new(), "retry"),
        (200, String::new(), "retry"),
        (400, String::new(), "refuse"),
        (200, "<x/>".to_owned(), "retry"),
    ] {
        assert_eq!(step(&asked, status, body.as_bytes()), expected, "{status} {body}");
    }
}

/// The recorded body, or one of ours that says the same.
fn recorded(file: &str, own: String) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national/destatis/");
    std::fs::read(format!("{folder}{file}")).unwrap_or_else(|_| {
        println!("skipped: {file} is not there, a body of our own is used");
        own.into_bytes()
    })
}

#[test]
fn a_job_from_refusal_to_result() {
    let too_large = recorded("12531-0043_status98_too_large.json", message(98, "Die Tabelle ist zu gross", ""));
    let created = recorded("12531-0043_status99_job_created.json", message(99, &format!("abgerufen werden: {JOB}"), ""));
    let not_yet = recorded("12531-0043_status104_no_result_yet.json", message(104, "Es gibt keine Objekte", r#","List":null"#));
    let ready = recorded("12531-0043_results_ready.json", message(0, "erfolgreich", &format!(r#","List":[{{"Code":"{JOB}"}}]"#)));
    let results = format!("catalogue/results selection={JOB}&area=user&pagelength=1&language=de");

    let next = |request: &Request, bytes: &[u8]| {
        let body = Genesis.classify(bytes);
        match with("", |ask| Genesis.next(ask, request, &Answer { status: 200, bytes, body: &body })) {
            Step::Wait { request, .. } | Step::Follow(request) => *request,
            Step::Keep
            | Step::KeepAnd(_)
            | Step::Continue(_)
            | Step::Nothing { .. }
            | Step::Split(_)
            | Step::Whole(_)
            | Step::Resubmit { .. }
            | Step::Retry { .. }
            | Step::Refuse { .. } => panic!("no next request"),
        }
    };
    let asked = planned("").unwrap();
    assert_eq!(step(&asked, 200, &too_large), "follow data/tablefile &job=true");
    let job = next(&asked, &too_large);
    assert_eq!(step(&job, 200, &too_large), "refuse");
    assert_eq!(step(&job, 200, &created), format!("wait 10 {results}"));
    let poll = next(&job, &created);
    assert_eq!(poll.phase, Phase::Poll { ticket: JOB.into() });
    assert_eq!(step(&poll, 200, &not_yet), format!("wait 20 {results}"));
    assert_eq!(step(&poll, 200, message(0, "ok", r#","List":[]"#).as_bytes()), format!("wait 20 {results}"));
    // Another process goes on from the name alone.
    let resumed = with("", |ask| Genesis.resume(ask, &asked, JOB)).unwrap();
    assert_eq!(resumed, poll);
    let file = format!("data/resultfile name={JOB}&area=all&compress=true&format=ffcsv&language=de");
    assert_eq!(step(&resumed, 200, &ready), format!("follow {file}"));
    let collect = next(&resumed, &ready);
    assert_eq!(collect.phase, Phase::Collect { ticket: JOB.into() });
    assert_eq!(step(&collect, 200, b"PK\x03\x04"), "keep");
    assert_eq!(step(&collect, 200, &not_yet), format!("wait 20 {results}"));
    assert_eq!(step(&collect, 200, message(90, "weg", "").as_bytes()), "resubmit data/tablefile &job=false");
    assert_eq!(step(&poll, 200, message(6, "zu viele", "").as_bytes()), format!("wait 60 {results}"));
    assert_eq!(step(&poll, 200, TABLE.as_bytes()), "retry");
}

#[test]
fn structures() {
    let request = with("", |ask| Genesis.structure(ask)).unwrap();
    assert_eq!(request.url, format!("{BASE}/metadata/table"));
    assert_eq!(request.payload.as_ref().unwrap().text, "name=13111-01-03-4&area=all&language=de");
    let object = r#","Object":{"Code":"1","Updated":"08.09.2025 09:08:56h","Structure":{"Head":{"Code":"13111","Content":"S","Structure":[{"Code":"ERW032","Content":"B"}]},"Columns":[{"Code":"NAT","Content":"N","Structure":[{"Code":"GES","Content":"G"}]}],"Rows":[{"Code":"KREISE","Content":"K"}],"Subheading":{"Code":"STAG","Content":"Stichtag"}}}"#;
    let own = message(0, "erfolgreich", object);
    assert_eq!(step(&request_like(&request), 200, own.as_bytes()), "keep");
    let structure = Genesis.read_structure(&recorded("13111-01-03-4_metadata_table.json", own)).unwrap();
    let ids: Vec<_> = structure.dimensions.iter().map(|dimension| (dimension.id.as_str(), dimension.role)).collect();
    let expected = [
        ("nat", None),
        ("ges", None),
        ("kreise", None),
        ("stag", Some(baseline_model::Role::Time)),
        ("measure", Some(baseline_model::Role::Metric)),
    ];
    assert_eq!(ids, expected);
    assert_eq!(structure.dimensions[4].codes[0].0, "ERW032");
    assert_eq!(structure.updated, "08.09.2025 09:08:56h");
    for body in ["", "PK", "{}", &message(90, "nicht vorhanden", ""), &message(0, "ok", r#","Object":null"#)] {
        assert!(Genesis.read_structure(body.as_bytes()).is_err(), "{body}");
    }
}

/// With what a test of steps compares.
fn request_like(request: &Request) -> Request {
    Request { asked: planned("").unwrap().asked, ..request.clone() }
}
