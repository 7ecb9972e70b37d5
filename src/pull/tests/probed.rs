//! The health matrix.

use super::*;
use crate::pull::probe::SourceHealth;

fn health(bench: &Bench, offline: bool, budget: Duration) -> SourceHealth {
    let (sources, store) = (["eurostat".to_owned()], bench.store());
    bench.with(&[], &store, |pull| {
        let pull = PullRequest { limits: pull.limits.clone(), ..*pull };
        probe(&ProbeRequest { pull, sources: &sources, offline, budget }).remove(0)
    })
}

fn states(health: &SourceHealth) -> String {
    let states: Vec<_> = health.dataflows.iter().map(|flow| format!("{:?}", flow.state)).collect();
    format!("{:?} {}", health.reachable, states.join(" "))
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn every_table_is_asked_once_at_the_pace() {
    let mut bench = Bench::stub(|asked| match asked.path.rsplit('/').next().unwrap() {
        "t1" => ok(r#"{"id":["geo","time"]}"#),
        "t2" => ok(r#"{"id":["region","time"]}"#),
        "t3" => status(404, ""),
        "t4" => ok(r#"{"odd":1}"#),
        _ => status(500, "down"),
    });
    for flow in bench.definitions.dataflows.values_mut() {
        flow.dimensions = [("geo".to_owned(), "geo".to_owned())].into();
        flow.unverified = Some("the code".into());
    }
    let found = health(&bench, false, HOUR);
    assert_eq!(states(&found), "Some(true) Sound Changed Missing Unclear Failed");
    assert!(found.dataflows[1].message.contains("expected the dimension geo, found region, time"), "{found:?}");
    assert_eq!((found.dataflows[0].updated.as_str(), found.dataflows[0].unverified.as_str()), ("2026-09-10", "the code"));
    assert!(found.is_bad());
    assert_eq!(bench.calls(), 5);
    assert!(seconds_between(&bench.server.asked()).iter().all(|gap| *gap >= 1.0));
    assert_eq!(bench.stored(FLOW), 0);
    // Without time, without the network, without credentials.
    bench.source().pace_seconds = 60.0;
    assert_eq!(states(&health(&bench, false, Duration::from_secs(100))), "Some(true) Sound Changed NotAsked NotAsked NotAsked");
    let calls = bench.calls();
    let offline = health(&bench, true, HOUR);
    assert_eq!((states(&offline).as_str(), offline.is_bad()), ("None NotAsked NotAsked NotAsked NotAsked NotAsked", false));
    bench.source().credentials = [("X-Key".to_owned(), "OFFICE_KEY".to_owned())].into();
    let found = health(&bench, false, HOUR);
    assert!(found.message.contains("OFFICE_KEY") && !found.credentials[0].present && found.is_bad(), "{found:?}");
    assert_eq!(bench.calls(), calls);
}

#[test]
fn bans_are_seen_and_kept() {
    let mut bench = Bench::stub(|_| status(403, ""));
    bench.source().ban_hours = Some(48.0);
    let found = health(&bench, false, HOUR);
    assert_eq!((found.banned_until.as_str(), bench.calls()), ("2026-11-24T03:00:00Z", 1));
    let found = health(&bench, false, HOUR);
    assert_eq!((found.banned_until.as_str(), found.reachable, bench.calls()), ("2026-11-24T03:00:00Z", None, 1));
}

#[test]
fn a_host_that_is_not_there() {
    let mut bench = Bench::stub(|_| ok(""));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.source().base_url = format!("http://{closed}/api");
    let found = health(&bench, false, HOUR);
    assert_eq!((found.reachable, found.is_bad()), (Some(false), true));
}
