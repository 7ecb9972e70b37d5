//! Sources that block whoever insists (ISTAT): one refusal, and nothing is sent for two days, whoever asks.

use super::*;

fn careful(replies: Vec<Reply>) -> Bench {
    let mut bench = Bench::new(in_order(replies));
    bench.source().ban_hours = Some(48.0);
    bench
}

#[test]
fn a_refusal_is_remembered_by_later_processes() {
    let pages = [status(403, ""), status(429, ""), ok(PAGE.replace("Site maintenance", "Access Denied")), status(403, PAGE)];
    for refusal in pages {
        let bench = careful(vec![refusal, ok(cube(1))]);
        assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["failed banned", "skipped"]);
        assert_eq!(bench.calls(), 1);
        for hours in [1, 23, 23] {
            bench.clock.advance(Duration::from_hours(hours));
            let report = bench.report(&[FLOW]);
            assert_eq!((short(&report.dataflows[0]).as_str(), bench.calls()), ("failed banned", 1));
            let finding = &report.all_findings()[0];
            assert!(finding.message.contains("2026-11-24T03:00:00Z") && finding.hint.contains("--forget-ban"), "{finding}");
        }
        bench.clock.advance(Duration::from_hours(1));
        assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["new".to_owned()], 2));
    }
}

#[test]
fn a_longer_wait_that_the_host_states_is_kept() {
    let bench = careful(vec![with_header(429, "Retry-After: 259200", ""), ok(cube(1))]);
    assert_eq!(bench.pull(&[FLOW]), ["failed banned"]);
    bench.clock.advance(Duration::from_hours(71));
    assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["failed banned".to_owned()], 1));
    bench.clock.advance(Duration::from_hours(2));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
}

#[test]
fn a_person_may_end_it() {
    let bench = careful(vec![status(403, ""), ok(cube(1))]);
    assert_eq!(bench.pull(&[FLOW]), ["failed banned"]);
    let forget = || forget_ban(&bench.definitions, &bench.store(), "eurostat").unwrap();
    assert!(forget().unwrap().contains("2026-11-24T03:00:00"));
    assert_eq!((forget(), forget_ban(&bench.definitions, &bench.store(), "nobody").unwrap()), (None, None));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
}

#[test]
fn nothing_is_tried_twice() {
    for code in [400, 404, 408, 416, 500, 503] {
        let bench = careful(vec![status(code, "")]);
        bench.pull(&["eurostat/t2"]);
        assert_eq!(bench.calls(), 1, "{code}");
    }
    // A connection that never stood may be tried again.
    let mut bench = careful(vec![]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.source().base_url = format!("http://{closed}/api");
    assert_eq!(bench.report(&[FLOW]).requests, 4);
}

#[test]
fn notes_that_cannot_be_read_count_as_a_ban() {
    for text in ["", "{", "{}", r#"{"last":"never"}"#, "[1]"] {
        let bench = careful(vec![ok(cube(1))]);
        let folder = bench.folder.path().join("data/state/pace");
        fs::create_dir_all(&folder).unwrap();
        let host = bench.server.address.to_string().replace(':', "_");
        fs::write(folder.join(format!("{host}.json")), text).unwrap();
        assert_eq!((bench.pull(&[FLOW]), bench.calls()), (vec!["failed banned".to_owned()], 0), "{text}");
        // It ends, although nobody knows when it began.
        bench.clock.advance(Duration::from_hours(48));
        assert_eq!(bench.pull(&[FLOW]), ["new"], "{text}");
    }
}

#[test]
fn without_ban_hours_a_ban_page_ends_the_run() {
    let refused = ok(PAGE.replace("Site maintenance", "Request Rejected"));
    let bench = Bench::new(in_order(vec![refused, ok(cube(1))]));
    assert_eq!(bench.pull(&[FLOW, "eurostat/t2"]), ["failed refused", "skipped"]);
    assert_eq!(bench.calls(), 1);
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
}
