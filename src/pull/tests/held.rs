//! A new state that lost what the one before had is stored and not used, until a person accepts it.

use super::*;

/// A JSON-stat table of regions and years; a missing number is `None`.
fn cells(updated: &str, regions: &[&str], years: &[&str], values: &[Option<u32>]) -> Vec<u8> {
    let index = |codes: &[&str]| -> serde_json::Value { codes.iter().map(|code| serde_json::json!(code)).collect() };
    let mut status = serde_json::Map::new();
    for (at, _) in values.iter().enumerate().filter(|(_, value)| value.is_none()) {
        status.insert(at.to_string(), serde_json::json!("u"));
    }
    let table = serde_json::json!({
        "version": "2.0", "class": "dataset", "label": "T", "source": "x", "updated": updated, "value": values, "status": status,
        "id": ["geo", "time"], "size": [regions.len(), years.len()],
        "dimension": {
            "geo": { "label": "Region", "category": { "index": index(regions) } },
            "time": { "label": "Time", "category": { "index": index(years) } },
        },
        "role": { "time": ["time"], "geo": ["geo"] },
    });
    serde_json::to_vec(&table).unwrap()
}

fn really(_: &str, bytes: &[u8]) -> ReadSummary {
    baseline_source::read(bytes, "answer", &baseline_source::ReadOptions::default()).into()
}

fn first() -> Vec<u8> {
    cells("1", &["A", "B"], &["2023", "2024"], &[Some(1), Some(2), Some(3), Some(4)])
}

fn bench(bodies: Vec<Vec<u8>>) -> Bench {
    let mut bench = Bench::new(in_order(bodies.into_iter().map(ok).collect()));
    bench.read = really;
    bench
}

fn used(bench: &Bench) -> Option<Vec<u8>> {
    bench.store().latest(FLOW).unwrap().0.map(|vintage| vintage.original(1).unwrap())
}

/// After a good state comes another one; what is said of it.
fn check(second: Vec<u8>, expected: &str) {
    let bench = bench(vec![first(), second.clone()]);
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    bench.clock.advance(Duration::from_hours(1));
    let report = bench.report(&[FLOW]);
    if expected.is_empty() {
        assert_eq!(short(&report.dataflows[0]), "new");
        assert_eq!(used(&bench), Some(second));
        return;
    }
    assert_eq!(short(&report.dataflows[0]), "held");
    assert!(!report.is_complete());
    let all = report.all_findings();
    let finding = all.iter().find(|finding| finding.code == "vintage-held").unwrap();
    assert!(finding.message.contains(expected) && finding.hint.contains("baseline accept eurostat/t1"), "{finding}");
    assert_eq!((used(&bench), bench.stored(FLOW)), (Some(first()), 2));
    // Every run says it until it is settled.
    let said = bench.store().latest(FLOW).unwrap().1;
    assert_eq!((said.len(), said[0].code), (1, "vintage-held"));
}

#[test]
fn what_lost_something_is_not_used() {
    let both = ["A", "B"];
    let years = ["2023", "2024"];
    check(cells("2", &both, &years, &[Some(9), Some(8), Some(7), Some(6)]), "");
    check(cells("2", &both, &["2023", "2024", "2025"], &[Some(1); 6]), "");
    check(cells("2", &["A", "B", "C"], &years, &[Some(1); 6]), "");
    check(cells("2", &both, &years, &[None; 4]), "every one of them missing");
    check(cells("2", &both, &years, &[Some(1), Some(2), None, None]), "geo: expected numbers for B");
    check(cells("2", &["A"], &years, &[Some(1), Some(2)]), "expected the codes B, which are gone");
    check(cells("2", &["A", "B1"], &years, &[Some(1); 4]), "B may be B1 now");
    check(cells("2", &both, &["2023"], &[Some(1), Some(3)]), "periods: expected 2 periods from 2023 to 2024");
}

