use super::*;
use baseline_model::definitions::Dataflow;
use baseline_model::definitions::Source;

use crate::body::classify;
use crate::protocol::Sizes;

const BASE: &str = "https://bdl.example/api/v1";
const DATA: &str = "/data/by-variable/60270?format=json&page-size=100";

fn with<T>(table: &str, pull: &str, use_ask: impl FnOnce(&Ask<'_>) -> T) -> T {
    let source = Source { name: "GUS".into(), protocol: "bdl".into(), base_url: BASE.into(), ..Source::default() };
    let dataflow: Dataflow =
        toml::from_str(&format!("title = 'T'\nfrequency = 'annual'\nlevels = ['nuts2']\n[pull]\n{pull}")).unwrap();
    use_ask(&Ask { source: &source, table, dataflow: &dataflow, sizes: &Sizes::new() })
}

fn check(table: &str, pull: &str, expected: &[String]) {
    let urls: Vec<_> = with(table, pull, |ask| Bdl.plan(ask)).unwrap().into_iter().map(|request| request.url).collect();
    let expected: Vec<_> = expected.iter().map(|path| format!("{BASE}{path}")).collect();
    assert_eq!(urls, expected, "{table} {pull}");
}

#[test]
fn plans() {
    check("60270", "", &[format!("{DATA}&page=0")]);
    check(
        "P2392",
        "var = ['60270']\nunit-level = ['2']\nyear = ['2024', '2023']",
        &[format!("{DATA}&unit-level=2&year=2023&year=2024&page=0")],
    );
    check(
        "x",
        "VAR = ['60270', '1']\nUnit-Level = ['5', '2']\nunit-parent-id = ['023200000000']",
        &[
            format!("{}&unit-level=2&unit-parent-id=023200000000&page=0", DATA.replace("60270", "1")),
            format!("{}&unit-level=5&unit-parent-id=023200000000&page=0", DATA.replace("60270", "1")),
            format!("{DATA}&unit-level=2&unit-parent-id=023200000000&page=0"),
            format!("{DATA}&unit-level=5&unit-parent-id=023200000000&page=0"),
        ],
    );
}

/// A record as it stands in a file.
#[test]
fn a_dataflow() {
    let text = r#"
        title = "Registered unemployment rate, voivodships"
        frequency = "annual"
        levels = ["nuts2"]
        code = "P2392"
        dimensions = { unit_id = "geo", measure_unit = "unit" }
        [pull]
        var = ["60270"]
        unit-level = ["2"]
        "#;
    let dataflow: Dataflow = toml::from_str(text).unwrap();
    let source = Source { base_url: BASE.into(), ..Source::default() };
    let plan = Bdl.plan(&Ask { source: &source, table: "P2392", dataflow: &dataflow, sizes: &Sizes::new() }).unwrap();
    assert_eq!(plan[0].url, format!("{BASE}{DATA}&unit-level=2&page=0"));
}

#[test]
fn declarations_that_cannot_be_asked() {
    for (table, pull) in [
        ("P2392", ""),
        ("", ""),
        ("60270", "geo = ['1']"),
        ("60270", "var = []"),
        ("60270", "var = ['a']"),
        ("60270", "year = ['2023/24']"),
        ("60270", "unit-parent-id = ['1', '2']"),
        ("60270", "page = ['1']"),
    ] {
        assert!(matches!(with(table, pull, |ask| Bdl.plan(ask)), Err(PlanError::Selection { .. })), "{table} {pull}");
    }
}

/// A page; `next` as the service writes it.
fn page_of(number: u64, total: u64, records: usize, next: bool) -> String {
    let record = r#"{"id":"023200000000","name":"Z","values":[{"year":"2024","val":1,"attrId":1}]}"#;
    let next = if next { r#","next":"https://elsewhere.example/steal?page=9""# } else { "" };
    format!(
        r#"{{"totalRecords":{total},"variableId":60270,"page":{number},"pageSize":100,"links":{{"self":"x"{next}}},"results":[{}]}}"#,
        vec![record; records].join(",")
    )
}

fn step(number: u64, status: u16, body: &str) -> String {
    with("60270", "unit-level = ['5']", |ask| {
        let first = Bdl.plan(ask).unwrap().remove(0);
        let request = page(ask, first.selection, number);
        let answer = Answer { status, bytes: body.as_bytes(), body: &classify(body.as_bytes()) };
        match Bdl.next(ask, &request, &answer) {
            Step::Keep => "keep".into(),
            Step::KeepAnd(more) => {
                let urls: Vec<_> = more.iter().map(|request| request.url.strip_prefix(BASE).unwrap().to_owned()).collect();
                format!("keep and {}", urls.join(" "))
            }
            Step::Nothing { .. } => "nothing".into(),
            Step::Retry { .. } => "retry".into(),
            Step::Refuse { .. } => "refuse".into(),
            other @ (Step::Continue(_)
            | Step::Split(_)
            | Step::Whole(_)
            | Step::Wait { .. }
            | Step::Follow(_)
            | Step::Resubmit { .. }) => {
                format!("{other:?}")
            }
        }
    })
}

#[test]
fn next_steps() {
    let second = format!("keep and {DATA}&unit-level=5&page=1");
    for (number, status, body, expected) in [
        (0, 200, page_of(0, 1, 1, false), "keep"),
        (0, 200, page_of(0, 250, 100, true), second.as_str()),
        (0, 200, page_of(0, 250, 100, false), second.as_str()),
        (0, 200, page_of(0, 100, 100, true), second.as_str()),
        (2, 200, page_of(2, 250, 50, false), "keep"),
        (0, 200, page_of(0, 0, 0, false), "nothing"),
        (3, 200, page_of(3, 250, 0, false), "retry"),
        (0, 200, page_of(0, 5, 0, false), "retry"),
        (1, 200, page_of(0, 250, 100, true), "retry"),
        (0, 200, page_of(0, 1, 1, false).replace("60270", "1"), "retry"),
        (0, 200, "{\"results\":[]}".into(), "retry"),
        (0, 200, "{\"results\":".into(), "retry"),
        (0, 200, "<html>".into(), "retry"),
        (0, 200, String::new(), "retry"),
        (0, 412, String::new(), "nothing"),
        (0, 412, "<html>".into(), "nothing"),
        (0, 429, "{}".into(), "retry"),
        (0, 500, String::new(), "retry"),
        (0, 404, r#"{"errors":[{"errorReason":"x"}]}"#.into(), "refuse"),
        (0, 400, r#"{"errors":[{"errorReason":"x"}]}"#.into(), "refuse"),
        (0, 403, String::new(), "refuse"),
    ] {
        assert_eq!(step(number, status, &body), expected, "{number} {status} {body}");
    }
}

#[test]
fn structures() {
    let request = with("60270", "", |ask| Bdl.structure(ask)).unwrap();
    assert_eq!((request.url, request.phase), (format!("{BASE}/variables/60270?format=json&lang=en"), Phase::Describe));
    let body = br#"{"id":60270,"subjectId":"P2392","n1":"total","n2":"men","level":5,"measureUnitId":9,"measureUnitName":"%"}"#;
    let structure = Bdl.read_structure(body).unwrap();
    let ids: Vec<_> = structure.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
    assert_eq!(ids, ["unit_id", "variable", "measure_unit", "year"]);
    assert_eq!(structure.dimensions[1].codes, [("60270".to_owned(), "total, men [%]".to_owned())]);
    assert_eq!(structure.dimensions[2].codes, [("9".to_owned(), "%".to_owned())]);
    for body in ["", "{}", "[]", r#"{"id":1}"#] {
        assert!(Bdl.read_structure(body.as_bytes()).is_err(), "{body}");
    }
}
