//! CBS, INE, Idescat and Parquet copies: specimens of our own, the real files with figures counted by other programs
//! (pyarrow, Python's json and xml), and mutated ones.

use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use baseline_model::definitions::Numbers;
use baseline_model::{Description, RawTable, Reading, Severity};
use proptest::collection::vec;
use proptest::prelude::*;

use super::mutants::{mutate, survive};
use super::real::{counts, has, reading};
use super::{check, check_with, codes};
use crate::{Limits, ReadOptions, read};

const TYPED: &str = r#"{"odata.metadata":"https://h/ODataApi/OData/84799NED/$metadata#Cbs.OData.WebAPI.TypedDataSet","value":[
    {"ID":0,"WijkenEnBuurten":"NL00      ","Gemeentenaam_1":"Nederland   ","AantalInwoners_5":17407585,"Appartement_48":null,"Appartement_56":1,"Grootte_32":2.1},
    {"ID":1,"WijkenEnBuurten":"GM1966    ","Gemeentenaam_1":"Het Hogeland","AantalInwoners_5":47801,"Appartement_48":2,"Appartement_56":null,"Grootte_32":2.2}]}"#;

#[test]
fn cbs_typed() {
    let rows = [
        "NL00 AantalInwoners  17407585 @[0].AantalInwoners_5",
        "NL00 Appartement_48  - @[0].Appartement_48",
        "NL00 Appartement_56  1 @[0].Appartement_56",
        "NL00 Grootte  2.1 @[0].Grootte_32",
        "GM1966 AantalInwoners  47801 @[1].AantalInwoners_5",
        "GM1966 Appartement_48  2 @[1].Appartement_48",
        "GM1966 Appartement_56  - @[1].Appartement_56",
        "GM1966 Grootte  2.2 @[1].Grootte_32",
    ];
    let said = ["info texts-left-out", "info padded-codes", "warning no-time-dimension"];
    let reading = check(TYPED, &rows, &said);
    assert_eq!((reading.format.as_str(), reading.tables[0].dataflow.as_deref()), ("CBS OData", Some("84799ned")));
    assert_eq!(reading.tables[0].dimensions[0].id, "wijkenenbuurten");
}

#[test]
fn cbs_untyped_keeps_kinds_of_nothing() {
    let text = r#"{"odata.metadata":"https://h/83000NED/$metadata#Cbs.OData.WebAPI.UntypedDataSet","odata.nextLink":"http://x","value":[
        {"ID":"0","RegioS":"GM1966  ","Perioden":"2024JJ00","Naam_1":"Het Hogeland","A_2":"       1.5","B_3":"       ."},
        {"ID":"1","RegioS":"GM1966  ","Perioden":"2024KW04","Naam_1":"Het Hogeland","A_2":"        ","B_3":"x"},
        {"ID":"2","RegioS":"GM1966  ","Perioden":"2024MM01","Naam_1":"Het Hogeland","A_2":"1,5","B_3":"-"},
        {"ID":"3","RegioS":"GM1966  ","Perioden":"2024X000","Naam_1":"Het Hogeland","A_2":"7"}]}"#;
    let rows = [
        "GM1966 A 2024 1.5 @[0].A_2",
        "GM1966 B 2024 - .| @[0].B_3",
        "GM1966 A 2024-Q4 - @[1].A_2",
        "GM1966 B 2024-Q4 - x| @[1].B_3",
        "GM1966 A 2024-01 - @[2].A_2",
        "GM1966 B 2024-01 - -| @[2].B_3",
        "GM1966 A 2024X000 7 @[3].A_2",
    ];
    let reading = read(text.as_bytes(), "file", &ReadOptions::default());
    assert_eq!(super::rows(&reading)[..6], rows[..6]);
    // Six letters and digits in another order are no period, so the column is one by its name only.
    assert_eq!(super::rows(&reading)[6], rows[6]);
    let codes = codes(&reading);
    assert!(codes.contains(&"error not-a-number".into()) && codes.contains(&"warning unknown-period".into()), "{codes:?}");
}

