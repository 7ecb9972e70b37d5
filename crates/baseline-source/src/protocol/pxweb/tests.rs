//! Both versions of the interface, as conversations: what is asked after which answer.

use std::collections::BTreeMap;
use std::path::Path;

use baseline_model::Role;
use baseline_model::definitions::{Dataflow, Source};
use proptest::prelude::*;

use crate::protocol::{Answer, Ask, Phase, Request, Sizes, Step, protocol};

const ONE: &str = "https://office.example/api/v1/fi/StatFin";
const TWO: &str = "https://office.example/api/v2/";

/// `kun = "KU179,KU091"; time = "*"`.
fn pull(text: &str) -> BTreeMap<String, Vec<String>> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, codes)| (name.trim().to_owned(), codes.split('|').map(|code| code.trim().to_owned()).collect())).collect()
}

/// Asks in turn and gives the answers; returns the requests after the last one, or how it ended.
fn converse(id: &str, base: &str, table: &str, wanted: &str, answers: &[(u16, &str)]) -> Result<Vec<Request>, String> {
    let protocol = protocol(id).unwrap();
    let source = Source { base_url: base.into(), ..Source::default() };
    let dataflow = Dataflow { pull: pull(wanted), ..Dataflow::default() };
    let ask = Ask { source: &source, table, dataflow: &dataflow, sizes: &Sizes::new() };
    let mut requests = protocol.plan(&ask).map_err(|error| error.to_string())?;
    for (status, text) in answers {
        let body = protocol.classify(text.as_bytes());
        match protocol.next(&ask, &requests[0], &Answer { status: *status, bytes: text.as_bytes(), body: &body }) {
            Step::Continue(next) | Step::Split(next) => requests = next,
            Step::Keep => return Err("keep".into()),
            Step::Nothing { .. } => return Err("nothing".into()),
            Step::Retry { why } => return Err(format!("retry {why}")),
            Step::Refuse { why, hint } => {
                assert!(!hint.is_empty());
                return Err(format!("refuse {why}"));
            }
            step @ (Step::KeepAnd(_) | Step::Whole(_) | Step::Wait { .. } | Step::Follow(_) | Step::Resubmit { .. }) => {
                return Err(format!("{step:?}"));
            }
        }
    }
    Ok(requests)
}

const CONFIG: &str = r#"{"maxValues":10000,"maxCells":100000,"maxCalls":10,"timeWindow":10,"CORS":true}"#;
/// As Statistics Finland writes it since June 2026, in version 1.
const METADATA: &str = r#"{"title":"T","variables":[
    {"code":"alue_23_20260101","text":"Alue","values":["SSS","KU091","KU179","KU1791"],"valueTexts":["Koko maa","Helsinki","Jyväskylä","x"]},
    {"code":"sukupuoli_9","text":"Sukupuoli","values":["SSS","1","2"],"valueTexts":["Yhteensä","Miehet","Naiset"],"elimination":true},
    {"code":"timeperiod_y","text":"Vuosi","values":["2021","2022","2023","2024"],"valueTexts":["2021","2022","2023","2024"],"time":true},
    {"code":"contentscode","text":"Tiedot","values":["vaerak-vaesto"],"valueTexts":["Väestö"]}]}"#;

fn body(request: &Request) -> &str {
    &request.payload.as_ref().unwrap().text
}

