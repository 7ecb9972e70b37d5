//! Boundaries of regions: pulled from a provider on the loopback interface, in the next report with their notice, and left
//! out when they are not those of the figures.

use std::path::Path;

use super::kit::Workspace;
use super::server::Server;

const FILES: [&str; 2] = ["NUTS_RG_60M_2021_4326_LEVL_2", "NUTS_RG_60M_2024_4326_LEVL_2"];
const REPORT: &str = "reports/milestone/zachodniopomorskie/en";
const NOTICE: &str = "© EuroGeographics for the administrative boundaries";

fn bench() -> (Workspace, Server) {
    let (workspace, server) = (Workspace::new(), Server::new());
    let shipped = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sources/gisco.toml")).unwrap();
    let address = &server.address;
    let changed = |line: &str| match line.split(" =").next().unwrap_or_default() {
        "base_url" => format!("base_url = \"http://{address}/nuts/geojson\""),
        "pace_seconds" => "pace_seconds = 0.0".to_owned(),
        "tries" => "tries = 1".to_owned(),
        _ => line.to_owned(),
    };
    workspace.write("pipelines/sources/gisco.toml", shipped.lines().map(changed).collect::<Vec<_>>().join("\n"));
    (workspace, server)
}

/// A grid of squares, one a code: what matters is which codes are there.
fn areas<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let square = |(number, code): (usize, &str)| {
        let (x, y) = (-8.0 + (number % 20) as f64 * 1.6, 38.0 + (number / 20) as f64 * 1.6);
        format!(
            r#"{{"type":"Feature","properties":{{"NUTS_ID":"{code}","LEVL_CODE":2,"CNTR_CODE":"{}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{},{y}],[{},{}],[{x},{}],[{x},{y}]]]}}}}"#,
            &code[..2],
            x + 1.6,
            x + 1.6,
            y + 1.6,
            y + 1.6
        )
    };
    let features: Vec<String> = codes.enumerate().map(square).collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

/// Every code of level 2 that a version has.
fn codes(version: u32) -> Vec<String> {
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/codelists/nuts_codes.csv")).unwrap();
    let lives = |line: &str| {
        let parts: Vec<&str> = line.split(',').collect();
        let number = |index: usize| parts.get(index).and_then(|part| part.parse::<u32>().ok());
        let lives = number(2)? <= version && version <= number(3)?;
        (parts.get(1) == Some(&"2") && lives).then(|| parts[0].to_owned())
    };
    list.lines().filter_map(lives).collect()
}

fn html(workspace: &Workspace) -> String {
    let said = workspace.run(&["run", "--region", "PL42", "--format", "html"]);
    assert!(said.exit < 2, "{}", said.stderr);
    String::from_utf8(workspace.tree(REPORT)["report.html"].clone()).unwrap()
}

#[test]
fn pulled_boundaries_are_in_the_next_report_with_their_notice() {
    let (workspace, server) = bench();
    let before = html(&workspace);
    assert!(before.contains("id=\"locator\"") && before.contains("Natural Earth"), "the shipped outlines need no pull");
    assert!(!before.contains(NOTICE));
    for (file, version) in FILES.iter().zip([2021, 2024]) {
        server.answer(&format!("{file}.geojson"), areas(codes(version).iter().map(String::as_str)));
    }
    let pulled = workspace.run(&["pull", "--geometry"]);
    assert_eq!(pulled.exit, 0, "{}{}", pulled.stdout, pulled.stderr);
    assert_eq!(workspace.tree("data/raw/gisco").keys().filter(|path| path.ends_with("receipt.json")).count(), 2);
    let after = html(&workspace);
    assert!(after.contains(NOTICE) && after.contains("id=\"map-employment-rate-birth\""), "the map of regions is there");
    let lock = String::from_utf8(workspace.tree(REPORT)["lock.json"].clone()).unwrap();
    assert!(lock.contains("gisco/NUTS_RG_60M_2024_4326_LEVL_2"), "the report names the boundaries it was drawn with");
    assert!(!lock.contains("gisco/NUTS_RG_60M_2021_4326_LEVL_2"), "and no others");
    // The same again: nothing new, nothing stale.
    assert!(workspace.run(&["pull", "--geometry"]).stdout.contains("unchanged"));
    assert!(workspace.run(&["run", "--region", "PL42", "--format", "html"]).stdout.contains("unchanged"));
}

#[test]
fn a_placeholder_is_refused_and_other_boundaries_leave_the_map_out() {
    let (workspace, server) = bench();
    server.answer("2024_4326_LEVL_2.geojson", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 170\n");
    server.answer("2021_4326_LEVL_2.geojson", areas(["PL42", "SE12"].into_iter()));
    let pulled = workspace.run(&["pull", "--geometry"]);
    assert_eq!(pulled.exit, 1, "{}", pulled.stdout);
    assert!(pulled.stdout.contains("placeholder") && pulled.stderr.contains("hint:"), "{}{}", pulled.stdout, pulled.stderr);
    let page = html(&workspace);
    assert!(!page.contains("id=\"map-employment-rate-birth\""), "no map of white regions");
    assert!(page.contains("geometry-version") || page.contains("no map of regions"), "and the report says so");
}