#[test]
fn cbs_observations() {
    let text = r#"{"@odata.context":"https://h/odata/v1/CBS/81075ned/$metadata#Observations","value":[
        {"Id":0,"Measure":"M1","ValueAttribute":"None","Value":123.5,"RegioS":"GM1966","Perioden":"2024JJ00"},
        {"Id":1,"Measure":"M1","ValueAttribute":"Impossible","Value":null,"RegioS":"GM1966","Perioden":"2023JJ00"},
        {"Id":2,"Measure":"M2","ValueAttribute":"None","Value":null,"StringValue":"tekst","RegioS":"GM1966","Perioden":"2023JJ00"},
        {"Id":3,"Measure":"M1","ValueAttribute":"None","Value":"5","RegioS":"NL01","Perioden":"2023JJ00"}]}"#;
    let rows = ["M1 GM1966 2024 123.5 @[0].Value", "M1 GM1966 2023 - Impossible| @[1].Value", "M1 NL01 2023 - @[3].Value"];
    check(text, &rows, &["info texts-left-out", "error not-a-number"]);
    let empty = r#"{"@odata.context":"https://h/CBS/1/$metadata#Observations","value":[]}"#;
    check(empty, &[], &["error no-data"]);
    check(r#"{"value":[]}"#, &[], &["error no-data"]);
    check(&text.replace("\"Id\":1,\"Measure\":\"M1\",\"ValueAttribute\":\"Impossible\",\"Value\":null,\"RegioS\":\"GM1966\",\"Perioden\":\"2023JJ00\"", "\"Measure\":\"M1\",\"Value\":123.5,\"RegioS\":\"GM1966 \",\"Perioden\":\"2024JJ00\""),
        &["M1 GM1966 2024 123.5 @[0].Value", "M1 GM1966 2024 123.5 @[1].Value", "M1 NL01 2023 - @[3].Value"],
        &["info padded-codes", "info texts-left-out", "error not-a-number", "error duplicate-key"]);
}