#[test]
fn a_renamed_dimension_is_named() {
    let renamed =
        String::from_utf8(first()).unwrap().replace("\"geo\"", "\"region\"").replace("\"updated\":\"1\"", "\"updated\":\"2\"");
    check(renamed.into_bytes(), "dimensions: expected geo, found region (geo seems to be region now)");
}

#[test]
fn everything_missing_is_not_used_even_at_first() {
    let bench = bench(vec![cells("1", &["A"], &["2024"], &[None])]);
    assert_eq!(bench.pull(&[FLOW]), ["held"]);
    assert_eq!((used(&bench), bench.stored(FLOW)), (None, 1));
}

#[test]
fn it_stays_held_until_it_is_accepted() {
    let second = cells("2", &["A"], &["2023", "2024"], &[Some(1), Some(2)]);
    let bench = bench(vec![first(), second.clone()]);
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!((bench.pull(&[FLOW]), bench.pull(&[FLOW])), (vec!["held".to_owned()], vec!["held".to_owned()]));
    assert_eq!(bench.stored(FLOW), 2);
    let store = bench.store();
    let (vintage, hold) = store.accept(FLOW, "2026-11-22T09:00:00Z").unwrap().unwrap();
    assert!(hold.reasons.concat().contains("codes B") && hold.against < vintage.name);
    assert_eq!((used(&bench), store.latest(FLOW).unwrap().1), (Some(second), Vec::new()));
    assert_eq!(store.accept(FLOW, "2026-11-22T09:00:00Z").unwrap(), None);
    assert_eq!(bench.pull(&[FLOW]), ["unchanged"]);
}

#[test]
fn the_provider_may_take_it_back_or_mend_it() {
    let broken = || cells("2", &["A"], &["2023", "2024"], &[Some(1), Some(2)]);
    let mended = cells("3", &["A", "B"], &["2023", "2024"], &[Some(1); 4]);
    let bench = bench(vec![first(), broken(), first(), broken(), mended.clone()]);
    assert_eq!((bench.pull(&[FLOW]), bench.pull(&[FLOW])), (vec!["new".to_owned()], vec!["held".to_owned()]));
    assert_eq!((bench.pull(&[FLOW]), bench.store().latest(FLOW).unwrap().1), (vec!["unchanged".to_owned()], Vec::new()));
    assert_eq!((bench.pull(&[FLOW]), bench.pull(&[FLOW])), (vec!["held".to_owned()], vec!["new".to_owned()]));
    assert_eq!((used(&bench), bench.store().latest(FLOW).unwrap().1), (Some(mended), Vec::new()));
}

#[test]
fn a_note_that_cannot_be_read_holds() {
    let bench = bench(vec![first(), cells("2", &["A"], &["2024"], &[Some(1)])]);
    assert_eq!((bench.pull(&[FLOW]), bench.pull(&[FLOW])), (vec!["new".to_owned()], vec!["held".to_owned()]));
    let newest = bench.store().newest(FLOW).unwrap().unwrap();
    fs::write(newest.folder.join("held.json"), "{").unwrap();
    assert_eq!(used(&bench), Some(first()));
}

#[test]
fn other_filters_are_another_question() {
    let mut bench = bench(vec![first(), cells("2", &["A"], &["2024"], &[Some(1)])]);
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    bench.definitions.dataflows.insert(FLOW.into(), dataflow("geo=A"));
    let report = bench.report(&[FLOW]);
    assert_eq!((short(&report.dataflows[0]).as_str(), report.dataflows[0].findings[0].code), ("new", "not-compared"));
}

#[test]
fn what_did_not_change_is_not_asked_and_stays_held() {
    let stamp = |stamp: &'static str, body: Vec<u8>| {
        move |_: usize, path: &str| if path.contains("inventory") { ok(inventory(stamp)) } else { ok(&body) }
    };
    let mut bench = bench(vec![]);
    bench.only_changed = true;
    bench.server.now_answers(stamp("2026-05-13T11:00:00+0200", first()));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    bench.server.now_answers(stamp("2026-05-14T11:00:00+0200", cells("2", &["A"], &["2024"], &[Some(1)])));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["held".to_owned()], 2));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["held".to_owned()], 3));
}
