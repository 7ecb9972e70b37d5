//! No request leaves faster than its source's distance and windows allow, whichever process sends it.

use baseline_model::definitions::Window;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::load;
use crate::pull::pace::{Rule, distance_left, ended, note, recall, window_left};
use crate::store::{Pace, Remembered};

/// Requests as fast as the rule lets them, each by another process that knows only what was written.
fn simulate(rule: &Rule, requests: usize, latency: impl Fn(usize) -> i64) -> (Vec<Timestamp>, usize) {
    let mut now: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
    let (mut written, mut sent, mut longest) = (None::<String>, Vec::new(), 0);
    for number in 0..requests {
        let remembered = written
            .as_deref()
            .map_or(Remembered::Nothing, |text| serde_json::from_str(text).map_or(Remembered::Damaged, Remembered::Known));
        let mut pace: Pace = recall(remembered, rule, now);
        loop {
            let window = window_left(&pace, rule, now).map_or(Duration::ZERO, |(wait, _)| wait);
            let wait = distance_left(&pace, rule, now).max(window);
            if wait.is_zero() {
                break;
            }
            now = now.checked_add(wait).unwrap();
        }
        sent.push(now);
        note(&mut pace, rule, now);
        now = now.checked_add(SignedDuration::from_millis(latency(number))).unwrap();
        ended(&mut pace, now);
        longest = longest.max(pace.requests.len());
        written = Some(serde_json::to_string(&pace).unwrap());
    }
    (sent, longest)
}

fn holds(id: &str, rule: &Rule, sent: &[Timestamp]) {
    let apart = |early: Timestamp, late: Timestamp| late.duration_since(early).as_secs_f64();
    for pair in sent.windows(2) {
        assert!(apart(pair[0], pair[1]) >= rule.distance.as_secs_f64() - 1e-6, "{id}: {pair:?}");
    }
    for window in &rule.windows {
        let most = window.requests as usize;
        for group in sent.windows(most + 1) {
            assert!(apart(group[0], group[most]) > window.seconds, "{id}: {} in {}", most + 1, window.seconds);
        }
    }
}

fn windows(limits: &[(u32, f64)]) -> Vec<Window> {
    limits.iter().map(|(requests, seconds)| Window { requests: *requests, seconds: *seconds }).collect()
}

#[test]
fn every_shipped_source_keeps_its_pace_and_its_windows() {
    let folder = tempfile::tempdir().unwrap();
    let definitions = load::definitions(folder.path()).unwrap().definitions;
    let mut rules: Vec<(String, Rule)> =
        definitions.sources.iter().map(|(id, source)| (id.clone(), Rule::of([source]))).collect();
    // As the offices publish them, whatever the records say.
    let second = Duration::from_millis(200);
    let polish = windows(&[(5, 1.0), (100, 900.0), (1000, 43_200.0), (10_000, 604_800.0)]);
    rules.push(("anonymous at the Polish office".into(), Rule { distance: second, windows: polish, ban: None }));
    rules.push(("OECD".into(), Rule { windows: windows(&[(60, 3600.0)]), ..Rule::default() }));
    for (id, rule) in rules {
        let most = rule.windows.iter().map(|window| window.requests as usize).max().unwrap_or(20);
        let (sent, longest) = simulate(&rule, most + most / 5 + 5, |number| i64::try_from(number % 7 * 130).unwrap());
        holds(&id, &rule, &sent);
        let exact = rule.windows.iter().map(|window| window.requests as usize).min().unwrap_or(0);
        assert!(longest <= 1500 + exact, "{id}: {longest} notes");
        // Late by little: the whole limit is used, within a hundredth.
        for window in rule.windows.iter().filter(|window| window.requests as usize == most) {
            let spent = sent[most].duration_since(sent[0]).as_secs_f64();
            assert!(spent < window.seconds * 1.01 + 60.0 || rule.windows.len() > 1, "{id}: {spent}");
        }
    }
}

#[test]
fn every_shipped_source_is_paced_on_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    for (id, shipped) in load::definitions(folder.path()).unwrap().definitions.sources {
        let mut bench = Bench::stub(|_| ok(cube(1)));
        let base_url = bench.source().base_url.clone();
        // Its own limits at another address, in another language.
        *bench.source() = Source { protocol: "stub".into(), base_url, credentials: BTreeMap::new(), ..shipped.clone() };
        let rule = Rule::of([&*bench.source()]);
        let wanted = 6;
        for flow in 0..wanted {
            bench.definitions.dataflows.insert(format!("eurostat/f{flow}"), dataflow("geo=A"));
        }
        // Each by a process of its own.
        for flow in 0..wanted {
            bench.pull(&[&format!("eurostat/f{flow}")]);
        }
        let sent: Vec<Timestamp> = bench.server.asked().iter().map(|asked| asked.at).collect();
        assert!(!sent.is_empty(), "{id}");
        holds(&id, &rule, &sent);
    }
}