#[test]
fn cbs_faults() {
    check(
        r#"{"odata.error":{"code":"","message":{"lang":"nl","value":"The query returns more than 10000 records."}}}"#,
        &[],
        &["error error-body"],
    );
    check(r#"{"error":{"code":"","message":"Could not find a property"}}"#, &[], &["error error-body"]);
    check(r#"{"value":[{"Naam":"a"}]}"#, &[], &["error unknown-format"]);
    check(r#"{"value":[{"RegioS":"a","A_1":1},5]}"#, &[], &["error records-not-understood"]);
    check(
        r#"{"value":[{"RegioS":"a","A_1":1},{"RegioS":"a ","A_1":2},{"A_1":3}]}"#,
        &["a A  1 @[0].A_1", "a A  2 @[1].A_1", " A  3 @[2].A_1"],
        &["info padded-codes", "error row-without-key", "error duplicate-key", "warning no-time-dimension"],
    );
    let small = ReadOptions { limits: Limits { unpacked: 10_000, cells: 3 }, ..ReadOptions::default() };
    check_with(br#"{"value":[{"RegioS":"a","A_1":1},{"RegioS":"b","A_1":2}]}"#, &small, &[], &["error records-not-understood"]);
}

/// `list code label parent`, one line an entry.
fn entries(description: &Description) -> Vec<String> {
    description
        .entries
        .iter()
        .map(|entry| [&entry.list, &entry.list_label, &entry.code, &entry.label, &entry.parent].map(String::as_str).join("|"))
        .collect()
}

fn describes(text: &str, id: &str, expected: &[&str]) {
    let reading = read(text.as_bytes(), "file", &ReadOptions::default());
    let loud = reading.findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    assert_eq!((reading.tables.len(), reading.descriptions.len(), loud), (0, 1, 0), "{:?}", reading.findings);
    assert_eq!(reading.descriptions[0].id, id);
    assert_eq!(entries(&reading.descriptions[0]), expected);
}

#[test]
fn cbs_descriptions() {
    describes(
        r#"{"value":[{"ID":0,"ParentID":null,"Type":"GeoDetail","Key":"WijkenEnBuurten","Title":"Wijken"},
            {"ID":1,"ParentID":null,"Type":"TopicGroup","Key":"","Title":"Bevolking"},
            {"ID":2,"ParentID":1,"Type":"Topic","Key":"AantalInwoners_5","Title":"Aantal inwoners","Unit":"aantal"}]}"#,
        "",
        &["WijkenEnBuurten|Wijken|||", "measure_group||1|Bevolking|", "measure||AantalInwoners_5|Aantal inwoners [aantal]|1"],
    );
    describes(
        r#"{"@odata.context":"https://h/CBS/81075ned/$metadata#MeasureCodes","value":[{"Identifier":"M1","Index":1,"Title":"Werkloos","MeasureGroupId":"G","Unit":"x 1 000"}]}"#,
        "81075ned",
        &["measure||M1|Werkloos [x 1 000]|G"],
    );
    describes(
        r#"{"@odata.context":"https://h/CBS/1/$metadata#RegioSCodes","value":[{"Identifier":"GM1966  ","Index":1,"Title":"Het Hogeland","DimensionGroupId":"P"}]}"#,
        "1",
        &["RegioS||GM1966|Het Hogeland|P"],
    );
    describes(
        r#"{"odata.metadata":"http://h/OData/1/$metadata#Cbs.OData.RegioS","value":[{"Key":"GM1966    ","Title":"Het Hogeland"}]}"#,
        "1",
        &["RegioS||GM1966|Het Hogeland|"],
    );
    describes(
        r#"{"@odata.context":"https://h/v1/$metadata#Datasets","value":[{"Identifier":"85984NED","Title":"Kerncijfers","Modified":"2025"}]}"#,
        "v1",
        &["table||85984NED|Kerncijfers|"],
    );
    describes(
        r#"{"@odata.context":"https://h/CBS/1/$metadata#Dimensions","value":[{"Identifier":"RegioS","Title":"Regio's","Kind":"GeoDimension"}]}"#,
        "1",
        &["RegioS|Regio's|||"],
    );
    describes(
        r#"{"@odata.context":"https://h/CBS/1ned/$metadata#Properties","Identifier":"1ned","Title":"T","Modified":"a","ObservationsModified":"b"}"#,
        "1ned",
        &["property||Identifier|1ned|", "property||Title|T|", "property||Modified|a|", "property||ObservationsModified|b|"],
    );
    let columns = r#"{"RegioS":"","":null,"A_1":"uitleg","B_2":null,"C_3":""}"#;
    describes(columns, "", &["dimension||RegioS||", "measure||A_1|uitleg|", "measure||B_2||", "measure||C_3||"]);
}

const SERIES: &str = r#"[{"COD":"CP1","Nombre":"Todas las edades. Balears, Illes. Total. ","FK_Unidad":3,"Data":[
    {"Fecha":1656626400000,"FK_TipoDato":2,"FK_Periodo":27,"Anyo":2022,"Valor":1232270.5,"Secreto":false},
    {"Fecha":1640991600000,"FK_TipoDato":1,"FK_Periodo":26,"Anyo":2022,"Valor":7,"Secreto":true},
    {"Fecha":0,"FK_TipoDato":1,"FK_Periodo":5,"Anyo":2021,"Valor":null,"Secreto":false},
    {"Fecha":0,"FK_TipoDato":1,"FK_Periodo":20,"Anyo":2021,"Valor":0,"Secreto":false},
    {"Fecha":0,"FK_TipoDato":1,"FK_Periodo":28,"Anyo":2021,"Valor":1,"Secreto":false}]}]"#;

#[test]
fn ine_names() {
    let key = "CP1 Todas las edades Balears, Illes Total 3";
    let expected = [
        format!("{key} 2022-07-01 1232270.5 2| @[0].Data[0].Valor"),
        format!("{key} 2022-01-01 - |Secreto @[0].Data[1].Valor"),
        format!("{key} 2021-05 - @[0].Data[2].Valor"),
        format!("{key} 2021-Q2 0 @[0].Data[3].Valor"),
        format!("{key} 2021 1 @[0].Data[4].Valor"),
    ];
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    let reading = check(SERIES, &expected, &[]);
    let ids: Vec<_> = reading.tables[0].dimensions.iter().map(|column| column.id.as_str()).collect();
    assert_eq!(ids, ["series", "name_1", "name_2", "name_3", "unidad"]);
    // A single series is an object.
    check(&SERIES[1..SERIES.len() - 1], &expected, &[]);
}

