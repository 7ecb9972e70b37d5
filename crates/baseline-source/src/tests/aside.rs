//! Variants of known formats that the real files at hand do not show, written after their documents.

use super::check;

/// A message around data sets; `at` is the dimension of the observations.
fn message(kind: &str, at: &str, sets: &str) -> String {
    format!(
        r#"<mes:{kind} xmlns:mes="m" xmlns:ss="s" xmlns:g="g" xmlns:xsi="x" xmlns:ns1="n"><mes:Header><mes:ID>x</mes:ID>
<mes:Structure structureID="EXR" dimensionAtObservation="{at}"><com:Structure><Ref id="EXR"/></com:Structure></mes:Structure>
</mes:Header>{sets}</mes:{kind}>"#
    )
}

fn specific(at: &str, data: &str) -> String {
    let set = format!(
        r#"<mes:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="EXR">{data}</mes:DataSet>"#
    );
    message("StructureSpecificData", at, &set)
}

#[test]
fn sdmx_ml() {
    let series = r#"
<Group xsi:type="ns1:Sibling" CUR="CHF" DECIMALS="4"/>
<Series FREQ="M" CUR="CHF" TIME_FORMAT="P1M"><Obs TIME_PERIOD="2010-08" OBS_VALUE="1.3" OBS_STATUS="A"/><Obs TIME_PERIOD="2010-09" OBS_VALUE="NaN"/></Series>"#;
    let rows = ["M CHF 2010-08 1.3 A| @R5C46", "M CHF 2010-09 - @R5C105"];
    check(&specific("TIME_PERIOD", series), &rows, &["info attributes-not-used"]);
    let flat = "\n<Obs xsi:type=\"ns1:ObsType\" FREQ=\"M\" CUR=\"CHF\" TIME_PERIOD=\"2010-08\" OBS_VALUE=\"1.3\"/>";
    check(&specific("AllDimensions", flat), &["M CHF 2010-08 1.3 @R4C1"], &[]);
    let across = "\n<Series FREQ=\"M\" TIME_PERIOD=\"2010-08\">\n<Obs xsi:type=\"ns1:CHF\" CUR=\"CHF\" OBS_VALUE=\"1.3\"/>\n<Obs CUR=\"GBP\" OBS_VALUE=\"0.8\"/></Series>";
    check(&specific("CUR", across), &["M CHF 2010-08 1.3 @R5C1", "M GBP 2010-08 0.8 @R6C1"], &[]);
    let generic = r#"<mes:DataSet structureRef="EXR">
<g:Obs><g:ObsKey><g:Value id="FREQ" value="M"/><g:Value id="TIME_PERIOD" value="2010-08"/></g:ObsKey><g:ObsValue value="1.3"/></g:Obs></mes:DataSet>"#;
    check(&message("GenericData", "AllDimensions", generic), &["M 2010-08 1.3 @R4C1"], &[]);
}

#[test]
fn genesis_semesters() {
    let header = "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;value;value_unit;value_variable_code;value_variable_label";
    let row = "21311;S;SEMEST;Semester;2023-10P6M;KREISE;Kreise;15084;B;-;Anzahl;BIL002;Studierende";
    check(&format!("{header}\n{row}\n"), &["15084 BIL002 Anzahl 2023-10P6M - -| @R2C10"], &["warning unknown-period"]);
}

#[test]
fn cbs_records_alone() {
    let long = r#"{"Id":0,"Measure":"M1","ValueAttribute":"None","Value":5.0,"RegioS":"GM1966","Perioden":"2024JJ00"}"#;
    let other = r#"{"Id":1,"Measure":"M1","ValueAttribute":"Confidential","Value":null,"RegioS":"GM1966","Perioden":"2023KW01"}"#;
    let rows = ["M1 GM1966 2024 5 @[0].Value", "M1 GM1966 2023-Q1 - Confidential| @[1].Value"];
    check(&format!("[{long},{other}]"), &rows, &[]);
    check(&format!("{long}\n{other}\n"), &rows, &[]);
    check(&format!("{long}\n{}", &other[..40]), &[], &["error json-damaged"]);
    check("[1]", &[], &["error unknown-format"]);
    check(r#"[{"Id":0,"Measure":"M1"}]"#, &[], &["error unknown-format"]);
}
