//! Every protocol from the plan to the stored vintage, over the wire: with the offices' own answers where they lie beside
//! the project, else with specimens of ours.

use baseline_source::protocol::PROTOCOLS;
use baseline_source::{ReadOptions, read as read_file};

use super::*;

fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/national");
    if !folder.is_dir() {
        println!("skipped: no recorded bodies beside the project");
        return None;
    }
    Some(fs::read(folder.join(name)).unwrap())
}

fn own(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/baseline-source/fuzz/corpus").join(name)).unwrap()
}

fn really(_: &str, bytes: &[u8]) -> ReadSummary {
    read_file(bytes, "answer", &ReadOptions::default()).into()
}

/// A bench that speaks a protocol, with one table of its own under `FLOW`.
fn speaking(protocol: &str, code: &str, pull: &str, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Bench {
    let mut bench = Bench::stub(script);
    bench.source().protocol = protocol.to_owned();
    bench.definitions.dataflows.insert(FLOW.into(), Dataflow { code: Some(code.into()), ..dataflow(pull) });
    bench.read = really;
    bench
}

/// What came of a pull; on failure with its reasons.
fn outcome(bench: &Bench) -> String {
    let report = bench.report(&[FLOW]);
    let outcome = short(&report.dataflows[0]);
    if outcome == "new" || outcome == "unchanged" { outcome } else { format!("{outcome}: {:?}", report.all_findings()) }
}

fn observations(bench: &Bench) -> u64 {
    let vintage = bench.store().latest(FLOW).unwrap().0.unwrap();
    vintage.receipt.originals.iter().map(|original| original.observations).sum()
}

#[test]
fn every_protocol_has_its_test_here() {
    let tested = ["eurostat", "genesis", "bdl", "cbs", "ine", "idescat", "sdmx", "pxweb", "pxweb2", "gisco"];
    for protocol in PROTOCOLS {
        assert!(tested.contains(&protocol.id()), "no pull of {} over the wire", protocol.id());
    }
}

fn job(code: i64, content: &str, list: &str) -> Vec<u8> {
    format!(
        r#"{{"Ident":{{"Service":"s","Method":"m"}},"Status":{{"Code":{code},"Content":"{content}","Type":"x"}},"List":{list}}}"#
    )
    .into_bytes()
}

#[test]
fn genesis_posts_and_takes_a_job_over_from_a_process_that_ended() {
    let recorded = |name: &str, own: Vec<u8>| shared(&format!("destatis/12531-0043_{name}.json")).unwrap_or(own);
    let too_large = recorded("status98_too_large", job(98, "zu gross", "null"));
    let created = recorded(
        "status99_job_created",
        job(99, "Die Tabelle kann mit folgendem Namen abgerufen werden: 12531-0043_175879554", "null"),
    );
    let not_yet = recorded("status104_no_result_yet", job(104, "keine Objekte", "null"));
    let ready = recorded("results_ready", job(0, "erfolgreich", r#"[{"Code":"12531-0043_175879554"}]"#));
    let table = shared("destatis/13111-01-03-4_de_flat_2025-06.zip").unwrap_or_else(|| own("genesis/flat.zip"));
    let answers = move |is_ready: bool| {
        let (too_large, created, not_yet, ready, table) =
            (too_large.clone(), created.clone(), not_yet.clone(), ready.clone(), table.clone());
        move |asked: &Asked| match asked.path.as_str() {
            "/api/data/tablefile" if asked.body.ends_with("job=true") => ok(&created),
            "/api/data/tablefile" => ok(&too_large),
            "/api/catalogue/results" if is_ready => ok(&ready),
            "/api/catalogue/results" => ok(&not_yet),
            "/api/data/resultfile" => ok(&table),
            _ => status(404, ""),
        }
    };
    let mut bench = speaking("genesis", "12531-0043", "startyear=2020", answers(false));
    bench.source().credentials = [("username".to_owned(), "GENESIS_TOKEN".to_owned())].into();
    bench.credentials = [("GENESIS_TOKEN".to_owned(), Secret::new("geheim0123456789"))].into();
    bench.limits.queue_budget = Duration::from_mins(2);
    assert!(outcome(&bench).starts_with("failed not-ready"));
    let asked = bench.server.asked();
    assert!(asked.iter().all(|asked| asked.method == "POST" && asked.head.contains("username: geheim0123456789")));
    assert!(asked.iter().all(|asked| !asked.path.contains("geheim") && !asked.body.contains("geheim")));
    assert_eq!(bench.store().jobs().unwrap()[0].ticket, "12531-0043_175879554");
    // The next night: ready.
    bench.clock.advance(Duration::from_hours(24));
    bench.server.now_answers_in_full(answers(true));
    assert_eq!(outcome(&bench), "new");
    let paths: Vec<_> = bench.server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/api/catalogue/results", "/api/data/resultfile"]);
    let receipt = bench.store().latest(FLOW).unwrap().0.unwrap().receipt;
    assert!(receipt.originals[0].url.contains("/api/data/tablefile?name=12531-0043"), "{}", receipt.originals[0].url);
    assert!(receipt.originals[0].file.contains("zip") && receipt.originals[0].sent.contains("startyear=2020"));
}

#[test]
fn genesis_errors_come_with_200() {
    let check = |body: Vec<u8>, expected: &str, calls: usize| {
        let bench = speaking("genesis", "13111-01-03-4", "startyear=2020", move |_| ok(&body));
        let found = outcome(&bench);
        assert!(found.starts_with(expected), "{expected}: {found}");
        assert_eq!((bench.calls(), bench.stored(FLOW)), (calls, 0), "{expected}");
    };
    check(job(90, "Das Objekt ist nicht vorhanden", "null"), "failed refused", 1);
    check(job(98, "zu gross", "null"), "failed refused", 2);
    check(job(104, "keine Objekte", "null"), "failed unusable", 1);
    check(job(-1, "kaputt", "null"), "failed refused", 1);
    check(PAGE.as_bytes().to_vec(), "failed damaged", 4);
}

/// The real trap: the district's 59,866 employees of 2024 are `-` in the next state of the table.
#[test]
fn a_district_that_goes_missing_does_not_replace_its_figures() {
    let (Some(before), Some(after)) =
        (shared("destatis/13111-01-03-4_de_flat_2025-06.zip"), shared("destatis/13111-01-03-4_de_flat_2026-03.zip"))
    else {
        return;
    };
    let bench =
        speaking("genesis", "13111-01-03-4", "startyear=2020", move |asked| ok(if asked.number == 0 { &before } else { &after }));
    assert_eq!(outcome(&bench), "new");
    let kept = bench.store().latest(FLOW).unwrap().0.unwrap().name;
    let second = outcome(&bench);
    assert!(second.starts_with("held") && second.contains("accept eurostat/t1"), "{second}");
    assert_eq!(bench.store().latest(FLOW).unwrap().0.unwrap().name, kept);
    println!("{second}");
}

fn polish(page: usize, total: usize, next: bool) -> Vec<u8> {
    let names: Vec<_> = (page * 2..total.min(page * 2 + 2)).collect();
    let unit = |number: &usize| {
        format!(r#"{{"id":"{number:012}","name":"UNIT {number}","values":[{{"year":"2023","val":{number}.5,"attrId":1}}]}}"#)
    };
    let link = if next { r#","next":"https://elsewhere.example/x""# } else { "" };
    format!(
        r#"{{"totalRecords":{total},"variableId":60270,"measureUnitId":8,"aggregateId":1,"lastUpdate":"2024-10-01T00:00:00","page":{page},"pageSize":2,"links":{{"first":"f"{link}}},"results":[{}]}}"#,
        names.iter().map(unit).collect::<Vec<_>>().join(",")
    )
    .into_bytes()
}

#[test]
fn bdl_pages_under_its_windows() {
    let script = |asked: &Asked| match asked.path.rsplit_once("&page=").map(|(_, page)| page) {
        Some("0") => ok(polish(0, 5, true)),
        Some("1") => ok(polish(1, 5, true)),
        Some("2") => ok(polish(2, 5, false)),
        _ => status(404, ""),
    };
    let mut bench = speaking("bdl", "60270", "unit-level=2", script);
    bench.source().credentials = [("X-ClientId".to_owned(), "BDL_CLIENT_ID?".to_owned())].into();
    assert_eq!(outcome(&bench), "new");
    assert_eq!((bench.calls(), observations(&bench)), (3, 5));
    assert!(!bench.server.asked()[0].head.to_lowercase().contains("x-clientid"));
    bench.credentials = [("BDL_CLIENT_ID".to_owned(), Secret::new("0f1e2d3c-client"))].into();
    assert_eq!(outcome(&bench), "unchanged");
    assert!(bench.server.asked()[3].head.to_lowercase().contains("x-clientid: 0f1e2d3c-client"));
    // A page that is not the one asked for, and nothing at all.
    bench.server.now_answers_in_full(|_| ok(polish(0, 5, true)));
    assert!(outcome(&bench).starts_with("failed damaged"));
    bench.server.now_answers_in_full(|_| status(412, ""));
    assert!(outcome(&bench).starts_with("failed unusable"));
    assert_eq!(bench.stored(FLOW), 1);
}

fn dutch(skip: usize, next: bool) -> String {
    let record = |number: usize| {
        format!(
            r#"{{"Id":{number},"Measure":"M000352","ValueAttribute":"None","Value":{number}.0,"StringValue":null,"RegioS":"GM{number:04}","Perioden":"2024JJ00"}}"#
        )
    };
    let records: Vec<_> = (skip..skip + 2).map(record).collect();
    let link = |next: usize| format!(r#","@odata.nextLink":"http://[server]/api/CBS/85984NED/Observations?$skip={next}""#);
    let link = if next { link(skip + 2) } else { String::new() };
    format!(r#"{{"@odata.context":"x/$metadata#Observations","value":[{}]{link}}}"#, records.join(","))
}

#[test]
fn cbs_follows_pages_at_our_own_address() {
    let catalogue = r#"{"value":[{"Identifier":"85984NED","Modified":"2025-03-01T02:00:00+01:00"}]}"#;
    let page = |asked: &Asked| {
        let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
        move |skip, next| ok(dutch(skip, next).replace("[server]", &host))
    };
    let script = move |asked: &Asked| match asked.path.as_str() {
        path if path.contains("/Datasets") => ok(catalogue),
        path if path.ends_with("$skip=2") => page(asked)(2, true),
        path if path.ends_with("$skip=4") => page(asked)(4, false),
        _ => page(asked)(0, true),
    };
    let mut bench = speaking("cbs", "85984NED", "", script);
    assert_eq!(outcome(&bench), "new");
    assert_eq!((bench.calls(), observations(&bench)), (4, 6));
    // The catalogue's stamp is of the table's code, whatever the dataflow's file is called.
    bench.only_changed = true;
    assert_eq!((outcome(&bench).as_str(), bench.calls()), ("unchanged", 5));
    // Always the same place: no page twice.
    bench.only_changed = false;
    bench
        .server
        .now_answers_in_full(move |asked| if asked.path.contains("/Datasets") { ok(catalogue) } else { page(asked)(0, true) });
    assert!(outcome(&bench).starts_with("failed"), "{}", outcome(&bench));
    assert_eq!(bench.stored(FLOW), 1);
}

#[test]
fn ine_answers_errors_with_200() {
    let recorded = shared("ine/DATOS_TABLA_48852_excerpt.json");
    let series = br#"[{"COD":"IPC1","Nombre":"Total. Dato base. ","FK_Unidad":3,"FK_Escala":1,"Data":[{"Fecha":1640991600000,"FK_TipoDato":1,"FK_Periodo":28,"Anyo":2022,"Valor":1.5,"Secreto":false}]}]"#;
    let body = recorded.unwrap_or_else(|| series.to_vec());
    let bench = speaking("ine", "48852", "nult=5", move |_| ok(&body));
    assert_eq!(outcome(&bench), "new");
    assert!(bench.server.asked()[0].path.starts_with("/api/ES/DATOS_TABLA/48852?tip=AM&nult=5"));
    for (said, expected) in [
        (r#"{"status":"La tabla no existe"}"#, "failed refused"),
        (r#"{"status":"No puede mostrarse por restricciones de volumen"}"#, "failed refused"),
        ("[]", "failed unusable"),
        ("", "failed unusable"),
    ] {
        bench.server.now_answers(move |_, _| ok(said));
        let found = outcome(&bench);
        assert!(found.starts_with(expected), "{said}: {found}");
    }
    // What is too long for an address is a form.
    let values: Vec<_> = (1000..1400).map(|value| value.to_string()).collect();
    let again = series.to_vec();
    let bench = speaking("ine", "48852", &format!("19={}", values.join("+")), move |_| ok(&again));
    assert_eq!(outcome(&bench), "new");
    let asked = &bench.server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/api/ES/DATOS_TABLA/48852"));
    assert!(asked.body.contains("&tv=19:1399"));
}

fn catalan(codes: &[&str]) -> String {
    let values: Vec<_> = (0..codes.len()).map(|value| value.to_string()).collect();
    format!(
        r#"{{"version":"2.0","class":"dataset","label":"T","updated":"2025-01-01T00:00:00Z","id":["MUN","YEAR"],"size":[{},1],"role":{{"geo":["MUN"],"time":["YEAR"]}},"dimension":{{"MUN":{{"label":"Municipality","category":{{"index":["{}"]}}}},"YEAR":{{"label":"Year","category":{{"index":["2024"]}}}}}},"value":[{}]}}"#,
        codes.len(),
        codes.join("\",\""),
        values.join(",")
    )
}

#[test]
fn idescat_is_cut_at_its_limit() {
    let script = |asked: &Asked| match asked.path.split("MUN=").nth(1).map(|rest| rest.split(',').collect::<Vec<_>>()) {
        Some(codes) if codes.len() <= 2 => ok(catalan(&codes)),
        _ => status(416, r#"{"error":{"status":416,"label":"too many cells"}}"#),
    };
    let bench = speaking("idescat", "censph/535/562/mun", "MUN=080018+080193+080258+250019", script);
    assert_eq!(outcome(&bench), "new");
    assert_eq!((bench.calls(), observations(&bench)), (3, 4));
    bench.server.now_answers(|_, _| status(416, r#"{"error":{"status":416,"label":"too many cells"}}"#));
    assert!(outcome(&bench).starts_with("failed refused"));
}

/// A table of PxWeb as JSON-stat: every municipality of the question, one year.
fn swedish(codes: &[String]) -> String {
    catalan(&codes.iter().map(String::as_str).collect::<Vec<_>>()).replace("MUN", "Region").replace("YEAR", "Tid")
}

/// Codes of the first variable of a question, in either form.
fn wanted(body: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let one = &json["query"][0]["selection"]["values"];
    let codes = if one.is_array() { one } else { &json["selection"][0]["valueCodes"] };
    codes.as_array().into_iter().flatten().filter_map(|code| code.as_str().map(str::to_owned)).collect()
}

#[test]
fn pxweb_asks_for_settings_and_metadata_and_cuts_what_is_refused() {
    let settings = r#"{"maxCells":100000,"maxCalls":10,"timeWindow":10}"#;
    let metadata = r#"{"title":"T","variables":[{"code":"Region","text":"region","values":["0580","0581","0582","0583"],"valueTexts":["A","B","C","D"]},{"code":"Tid","text":"year","values":["2024"],"valueTexts":["2024"],"time":true}]}"#;
    let script = move |asked: &Asked| match (asked.method.as_str(), asked.path.contains("config")) {
        ("GET", true) => ok(settings),
        ("GET", false) => ok(metadata),
        _ if wanted(&asked.body).len() > 2 => status(403, ""),
        _ => ok(swedish(&wanted(&asked.body))),
    };
    let bench = speaking("pxweb", "BE/T1", "Region=0580+0581+0582+0583&Tid=2024", script);
    assert_eq!(outcome(&bench), "new");
    let methods: Vec<_> = bench.server.asked().into_iter().map(|asked| asked.method).collect();
    assert_eq!((methods.join(" ").as_str(), observations(&bench)), ("GET GET POST POST POST", 4));
    let receipt = bench.store().latest(FLOW).unwrap().0.unwrap().receipt;
    assert!(receipt.originals[1].sent.contains("0583") && receipt.originals[0].url == receipt.originals[1].url);
    // Other codes of the same address are another question.
    bench.server.now_answers_in_full(script);
    let mut bench = bench;
    bench.definitions.dataflows.get_mut(FLOW).unwrap().pull.insert("Region".into(), vec!["0580".into()]);
    let report = bench.report(&[FLOW]);
    assert_eq!(report.dataflows[0].findings.last().map(|finding| finding.code), Some("not-compared"));
    // The office renamed the variable.
    bench.server.now_answers_in_full(move |asked| {
        if asked.path.contains("config") {
            ok(settings)
        } else {
            ok(metadata.replace("Region", "kommun").replace("region", "kommun"))
        }
    });
    let found = outcome(&bench);
    assert!(found.starts_with("failed refused") && found.contains("Region"), "{found}");
}

#[test]
fn pxweb_2_is_asked_with_the_offices_own_metadata() {
    let (Some(settings), Some(metadata), Some(data)) =
        (shared("scb/v2_config.json"), shared("scb/v2_TAB6471_metadata.json"), shared("scb/v2_TAB6471_data.json"))
    else {
        return;
    };
    let script = move |asked: &Asked| match asked.path.as_str() {
        path if path.contains("config") => ok(&settings),
        path if path.ends_with("metadata") => ok(&metadata),
        _ => ok(&data),
    };
    let pull = "Region=01+03&Alder=0-9&Kon=TotSa+1+2&ContentsCode=000007SF&Tid=2026M01+2026M02+2026M03+2026M04";
    let bench = speaking("pxweb2", "TAB6471", pull, script);
    assert_eq!(outcome(&bench), "new");
    let asked = bench.server.asked();
    assert_eq!(asked.len(), 3);
    assert!(
        asked[2].method == "POST" && asked[2].path.starts_with("/api/tables/TAB6471/data?") && asked[2].body.contains("000007SF")
    );
}

#[test]
fn sdmx_takes_the_order_of_its_key_from_the_structure() {
    let structure = "<m:Structure xmlns:m='sdmx' xmlns:s='s'><m:Structures><s:Dataflows><s:Dataflow id='29_316_DF'><s:Structure><Ref id='DSD'/></s:Structure></s:Dataflow></s:Dataflows>\
         <s:DataStructures><s:DataStructure id='DSD'><s:DataStructureComponents><s:DimensionList><s:TimeDimension id='TIME_PERIOD' position='99'/>\
         <s:Dimension id='FREQ' position='1'/><s:Dimension id='REF_AREA' position='2'/></s:DimensionList></s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>";
    let csv = "DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nIT1:29_316_DF(1.0),A,ITC1,2024,5,\nIT1:29_316_DF(1.0),A,IT,2024,7,e\n";
    let script = move |asked: &Asked| match asked.path.as_str() {
        path if path.contains("/dataflow/") => ok(structure),
        path if path.contains("/data/") => ok(csv),
        _ => status(404, ""),
    };
    let mut bench = speaking("sdmx", "IT1,29_316_DF,1.0", "REF_AREA=ITC1+IT", script);
    bench.source().pace_seconds = 13.0;
    bench.source().ban_hours = Some(48.0);
    assert_eq!(outcome(&bench), "new");
    let asked = bench.server.asked();
    assert!(asked[1].path.starts_with("/api/data/IT1,29_316_DF,1.0/.IT+ITC1"), "{}", asked[1].path);
    assert!(seconds_between(&asked)[0] >= 13.0);
    assert_eq!(observations(&bench), 2);
    // One refusal, and silence for two days.
    bench.server.now_answers(|_, _| status(403, "<html><title>Forbidden</title></html>"));
    assert!(outcome(&bench).starts_with("failed banned") && outcome(&bench).starts_with("failed banned"));
    assert_eq!(bench.calls(), 1);
}

#[test]
fn gisco_gives_whole_files_and_a_placeholder_is_none() {
    let code = "NUTS_RG_60M_2024_4326_LEVL_2";
    let area = |id: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"NUTS_ID":"{id}","LEVL_CODE":2}},"geometry":{{"type":"Polygon","coordinates":[[[5,50],[6,50],[6,51],[5,50]]]}}}}"#
        )
    };
    let file = |ids: &[&str]| {
        let features: Vec<String> = ids.iter().map(|id| area(id)).collect();
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    };
    let (whole, fewer) = (file(&["PL42", "SE12", "FI19"]), file(&["PL42"]));
    let answering = |body: String| move |_: &Asked| ok(&body);
    let mut bench = speaking("gisco", code, "", answering(whole.clone()));
    bench.read = |_, bytes| crate::run::geometry::summary("gisco/NUTS_RG_60M_2024_4326_LEVL_2", bytes);
    assert_eq!(outcome(&bench), "new");
    assert_eq!(bench.server.asked()[0].path, format!("/api/{code}.geojson"));
    let receipt = bench.store().latest(FLOW).unwrap().0.unwrap().receipt;
    assert_eq!((receipt.kind.as_str(), receipt.originals[0].observations), ("pull", 3));
    // A pointer instead of the file, a damaged file, one of another version: refused, and the good one stays.
    let version = whole.replace(r#","features""#, r#","name":"NUTS_RG_60M_2016_4326_LEVL_2","features""#);
    for body in ["version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 170\n", &whole[..80], "<html></html>", &version]
    {
        bench.server.now_answers_in_full(answering(body.to_owned()));
        let found = outcome(&bench);
        assert!(found.starts_with("failed"), "{body}: {found}");
        assert_eq!(bench.stored(FLOW), 1);
    }
    // One that lost regions is stored and not used.
    bench.server.now_answers_in_full(answering(fewer));
    assert!(outcome(&bench).starts_with("held"));
}
