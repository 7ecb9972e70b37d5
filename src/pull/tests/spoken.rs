//! Every protocol from the plan to the stored vintage, over the wire: with the offices' own answers where they lie beside
//! the project, else with specimens of ours.

use baseline_source::protocol::PROTOCOLS;
use baseline_source::{ReadOptions, read as read_file};

use super::*;

fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/national");
    if !folder.is_dir() {
        println!("skipped: no recorded bodies beside the project");
        return None;
    }
    Some(fs::read(folder.join(name)).unwrap())
}

fn own(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/baseline-source/fuzz/corpus").join(name)).unwrap()
}

fn really(_: &str, bytes: &[u8]) -> ReadSummary {
    read_file(bytes, "answer", &ReadOptions::default()).into()
}

/// A bench that speaks a protocol, with one table of its own under `FLOW`.
fn speaking(protocol: &str, code: &str, pull: &str, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Bench {
    let mut bench = Bench::stub(script);
    bench.source().protocol = protocol.to_owned();
    bench.definitions.dataflows.insert(FLOW.into(), Dataflow { code: Some(code.into()), ..dataflow(pull) });
    bench.read = really;
    bench
}

/// What came of a pull; on failure with its reasons.
fn outcome(bench: &Bench) -> String {
    let report = bench.report(&[FLOW]);
    let outcome = short(&report.dataflows[0]);
    if outcome == "new" || outcome == "unchanged" { outcome } else { format!("{outcome}: {:?}", report.all_findings()) }
}

fn observations(bench: &Bench) -> u64 {
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    vintage.receipt.originals.iter().map(|original| original.observations).sum()
}

#[test]
fn every_protocol_has_its_test_here() {
    let tested = ["eurostat", "genesis", "bdl"];
    for protocol in PROTOCOLS {
        assert!(tested.contains(&protocol.id()), "no pull of {} over the wire", protocol.id());
    }
}

fn job(code: i64, content: &str, list: &str) -> Vec<u8> {
    format!(
        r#"{{"Ident":{{"Service":"s","Method":"m"}},"Status":{{"Code":{code},"Content":"{content}","Type":"x"}},"List":{list}}}"#
    )
    .into_bytes()
}

#[test]
fn genesis_posts_and_takes_a_job_over_from_a_process_that_ended() {
    let recorded = |name: &str, own: Vec<u8>| shared(&format!("destatis/12531-0043_{name}.json")).unwrap_or(own);
    let too_large = recorded("status98_too_large", job(98, "zu gross", "null"));
    let created = recorded(
        "status99_job_created",
        job(99, "Die Tabelle kann mit folgendem Namen abgerufen werden: 12531-0043_175879554", "null"),
    );
    let not_yet = recorded("status104_no_result_yet", job(104, "keine Objekte", "null"));
    let ready = recorded("results_ready", job(0, "erfolgreich", r#"[{"Code":"12531-0043_175879554"}]"#));
    let table = shared("destatis/13111-01-03-4_de_flat_2025-06.zip").unwrap_or_else(|| own("genesis/flat.zip"));
    let answers = move |is_ready: bool| {
        let (too_large, created, not_yet, ready, table) =
            (too_large.clone(), created.clone(), not_yet.clone(), ready.clone(), table.clone());
        move |asked: &Asked| match asked.path.as_str() {
            "/api/data/tablefile" if asked.body.ends_with("job=true") => ok(&created),
            "/api/data/tablefile" => ok(&too_large),
            "/api/catalogue/results" if is_ready => ok(&ready),
            "/api/catalogue/results" => ok(&not_yet),
            "/api/data/resultfile" => ok(&table),
            _ => status(404, ""),
        }
    };
    let mut bench = speaking("genesis", "12531-0043", "startyear=2020", answers(false));
    bench.source().credentials = [("username".to_owned(), "GENESIS_TOKEN".to_owned())].into();
    bench.credentials = [("GENESIS_TOKEN".to_owned(), Secret::new("geheim0123456789"))].into();
    bench.limits.queue_budget = Duration::from_mins(2);
    assert!(outcome(&bench).starts_with("failed not-ready"));
    let asked = bench.server.asked();
    assert!(asked.iter().all(|asked| asked.method == "POST" && asked.head.contains("username: geheim0123456789")));
    assert!(asked.iter().all(|asked| !asked.path.contains("geheim") && !asked.body.contains("geheim")));
    assert_eq!(bench.store().jobs().unwrap()[0].ticket, "12531-0043_175879554");
    // The next night: ready.
    bench.clock.advance(Duration::from_hours(24));
    bench.server.now_answers_in_full(answers(true));
    assert_eq!(outcome(&bench), "new");
    let paths: Vec<_> = bench.server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/api/catalogue/results", "/api/data/resultfile"]);
    let receipt = bench.store().latest(FLOW).unwrap().0.unwrap().receipt;
    assert!(receipt.originals[0].url.contains("/api/data/tablefile?name=12531-0043"), "{}", receipt.originals[0].url);
    assert!(receipt.originals[0].file.ends_with(".zip") && receipt.originals[0].sent.contains("startyear=2020"));
}

#[test]
fn genesis_errors_come_with_200() {
    let check = |body: Vec<u8>, expected: &str, calls: usize| {
        let bench = speaking("genesis", "13111-01-03-4", "startyear=2020", move |_| ok(&body));
        let found = outcome(&bench);
        assert!(found.starts_with(expected), "{expected}: {found}");
        assert_eq!((bench.calls(), bench.stored(FLOW)), (calls, 0), "{expected}");
    };
    check(job(90, "Das Objekt ist nicht vorhanden", "null"), "failed refused", 1);
    check(job(98, "zu gross", "null"), "failed refused", 2);
    check(job(104, "keine Objekte", "null"), "failed unusable", 1);
    check(job(-1, "kaputt", "null"), "failed refused", 1);
    check(PAGE.as_bytes().to_vec(), "failed damaged", 4);
}

/// The real trap: the district's 59,866 employees of 2024 are `-` in the next state of the table.
#[test]
fn a_district_that_goes_missing_does_not_replace_its_figures() {
    let (Some(before), Some(after)) =
        (shared("destatis/13111-01-03-4_de_flat_2025-06.zip"), shared("destatis/13111-01-03-4_de_flat_2026-03.zip"))
    else {
        return;
    };
    let bench =
        speaking("genesis", "13111-01-03-4", "startyear=2020", move |asked| ok(if asked.number == 0 { &before } else { &after }));
    assert_eq!(outcome(&bench), "new");
    let kept = bench.store().latest(FLOW).unwrap().0.unwrap().name;
    let second = outcome(&bench);
    assert!(second.starts_with("held") && second.contains("accept eurostat/t1"), "{second}");
    assert_eq!(bench.store().latest(FLOW).unwrap().0.unwrap().name, kept);
    println!("{second}");
}

fn polish(page: usize, total: usize, next: bool) -> Vec<u8> {
    let names: Vec<_> = (page * 2..total.min(page * 2 + 2)).collect();
    let unit = |number: &usize| {
        format!(r#"{{"id":"{number:012}","name":"UNIT {number}","values":[{{"year":"2023","val":{number}.5,"attrId":1}}]}}"#)
    };
    let link = if next { r#","next":"https://elsewhere.example/x""# } else { "" };
    format!(
        r#"{{"totalRecords":{total},"variableId":60270,"measureUnitId":8,"aggregateId":1,"lastUpdate":"2024-10-01T00:00:00","page":{page},"pageSize":2,"links":{{"first":"f"{link}}},"results":[{}]}}"#,
        names.iter().map(unit).collect::<Vec<_>>().join(",")
    )
    .into_bytes()
}

#[test]
fn bdl_pages_under_its_windows() {
    let script = |asked: &Asked| match asked.path.rsplit_once("&page=").map(|(_, page)| page) {
        Some("0") => ok(polish(0, 5, true)),
        Some("1") => ok(polish(1, 5, true)),
        Some("2") => ok(polish(2, 5, false)),
        _ => status(404, ""),
    };
    let mut bench = speaking("bdl", "60270", "unit-level=2", script);
    bench.source().credentials = [("X-ClientId".to_owned(), "BDL_CLIENT_ID?".to_owned())].into();
    assert_eq!(outcome(&bench), "new");
    assert_eq!((bench.calls(), observations(&bench)), (3, 5));
    assert!(!bench.server.asked()[0].head.to_lowercase().contains("x-clientid"));
    bench.credentials = [("BDL_CLIENT_ID".to_owned(), Secret::new("0f1e2d3c-client"))].into();
    assert_eq!(outcome(&bench), "unchanged");
    assert!(bench.server.asked()[3].head.to_lowercase().contains("x-clientid: 0f1e2d3c-client"));
    // A page that is not the one asked for, and nothing at all.
    bench.server.now_answers_in_full(|_| ok(polish(0, 5, true)));
    assert!(outcome(&bench).starts_with("failed damaged"));
    bench.server.now_answers_in_full(|_| status(412, ""));
    assert!(outcome(&bench).starts_with("failed unusable"));
    assert_eq!(bench.stored(FLOW), 1);
}