#[test]
fn ine_variables() {
    let text = r#"[{"COD":"E1","Nombre":"Ascó. Total. ","T3_Unidad":"Personas","T3_Escala":" ","MetaData":[
        {"Id":451,"T3_Variable":"Sexo","Nombre":"Total","Codigo":""},{"Id":9,"T3_Variable":"Municipios","Nombre":"Ascó","Codigo":"43019"}],"Data":[
        {"Fecha":"2025-05-01T00:00:00.000+02:00","T3_TipoDato":"Definitivo","T3_Periodo":"M05","Anyo":2025,"Valor":101.2,"Secreto":false},
        {"T3_TipoDato":"Provisional","T3_Periodo":"T1","Anyo":2025,"Valor":1,"Secreto":false},
        {"T3_TipoDato":"Definitivo","T3_Periodo":"A","Anyo":2025,"Valor":2,"Secreto":false},
        {"T3_TipoDato":"Definitivo","T3_Periodo":"1 de enero de","Anyo":2025,"Valor":3,"Secreto":false},
        {"T3_TipoDato":"Definitivo","T3_Periodo":"Z9","Anyo":2025,"Valor":4,"Secreto":false}]}]"#;
    let rows = [
        "id:451 43019 Personas 2025-05 101.2 @[0].Data[0].Valor",
        "id:451 43019 Personas 2025-Q1 1 Provisional| @[0].Data[1].Valor",
        "id:451 43019 Personas 2025 2 @[0].Data[2].Valor",
        "id:451 43019 Personas 2025-01-01 3 @[0].Data[3].Valor",
        "id:451 43019 Personas 2025Z9 4 @[0].Data[4].Valor",
    ];
    let reading = check(text, &rows, &["warning unknown-period"]);
    assert_eq!(entries(&reading.descriptions[0]), ["sexo|Sexo|id:451|Total|", "municipios|Municipios|43019|Ascó|"]);
}

