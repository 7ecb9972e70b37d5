mod banned;
mod edge;
mod held;
mod paced;
mod probed;
mod queued;
mod server;
mod spoken;
pub mod stub;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use baseline_model::definitions::{Dataflow, DataflowFrequency, Source};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use self::server::{Asked, FakeClock, Reply, Server, ok, status, with_header};
use super::wire::may_follow;
use super::*;

const FLOW: &str = "eurostat/t1";

/// A workspace, a server and a clock.
struct Bench {
    folder: TempDir,
    clock: Arc<FakeClock>,
    server: Server,
    definitions: Definitions,
    limits: Limits,
    interrupt: Arc<AtomicBool>,
    only_changed: bool,
    credentials: Credentials,
    read: fn(&str, &[u8]) -> ReadSummary,
}

impl Bench {
    fn new(script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let clock = Arc::new(FakeClock::new());
        let server = Server::new(&clock, script);
        let mut definitions = Definitions::default();
        definitions.sources.insert("eurostat".into(), source(&format!("http://{}/api", server.address)));
        for (id, filters) in [("t1", "geo=A+B"), ("t2", "geo=A"), ("t3", "geo=A"), ("t4", "geo=A"), ("whole", "")] {
            definitions.dataflows.insert(format!("eurostat/{id}"), dataflow(filters));
        }
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock,
            server,
            definitions,
            limits: Limits { proxy: false, ..Limits::default() },
            interrupt: Arc::default(),
            only_changed: false,
            credentials: Credentials::new(),
            read,
        }
    }

    fn store(&self) -> Store {
        Store::open(self.folder.path()).unwrap()
    }

    /// A bench whose only source speaks the protocol of the tests.
    fn stub(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let mut bench = Self::new(|_, _| status(500, ""));
        bench.server.now_answers_in_full(script);
        bench.source().protocol = "stub".into();
        bench
    }

    fn source(&mut self) -> &mut Source {
        self.definitions.sources.get_mut("eurostat").unwrap()
    }

    fn report(&self, flows: &[&str]) -> PullReport {
        let dataflows: Vec<_> = flows.iter().map(|flow| (*flow).to_owned()).collect();
        self.with(&dataflows, &self.store(), pull)
    }

    /// Everything a process has, and nothing it remembers but the disk.
    fn with<T>(&self, dataflows: &[String], store: &Store, act: impl FnOnce(&PullRequest<'_>) -> T) -> T {
        act(&PullRequest {
            definitions: &self.definitions,
            dataflows,
            only_changed: self.only_changed,
            sizes: &BTreeMap::new(),
            store,
            clock: &*self.clock,
            seed: 7,
            read: &self.read,
            credentials: &self.credentials,
            interrupt: &self.interrupt,
            progress: &|_| {},
            limits: self.limits.clone(),
        })
    }

    /// Outcomes in short: `new`, `unchanged`, `failed refused`, `skipped`.
    fn pull(&self, flows: &[&str]) -> Vec<String> {
        self.report(flows).dataflows.iter().map(short).collect()
    }

    fn calls(&self) -> usize {
        self.server.asked().len()
    }

    fn stored(&self, flow: &str) -> usize {
        self.store().vintages(flow).unwrap().0.len()
    }
}

fn short(report: &DataflowReport) -> String {
    match &report.outcome {
        Outcome::New { .. } => "new".into(),
        Outcome::Unchanged { .. } => "unchanged".into(),
        Outcome::Held { .. } => "held".into(),
        Outcome::Failed { reason } => {
            assert!(reason.to_string().contains("hint: "), "{reason}");
            format!("failed {}", reason.code())
        }
        Outcome::Skipped { .. } => "skipped".into(),
    }
}

fn source(base_url: &str) -> Source {
    Source {
        name: "Office".into(),
        protocol: "eurostat".into(),
        base_url: base_url.into(),
        pace_seconds: 1.0,
        timeouts: Some(Timeouts { connect: 2.0, idle: 5.0, total: 10.0 }),
        tries: 4,
        licence: "CC BY 4.0".into(),
        ..Source::default()
    }
}

fn dataflow(filters: &str) -> Dataflow {
    let pull = filters.split('&').filter_map(|filter| filter.split_once('='));
    Dataflow {
        title: "T".into(),
        frequency: DataflowFrequency::Annual,
        pull: pull.map(|(id, codes)| (id.to_owned(), codes.split('+').map(str::to_owned).collect())).collect(),
        ..Dataflow::default()
    }
}

