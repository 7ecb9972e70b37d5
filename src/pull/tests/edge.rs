//! Posts, credentials, pages, and every fault of a provider for a GET and for a POST.

use super::server::faults;
use super::*;

fn good() -> Vec<u8> {
    cube(1).into_bytes()
}

#[test]
fn a_post_sends_its_body_and_the_receipt_says_so() {
    let bench = Bench::stub(|_| ok(good()));
    assert_eq!(bench.pull(&[FLOW]), ["new"]);
    let asked = &bench.server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.body.as_str()), ("POST", "/api/ask/t1", "name=t1&area=all"));
    assert!(asked.head.to_lowercase().contains("content-type: application/x-www-form-urlencoded"), "{}", asked.head);
    let receipt = bench.store().latest(FLOW).unwrap().0.unwrap().receipt;
    assert_eq!(receipt.originals[0].sent, "name=t1&area=all");
    assert!(receipt.originals[0].url.ends_with("/api/ask/t1"));
}

#[test]
fn a_redirect_keeps_a_post_or_is_refused() {
    for code in [307, 308] {
        let bench = Bench::stub(move |asked| if asked.number == 0 { with_header(code, "Location: /b", "") } else { ok(good()) });
        assert_eq!(bench.pull(&[FLOW]), ["new"], "{code}");
        let asked = &bench.server.asked()[1];
        assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.body.as_str()), ("POST", "/b", "name=t1&area=all"));
    }
    for code in [301, 302, 303] {
        let bench = Bench::stub(move |_| with_header(code, "Location: /b?x=1", ""));
        let report = bench.report(&[FLOW]);
        assert_eq!((short(&report.dataflows[0]).as_str(), bench.calls()), ("failed refused", 1), "{code}");
        assert!(report.all_findings()[0].message.contains("does not keep what was sent"), "{:?}", report.all_findings());
    }
}

#[test]
fn every_fault_for_a_get_and_for_a_post() {
    for post in [false, true] {
        for fault in faults(&good()) {
            let bench = |replies: Vec<Reply>| {
                let answers = in_order(replies);
                let mut bench = Bench::stub(move |asked| answers(asked.number, &asked.path));
                if !post {
                    bench.source().protocol = "eurostat".into();
                }
                bench
            };
            let name = format!("{}, {}", fault.name, if post { "POST" } else { "GET" });
            let lasting = bench(vec![fault.reply.clone()]);
            let outcome = lasting.pull(&[FLOW]);
            let redirect = fault.name.starts_with("a redirect");
            assert_eq!(outcome, [fault.expected], "{name}");
            assert_eq!(lasting.stored(FLOW), 0, "{name}");
            if !redirect {
                assert_eq!(lasting.calls(), if fault.passing { 4 } else { 1 }, "{name}");
            }
            let mut passing = bench(vec![fault.reply.clone(), ok(good())]);
            passing.source().pace_seconds = 2.0;
            let outcome = passing.pull(&[FLOW]);
            if fault.passing {
                assert_eq!(outcome, ["new"], "{name}");
                assert!(seconds_between(&passing.server.asked())[0] >= 2.0, "{name}");
            }
            // A source that blocks whoever insists is asked once, whatever it says.
            let mut careful = bench(vec![fault.reply.clone()]);
            careful.source().ban_hours = Some(48.0);
            careful.pull(&[FLOW]);
            if !redirect && fault.expected != "failed connection-broken" {
                assert_eq!(careful.calls(), 1, "{name}");
            }
        }
    }
}

const SECRET: &str = "geheim/0123456789+abcdef";

fn with_key(bench: &mut Bench) {
    bench.source().credentials = [("X-Key".to_owned(), "OFFICE_KEY".to_owned())].into();
    bench.source().register_url = "https://stat.example/register".into();
    bench.credentials = [("OFFICE_KEY".to_owned(), Secret::new(SECRET))].into();
}

/// Every byte below a folder.
fn written(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push_str(&path.display().to_string());
        all.push_str(&if path.is_dir() {
            written(&path)
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()
        });
    }
    all
}

/// Nothing that a pull says or writes may hold the secret, in whatever form.
fn scan(bench: &Bench, report: &PullReport) {
    let said = format!("{report:?} {:?} {} {:?}", report.all_findings(), written(bench.folder.path()), bench.credentials);
    let said = report.dataflows.iter().fold(said, |said, flow| match &flow.outcome {
        Outcome::Failed { reason } => format!("{said} {reason}"),
        Outcome::New { .. } | Outcome::Unchanged { .. } | Outcome::Held { .. } | Outcome::Skipped { .. } => said,
    });
    for form in [SECRET, "geheim", "geheim%2F0123456789%2Babcdef"] {
        assert!(!said.contains(form), "{said}");
    }
}