fn limited(limits: &[(u32, f64)]) -> Bench {
    let mut bench = Bench::new(|_, _| ok(cube(1)));
    bench.source().windows = windows(limits);
    bench
}

#[test]
fn a_short_wait_for_a_window_is_waited_for_and_a_long_one_parks() {
    let bench = limited(&[(3, 60.0)]);
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2", "eurostat/t3", "eurostat/t4"]), ["new", "new", "new", "new"]);
    let gaps = seconds_between(&bench.server.asked());
    assert!(gaps[..2].iter().all(|gap| *gap < 2.0) && gaps.iter().sum::<f64>() > 60.0, "{gaps:?}");
    let bench = limited(&[(2, 3600.0)]);
    let report = bench.report(&[FLOW, "eurostat/t2", "eurostat/t3", "eurostat/t4"]);
    assert_eq!(report.dataflows.iter().map(short).collect::<Vec<_>>(), ["new", "new", "failed parked", "skipped"]);
    let finding = &report.all_findings()[0];
    assert!(finding.message.contains("2 requests in 3600 s are allowed"), "{finding}");
    assert!(finding.message.contains("2026-11-22T04:00:0"), "{finding}");
    // The next process knows it, until the instant that was named.
    bench.clock.advance(Duration::from_mins(50));
    assert_eq!((bench.pull(&["eurostat/t3"]), bench.calls()), (vec!["failed parked".to_owned()], 2));
    bench.clock.advance(Duration::from_secs(605));
    assert_eq!(bench.pull(&["eurostat/t3"]), ["new"]);
}

#[test]
fn a_lost_memory_is_taken_for_the_worst() {
    let bench = limited(&[(2, 3600.0), (10, 86_400.0)]);
    let path = bench.folder.path().join(format!("data/state/pace/{}.json", bench.server.address.to_string().replace(':', "_")));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    fs::write(&path, "{\"last\":\"2026-11").unwrap();
    let report = bench.report(&["eurostat/t2"]);
    assert_eq!((short(&report.dataflows[0]).as_str(), bench.calls()), ("failed parked", 1));
    assert!(report.all_findings()[0].message.contains("could not be read"), "{:?}", report.all_findings());
    bench.clock.advance(Duration::from_hours(23));
    assert_eq!(bench.pull(&["eurostat/t2"]), ["failed parked"]);
    bench.clock.advance(Duration::from_hours(2));
    assert_eq!(bench.pull(&["eurostat/t2"]), ["new"]);
    // A person who knows better.
    fs::write(&path, "{").unwrap();
    assert_eq!(bench.pull(&["eurostat/t3"]), ["failed parked"]);
    assert!(forget_ban(&bench.definitions, &bench.store(), "eurostat").unwrap().unwrap().contains("assumed"));
    assert_eq!(bench.pull(&["eurostat/t3"]), ["new"]);
}

#[test]
fn a_clock_that_was_set_back_does_not_speed_up() {
    let rule = Rule { windows: windows(&[(2, 60.0)]), ..Rule::default() };
    let now: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
    let later = now.checked_add(SignedDuration::from_hours(9000)).unwrap();
    let mut pace = Pace::default();
    note(&mut pace, &rule, later);
    note(&mut pace, &rule, later);
    let pace = recall(Remembered::Known(pace), &rule, now);
    // Full, and from now on: not for a year.
    assert_eq!(window_left(&pace, &rule, now).unwrap().0, Duration::from_millis(60_001));
}

#[test]
fn sources_of_one_host_share_its_limits() {
    let mut bench = limited(&[(2, 3600.0)]);
    let twin = Source { windows: Vec::new(), ..bench.source().clone() };
    bench.definitions.sources.insert("twin".into(), twin);
    bench.definitions.dataflows.insert("twin/t1".into(), dataflow("geo=A"));
    assert_eq!(bench.pull(&["twin/t1", FLOW, "eurostat/t2"]).iter().filter(|outcome| *outcome == "new").count(), 2);
    assert_eq!(bench.calls(), 2);
}