/// A reader that is just good enough to count.
fn read(_: &str, bytes: &[u8]) -> ReadSummary {
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8_lossy(bytes).into_owned();
    }
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) {
        let count = |name: &str| json[name].as_object().map_or(0, |values| values.len() as u64);
        let updated = json["updated"].as_str().unwrap_or_default().to_owned();
        let findings = if json["odd"].is_null() { Vec::new() } else { vec![Finding::error("odd", "#0", "no number")] };
        return ReadSummary { updated, observations: count("value") + count("status"), findings, ..ReadSummary::default() };
    }
    ReadSummary { observations: text.lines().skip(1).count() as u64, ..ReadSummary::default() }
}

fn cube(value: u32) -> String {
    format!(r#"{{"class":"dataset","updated":"2026-09-10T23:00:00+0200","value":{{"0":{value}}},"id":["geo"],"size":[1]}}"#)
}

fn pack(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn table() -> Vec<u8> {
    pack("freq,geo\\TIME_PERIOD\t2024 \nA,AT\t1.5 b\nA,BE\t: u\n")
}

/// Answers in order, the last one for ever.
fn in_order(replies: Vec<Reply>) -> impl Fn(usize, &str) -> Reply + Send + Sync {
    move |number, _| replies[number.min(replies.len() - 1)].clone()
}

/// One slice is pulled; `expected` is the outcome, `calls` what the server saw.
fn check(replies: Vec<Reply>, expected: &str, calls: usize) -> Bench {
    let bench = Bench::new(in_order(replies));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec![expected.to_owned()], calls));
    assert_eq!(bench.stored(FLOW), usize::from(expected == "new"));
    bench
}

#[test]
fn stores_what_came_as_it_came() {
    let bench = check(vec![with_header(200, "Content-Type: application/json", &cube(1))], "new", 1);
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    assert_eq!(vintage.original(1).unwrap(), cube(1).as_bytes());
    let receipt = &vintage.receipt;
    assert_eq!((receipt.kind.as_str(), receipt.provider.as_str(), receipt.licence.as_str()), ("pull", "Office", "CC BY 4.0"));
    let original = &receipt.originals[0];
    assert_eq!(
        original.url,
        format!("http://{}/api/statistics/1.0/data/t1?format=JSON&lang=en&geo=A&geo=B", bench.server.address)
    );
    assert_eq!(original.updated, "2026-09-10T23:00:00+0200");
    assert_eq!((original.retrieved.as_str(), original.media_type.as_str()), ("2026-11-22T03:00:00Z", "application/json"));
    assert_eq!((original.file.as_str(), original.observations, original.length), ("t1.json", 1, cube(1).len() as u64));
    assert!(vintage.name.starts_with("20261122T030000Z-"), "{}", vintage.name);
}

#[test]
fn unchanged_content_makes_no_vintage() {
    let bench = check(vec![ok(cube(1))], "new", 1);
    bench.clock.advance(Duration::from_hours(1));
    assert_eq!(bench.pull(&[FLOW]), ["unchanged"]);
    assert_eq!(bench.stored(FLOW), 1);
    assert_eq!(bench.store().last_check(FLOW).unwrap().unwrap().at, "2026-11-22T04:00:00Z");
}

#[test]
fn n10_same_stamp_other_body() {
    let bench = check(vec![ok(cube(1)), ok(cube(2))], "new", 1);
    bench.clock.advance(Duration::from_hours(1));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(bench.stored(FLOW), 2);
}

#[test]
fn n01_refused() {
    let mut bench = Bench::new(|_, _| ok(cube(1)));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.definitions.sources.insert("eurostat".into(), source(&format!("http://{closed}/api")));
    assert_eq!(bench.pull(&[FLOW]), ["failed connection-refused"]);
    assert_eq!(bench.report(&[FLOW]).requests, 4);
}