#[test]
fn ine_faults() {
    check(r#"{"status":"No puede mostrarse por restricciones de volumen"}"#, &[], &["error error-body"]);
    check("[]", &[], &["error unknown-format"]);
    check(
        r#"[{"COD":"A","Nombre":"x. y. ","Data":[{"Anyo":2020,"FK_Periodo":28,"Valor":1}]},{"COD":"B","Nombre":"x. y. z. ","Data":[{"Anyo":2020,"FK_Periodo":28,"Valor":2}]}]"#,
        &["A x. y. 2020 1 @[0].Data[0].Valor", "B x. y. z. 2020 2 @[1].Data[0].Valor"],
        &["warning names-of-uneven-parts"],
    );
    check(r#"[{"COD":"A","Nombre":"x","Data":[{"Fecha":1,"Valor":1}]}]"#, &[], &["error row-without-period"]);
    check(
        r#"[{"COD":"A","Nombre":"x","Data":[{"Anyo":2020,"FK_Periodo":28,"Valor":"1,5"}]}]"#,
        &["A x 2020 - @[0].Data[0].Valor"],
        &["error not-a-number"],
    );
    check(r#"[{"COD":"A","Nombre":"x","Data":[]}]"#, &[], &["error no-data"]);
    check(
        r#"[{"Nombre":"x","Data":[{"NombrePeriodo":"1 de julio de 2015","Valor":3}]}]"#,
        &[" x 2015-07-01 3 @[0].Data[0].Valor"],
        &[],
    );
}

#[test]
fn ine_csv() {
    let text = "Edad;Sexo;Periodo;Total\nTotal;Ambos sexos;2025T2;10,29\nTotal;Hombres;2025M01;1.299\nTotal;Mujeres;1 de enero de 2025;..\nTotal;Otros;2025;12\n";
    let rows = |first: &str, second: &str| {
        [
            format!("Total Ambos sexos 2025-Q2 {first} @R2C4"),
            format!("Total Hombres 2025-01 {second} @R3C4"),
            "Total Mujeres 2025-01-01 - ..| @R4C4".to_owned(),
            "Total Otros 2025 12 @R5C4".to_owned(),
        ]
    };
    let check = |options: &ReadOptions<'_>, rows: [String; 4], codes: &[&str]| {
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        check_with(text.as_bytes(), options, &rows, codes);
    };
    check(&ReadOptions::default(), rows("-", "-"), &["error not-a-number", "error not-a-number"]);
    let rule = Numbers { decimal: Some(','), groups: vec!['.'], ..Numbers::default() };
    check(&ReadOptions { numbers: Some(&rule), ..ReadOptions::default() }, rows("10.29", "1299"), &[]);
    check_with(b"Edad;Edad;Periodo;Total\n1;1;2025;1\n", &ReadOptions::default(), &[], &["error header-not-understood"]);
}

const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/" xmlns:cross="http://www.idescat.cat/-/cross/1.0/">
<title>Population search</title><updated>2018-01-29T11:00:00+00:00</updated><o:totalResults>2</o:totalResults>
<entry><title>Asc&#243; &amp; co</title><cross:DataSet><cross:Section AREA="430192" TIME_PERIOD="2017-01-01" FREQ="A" UNIT_MULT="0" DECIMALS="0">
 <cross:Obs SEX="M" OBS_VALUE="803" OBS_STATUS="A"/>
 <cross:Obs SEX="F" OBS_VALUE="" OBS_STATUS="M"/>
</cross:Section></cross:DataSet></entry><entry><title>none</title></entry>
</feed>"#;

#[test]
fn idescat() {
    let rows = ["430192 0 M 2017-01-01 803 A| @R5C2", "430192 0 F 2017-01-01 - M| @R6C2"];
    let reading = check(FEED, &rows, &[]);
    assert_eq!(reading.tables[0].updated.as_deref(), Some("2018-01-29T11:00:00+00:00"));
    assert_eq!(entries(&reading.descriptions[0]), ["area||430192|Ascó & co|"]);
    check(&FEED.replace(">2</o:", ">3</o:"), &rows, &["warning part-of-results"]);
    check(&FEED.replace("803", "1,5"), &["430192 0 M 2017-01-01 - A| @R5C2", rows[1]], &["error not-a-number"]);
    check(&FEED.replace("</feed>", ""), &[], &["error xml-damaged"]);
    check(&FEED.replace("</entry>", "</x>"), &[], &["error xml-damaged"]);
}

/// A Parquet file with a text, a whole number and a decimal column.
fn parquet(names: [&str; 3], rows: &[(&str, Option<i32>, Option<f64>)], compression: Compression) -> Vec<u8> {
    let [text, whole, decimal] = names;
    let schema = format!("message t {{ required binary {text} (UTF8); optional int32 {whole}; optional double {decimal}; }}");
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    for rows in rows.chunks(2) {
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let texts: Vec<_> = rows.iter().map(|row| ByteArray::from(row.0)).collect();
        column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let levels: Vec<_> = rows.iter().map(|row| i16::from(row.1.is_some())).collect();
        let values: Vec<_> = rows.iter().filter_map(|row| row.1).collect();
        column.typed::<Int32Type>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let levels: Vec<_> = rows.iter().map(|row| i16::from(row.2.is_some())).collect();
        let values: Vec<_> = rows.iter().filter_map(|row| row.2).collect();
        column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

const COPY: &[(&str, Option<i32>, Option<f64>)] =
    &[("NL00  ", Some(17_407_585), Some(2.1)), ("GM1966", Some(47_801), None), ("GM0034", None, Some(f64::NAN))];

#[test]
fn parquet_copies() {
    let rows = [
        "NL00 Aantal  17407585 @[0].Aantal_5",
        "NL00 Grootte  2.1 @[0].Grootte_32",
        "GM1966 Aantal  47801 @[1].Aantal_5",
        "GM1966 Grootte  - @[1].Grootte_32",
        "GM0034 Aantal  - @[2].Aantal_5",
        "GM0034 Grootte  - @[2].Grootte_32",
    ];
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let bytes = parquet(["RegioS", "Aantal_5", "Grootte_32"], COPY, compression);
        let reading = check_with(&bytes, &ReadOptions::default(), &rows, &["info padded-codes", "warning no-time-dimension"]);
        assert_eq!(reading.format, "Parquet");
        for cut in [4, 20, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
            check_with(&bytes[..cut], &ReadOptions::default(), &[], &["error parquet-damaged"]);
        }
        let few = ReadOptions { limits: Limits { unpacked: 1 << 20, cells: 8 }, ..ReadOptions::default() };
        check_with(&bytes, &few, &[], &["error too-large"]);
        let small = ReadOptions { limits: Limits { unpacked: 50, cells: 1000 }, ..ReadOptions::default() };
        check_with(&bytes, &small, &[], &["error too-large"]);
    }
}

#[test]
fn parquet_of_our_own_and_of_strangers() {
    let options = ReadOptions::default();
    let tidy =
        parquet(["geo", "period", "value"], &[("PL42", Some(2024), Some(76.7)), ("PL43", Some(2024), None)], Compression::SNAPPY);
    check_with(&tidy, &options, &["PL42 2024 76.7 @[0].value", "PL43 2024 - @[1].value"], &[]);
    let other = parquet(["name", "a", "b"], COPY, Compression::SNAPPY);
    let reading = check_with(&other, &options, &[], &["error unknown-format"]);
    assert!(reading.findings[0].message.contains("`name`, `a`, `b`"));
}

#[test]
fn parquet_that_says_more_than_it_holds() {
    let schema = Arc::new(parse_message_type("message t { required group g { required int32 a; } }").unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[1], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    check_with(&file.into_inner().unwrap(), &ReadOptions::default(), &[], &["error parquet-not-read"]);
    // The root of the schema, and how many columns it says to have: 3 as zigzag, then 2^31 - 1.
    let mut bytes = parquet(["geo", "period", "value"], COPY, Compression::UNCOMPRESSED);
    let root = bytes.windows(5).rposition(|window| window == b"\x48\x01t\x15\x06").unwrap();
    bytes.splice(root + 4..root + 5, [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) + 4;
    bytes[end..end + 4].copy_from_slice(&length.to_le_bytes());
    check_with(&bytes, &ReadOptions::default(), &[], &["error parquet-damaged"]);
}

/// A real file read without a finding above information, but for those named.
fn real(file: &str, format: &str, expected: [usize; 3], codes: &[&str]) -> Option<Reading> {
    let reading = reading(&format!("national/{file}"), &ReadOptions::default())?;
    assert_eq!((reading.format.as_str(), counts(&reading)), (format, expected), "{file}: {:?}", reading.findings);
    let loud: Vec<_> =
        reading.findings.iter().filter(|finding| finding.severity > Severity::Info).map(|finding| finding.code).collect();
    assert_eq!(loud, codes, "{file}: {:?}", reading.findings);
    Some(reading)
}

fn sum(table: &RawTable, fits: impl Fn(usize) -> bool) -> f64 {
    (0..table.len()).filter(|row| fits(*row)).filter_map(|row| table.value[row]).sum()
}

#[test]
fn cbs_real_tables() {
    let inhabitants = |table: &RawTable| {
        let measure = table.dimension("measure").unwrap();
        sum(table, |row| measure.get(row) == "AantalInwoners")
    };
    let file = "cbs/cbs.v3.84799NED_TypedDataSet.parquet";
    if let Some(reading) = real(file, "Parquet", [1_924_851, 726_823, 0], &["no-time-dimension"]) {
        let table = &reading.tables[0];
        assert!((sum(table, |_| true) - 576_093_507.3).abs() < 0.01);
        assert_eq!(inhabitants(table), 69_616_900.0);
        let found = |measure: &str| {
            let row = (0..table.len())
                .find(|row| table.dimensions[0].get(*row) == "GM1966" && table.dimensions[1].get(*row) == measure);
            row.map(|row| (table.value[row], table.positions.text(row)))
        };
        assert_eq!(found("AantalInwoners"), Some((Some(47_801.0), "[7668].AantalInwoners_5".into())));
        assert_eq!(found("WestersTotaal").unwrap().0, Some(2_113.0));
        assert_eq!(found("NietWestersTotaal").unwrap().0, Some(1_578.0));
        assert_eq!(found("GemiddeldeHuishoudensgrootte").unwrap().0, Some(2.2));
        assert_eq!(found("GeboorteTotaal").unwrap().0, None);
        assert!(found("Appartement").is_none() && found("Appartement_48").is_some());
    }
    let file = "cbs/derived_84799NED_TypedDataSet_NL_GM.json.gz";
    if let Some(reading) = real(file, "CBS OData", [39_516, 14_948, 0], &["no-time-dimension"]) {
        assert!((sum(&reading.tables[0], |_| true) - 247_079_179.0).abs() < 0.01);
        assert_eq!(inhabitants(&reading.tables[0]), 2.0 * 17_407_585.0);
    }
}

#[test]
fn cbs_real_descriptions() {
    let check = |file: &str, format: &str, title: &str, updated: &str, entries: usize, last: &str| {
        let Some(reading) = real(&format!("cbs/{file}"), format, [0, 0, 0], &[]) else { return };
        let [description] = reading.descriptions.as_slice() else { panic!("{file}: one description") };
        assert_eq!((description.title.as_str(), description.updated.as_str()), (title, updated), "{file}");
        assert_eq!(description.entries.len(), entries, "{file}");
        let all = self::entries(description);
        assert!(last.is_empty() || all.iter().any(|entry| entry.starts_with(last)), "{file}: {all:?}");
    };
    let yearly = "Kerncijfers wijken en buurten 2020";
    check("cbs.v3.84799NED_Metadata.json", "CBS OData", yearly, "2021-03-26T02:00:00", 26, "property||RecordCount|17341|");
    let jobs = "Banen van werknemers; internationaliseringskenmerken van bedrijven";
    check("metadata_v3.json", "CBS OData", jobs, "2020-12-14T02:00:00", 26, "property||Period|2010 t/m 2018|");
    let jobless = "Werkloze beroepsbevolking; werkloosheidsduur en persoonskenmerken 2003-2018";
    check("metadata_v4.json", "CBS OData", jobless, "2019-11-14T02:00:00+01:00", 27, "property||ObservationCount|2432|");
    let earlier = "Kerncijfers wijken en buurten 2017";
    check(
        "cbs.v4.83765NED_Metadata.json",
        "CBS OData",
        earlier,
        "2020-11-06T00:00:00+01:00",
        27,
        "property||ObservationCount|1537850|",
    );
    check("cbs.v3.84799NED_ColDescriptions.json", "CBS OData", "", "", 117, "measure||SoortRegio_2|De gekozen");
    let topic = "measure||AantalInwoners_5|Aantal inwoners [aantal]|6";
    check("cbs.v3.84799NED_DataProperties.parquet", "Parquet", "", "", 157, topic);
    check("cbs.v4.83765NED_MeasureCodes.parquet", "Parquet", "", "", 103, "measure||T001036|Aantal inwoners [aantal]|M000352");
}

#[test]
fn ine_and_idescat_real() {
    if let Some(reading) = real("ine/DATOS_TABLA_48852_excerpt.json", "INE Tempus3", [10, 10, 1], &[]) {
        assert!((sum(&reading.tables[0], |_| true) - 12_050_200.854_741).abs() < 1e-6);
        let key = "CP499994 Todas las edades Balears, Illes Total Población Número 3 1";
        has(Some(reading.clone()), &format!("{key} 2022-07-01 1232270.406475 2| @[0].Data[0].Valor"));
        has(Some(reading), &format!("{key} 2018-01-01 1166923.27856 @[0].Data[9].Valor"));
    }
    if let Some(reading) = real("idescat/pob_v1_cerca_sample.xml", "Idescat feed", [66, 66, 66], &[]) {
        assert_eq!(sum(&reading.tables[0], |_| true), 507_010.0);
        has(Some(reading.clone()), "431652 0 T 2017-01-01 749 A| @R443C5");
        let names = entries(&reading.descriptions[0]);
        assert_eq!((names.len(), names[0].as_str()), (22, "area||080018|Abrera|"));
    }
}

#[test]
fn text_tables_are_named() {
    for (file, words) in [
        ("statfin/municipal_key_figures_2018.tsv", "divided by a tab; may be headers: line 1: `Region 2018`"),
        ("istat/NI2024-Stranieri_altri_dati_2.csv", "divided by `;`"),
    ] {
        let Some(reading) = reading(&format!("national/{file}"), &ReadOptions::default()) else { continue };
        assert!(reading.findings[0].message.contains(words), "{}", reading.findings[0]);
    }
}

const TEXTS: [&str; 6] = [
    TYPED,
    r#"{"@odata.context":"h/CBS/1/$metadata#Observations","value":[{"Id":0,"Measure":"M1","ValueAttribute":"None","Value":123.5,"StringValue":null,"RegioS":"GM1966 ","Perioden":"2024JJ00"}]}"#,
    r#"{"value":[{"ID":0,"ParentID":null,"Type":"Topic","Key":"A_1","Title":"T","Unit":"u"}]}"#,
    SERIES,
    "Edad;Sexo;Periodo;Total\nTotal;Ambos sexos;2025T2;10,29\n",
    FEED,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts(number in 0..TEXTS.len(), edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        survive(&mutate(TEXTS[number].as_bytes(), &edits, cut));
    }

    #[test]
    fn columns(packed in any::<bool>(), edits in vec(any::<(u16, u8, u8)>(), 1..6), cut in any::<u16>()) {
        let compression = if packed { Compression::SNAPPY } else { Compression::UNCOMPRESSED };
        survive(&mutate(&parquet(["RegioS", "Aantal_5", "Grootte_32"], COPY, compression), &edits, cut));
    }
}
