use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn check(input: impl AsRef<[u8]>, expected: &Body) {
    assert_eq!(&classify(input.as_ref()), expected, "{}", String::from_utf8_lossy(input.as_ref()));
    // Packed, the same answer must be recognised as the same thing.
    let packed_expected =
        if let Body::Data { media, .. } = expected { Body::Data { media: *media, gzip: true } } else { expected.clone() };
    assert_eq!(classify(&pack(input.as_ref())), packed_expected, "packed: {}", String::from_utf8_lossy(input.as_ref()));
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn data(media: Media) -> Body {
    Body::Data { media, gzip: false }
}

fn fault(status: u64, id: u64, message: &str) -> Body {
    Body::Fault { status: Some(status), id: Some(id), message: message.into() }
}

const BIG: &str =
    "EXTRACTION_TOO_BIG: The requested extraction is too big, estimated 10305182 rows, max authorised is 5000000, please";

fn big() -> Body {
    Body::TooBig { estimated: Some(10_305_182), max: Some(5_000_000), message: BIG.into() }
}

#[test]
fn data_is_data() {
    check(r#"{"version":"2.0","class":"dataset","value":{"0":1.5},"id":["geo"],"size":[1]}"#, &data(Media::Json));
    check(r#"{"class":"dataset","value":[null,2],"size":[2]}"#, &data(Media::Json));
    check(r#"[{"query":"a","answer":{"value":{"0":1}}}]"#, &data(Media::Json));
    check("\u{feff}freq,unit,geo\\TIME_PERIOD\t2024 \nA,PC,AT\t12.3 b\n", &data(Media::Text));
    check("DATAFLOW,LAST UPDATE,geo\n", &data(Media::Text));
    check("<?xml version='1.0'?><m:GenericData xmlns:m='x'><m:DataSet><o/></m:DataSet></m:GenericData>", &data(Media::Xml));
    check(b"PK\x03\x04\x14\x00", &data(Media::Zip));
    check(b"\xd0\xcf\x11\xe0\x00\x01", &data(Media::Binary));
}

#[test]
fn withheld_everywhere_is_data() {
    check(r#"{"class":"dataset","value":{},"status":{"0":"u"},"size":[1]}"#, &data(Media::Json));
    check(r#"{"class":"dataset","value":{},"status":"c","size":[1]}"#, &data(Media::Json));
}

#[test]
fn nothing_is_nothing() {
    check("", &Body::Empty);
    check(" \r\n\t", &Body::Empty);
    let none = |label: &str| Body::NoResults { message: format!("{label}: the selection has no observation") };
    check(r#"{"label":"Jobs","value":{},"size":[1,1]}"#, &none("Jobs"));
    check(r#"{"value":[],"size":[1,0]}"#, &none("the table"));
    check(r#"{"value":{},"status":{},"size":[1,1]}"#, &none("the table"));
    check(
        r#"{"error":[{"status":200,"id":100,"label":"No results found"}]}"#,
        &Body::NoResults { message: "No results found".into() },
    );
    check(
        "<S:Fault xmlns:S='x'><faultcode>100</faultcode><faultstring>No results found</faultstring></S:Fault>",
        &Body::NoResults { message: "No results found".into() },
    );
}

#[test]
fn stated_errors() {
    let gone = "ERR_NOT_FOUND_4: X (DATA_FLOW:ALL,1.0) is not available for dissemination.";
    let not_found = Body::NotFound { message: gone.into() };
    check(format!(r#"{{"error":[{{"status":404,"id":100,"label":"{gone}"}}]}}"#), &not_found);
    check(format!(r#"{{"error":{{"status":404,"id":100,"label":"{gone}"}}}}"#), &not_found);
    check(format!(r#"[{{"status":404,"id":100,"label":"{gone}"}}]"#), &not_found);
    check(r#"{"error":[{"status":"400","id":"150","label":" Wrong\n code "}]}"#, &fault(400, 150, "Wrong code"));
    check(r#"{"error":{"reason":7}}"#, &Body::Fault { status: None, id: None, message: r#"{"reason":7}"#.into() });
    check(r#"{"error":"down"}"#, &Body::Fault { status: None, id: None, message: "down".into() });
    check(
        "<S:Fault xmlns:S='x'><faultcode>140</faultcode><faultstring>a &lt; b</faultstring></S:Fault>",
        &Body::Fault { status: Some(140), id: None, message: "a < b".into() },
    );
}

#[test]
fn two_different_413() {
    check(format!(r#"{{"error":[{{"status":413,"id":413,"label":"{BIG}"}}]}}"#), &big());
    check(format!("<S:Fault xmlns:S='x'><faultcode>413</faultcode><faultstring>{BIG}</faultstring></S:Fault>"), &big());
    check(
        r#"{"error":{"status":413,"id":130,"label":"Too large"}}"#,
        &Body::TooBig { estimated: None, max: None, message: "Too large".into() },
    );
    let later = "ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later.";
    let asynchronous = Body::Asynchronous { message: later.into() };
    check(format!(r#"{{"warning":{{"status":413,"label":"{later}"}}}}"#), &asynchronous);
    check(format!(r#"{{"error":[{{"status":413,"id":413,"label":"{later}"}}]}}"#), &asynchronous);
}

#[test]
fn tickets() {
    let ticket = |id: Option<&str>, status| Body::Ticket { id: id.map(str::to_owned), status };
    check(
        "<?xml version='1.0'?><e:Envelope xmlns:e='x'><e:Body><q:queued xmlns:q='y'><id>7f4c-11</id><status>SUBMITTED</status></q:queued></e:Body></e:Envelope>",
        &ticket(Some("7f4c-11"), TicketStatus::Submitted),
    );
    for (word, status) in [
        ("SUBMITTED", TicketStatus::Submitted),
        ("PROCESSING", TicketStatus::Processing),
        ("AVAILABLE", TicketStatus::Available),
        ("EXPIRED", TicketStatus::Expired),
    ] {
        let body = format!("<n:status xmlns:n='x'><n:key>k1</n:key><n:status>{word}</n:status></n:status>");
        check(body, &ticket(Some("k1"), status));
        check(format!("<status>{word}</status>"), &ticket(None, status));
    }
    check(
        "<q><id>../../data</id><status>AVAILABLE</status></q>",
        &Body::Damaged { message: "a queue ticket whose id is not one: ../../data".into() },
    );
    for (text, body) in [
        ("DATA_NOT_YET_AVAILABLE: wait", Body::NotReady { message: "DATA_NOT_YET_AVAILABLE: wait".into() }),
        ("UNKNOWN_REQUEST: k1", Body::UnknownTicket { message: "UNKNOWN_REQUEST: k1".into() }),
    ] {
        check(
            format!("<e><S:Fault xmlns:S='x'><faultcode>400</faultcode><faultstring>{text}</faultstring></S:Fault></e>"),
            &body,
        );
        check(format!(r#"{{"error":[{{"status":400,"label":"{text}"}}]}}"#), &body);
    }
}

#[test]
fn pages() {
    let page = |title: Option<&str>| Body::Html { title: title.map(str::to_owned) };
    check("<!DOCTYPE html><html><head><title>\n Site  maintenance </title></head>", &page(Some("Site maintenance")));
    check("<html lang='en'><body>down</body></html>", &page(None));
    check("<?xml version='1.0'?><!-- x --><html xmlns='x'><TITLE>Łódź</TITLE></html>", &page(Some("Łódź")));
    check("\u{feff}\n<!doctype HTML><title></title>", &page(None));
}

#[test]
fn broken_off() {
    let damaged = |bytes: &[u8]| assert!(matches!(classify(bytes), Body::Damaged { .. }), "{}", String::from_utf8_lossy(bytes));
    let cube = br#"{"class":"dataset","value":{"0":1.5,"1":2.5},"id":["geo"],"size":[2]}"#;
    for end in 1..cube.len() {
        damaged(&cube[..end]);
    }
    damaged(br#"{"value":NaN}"#);
    damaged(b"<S:Fault xmlns:S='x'><faultcode>4");
    damaged(b"<a><b></a>");
    damaged(&[0x1f, 0x8b, 8, 0]);
    damaged(&"[".repeat(5000).into_bytes());
}

#[test]
fn packed_length() {
    let packed = pack(&b"0123456789".repeat(1000));
    assert_eq!(gzip_length(&packed, 10_000), Ok(10_000));
    assert_eq!(gzip_length(&packed, 9_999), Err(GzipError::TooLarge { limit: 9_999 }));
    for end in 0..packed.len() {
        assert!(matches!(gzip_length(&packed[..end], 10_000), Err(GzipError::Damaged { .. })) || end == 0, "{end}");
    }
    let two = [packed.clone(), packed].concat();
    assert_eq!(gzip_length(&two, 20_000), Ok(20_000));
}

#[test]
fn long_packed_head() {
    let mut cube = r#"{"class":"dataset","value":{"0":1"#.to_owned();
    for index in 1..100_000 {
        cube.push_str(&format!(",\"{index}\":{index}.5"));
    }
    assert_eq!(classify(&pack(cube.as_bytes())), Body::Data { media: Media::Json, gzip: true });
}

/// The provider's own bodies, where they lie beside the project.
#[test]
fn recorded_bodies() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/eurostat"));
    if !folder.is_dir() {
        println!("skipped: no recorded bodies beside the project");
        return;
    }
    let of = |name: &str| classify(&std::fs::read(folder.join(name)).unwrap());
    assert!(matches!(of("error_404_not_found.statistics.json"), Body::NotFound { .. }));
    assert!(matches!(
        of("error_413_extraction_too_big.statistics.json"),
        Body::TooBig { estimated: Some(10_305_182), max: Some(5_000_000), .. }
    ));
    assert!(matches!(
        of("error_413_extraction_too_big.sdmx21.xml"),
        Body::TooBig { estimated: Some(17_348_292), max: Some(5_000_000), .. }
    ));
    assert!(matches!(of("error_footer_413_2015.sdmxml21.xml"), Body::WrittenToFile { .. }));
    assert!(matches!(of("error_footer_413_2018.sdmxml21.xml"), Body::WrittenToFile { .. }));
    assert!(matches!(of("empty_unknown_code_une_rt_m.json"), Body::NoResults { .. }));
    for (name, media, gzip) in [
        ("lfsa_eoqgan.DE.json", Media::Json, false),
        ("lfsa_eoqgan.wrapped.json", Media::Json, false),
        ("ryb2026_ch04m03_employment_rate_by_isced_nuts2.json", Media::Json, false),
        ("lfsa_ergan.tsv", Media::Text, false),
        ("demo_r_pjangrp3.tsv.gz", Media::Text, true),
        ("lfsa_egan.sdmx2.csv.gz", Media::Text, true),
        ("lfst_r_lfu3rt.xlsx", Media::Zip, false),
        ("gov_10q_ggnfa.structure.sdmxml.xml", Media::Xml, false),
    ] {
        assert_eq!(of(name), Body::Data { media, gzip }, "{name}");
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        classify(&bytes);
        let _ = gzip_length(&bytes, 1000);
    }

    #[test]
    fn never_panics_on_broken_markup(text in r#"[<>{}\[\]":,a-z&;/! ]{0,60}"#) {
        classify(text.as_bytes());
    }
}