#[test]
fn n02_hanging_and_dripping() {
    for (reply, total, most) in [(Reply::Hang, 20.0, 10.0), (Reply::Drip, 0.4, 10.0)] {
        let mut bench = Bench::new(in_order(vec![reply]));
        let source = bench.definitions.sources.get_mut("eurostat").unwrap();
        source.timeouts = Some(Timeouts { connect: 0.2, idle: 0.3, total });
        source.tries = 1;
        let start = Instant::now();
        assert_eq!(bench.pull(&[FLOW]), ["failed timed-out"]);
        assert!(start.elapsed().as_secs_f64() < most, "{:?}", start.elapsed());
        assert_eq!((bench.calls(), bench.stored(FLOW)), (1, 0));
    }
}

#[test]
fn n03_cut_answers_are_never_stored() {
    let body = cube(1).into_bytes();
    let packed = pack(&cube(1));
    for part in 0..16 {
        let head = |more: &str| format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{more}\r\n").into_bytes();
        let cut = |body: &[u8]| body[..body.len() * part / 16].to_vec();
        let announced = [head(&format!("Content-Length: {}\r\n", body.len())), cut(&body)].concat();
        let unannounced = [head(""), cut(&body)].concat();
        let chunked = [head("Transfer-Encoding: chunked\r\n"), format!("{:x}\r\n", body.len()).into_bytes(), cut(&body)].concat();
        let gzip = [head(""), cut(&packed)].concat();
        for bytes in [announced, unannounced, chunked, gzip] {
            check(vec![Reply::Raw(bytes), ok(&body)], "new", 2);
        }
    }
    let short = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len() - 3).into_bytes();
    check(vec![Reply::Raw([short, body.clone()].concat())], "failed damaged", 4);
    let long = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len() + 3).into_bytes();
    check(vec![Reply::Raw([long, body].concat())], "failed damaged", 4);
}

#[test]
fn n03_cut_whole_tables() {
    let whole = table();
    for part in 0..16 {
        let cut = whole[..whole.len() * part / 16].to_vec();
        let bench = Bench::new(move |number, path| {
            if path.contains("inventory") {
                status(404, "")
            } else if number == 1 {
                ok(&cut)
            } else {
                ok(table())
            }
        });
        assert_eq!(bench.pull(&["eurostat/whole"]), ["new"], "{part}/16");
        assert_eq!(bench.calls(), 3);
        let vintage = bench.store().latest("eurostat/whole").unwrap().0.unwrap();
        assert_eq!(vintage.original(1).unwrap(), whole);
        assert_eq!(vintage.receipt.originals[0].file, "whole.tsv.gz");
    }
}

fn seconds_between(asked: &[Asked]) -> Vec<f64> {
    asked.windows(2).map(|pair| pair[1].at.duration_since(pair[0].at).as_secs_f64()).collect()
}

#[test]
fn n04_retry_after() {
    for (header, least, most) in [
        ("Retry-After: 7", 7.0, 7.3),
        ("Retry-After: Sun, 22 Nov 2026 03:01:00 GMT", 60.0, 60.3),
        ("Retry-After: 0", 1.0, 1.3),
        ("Retry-After: -5", 1.0, 1.3),
        ("Retry-After: soon", 1.0, 1.3),
        ("Retry-After: Sun, 22 Nov 2026 02:00:00 GMT", 1.0, 1.3),
        ("X-Other: 1", 1.0, 1.3),
    ] {
        for code in [429, 503] {
            let bench = check(vec![with_header(code, header, ""), ok(cube(1))], "new", 2);
            let gap = seconds_between(&bench.server.asked())[0];
            assert!((least..=most).contains(&gap), "{header}: {gap}");
        }
    }
}

#[test]
fn n04_long_waits_park_the_source() {
    let bench = Bench::new(in_order(vec![with_header(429, "Retry-After: 7200", ""), ok(cube(1))]));
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["failed parked", "skipped"]);
    assert_eq!(bench.calls(), 1);
    // The next process knows it too.
    bench.clock.advance(Duration::from_secs(7000));
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["failed parked", "skipped"]);
    assert_eq!(bench.calls(), 1);
    bench.clock.advance(Duration::from_secs(201));
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["new", "new"]);
    // However long a host asks for, a day is enough.
    let bench = Bench::new(in_order(vec![with_header(429, "Retry-After: 99999999999999999999", ""), ok(cube(1))]));
    assert_eq!(bench.pull(&[FLOW]), ["failed parked"]);
    bench.clock.advance(Duration::from_hours(24));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>Site maintenance</title></head></html>";

