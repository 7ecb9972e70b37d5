use proptest::prelude::*;

use super::*;
use crate::protocol::Sizes;
use baseline_model::definitions::Dataflow;

const NEW: &str = "https://h.example/odata/v1";
const OLD: &str = "https://h.example/ODataApi/odata";
const FEED: &str = "https://h.example/ODataFeed/odata";

fn with<T>(base: &str, table: &str, pull: &[(&str, Vec<String>)], run: impl FnOnce(&Ask<'_>) -> T) -> T {
    let source = Source { base_url: base.into(), ..Source::default() };
    let pull = pull.iter().map(|(id, codes)| ((*id).to_owned(), codes.clone())).collect();
    let dataflow = Dataflow { pull, ..Dataflow::default() };
    run(&Ask { source: &source, table, dataflow: &dataflow, sizes: &Sizes::new() })
}

fn codes(text: &str) -> Vec<String> {
    text.split('+').map(str::to_owned).collect()
}

fn check(base: &str, table: &str, pull: &[(&str, &str)], expected: &[&str]) {
    let pull: Vec<_> = pull.iter().map(|(id, list)| (*id, codes(list))).collect();
    let urls =
        with(base, table, &pull, |ask| Cbs.plan(ask).map(|plan| plan.into_iter().map(|request| request.url).collect::<Vec<_>>()));
    assert_eq!(urls.unwrap_or_default(), expected, "{table}");
}

#[test]
fn plans() {
    let filter = "$filter=%28Perioden%20eq%20%272024JJ00%27%29%20and%20%28RegioS%20eq%20%27GM1966%20%20%27%20or%20RegioS%20eq%20%27NL01%27%29";
    let pull = [("RegioS", "NL01+GM1966  "), ("Perioden", "2024JJ00")];
    check(NEW, "85984NED", &[], &[&format!("{NEW}/CBS/85984NED/Observations")]);
    check(NEW, "CBS-Maatwerk/1NED", &[], &[&format!("{NEW}/CBS-Maatwerk/1NED/Observations")]);
    check(NEW, "85984NED", &pull, &[&format!("{NEW}/CBS/85984NED/Observations?{filter}")]);
    for base in [OLD, FEED] {
        check(base, "84799NED", &pull, &[&format!("{FEED}/84799NED/UntypedDataSet?$format=json&{filter}")]);
    }
    check(NEW, "1", &[("A", "it's")], &[&format!("{NEW}/CBS/1/Observations?$filter=%28A%20eq%20%27it%27%27s%27%29")]);
    for table in ["", "a/b/c", "../x", "a b", "x?y"] {
        check(NEW, table, &[], &[]);
    }
    check(OLD, "CBS/1", &[], &[]);
    for pull in [("A B", "x"), ("A", ""), ("", "x")] {
        check(NEW, "1", &[pull], &[]);
    }
    check(NEW, "1", &[("A", "x"), ("a", "y")], &[]);
}

/// A step in short.
fn step(base: &str, page: Option<&str>, status: u16, body: &str) -> String {
    with(base, "1NED", &[("RegioS", codes("GM1966+NL01"))], |ask| {
        let selection = Cbs.plan(ask).unwrap()[0].selection.clone();
        let request = super::page(ask, selection, page);
        let bytes = body.as_bytes();
        let short = |request: &Request| request.url.rsplit_once('&').map_or("", |(_, last)| last).to_owned();
        match Cbs.next(ask, &request, &Answer { status, bytes, body: &Cbs.classify(bytes) }) {
            Step::Keep => "keep".into(),
            Step::KeepAnd(more) => more.iter().map(|request| format!("and {}", short(request))).collect(),
            Step::Nothing { .. } => "nothing".into(),
            Step::Split(parts) => format!("split {}", parts.len()),
            Step::Retry { .. } => "retry".into(),
            Step::Refuse { .. } => "refuse".into(),
            other @ (Step::Continue(_) | Step::Whole(_) | Step::Wait { .. } | Step::Follow(_) | Step::Resubmit { .. }) => {
                format!("{other:?}")
            }
        }
    })
}

fn linked(link: &str) -> String {
    format!(r#"{{"@odata.context":"x","value":[{{"Id":1,"Measure":"M"}}],"@odata.nextLink":"{link}"}}"#)
}

#[test]
fn pages() {
    let same = format!("{NEW}/CBS/1NED/Observations");
    let check = |page, link: &str, expected: &str| assert_eq!(step(NEW, page, 200, &linked(link)), expected, "{link}");
    check(None, &format!("{same}?$filter=x&$skip=100000"), "and $skip=100000");
    check(None, &format!("{}?%24skip=5", same.replace("https", "http")), "and $skip=5");
    check(Some("$skip=5"), &format!("{same}?$skip=10"), "and $skip=10");
    check(None, "Observations?$skiptoken=a%27b", "and $skiptoken=a%27b");
    for link in [
        "https://evil.example/odata/v1/CBS/1NED/Observations?$skip=5",
        "https://h.example.evil/odata/v1/CBS/1NED/Observations?$skip=5",
        "https://h.example/odata/v1/CBS/2NED/Observations?$skip=5",
        "//evil.example/x?$skip=5",
        "../2NED/Observations?$skip=5",
        "",
    ] {
        check(None, link, "refuse");
    }
    check(Some("$skip=5"), &format!("{same}?$skip=5"), "refuse");
    check(Some("$skip=5"), &format!("{same}?$skip=4"), "refuse");
    check(None, &format!("{same}?$top=4"), "refuse");
    check(None, &format!("{same}?$skip=4#x y"), "refuse");
    let old = r#"{"odata.metadata":"x","value":[{"ID":1}],"odata.nextLink":"http://h.example/ODataFeed/odata/1NED/UntypedDataSet?$format=json&$skip=10000"}"#;
    assert_eq!(step(OLD, None, 200, old), "and $skip=10000");
}

#[test]
fn steps() {
    let most = r#"{"odata.error":{"code":"","message":{"lang":"nl-NL","value":"The query returns more than 10000 records."}}}"#;
    let nodes = r#"{"error":{"code":"","message":"The node count limit of '100' has been exceeded."}}"#;
    for (page, status, body, expected) in [
        (None, 200, r#"{"@odata.context":"x","value":[{"Id":1}]}"#, "keep"),
        (None, 200, r#"{"@odata.context":"x","value":[]}"#, "nothing"),
        (None, 500, most, "split 2"),
        (None, 200, most, "split 2"),
        (None, 400, nodes, "split 2"),
        (Some("$skip=5"), 500, most, "refuse"),
        (None, 400, r#"{"error":{"code":"","message":"Could not find a property named 'X'"}}"#, "refuse"),
        (None, 200, r#"{"odata.error":{"code":"","message":{"value":"x"}}}"#, "refuse"),
        (None, 500, r#"{"odata.error":{"code":"","message":{"value":"x"}}}"#, "retry"),
        (None, 404, "", "refuse"),
        (None, 410, "<html>", "refuse"),
        (None, 403, "<html>", "refuse"),
        (None, 429, "", "retry"),
        (None, 503, "<html><title>Onderhoud</title>", "retry"),
        (None, 200, "<html><title>Onderhoud</title>", "retry"),
        (None, 200, "", "retry"),
        (None, 200, r#"{"value":[{"Id":1"#, "retry"),
        (None, 200, r#"{"Identifier":"x"}"#, "refuse"),
    ] {
        assert_eq!(step(NEW, page, status, body), expected, "{status} {body}");
    }
}

#[test]
fn structures_and_changes() {
    let url = |base| with(base, "1NED", &[], |ask| Cbs.structure(ask).unwrap().url);
    assert_eq!(url(NEW), format!("{NEW}/CBS/1NED/Dimensions"));
    assert_eq!(url(OLD), format!("{FEED}/1NED/DataProperties?$format=json"));
    let new = r#"{"value":[{"Identifier":"RegioS","Title":"Regio's","Kind":"GeoDimension"},{"Identifier":"Perioden","Title":"Perioden","Kind":"TimeDimension"}]}"#;
    let structure = Cbs.read_structure(new.as_bytes()).unwrap();
    let ids: Vec<_> = structure.dimensions.iter().map(|dimension| (dimension.id.as_str(), dimension.role)).collect();
    assert_eq!(ids, [("RegioS", Some(Role::Geo)), ("Perioden", Some(Role::Time)), ("measure", Some(Role::Metric))]);
    let old = r#"{"value":[{"Type":"GeoDetail","Key":"Wijken","Title":"W"},{"Type":"TopicGroup","Key":"","Title":"G"},{"Type":"Topic","Key":"A_1","Title":"A"}]}"#;
    let structure = Cbs.read_structure(old.as_bytes()).unwrap();
    assert_eq!(structure.dimensions[1].codes, [("A_1".to_owned(), "A".to_owned())]);
    for text in ["", "{}", r#"{"value":[]}"#, r#"{"value":[1]}"#, "<html>"] {
        assert!(Cbs.read_structure(text.as_bytes()).is_err(), "{text}");
    }
    let source = |base: &str| Source { base_url: base.into(), ..Source::default() };
    assert_eq!(Cbs.changes(&source(NEW)).unwrap().url, format!("{NEW}/Datasets?$select=Identifier,Modified"));
    assert!(Cbs.changes(&source(OLD)).is_none());
    let (stamps, findings) = Cbs.read_changes(br#"{"value":[{"Identifier":"85984NED","Modified":"2025-03-01T02:00:00+01:00"}]}"#);
    assert_eq!((stamps["85984ned"].data.as_str(), findings.len()), ("2025-03-01T02:00:00+01:00", 0));
    assert_eq!(Cbs.read_changes(b"<html>").1[0].code, "inventory-columns");
}

proptest! {
    /// Parts are short, none is asked twice, and together they name what was asked for.
    #[test]
    fn long_filters_are_cut(counts in prop::collection::vec(1_usize..60, 1..4)) {
        let pull: Vec<(String, Vec<String>)> = counts.iter().enumerate()
            .map(|(number, count)| (format!("Dim{number}"), (0..*count).map(|code| format!("GM{code:04}    ")).collect())).collect();
        let pull: Vec<(&str, Vec<String>)> = pull.iter().map(|(id, codes)| (id.as_str(), codes.clone())).collect();
        let (plan, cells) = with(NEW, "1NED", &pull, |ask| {
            let plan = Cbs.plan(ask).unwrap();
            let cells: usize = plan.iter().map(|request| request.selection.filters().map(|(_, codes)| codes.len()).product::<usize>()).sum();
            (plan, cells)
        });
        prop_assert_eq!(cells, counts.iter().product::<usize>());
        for request in &plan {
            let codes: usize = request.selection.filters().map(|(_, codes)| codes.len()).sum();
            prop_assert!(codes <= MOST_CODES && request.url.len() <= LONGEST, "{}", request.url.len());
        }
        let mut urls: Vec<_> = plan.iter().map(|request| &request.url).collect();
        urls.sort();
        urls.dedup();
        prop_assert_eq!(urls.len(), plan.len());
    }
}