#[test]
fn credentials_go_to_their_host_and_nowhere_else() {
    let mut bench = Bench::stub(|_| ok(good()));
    with_key(&mut bench);
    let report = bench.report(&[FLOW]);
    assert_eq!(short(&report.dataflows[0]), "new");
    assert!(bench.server.asked()[0].head.contains(&format!("x-key: {SECRET}")), "{}", bench.server.asked()[0].head);
    scan(&bench, &report);
    // Another host on the way does not get them, be it only another port.
    let other = Server::new(&bench.clock, |_, _| ok(good()));
    let there = format!("Location: http://{}/x", other.address);
    bench.server.now_answers(move |_, _| with_header(307, &there, ""));
    assert_eq!(bench.pull(&["eurostat/t2"]), ["new"]);
    assert!(!other.asked()[0].head.contains("geheim") && !other.asked()[0].body.contains("geheim"));
    assert_eq!(other.asked()[0].body, "name=t2&area=all");
}

#[test]
fn credentials_that_come_back_are_not_told() {
    let replies: Vec<fn() -> Reply> = vec![
        || status(400, &format!("wrong key {SECRET}")),
        || status(500, &format!("wrong key {SECRET}")),
        || status(403, &format!("<html><title>{SECRET}</title>forbidden</html>")),
        || with_header(200, &format!("Content-Type: {SECRET}"), &cube(1)),
        || ok(cube(1).replace("2026-09-10", SECRET)),
        || ok(cube(1).replace("\"class\"", &format!("\"key\":\"{SECRET}\",\"class\""))),
        || with_header(301, &format!("Location: /{SECRET}?key={SECRET}"), ""),
        || with_header(307, "Location: /b?key=geheim%2F0123456789%2Babcdef", ""),
        || ok(format!("{{\"queued\":\"{SECRET}\"}}").replace(SECRET, "k")),
    ];
    for reply in replies {
        for careful in [None, Some(48.0)] {
            let mut bench = Bench::stub(move |_| reply());
            with_key(&mut bench);
            bench.source().ban_hours = careful;
            let report = bench.report(&[FLOW]);
            scan(&bench, &report);
        }
    }
}

#[test]
fn missing_credentials_are_named_before_anything_is_sent() {
    let mut bench = Bench::stub(|_| ok(good()));
    with_key(&mut bench);
    bench.credentials.clear();
    let report = bench.report(&[FLOW, "eurostat/t2"]);
    assert_eq!(report.dataflows.iter().map(short).collect::<Vec<_>>(), ["failed credentials", "failed credentials"]);
    assert_eq!(bench.calls(), 0);
    let finding = &report.all_findings()[0];
    assert!(finding.message.contains("OFFICE_KEY") && finding.hint.contains("https://stat.example/register"), "{finding}");
}

fn page(value: u32, next: &str) -> Reply {
    ok(cube(value).replace("\"class\"", &format!("\"next\":\"{next}\",\"class\"")))
}

#[test]
fn pages_are_followed_and_never_in_a_circle() {
    let pull = |script: fn(&Asked) -> Reply| {
        let bench = Bench::stub(script);
        let report = bench.report(&[FLOW]);
        (short(&report.dataflows[0]), bench.calls(), format!("{:?}", report.all_findings()))
    };
    let (outcome, calls, _) = pull(|asked| match asked.number {
        0 => page(1, "p2"),
        1 => page(2, "p3"),
        _ => ok(cube(3)),
    });
    assert_eq!((outcome.as_str(), calls), ("new", 3));
    // The last page again and again.
    let (outcome, calls, said) = pull(|_| ok(cube(7).replace("\"class\"", "\"more\":true,\"class\"")));
    assert_eq!((outcome.as_str(), calls), ("failed unusable", 2));
    assert!(said.contains("same content"), "{said}");
    // In a circle.
    let (outcome, calls, said) =
        pull(|asked| page(u32::try_from(asked.number).unwrap(), if asked.number % 2 == 0 { "a" } else { "b" }));
    assert_eq!((outcome.as_str(), calls), ("failed unusable", 3));
    assert!(said.contains("answered before"), "{said}");
    // Without an end.
    let (outcome, calls, _) = pull(|asked| page(u32::try_from(asked.number).unwrap(), &format!("p{}", asked.number)));
    assert_eq!((outcome.as_str(), calls), ("failed unusable", 400));
}

#[test]
fn a_structure_comes_first_where_it_must() {
    let mut bench = Bench::stub(|asked| if asked.path.contains("structure") { ok(r#"{"id":["geo"]}"#) } else { ok(good()) });
    bench.definitions.dataflows.insert("eurostat/described".into(), dataflow("geo=A"));
    assert_eq!(bench.pull(&["eurostat/described"]), ["new"]);
    assert_eq!(bench.server.asked().iter().map(|asked| asked.method.as_str()).collect::<Vec<_>>(), ["GET", "POST"]);
}
