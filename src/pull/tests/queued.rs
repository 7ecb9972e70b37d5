//! Tickets outlive the process that was given them.

use super::*;

/// A queue that is ready from a call on; every request for data gives a new ticket.
fn queue(ready_from: usize) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.path.as_str() {
        "/api/jobs" if asked.number >= ready_from => ok(r#"{"ready":"k"}"#),
        "/api/result" => ok(cube(1)),
        _ => ok(r#"{"queued":"k"}"#),
    }
}

fn paths(bench: &Bench) -> Vec<String> {
    bench.server.asked().into_iter().map(|asked| asked.path.replace("/api/", "")).collect()
}

fn impatient() -> Bench {
    let mut bench = Bench::stub(queue(100));
    bench.limits.queue_budget = Duration::from_mins(1);
    assert_eq!(bench.pull(&[FLOW]), ["failed not-ready"]);
    assert_eq!(paths(&bench), ["ask/t1", "jobs", "jobs"]);
    assert_eq!(bench.store().jobs().unwrap().len(), 1);
    bench
}

#[test]
fn a_later_process_goes_on_with_the_ticket() {
    let bench = impatient();
    let job = bench.store().jobs().unwrap().remove(0);
    assert_eq!((job.dataflow.as_str(), job.ticket.as_str(), job.since.as_str()), (FLOW, "k", "2026-11-22T03:00:00Z"));
    assert!(job.url.ends_with("/ask/t1") && job.plan.len() == 64 && job.request.len() == 64);
    bench.server.now_answers_in_full(queue(1));
    bench.clock.advance(Duration::from_hours(1));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(paths(&bench), ["jobs", "jobs", "result"]);
    assert_eq!(bench.store().jobs().unwrap(), []);
    // Collected: the next pull asks anew.
    bench.server.now_answers_in_full(queue(0));
    assert_eq!(bench.pull(&[FLOW]), ["unchanged"]);
    assert_eq!(paths(&bench), ["ask/t1", "jobs", "result"]);
}

#[test]
fn another_question_is_asked_anew() {
    let mut bench = impatient();
    bench.definitions.dataflows.get_mut(FLOW).unwrap().code = Some("t9".into());
    bench.server.now_answers_in_full(queue(0));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(paths(&bench), ["ask/t9", "jobs", "result"]);
}

#[test]
fn a_ticket_that_is_old_or_unknown_is_forgotten() {
    let bench = impatient();
    bench.clock.advance(Duration::from_hours(7 * 24 + 1));
    bench.server.now_answers_in_full(queue(0));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(paths(&bench)[0], "ask/t1");
    let bench = impatient();
    bench.server.now_answers_in_full(|asked| match asked.number {
        0 => ok(r#"{"unknown":"no such job"}"#),
        1 => ok(r#"{"queued":"k"}"#),
        2 => ok(r#"{"ready":"k"}"#),
        _ => ok(cube(1)),
    });
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(paths(&bench), ["jobs", "ask/t1", "jobs", "result"]);
    assert_eq!(bench.store().jobs().unwrap(), []);
    // Refused for good: not resumed for ever.
    let bench = impatient();
    bench.server.now_answers(|_, _| status(410, ""));
    assert_eq!((bench.pull(&[FLOW]), bench.store().jobs().unwrap().len()), (vec!["failed refused".to_owned()], 0));
    // Down for now: the ticket may still be good.
    let bench = impatient();
    bench.server.now_answers(|_, _| status(503, ""));
    assert_eq!((bench.pull(&[FLOW]), bench.store().jobs().unwrap().len()), (vec!["failed refused".to_owned()], 1));
}

#[test]
fn a_note_that_cannot_be_read_counts_as_none() {
    let bench = impatient();
    for entry in fs::read_dir(bench.folder.path().join("data/state/jobs")).unwrap() {
        fs::write(entry.unwrap().path(), "{").unwrap();
    }
    bench.server.now_answers_in_full(queue(0));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    assert_eq!(paths(&bench), ["ask/t1", "jobs", "result"]);
}

#[test]
fn eurostats_queue_too() {
    let mut bench = Bench::new(|_, path| if path.contains("inventory") { status(404, "") } else { queued("PROCESSING") });
    bench.limits.queue_budget = Duration::from_secs(40);
    assert_eq!(bench.pull(&["eurostat/whole"]), ["failed not-ready"]);
    bench.server.now_answers(|_, path| match path {
        path if path.contains("inventory") => status(404, ""),
        path if path.contains("/async/status/k-1") => queued("AVAILABLE"),
        path if path.contains("/async/data/k-1") => ok(table()),
        _ => status(500, "asked anew"),
    });
    assert_eq!(bench.pull(&["eurostat/whole"]), ["new"]);
}