#[test]
fn n05_pages_instead_of_data() {
    let page = with_header(200, "Content-Type: application/json", PAGE);
    check(vec![page.clone(), ok(cube(1))], "new", 2);
    let bench = check(vec![page.clone()], "failed damaged", 4);
    let report = bench.report(&[FLOW]);
    assert!(report.all_findings()[0].message.contains("Site maintenance"), "{:?}", report.all_findings());
    // A ban is not answered with more requests.
    check(vec![status(403, PAGE)], "failed refused", 1);
    let bench = Bench::new(in_order(vec![page]));
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2", "eurostat/t3"]), ["failed damaged", "failed damaged", "skipped"]);
    assert_eq!(bench.calls(), 5);
}

#[test]
fn n06_server_errors() {
    for code in [500, 502, 503, 504, 408] {
        let down = status(code, "down");
        check(vec![down.clone(), ok(cube(1))], "new", 2);
        check(vec![down.clone(), down.clone(), down.clone(), ok(cube(1))], "new", 4);
        check(vec![down.clone()], "failed refused", 4);
    }
    let bench = Bench::new(in_order(vec![status(500, "")]));
    let flows = [FLOW, "eurostat/t2", "eurostat/t3", "eurostat/t4"];
    assert_eq!(bench.pull(&flows), ["failed refused", "failed refused", "skipped", "skipped"]);
    assert_eq!(bench.calls(), 5);
    // The next run tries again, and the last good vintage is named meanwhile.
    bench.server.now_answers(in_order(vec![ok(cube(1))]));
    assert_eq!(bench.pull(&flows), ["new", "new", "new", "new"]);
    bench.server.now_answers(in_order(vec![status(500, "")]));
    let report = bench.report(&[FLOW]);
    assert!(!report.is_complete());
    assert_eq!(report.dataflows[0].last_good, Some(bench.store().latest(FLOW).unwrap().0.unwrap().name));
    assert!(report.all_findings()[0].message.contains("stays in use"));
}

#[test]
fn n07_moved_and_withdrawn() {
    for code in [400, 401, 404, 405, 410, 416] {
        check(vec![status(code, "")], "failed refused", 1);
        check(vec![status(code, PAGE)], "failed refused", 1);
    }
    check(vec![with_header(301, "Location: /elsewhere?token=geheim", "")], "failed refused", 6);
    check(vec![with_header(302, "Location: /elsewhere", ""), ok(cube(1))], "new", 2);
    check(vec![with_header(302, "Location: file:///x", "")], "failed refused", 1);
    check(vec![status(301, "")], "failed refused", 1);
    check(vec![status(304, "")], "failed refused", 1);
    let url = |text: &str| reqwest::Url::parse(text).unwrap();
    assert!(!may_follow(&url("https://a"), &url("http://a")));
    assert!(may_follow(&url("http://a"), &url("https://b")) && may_follow(&url("https://a"), &url("https://b")));
    let bench = Bench::new(in_order(vec![with_header(301, "Location: /elsewhere?token=geheim", "")]));
    assert!(!format!("{:?}", bench.report(&[FLOW])).contains("geheim"));
}

const BIG: &str =
    r#"{"error":[{"status":413,"id":413,"label":"EXTRACTION_TOO_BIG: estimated 9000000 rows, max authorised is 5000000"}]}"#;

#[test]
fn n08_too_big_is_split() {
    let mut bench = Bench::new(|_, path| if path.matches("geo=").count() > 1 { status(413, BIG) } else { ok(cube(1)) });
    bench.definitions.dataflows.insert(FLOW.into(), dataflow("geo=A+B+C"));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    let asked: Vec<_> = vintage.receipt.originals.iter().map(|original| original.url.split_once("en&").unwrap().1).collect();
    assert_eq!(asked, ["geo=A", "geo=B", "geo=C"]);
    assert_eq!(vintage.receipt.originals[1].file, "t1.2.json");
    // Nothing left to cut: the whole table, and nothing of what came before.
    let bench = Bench::new(|_, path| match path {
        path if path.contains("sdmx") => ok(table()),
        path if path.ends_with("geo=A") => ok(cube(1)),
        _ => status(413, BIG),
    });
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    assert_eq!(vintage.receipt.originals.len(), 1);
    assert!(vintage.receipt.originals[0].url.ends_with("/sdmx/2.1/data/T1?format=TSV&compressed=true"));
    // Even the whole is too big.
    let bench = Bench::new(|_, _| status(413, BIG));
    assert_eq!(bench.pull(&[FLOW]), ["failed refused"]);
    assert_eq!(bench.stored(FLOW), 0);
}

