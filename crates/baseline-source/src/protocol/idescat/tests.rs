use super::*;
use crate::body::classify;
use crate::protocol::Sizes;
use baseline_model::definitions::Dataflow;
use baseline_model::definitions::Source;

const BASE: &str = "https://h.example/taules/v2";

fn with<T>(table: &str, pull: &[(&str, &str)], sizes: &[(&str, u64)], run: impl FnOnce(&Ask<'_>) -> T) -> T {
    let source = Source { base_url: BASE.into(), ..Source::default() };
    let pull = pull.iter().map(|(id, codes)| ((*id).to_owned(), codes.split('+').map(str::to_owned).collect())).collect();
    let dataflow = Dataflow { pull, ..Dataflow::default() };
    let sizes: Sizes = sizes.iter().map(|(id, size)| ((*id).to_owned(), *size)).collect();
    run(&Ask { source: &source, table, dataflow: &dataflow, sizes: &sizes })
}

const TABLE: &str = "censph/535/562/mun";

fn check(table: &str, pull: &[(&str, &str)], sizes: &[(&str, u64)], expected: &[&str]) {
    let urls = with(table, pull, sizes, |ask| {
        Idescat.plan(ask).unwrap_or_default().into_iter().map(|request| request.url).collect::<Vec<_>>()
    });
    let expected: Vec<_> = expected.iter().map(|rest| format!("{BASE}/{TABLE}/data?lang=en{rest}")).collect();
    assert_eq!(urls, expected, "{table} {pull:?}");
}

#[test]
fn plans() {
    check(TABLE, &[], &[], &[""]);
    let pull = [("SEX", "F"), ("COM", "TOTAL+01"), ("_LAST_", "2")];
    check(TABLE, &pull, &[], &["&_LAST_=2&COM=01,TOTAL&SEX=F"]);
    check(TABLE, &pull, &[("com", 42), ("sex", 3), ("mun", 9000)], &["&_LAST_=2&COM=01,TOTAL&SEX=F"]);
    check(TABLE, &pull, &[("com", 42), ("sex", 3), ("mun", 19_000)], &["&_LAST_=2&COM=01&SEX=F", "&_LAST_=2&COM=TOTAL&SEX=F"]);
    for table in ["", "censph/535/562", "censph/535/562/xyz", "censph/../562/mun", "a b/1/1/mun", "a/b/c/d/mun"] {
        check(table, &[], &[], &[]);
    }
    for pull in [("lang", "ca"), ("_LAST_", "x"), ("_LAST_", "1+2"), ("SEX", ""), ("SEX", "F,M")] {
        check(TABLE, &[pull], &[], &[]);
    }
}

fn step(pull: &[(&str, &str)], status: u16, body: &str) -> &'static str {
    with(TABLE, pull, &[], |ask| {
        let request = Idescat.plan(ask).unwrap().remove(0);
        match Idescat.next(ask, &request, &Answer { status, bytes: body.as_bytes(), body: &classify(body.as_bytes()) }) {
            Step::Keep => "keep",
            Step::Nothing { .. } => "nothing",
            Step::Split(_) => "split",
            Step::Retry { .. } => "retry",
            Step::Refuse { .. } => "refuse",
            Step::KeepAnd(_)
            | Step::Continue(_)
            | Step::Whole(_)
            | Step::Wait { .. }
            | Step::Follow(_)
            | Step::Resubmit { .. } => "other",
        }
    })
}

#[test]
fn steps() {
    let pull = [("SEX", "F+M"), ("_LAST_", "2")];
    for (status, body, expected) in [
        (200, r#"{"version":"2.0","class":"dataset","value":[1],"id":["a"],"size":[1]}"#, "keep"),
        (200, r#"{"version":"2.0","class":"dataset","value":[],"id":["a"],"size":[0]}"#, "nothing"),
        (416, r#"{"error":{"status":416,"label":"too many cells"}}"#, "split"),
        (416, "", "split"),
        (400, r#"{"error":{"status":400,"label":"bad filter"}}"#, "refuse"),
        (404, "<html>", "refuse"),
        (403, "", "refuse"),
        (410, "", "refuse"),
        (429, "", "retry"),
        (500, "", "retry"),
        (200, "<html>", "retry"),
        (200, "{\"value\":", "retry"),
        (200, "", "retry"),
    ] {
        assert_eq!(step(&pull, status, body), expected, "{status} {body}");
    }
    assert_eq!(step(&[("SEX", "F")], 416, ""), "refuse");
}

#[test]
fn structures() {
    with(TABLE, &[], &[], |ask| assert_eq!(Idescat.structure(ask).unwrap().url, format!("{BASE}/{TABLE}?lang=en")));
    let text = r#"{"id":["MUN","SEX"],"role":{"geo":["MUN"]},"updated":"2024","dimension":{"SEX":{"label":"sex","category":{"index":["F"],"label":{"F":"Females"}}}}}"#;
    let structure = Idescat.read_structure(text.as_bytes()).unwrap();
    assert_eq!((structure.dimensions[0].role, structure.updated.as_str()), (Some(Role::Geo), "2024"));
    assert_eq!(structure.dimensions[1].codes, [("F".to_owned(), "Females".to_owned())]);
    for text in ["", "{}", r#"{"id":[1]}"#] {
        assert!(Idescat.read_structure(text.as_bytes()).is_err(), "{text}");
    }
}
