use proptest::prelude::*;

use super::*;
use crate::body::classify;
use crate::protocol::{PROTOCOLS, Sizes, protocol};
use baseline_model::definitions::DataflowFrequency;

fn source() -> Source {
    Source {
        name: "Eurostat".into(),
        protocol: "eurostat".into(),
        base_url: "https://stat.example/api/dissemination/".into(),
        pace_seconds: 1.0,
        tries: 4,
        licence: "CC BY 4.0".into(),
        ..Source::default()
    }
}

fn dataflow(filters: &str) -> Dataflow {
    let pull = filters.split('&').filter(|filter| !filter.is_empty()).map(|filter| {
        let (id, codes) = filter.split_once('=').unwrap_or((filter, ""));
        (id.to_owned(), codes.split('+').filter(|code| !code.is_empty()).map(str::to_owned).collect())
    });
    Dataflow { title: "T".into(), frequency: DataflowFrequency::Annual, pull: pull.collect(), ..Dataflow::default() }
}

fn plan(id: &str, filters: &str, sizes: &[(&str, u64)]) -> Result<Vec<Request>, PlanError> {
    let sizes = sizes.iter().map(|(id, size)| ((*id).to_owned(), *size)).collect();
    planned(&source(), id, &dataflow(filters), &sizes)
}

fn planned(source: &Source, table: &str, dataflow: &Dataflow, sizes: &Sizes) -> Result<Vec<Request>, PlanError> {
    Eurostat.plan(&Ask { source, table, dataflow, sizes })
}

const BASE: &str = "https://stat.example/api/dissemination";
const SLICE: &str = "/statistics/1.0/data/t1?format=JSON&lang=en";
const WHOLE: &str = "/sdmx/2.1/data/T1?format=TSV&compressed=true";

fn check(filters: &str, sizes: &[(&str, u64)], expected: &[String]) {
    let urls: Vec<_> = plan("t1", filters, sizes).unwrap().into_iter().map(|request| request.url).collect();
    let expected: Vec<_> = expected.iter().map(|path| format!("{BASE}{path}")).collect();
    assert_eq!(urls, expected, "{filters}");
}

#[test]
fn plans() {
    check("", &[], &[WHOLE.into()]);
    check("sex=T&geo=SE+PL+SE", &[], &[format!("{SLICE}&geo=PL&geo=SE&sex=T")]);
    check("GEO=PL+SE&Sex=T", &[], &[format!("{SLICE}&geo=PL&geo=SE&sex=T")]);
    check("geoLevel=nuts2&sinceTimePeriod=2015", &[], &[format!("{SLICE}&geoLevel=nuts2&sinceTimePeriod=2015")]);
    check("time_period=2024", &[], &[format!("{SLICE}&time=2024")]);
}

#[test]
fn signs_are_escaped() {
    assert_eq!(
        plan("t$1", "geo=A&sex=é#=x", &[]).unwrap()[0].url,
        format!("{BASE}/statistics/1.0/data/t%241?format=JSON&lang=en&geo=A&sex=%C3%A9%23%3Dx")
    );
}

#[test]
fn large_selections_are_cut() {
    let sizes = [("geo", 4), ("age", 1000), ("time", 200)];
    check("geo=A+B+C+D", &sizes, &[format!("{SLICE}&geo=A&geo=B"), format!("{SLICE}&geo=C&geo=D")]);
    // Nothing to cut, and above the hard limit.
    check("geo=A", &[("geo", 4), ("age", 100_000), ("time", 200)], &[WHOLE.into()]);
    // Between the limits and nothing to cut: may be queued.
    check("geo=A", &[("geo", 4), ("age", 10_000), ("time", 100)], &[format!("{SLICE}&geo=A")]);
    // Too many slices.
    let many: Vec<_> = (0..100).map(|number| format!("G{number}")).collect();
    check(&format!("geo={}", many.join("+")), &[("geo", 100), ("age", 400_000)], &[WHOLE.into()]);
}