fn queued(state: &str) -> Reply {
    ok(format!("<n:status xmlns:n='x'><n:key>k-1</n:key><n:status>{state}</n:status></n:status>"))
}

#[test]
fn n08_queue() {
    let bench = Bench::new(|number, path| match path {
        path if path.contains("inventory") => status(404, ""),
        path if path.contains("/1.0/async/status/k-1") => queued(if number < 5 { "PROCESSING" } else { "AVAILABLE" }),
        path if path.contains("/1.0/async/data/k-1") => ok(table()),
        _ => queued("SUBMITTED"),
    });
    assert_eq!(bench.pull(&["eurostat/whole"]), ["new"]);
    let vintage = bench.store().latest("eurostat/whole").unwrap().0.unwrap();
    assert!(vintage.receipt.originals[0].url.ends_with("/sdmx/2.1/data/WHOLE?format=TSV&compressed=true"));
    assert!(seconds_between(&bench.server.asked())[1..].iter().take(4).all(|gap| *gap >= 10.0));
    // Never ready: given up within the budget, and nothing else is asked.
    bench.server.now_answers(|_, path| if path.contains("inventory") { status(404, "") } else { queued("PROCESSING") });
    assert_eq!(bench.pull(&["eurostat/whole"]), ["failed not-ready"]);
    assert!(bench.calls() < 60, "{}", bench.calls());
    // Lost again and again.
    bench.server.now_answers(|_, path| if path.contains("inventory") { status(404, "") } else { queued("EXPIRED") });
    assert_eq!(bench.pull(&["eurostat/whole"]), ["failed not-ready"]);
    assert_eq!((bench.calls(), bench.stored("eurostat/whole")), (4, 1));
    let later = r#"{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Please try again later."}}"#;
    let bench = check(vec![ok(later), ok(later), ok(cube(1))], "new", 3);
    assert!(bench.server.asked().iter().all(|asked| asked.path == bench.server.asked()[0].path));
    check(vec![ok(later)], "failed not-ready", 46);
}

#[test]
fn n11_sizes_are_capped() {
    let capped = |reply: Reply, max_bytes, max_unpacked| {
        let mut bench = Bench::new(in_order(vec![reply]));
        (bench.limits.max_bytes, bench.limits.max_unpacked) = (max_bytes, max_unpacked);
        (bench.pull(&[FLOW]), bench.calls(), bench.stored(FLOW))
    };
    let failed = (vec!["failed unusable".to_owned()], 1, 0);
    let long = format!("{}{}", cube(1), " ".repeat(300_000));
    assert_eq!(capped(ok(&long), 1000, 1 << 20), failed);
    let unannounced = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{long}");
    assert_eq!(capped(Reply::Raw(unannounced.into_bytes()), 1000, 1 << 20), failed);
    assert_eq!(capped(ok(pack(&long)), 100_000, 100_000), failed);
    assert_eq!(capped(ok(pack(&long)), 100_000, 1 << 20), (vec!["new".to_owned()], 1, 1));
}

#[test]
fn n13_never_faster_than_the_pace() {
    let mut bench = Bench::new(|_, _| ok(cube(1)));
    bench.definitions.sources.get_mut("eurostat").unwrap().pace_seconds = 13.0;
    // Another source at the same host shares its pace and its one request in flight.
    let twin = bench.definitions.sources["eurostat"].clone();
    bench.definitions.sources.insert("twin".into(), twin);
    let flows: Vec<_> =
        (0..20).map(|number| format!("{}/f{number}", if number % 2 == 0 { "eurostat" } else { "twin" })).collect();
    for flow in &flows {
        bench.definitions.dataflows.insert(flow.clone(), dataflow("geo=A"));
    }
    let flows: Vec<_> = flows.iter().map(String::as_str).collect();
    assert!(bench.pull(&flows[..12]).iter().all(|outcome| outcome == "new"));
    // A second process in sequence.
    assert!(bench.pull(&flows[12..]).iter().all(|outcome| outcome == "new"));
    let asked = bench.server.asked();
    assert_eq!(asked.len(), 20);
    let gaps = seconds_between(&asked);
    assert!(gaps.iter().all(|gap| *gap >= 13.0), "{gaps:?}");
    assert!(asked.iter().all(|asked| asked.in_flight == 1));
}