/// The codes of the only query, `;` between variables.
fn query(wanted: &str) -> Result<String, String> {
    let requests = converse("pxweb", ONE, "vaerak/11re.px", wanted, &[(200, CONFIG), (200, METADATA)])?;
    assert_eq!(requests.len(), 1);
    let json: serde_json::Value = serde_json::from_str(body(&requests[0])).unwrap();
    assert_eq!(json["response"]["format"], "json-stat2");
    let item = |item: &serde_json::Value| {
        let values: Vec<&str> =
            item["selection"]["values"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
        format!("{}={}:{}", item["code"].as_str().unwrap(), item["selection"]["filter"].as_str().unwrap(), values.join(","))
    };
    Ok(json["query"].as_array().unwrap().iter().map(item).collect::<Vec<_>>().join(";"))
}

const REST: &str = "sukupuoli_9=item:SSS,1,2;timeperiod_y=item:2021,2022,2023,2024;contentscode=item:vaerak-vaesto";

fn check(wanted: &str, expected: &str) {
    assert_eq!(query(wanted).unwrap(), expected, "{wanted}");
}

fn refused(wanted: &str, parts: &[&str]) {
    let said = query(wanted).unwrap_err();
    assert!(said.starts_with("refuse "), "{wanted}: {said}");
    for part in parts {
        assert!(said.contains(part), "{wanted}: {said}");
    }
}

#[test]
fn addresses() {
    let first = converse("pxweb", ONE, "vaerak/11re.px", "", &[]).unwrap();
    assert_eq!(first[0].url, "https://office.example/api/v1/fi/?config");
    assert_eq!(
        (first[0].asked.as_str(), &first[0].phase),
        ("https://office.example/api/v1/fi/StatFin/vaerak/11re.px", &Phase::Describe)
    );
    let second = converse("pxweb", ONE, "vaerak/11re.px", "", &[(200, CONFIG)]).unwrap();
    assert_eq!(
        (second[0].url.as_str(), second[0].payload.is_none()),
        ("https://office.example/api/v1/fi/StatFin/vaerak/11re.px", true)
    );
    let third = converse("pxweb", ONE, "vaerak/11re.px", "", &[(200, CONFIG), (200, METADATA)]).unwrap();
    assert_eq!(
        (third[0].url.as_str(), &third[0].phase),
        ("https://office.example/api/v1/fi/StatFin/vaerak/11re.px", &Phase::Ask)
    );
    assert_eq!(third[0].payload.as_ref().unwrap().media_type, "application/json");
    let first = converse("pxweb2", TWO, "TAB4823", "", &[]).unwrap();
    assert_eq!(first[0].url, "https://office.example/api/v2/config");
    let blank = converse("pxweb", ONE, "a b/č.px", "", &[(200, CONFIG)]).unwrap();
    assert_eq!(blank[0].url, "https://office.example/api/v1/fi/StatFin/a%20b/%C4%8D.px");
    for table in ["", "a//b", "../x", "a/../b", "a\nb"] {
        assert!(converse("pxweb", ONE, table, "", &[]).is_err(), "{table}");
    }
    assert!(converse("pxweb", "ftp://x", "t.px", "", &[]).is_err());
    assert_eq!(converse("pxweb", "https://office.example", "t.px", "", &[]).unwrap()[0].url, "https://office.example/?config");
}

#[test]
fn choices() {
    let all = "alue_23_20260101=item:SSS,KU091,KU179,KU1791";
    check("", &format!("{all};{REST}"));
    for name in ["alue_23_20260101", "ALUE_23_20260101", "alue_*", "Alue", "alue"] {
        check(&format!("{name}=KU179"), &format!("alue_23_20260101=item:KU179;{REST}"));
    }
    let time = |codes: &str, expected: &str| {
        check(
            &format!("Alue=KU179;Sukupuoli=SSS;role:time={codes}"),
            &format!(
                "alue_23_20260101=item:KU179;sukupuoli_9=item:SSS;timeperiod_y=item:{expected};contentscode=item:vaerak-vaesto"
            ),
        );
    };
    time("2024|2022|2024", "2022,2024");
    time("*", "2021,2022,2023,2024");
    time("top(2)", "2023,2024");
    time("top(1,1)", "2023");
    time("bottom(1)", "2021");
    time("from(2023)", "2023,2024");
    time("to(2022)", "2021,2022");
    time("range(2022,2023)", "2022,2023");
    time("top(1)|2021", "2021,2024");
    check("Alue=KU179*", &format!("alue_23_20260101=item:KU179,KU1791;{REST}"));
    check("Alue=KU???", &format!("alue_23_20260101=item:KU091,KU179;{REST}"));
    check("Alue=top(1)", &format!("alue_23_20260101=item:SSS;{REST}"));
    check("Alue=agg:Maakunnat|MK01|MK13", &format!("alue_23_20260101=agg:Maakunnat:MK01,MK13;{REST}"));
    check("role:metric=vaerak-vaesto", &format!("{all};{REST}"));
    // Only `total` leaves a variable out, and only where the table allows it.
    check("Sukupuoli=total", &format!("{all};{}", REST.split_once(';').unwrap().1));
}

#[test]
fn misfits() {
    refused("alue_23_20250101=KU179", &["`alue_23_20250101`", "nearest is `alue_23_20260101`", "`sukupuoli_9` (Sukupuoli)"]);
    refused("role:geo=KU179", &["role:geo", "no variable"]);
    refused("*o*=1", &["variables"]);
    refused("Alue=KU179;alue_*=KU091", &["both mean"]);
    refused("Alue=KU178", &["no code `KU178`", "nearest is", "4 codes"]);
    refused("Alue=X*", &["no code `X*`"]);
    refused("Alue=", &["names no code"]);
    refused("Alue=total", &["does not let be left out"]);
    refused("Alue=agg:Maakunnat", &["agg:Maakunnat", "takes for its total"]);
    refused("Alue=agg:Maakunnat|*", &["agg:Maakunnat"]);
    refused("Alue=agg:A|vs:B|1", &["2 lists"]);
    refused("Vuosi=from(x)", &["no code `from(x)`"]);
    refused("Vuosi=top(x)", &["no code `top(x)`"]);
}

#[test]
fn unlisted_codes() {
    let hidden = METADATA.replace(
        r#""values":["SSS","KU091","KU179","KU1791"],"valueTexts":["Koko maa","Helsinki","Jyväskylä","x"]"#,
        r#""values":null,"valueTexts":null"#,
    );
    let ask = |wanted: &str| converse("pxweb", ONE, "t.px", wanted, &[(200, CONFIG), (200, &hidden)]);
    let requests = ask("").unwrap();
    // 20 000 codes at most by 12 cells: in parts of at most 100 000.
    assert_eq!(requests.len(), 4);
    assert!(body(&requests[0]).contains(r#""code":"alue_23_20260101","selection":{"filter":"all","values":["*"]}"#));
    assert!(body(&ask("Alue=KU179").unwrap()[0]).contains(r#"{"filter":"item","values":["KU179"]}"#));
    assert!(body(&ask("Alue=top(5)").unwrap()[0]).contains(r#"{"filter":"top","values":["5"]}"#));
    assert!(ask("Alue=KU*").unwrap_err().contains("does not list"));
    assert!(ask("Alue=top(x)").unwrap_err().contains("no whole number"));
}

#[test]
fn limits_and_splits() {
    let plan = |answers: &[(u16, &str)]| converse("pxweb", ONE, "t.px", "", answers);
    let small = CONFIG.replace("100000", "24");
    assert_eq!(plan(&[(200, &small), (200, METADATA)]).unwrap().len(), 2);
    // Without settings, whatever comes instead, the safe limit is assumed.
    for answer in
        [(200, "<html><title>x</title></html>"), (404, ""), (400, r#"{"error":"x"}"#), (200, r#"{"maxCells":0}"#), (200, "[]")]
    {
        assert_eq!(plan(&[answer, (200, METADATA)]).unwrap().len(), 1, "{answer:?}");
    }
    // Halves of halves, until nothing can be cut.
    let refusal = r#"{"error":"Too many values selected"}"#;
    let halves = plan(&[(200, CONFIG), (200, METADATA), (403, refusal)]).unwrap();
    let [first, second] = halves.as_slice() else { panic!("two halves") };
    assert!(body(first).contains(r#"["SSS","KU091"]"#) && body(second).contains(r#"["KU179","KU1791"]"#));
    assert!(body(first).contains(r#"["2021","2022","2023","2024"]"#) && body(second).contains(r#"["SSS","1","2"]"#));
    let single =
        converse("pxweb", ONE, "t.px", "Alue=KU179;Sukupuoli=1;Vuosi=2024", &[(200, CONFIG), (200, METADATA), (403, refusal)]);
    assert!(single.unwrap_err().contains("nothing can be cut further: status 403, `Too many values selected`"));
    let many: Vec<String> = (0..9000).map(|code| format!("\"{code}\"")).collect();
    let huge = METADATA
        .replace(r#"["SSS","1","2"]"#, &format!("[{}]", many.join(",")))
        .replace(r#""valueTexts":["Yhteensä","Miehet","Naiset"],"#, "");
    let said = converse("pxweb", ONE, "t.px", "", &[(200, &CONFIG.replace("100000", "100")), (200, &huge)]);
    assert!(said.unwrap_err().contains("144000 cells in queries of at most 100 are more than 400 queries"));
}

#[test]
fn answers() {
    let ended = |status: u16, text: &str| {
        converse("pxweb", ONE, "t.px", "", &[(200, CONFIG), (200, METADATA), (status, text)]).unwrap_err()
    };
    let data = r#"{"class":"dataset","id":["t"],"size":[1],"value":[5],"dimension":{"t":{"category":{"index":["2024"]}}}}"#;
    assert_eq!(ended(200, data), "keep");
    assert_eq!(ended(200, &format!("\u{feff}{data}")), "keep");
    for (status, text, expected) in [
        (429, r#"{"error":"Too many requests in too short timeframe"}"#, "retry status 429, `Too many requests"),
        (503, "", "retry status 503, an empty answer"),
        (200, "<html><title>Huoltokatko</title></html>", "retry status 200, a web page titled `Huoltokatko`"),
        (200, "{\"id\":[", "retry status 200"),
        (200, "CHARSET=\"ANSI\";\nDATA=1;", "retry status 200"),
        (200, "", "retry status 200, an empty answer"),
        (200, r#"{"error":"Parameter error"}"#, "refuse Parameter error"),
        (400, r#"{"error":"Parameter error"}"#, "refuse status 400, `Parameter error`"),
        (404, "", "refuse status 404"),
        (403, "<html><title>Forbidden</title></html>", "refuse status 403, a web page titled `Forbidden`"),
    ] {
        let said = ended(status, text);
        assert!(said.starts_with(expected), "{status} {text}: {said}");
    }
    let described = |status: u16, text: &str| converse("pxweb", ONE, "t.px", "", &[(200, CONFIG), (status, text)]).unwrap_err();
    assert!(described(400, r#"{"error":"Parameter error"}"#).starts_with("refuse no metadata: status 400"));
    assert!(described(404, "").starts_with("refuse no metadata"));
    assert!(described(200, r#"[{"id":"x","type":"l","text":"X"}]"#).contains("a folder, not a table"));
    assert!(described(200, r#"{"title":"x","variables":[]}"#).contains("without variables"));
    assert!(described(200, r#"{"a":1}"#).contains("expected metadata"));
    assert!(described(200, "<html></html>").starts_with("retry"));
    assert!(described(502, "").starts_with("retry"));
    let first = converse("pxweb", ONE, "t.px", "", &[(429, "")]);
    assert!(first.unwrap_err().starts_with("retry"));
}

const METADATA2: &str = r#"{"version":"2.0","class":"dataset","label":"T","updated":"2026-06-08T06:00:00Z","role":{"time":["Tid"],"geo":["Region"],"metric":["ContentsCode"]},
    "id":["Region","Kon","ContentsCode","Tid"],"size":[3,2,1,2],"value":[],"extension":{"px":{"tableid":"TAB1"}},"dimension":{
    "Region":{"label":"region","category":{"index":{"00":0,"05":1,"0580":2},"label":{"00":"Riket","05":"Östergötland","0580":"Linköping"}},"extension":{"elimination":true}},
    "Kon":{"label":"kön","category":{"index":{"1":0,"2":1},"label":{"1":"män","2":"kvinnor"}},"extension":{"elimination":true}},
    "ContentsCode":{"label":"tabellinnehåll","category":{"index":{"N1":0},"label":{"N1":"Antal"}},"extension":{"elimination":false}},
    "Tid":{"label":"månad","category":{"index":{"2025M12":0,"2026M01":1},"label":{"2025M12":"2025M12","2026M01":"2026M01"}}}}}"#;

#[test]
fn version_two() {
    let config = r#"{"apiVersion":"2.2.0","maxDataCells":150000,"maxCallsPerTimeWindow":30,"timeWindow":10}"#;
    let ask = |wanted: &str, config: &str| converse("pxweb2", TWO, "TAB4823", wanted, &[(200, config), (200, METADATA2)]);
    let requests = ask("role:geo=0580;kön=total;role:time=from(2026)", config).unwrap();
    assert_eq!(requests[0].url, "https://office.example/api/v2/tables/TAB4823/data?outputFormat=json-stat2");
    let expected = r#"{"selection":[{"variableCode":"Region","valueCodes":["0580"]},{"variableCode":"ContentsCode","valueCodes":["N1"]},{"variableCode":"Tid","valueCodes":["2026M01"]}]}"#;
    assert_eq!(body(&requests[0]), expected);
    let list = ask("Region=vs:RegionKommun07|0580", config).unwrap();
    assert!(body(&list[0]).contains(r#"{"variableCode":"Region","codelist":"vs_RegionKommun07","valueCodes":["0580"]}"#));
    let whole = ask("Region=agg:Län", config).unwrap();
    assert!(body(&whole[0]).contains(r#""codelist":"agg_Län","valueCodes":["*"]}"#));
    assert_eq!(ask("", &config.replace("150000", "4")).unwrap().len(), 3);
    assert_eq!(ask("", "{}").unwrap().len(), 1);
    assert!(ask("Region=total;Kon=total;ContentsCode=N1;Tid=total", config).unwrap_err().contains("does not let be left out"));
    let problem = r#"{"type":"Parameter error","title":"Too many cells selected","status":403}"#;
    let halves =
        converse("pxweb2", TWO, "TAB4823", "Region=vs:K|05|0580", &[(200, config), (200, METADATA2), (403, problem)]).unwrap();
    assert_eq!(halves.len(), 2);
    assert!(body(&halves[0]).contains(r#""codelist":"vs_K","valueCodes":["05"]"#));
    let said = converse(
        "pxweb2",
        TWO,
        "TAB4823",
        "",
        &[(200, config), (200, METADATA2), (400, r#"{"title":"Bad","detail":"Non-existent value"}"#)],
    );
    assert!(said.unwrap_err().starts_with("refuse status 400, `Bad`: `Non-existent value`"));
}

#[test]
fn structures() {
    for (id, text) in [("pxweb", METADATA), ("pxweb2", METADATA2)] {
        let structure = protocol(id).unwrap().read_structure(text.as_bytes()).unwrap();
        assert_eq!(structure.dimensions.len(), 4);
        assert!(structure.dimensions.iter().any(|dimension| dimension.role == Some(Role::Time)));
        assert!(structure.dimensions.iter().any(|dimension| dimension.role == Some(Role::Metric)));
        assert!(structure.dimensions[1].elimination && !structure.dimensions[2].elimination);
        let names: Vec<_> = structure.dimensions.iter().map(|dimension| dimension.codes[0].1.as_str()).collect();
        assert_eq!(names.iter().filter(|name| name.is_empty()).count(), 0);
        let source = Source { base_url: TWO.into(), ..Source::default() };
        let ask = Ask { source: &source, table: "T", dataflow: &Dataflow::default(), sizes: &Sizes::new() };
        assert_eq!(protocol(id).unwrap().structure(&ask).unwrap().phase, Phase::Describe);
        for faulty in ["", "{", "[]", r#"{"variables":5}"#, r#"{"id":["a"],"size":[2],"dimension":{"a":{}}}"#] {
            assert!(protocol(id).unwrap().read_structure(faulty.as_bytes()).is_err(), "{faulty}");
        }
    }
}

/// Metadata of the offices as they are.
#[test]
fn real_metadata() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national"));
    let read = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok();
        if text.is_none() {
            println!("skipped: {file} is not there");
        }
        text
    };
    if let Some(metadata) = read("scb/v1_metadata_HE0110.json") {
        let plan = |wanted: &str| {
            converse("pxweb", "https://api.example/OV0104/v1/doris/sv/ssd", "HE/x", wanted, &[(200, CONFIG), (200, &metadata)])
        };
        // 312 × 3 × 19 × 27 × 4 × 24 cells in parts of at most 100 000.
        assert_eq!(plan("").unwrap_err(), "refuse 46096128 cells in queries of at most 100000 are more than 400 queries");
        let one = plan("Region=0580;Tid=top(1);inkomstklass=TOT").unwrap();
        assert_eq!(one.len(), 1);
        assert!(body(&one[0]).starts_with(r#"{"query":[{"code":"Region","selection":{"filter":"item","values":["0580"]}},"#));
        let parts = plan("Tid=top(1);Kon=1+2").unwrap();
        assert_eq!(parts.len(), (312 * 19 * 27 * 4_usize).div_ceil(100_000));
        assert!(plan("Region=0581x").unwrap_err().contains("nearest is"));
    }
    if let (Some(metadata), Some(config)) = (read("scb/v2_TAB6471_metadata.json"), read("scb/v2_config.json")) {
        let plan = |wanted: &str| converse("pxweb2", TWO, "TAB6471", wanted, &[(200, &config), (200, &metadata)]);
        let parts = plan("").unwrap();
        assert!(parts.len() >= (312 * 134 * 3 * 16_usize).div_ceil(150_000) && parts.len() < 20);
        let one = plan("Region=0580;ålder=TotSA;kön=total;månad=top(1)").unwrap();
        let expected = r#"{"selection":[{"variableCode":"Region","valueCodes":["0580"]},{"variableCode":"Alder","valueCodes":["TotSA"]},{"variableCode":"ContentsCode","valueCodes":["000007SF"]},{"variableCode":"Tid","valueCodes":["2026M04"]}]}"#;
        assert_eq!(body(&one[0]), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a server answers, the conversation goes on or ends with a reason.
    #[test]
    fn any_answer(text in "[\\x00-\\x7fåä]{0,80}", status in prop::sample::select(vec![200_u16, 204, 301, 400, 403, 404, 429, 500]), at in 0_usize..3) {
        let start = [(200, CONFIG), (200, METADATA)];
        let answers: Vec<(u16, &str)> = start[..at].iter().copied().chain([(status, text.as_str())]).collect();
        for id in ["pxweb", "pxweb2"] {
            let _ = converse(id, TWO, "t.px", "", &answers);
        }
    }
}