#[test]
fn declarations_that_cannot_be_asked() {
    for filters in [
        "geo=",
        "format=TSV",
        "lang=de",
        "geo=A&geoLevel=nuts2",
        "lastTimePeriod=3&sinceTimePeriod=2015",
        "sinceTimePeriod=2015+2016",
    ] {
        assert!(matches!(plan("t1", filters, &[]), Err(PlanError::Selection { .. })), "{filters}");
    }
    for id in ["", "a/b", "../x", "t 1", "t?x"] {
        assert!(matches!(plan(id, "", &[]), Err(PlanError::Table { .. })), "{id}");
    }
    for url in ["", "stat.example", "ftp://x", "https://", "https://a b", "https://x?y"] {
        let source = Source { base_url: url.into(), ..source() };
        assert!(matches!(planned(&source, "t1", &dataflow(""), &Sizes::new()), Err(PlanError::BaseUrl { .. })), "{url}");
    }
    let source = Source { base_url: "https://user:geheim@host/x".into(), ..source() };
    let error = planned(&source, "t1", &dataflow(""), &Sizes::new()).unwrap_err().to_string();
    assert!(!error.contains("geheim") && error.contains("hint:"), "{error}");
}

#[test]
fn the_list_of_protocols() {
    for one in PROTOCOLS {
        assert_eq!(protocol(one.id()).map(Protocol::id), Some(one.id()));
    }
    assert!(protocol("none").is_none());
}

/// A step in short: `keep`, `split 2`, `wait 10 /1.0/async/status/k1`, ...
fn step(request: &Request, status: u16, body: &str) -> String {
    let short = |url: &str| url.strip_prefix(BASE).unwrap_or(url).to_owned();
    let (source, dataflow, sizes) = (source(), dataflow(""), Sizes::new());
    let ask = Ask { source: &source, table: "t1", dataflow: &dataflow, sizes: &sizes };
    match Eurostat.next(&ask, request, &Answer { status, bytes: body.as_bytes(), body: &classify(body.as_bytes()) }) {
        Step::KeepAnd(more) => format!("keep and {}", more.len()),
        Step::Continue(next) => format!("continue {}", next.len()),
        Step::Keep => "keep".into(),
        Step::Nothing { .. } => "nothing".into(),
        Step::Split(parts) => format!("split {}", parts.len()),
        Step::Whole(request) => format!("whole {}", short(&request.url)),
        Step::Wait { request, seconds, .. } => format!("wait {seconds} {}", short(&request.url)),
        Step::Follow(request) => format!("follow {}", short(&request.url)),
        Step::Resubmit { request, .. } => format!("resubmit {}", short(&request.url)),
        Step::Retry { .. } => "retry".into(),
        Step::Refuse { .. } => "refuse".into(),
    }
}

const CUBE: &str = r#"{"value":{"0":1},"size":[1]}"#;
const BIG: &str = r#"{"error":[{"status":413,"id":413,"label":"EXTRACTION_TOO_BIG: estimated 9 rows, max authorised is 5"}]}"#;
const LATER: &str = r#"{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Please try again later."}}"#;
const QUEUED: &str = "<e><queued><id>k1</id><status>SUBMITTED</status></queued></e>";

fn fault(text: &str) -> String {
    format!("<S:Fault xmlns:S='x'><faultcode>400</faultcode><faultstring>{text}</faultstring></S:Fault>")
}