fn inventory(stamp: &str) -> String {
    format!(
        "Code\tType\tLast data change\tLast structural change\nT1\tDATASET\t{stamp}\t2026-03-24T11:00:00+0100\nWHOLE\tDATASET\t{stamp}\t-\n"
    )
}

#[test]
fn only_what_changed() {
    let answers = |stamp: &'static str| {
        move |_, path: &str| match path {
            path if path.contains("inventory") => ok(inventory(stamp)),
            path if path.contains("sdmx") => ok(table()),
            _ => ok(cube(1)),
        }
    };
    let mut bench = Bench::new(answers("2026-05-13T11:00:00+0200"));
    bench.only_changed = true;
    let flows = [FLOW, "eurostat/whole"];
    assert_eq!((bench.pull(&flows), bench.calls()), (vec!["new".to_owned(), "new".into()], 3));
    // A whole table states no stamp: the list's is kept, verbatim.
    let vintage = bench.store().latest("eurostat/whole").unwrap().0.unwrap();
    assert_eq!(vintage.receipt.originals[0].updated, "2026-05-13T11:00:00+0200");
    // The same instant in another zone: only the list is asked.
    bench.server.now_answers(answers("2026-05-13T09:00Z"));
    assert_eq!((bench.pull(&flows), bench.calls()), (vec!["unchanged".to_owned(), "unchanged".into()], 1));
    // Another instant: asked, and found the same.
    bench.server.now_answers(answers("2026-05-13T23:00:00+0200"));
    assert_eq!((bench.pull(&flows), bench.calls()), (vec!["unchanged".to_owned(), "unchanged".into()], 3));
    // Another question is not answered by the stamp.
    bench.server.now_answers(answers("2026-05-13T23:00:00+0200"));
    bench.definitions.dataflows.insert(FLOW.into(), dataflow("geo=C"));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["unchanged".to_owned()], 2));
    // A broken vintage is pulled again.
    bench.server.now_answers(answers("2026-05-13T23:00:00+0200"));
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    fs::write(vintage.folder.join("t1.json"), "x").unwrap();
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["new".to_owned()], 2));
    // Without the list everything is pulled, with a finding.
    bench.server.now_answers(|_, path| if path.contains("inventory") { status(404, "") } else { ok(cube(2)) });
    let report = bench.report(&[FLOW]);
    assert_eq!((short(&report.dataflows[0]).as_str(), report.findings[0].code), ("new", "changes-unknown"));
}

#[test]
fn tables_that_the_list_does_not_have() {
    let mut bench =
        Bench::new(|_, path| if path.contains("inventory") { ok(inventory("2026-05-13T11:00+0200")) } else { ok(cube(1)) });
    bench.only_changed = true;
    let report = bench.report(&["eurostat/t2"]);
    assert_eq!((short(&report.dataflows[0]).as_str(), report.dataflows[0].findings[0].code), ("new", "table-not-listed"));
}

#[test]
fn parts_of_different_updates_do_not_mix() {
    let later = cube(2).replace("2026-09-10T23", "2026-09-11T11");
    let mixed = |cures: bool| {
        let later = later.clone();
        move |number: usize, path: &str| match path {
            path if path.matches("geo=").count() > 1 => status(413, BIG),
            _ if number == 1 || !cures && number % 3 == 1 => ok(cube(1)),
            _ => ok(&later),
        }
    };
    let bench = Bench::new(mixed(true));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["new".to_owned()], 6));
    let bench = Bench::new(mixed(false));
    assert_eq!((bench.pull(&[FLOW]), bench.stored(FLOW)), (vec!["failed unusable".to_owned()], 0));
}