#[test]
fn next_steps_of_a_slice() {
    let request = &plan("t1", "geo=A+B", &[]).unwrap()[0];
    let own = format!("{SLICE}&geo=A&geo=B");
    for (status, body, expected) in [
        (200, CUBE, "keep"),
        (500, CUBE, "retry"),
        (404, CUBE, "refuse"),
        (200, r#"{"value":{},"size":[1]}"#, "nothing"),
        (400, r#"{"error":[{"status":400,"id":100,"label":"No results"}]}"#, "nothing"),
        (413, BIG, "split 2"),
        (200, BIG, "split 2"),
        (413, "<html>", "split 2"),
        (200, LATER, &format!("wait 20 {own}")),
        (413, LATER, &format!("wait 20 {own}")),
        (404, r#"{"error":[{"status":404,"id":100,"label":"ERR_NOT_FOUND_4: x"}]}"#, "refuse"),
        (400, r#"{"error":[{"status":400,"id":150,"label":"bad"}]}"#, "refuse"),
        (200, r#"{"error":[{"status":400,"id":150,"label":"bad"}]}"#, "refuse"),
        (500, r#"{"error":[{"status":500,"id":500,"label":"down"}]}"#, "retry"),
        (200, r#"{"error":[{"status":500,"id":500,"label":"down"}]}"#, "retry"),
        (200, "<html><title>Maintenance</title>", "retry"),
        (503, "<html>", "retry"),
        (403, "<html>", "refuse"),
        (404, "<html>", "refuse"),
        (410, "", "refuse"),
        (429, "", "retry"),
        (408, "", "retry"),
        (200, "", "retry"),
        (200, "{\"value\":", "retry"),
        (200, "geo\t2024\n", "retry"),
        (200, QUEUED, "wait 10 /1.0/async/status/k1"),
        (200, "<status>SUBMITTED</status>", "retry"),
    ] {
        assert_eq!(step(request, status, body), expected, "{status} {body}");
    }
}

#[test]
fn too_big_ends_in_the_whole_table_or_a_refusal() {
    let single = &plan("t1", "geo=A&sex=T", &[]).unwrap()[0];
    assert_eq!(step(single, 413, BIG), format!("whole {WHOLE}"));
    let limited = &plan("t1", "geo=A&sinceTimePeriod=2015", &[]).unwrap()[0];
    assert_eq!(step(limited, 413, BIG), format!("whole {WHOLE}"));
    let whole = &plan("t1", "", &[]).unwrap()[0];
    assert_eq!(step(whole, 413, BIG), "refuse");
    assert_eq!(step(whole, 200, "freq\\TIME_PERIOD\t2024\n"), "keep");
    assert_eq!(step(whole, 200, CUBE), "retry");
}

#[test]
fn next_steps_in_the_queue() {
    let asked = &plan("t1", "", &[]).unwrap()[0];
    let poll = poll(&source(), asked, "k1");
    let state = |state: &str| format!("<n:status xmlns:n='x'><n:key>k1</n:key><n:status>{state}</n:status></n:status>");
    assert_eq!(step(&poll, 200, &state("PROCESSING")), "wait 20 /1.0/async/status/k1");
    assert_eq!(step(&poll, 200, "<status>AVAILABLE</status>"), "follow /1.0/async/data/k1");
    assert_eq!(step(&poll, 200, &state("EXPIRED")), format!("resubmit {WHOLE}"));
    assert_eq!(step(&poll, 400, &fault("UNKNOWN_REQUEST")), format!("resubmit {WHOLE}"));
    assert_eq!(step(&poll, 200, "geo\t2024\n"), "retry");
    let collect = collect(&source(), asked, "k1");
    assert_eq!(step(&collect, 400, &fault("DATA_NOT_YET_AVAILABLE")), "wait 20 /1.0/async/status/k1");
    assert_eq!(step(&collect, 200, "geo\t2024\n"), "keep");
    assert_eq!(collect.asked, asked.url);
}

#[test]
fn list_of_changes() {
    let text = "Code\tType\tSource dataset\tLast data change\tLast structural change\tData download url (tsv)\n\
        AACT_ALI01\tDATASET\t-\t2026-05-13T11:00:00+0200\t2026-03-24T11:00:00+0100\thttps://x\n\
        LFSA_ERGAN\tDATASET\t-\t\"2026-09-10T23:00+0200\"\t-\thttps://x\n\
        BAD\tDATASET\t-\tsoon\t-\n\
        SHORT\n\
        AACT_ALI01\tTABLE\t-\t2026-04-13T11:00:00+0200\t-\n";
    let (stamps, findings) = Eurostat.read_changes(text.as_bytes());
    assert_eq!(stamps.keys().collect::<Vec<_>>(), ["aact_ali01", "lfsa_ergan", "short"]);
    assert_eq!(stamps["aact_ali01"].data, "2026-05-13T11:00:00+0200");
    assert_eq!(stamps["lfsa_ergan"], Stamp { data: "2026-09-10T23:00+0200".into(), structure: String::new() });
    assert_eq!((findings.len(), findings[0].count, findings[0].code), (1, 1, "inventory-stamp"));
    for text in ["", "Code\tType\n", "<html>"] {
        let (stamps, findings) = Eurostat.read_changes(text.as_bytes());
        assert!(stamps.is_empty() && findings[0].code == "inventory-columns", "{text}");
    }
    assert_eq!(Eurostat.changes(&source()).unwrap().url, format!("{BASE}/files/inventory?type=data&lang=en"));
}

proptest! {
    #[test]
    fn other_selection_other_url(
        one in prop::collection::btree_map("[a-d&=]{1,2}", prop::collection::btree_set("[A-C&=+%]{1,2}", 1..3), 1..4),
        two in prop::collection::btree_map("[a-d&=]{1,2}", prop::collection::btree_set("[A-C&=+%]{1,2}", 1..3), 1..4),
    ) {
        let url = |filters: &BTreeMap<String, std::collections::BTreeSet<String>>, turned: bool| {
            let mut flow = dataflow("");
            flow.pull = filters.iter().map(|(id, codes)| {
                let mut codes: Vec<_> = codes.iter().cloned().collect();
                if turned { codes.reverse(); }
                (if turned { id.to_ascii_uppercase() } else { id.clone() }, codes)
            }).collect();
            planned(&source(), "t1", &flow, &Sizes::new()).unwrap()[0].url.clone()
        };
        prop_assert_eq!(url(&one, false), url(&one, true));
        prop_assert_eq!(one == two, url(&one, false) == url(&two, false));
    }
}

#[test]
fn structure_is_asked_with_one_code_of_each_filter() {
    let asked = |filters: &str, has_regions: bool| {
        let mut dataflow = dataflow(filters);
        if has_regions {
            dataflow.dimensions.insert("geo".into(), "geo".into());
        }
        let request = Eurostat.structure(&Ask { source: &source(), table: "t1", dataflow: &dataflow, sizes: &Sizes::new() });
        request.map(|request| request.url.replace(BASE, ""))
    };
    let url = |rest: &str| Some(format!("{SLICE}{rest}"));
    assert_eq!(asked("sex=T+F&geo=SE+PL&sinceTimePeriod=2015", true), url("&geo=PL&lastTimePeriod=1&sex=F"));
    assert_eq!(asked("", true), url("&geoLevel=country&lastTimePeriod=1"));
    assert_eq!(asked("time=2024", false), url("&lastTimePeriod=1"));
    let answer = br#"{"class":"dataset","updated":"2026-09-10T23:00:00+0200","id":["geo","time"],"size":[1,1],"value":{},
        "dimension":{"geo":{"label":"Region"},"time":{"label":"Time"}},"role":{"time":["time"],"geo":["geo"]}}"#;
    let structure = Eurostat.read_structure(answer).unwrap();
    let dimensions: Vec<_> = structure.dimensions.iter().map(|one| (one.id.as_str(), one.label.as_str(), one.role)).collect();
    let expected = [("geo", "Region", Some(baseline_model::Role::Geo)), ("time", "Time", Some(baseline_model::Role::Time))];
    assert_eq!((dimensions.as_slice(), structure.updated.as_str()), (expected.as_slice(), "2026-09-10T23:00:00+0200"));
    for bad in [&b"{"[..], b"{}", br#"{"class":"dataset","id":[1]}"#, b"<html>"] {
        assert!(Eurostat.read_structure(bad).is_err());
    }
}