#[test]
fn answers_without_observations() {
    let empty = r#"{"class":"dataset","value":{},"id":["geo"],"size":[1]}"#;
    check(vec![ok(empty)], "failed unusable", 1);
    check(vec![ok(cube(1).replace("\"class\"", "\"odd\":1,\"class\""))], "failed unusable", 1);
    check(vec![ok(empty.replace("{}", r#"{},"status":{"0":"u"}"#))], "new", 1);
    // One part of several may be empty; it is said.
    let bench = Bench::new(move |_, path| match path {
        path if path.matches("geo=").count() > 1 => status(413, BIG),
        path if path.contains("geo=A") => ok(empty),
        _ => ok(cube(1)),
    });
    let report = bench.report(&[FLOW]);
    assert_eq!((short(&report.dataflows[0]).as_str(), report.dataflows[0].findings[0].code), ("new", "empty-part"));
}

#[test]
fn interrupted() {
    let bench = Bench::new(in_order(vec![Reply::Hang]));
    let (interrupt, start) = (Arc::clone(&bench.interrupt), Instant::now());
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        interrupt.store(true, Ordering::Relaxed);
    });
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["failed interrupted", "failed interrupted"]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    stopper.join().unwrap();
    assert_eq!((bench.calls(), bench.stored(FLOW)), (1, 0));
}

#[test]
fn declarations_that_cannot_be_pulled() {
    let mut bench = Bench::new(|_, _| ok(cube(1)));
    let source = bench.definitions.sources["eurostat"].clone();
    bench.definitions.sources.insert("other".into(), Source { protocol: "none".into(), ..source.clone() });
    bench.definitions.sources.insert("bad".into(), Source { base_url: "somewhere".into(), ..source });
    bench.definitions.dataflows.insert("bad/t1".into(), dataflow("geo=A"));
    let flows = ["eurostat/none", "nobody/t1", "other/t1", "plain", FLOW, FLOW, "bad/t1"];
    let failed = "failed definition";
    assert_eq!(bench.pull(&flows), [failed, failed, failed, failed, "new", failed]);
    assert_eq!(bench.calls(), 1);
}

#[test]
fn a_workspace_that_cannot_be_written() {
    let bench = Bench::new(|_, _| ok(cube(1)));
    fs::write(bench.folder.path().join("data"), "in the way").unwrap();
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["failed store".to_owned()], 0));
}

#[test]
fn progress_is_told() {
    let bench = Bench::new(in_order(vec![status(500, ""), ok(cube(1))]));
    let told = std::sync::Mutex::new(Vec::new());
    let request = PullRequest {
        definitions: &bench.definitions,
        dataflows: &[FLOW.to_owned()],
        only_changed: false,
        sizes: &BTreeMap::new(),
        store: &bench.store(),
        clock: &*bench.clock,
        seed: 1,
        read: &read,
        credentials: &bench.credentials,
        interrupt: &bench.interrupt,
        progress: &|progress| {
            told.lock().unwrap().push(match progress {
                Progress::Started { .. } => "started",
                Progress::Received { .. } => "received",
                Progress::Waiting { .. } => "waiting",
                Progress::Finished { .. } => "finished",
            });
        },
        limits: bench.limits.clone(),
    };
    let report = pull(&request);
    assert_eq!(*told.lock().unwrap(), ["started", "waiting", "received", "finished"]);
    assert_eq!((report.requests, report.bytes), (2, cube(1).len() as u64));
}

/// The provider's own bodies, served by the loopback server.
#[test]
fn recorded_bodies() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/eurostat"));
    if !folder.is_dir() {
        println!("skipped: no recorded bodies beside the project");
        return;
    }
    let body = |name: &str| fs::read(folder.join(name)).unwrap();
    let full = |status: u16, name: &str| Reply::Full(status, String::new(), body(name));
    check(vec![full(200, "lfsa_eoqgan.DE.json")], "new", 1);
    check(vec![full(404, "error_404_not_found.statistics.json")], "failed refused", 1);
    check(vec![full(200, "empty_unknown_code_une_rt_m.json")], "failed unusable", 1);
    check(vec![full(200, "error_footer_413_2018.sdmxml21.xml")], "failed damaged", 4);
    // A, B and both; then the whole table, which is refused too.
    check(vec![full(413, "error_413_extraction_too_big.statistics.json")], "failed refused", 3);
    check(vec![full(413, "error_413_extraction_too_big.sdmx21.xml")], "failed refused", 3);
    let tsv = body("edat_lfs_9912.tsv.gz");
    let bench = Bench::new(move |_, path| if path.contains("inventory") { status(404, "") } else { ok(&tsv) });
    assert_eq!(bench.pull(&["eurostat/whole"]), ["new"]);
}
