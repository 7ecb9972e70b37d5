//! SDMX in its forms, on specimens of our own: what is read, and every fault.

use baseline_model::{Reading, Role};

use super::{check, check_with};
use crate::{Limits, ReadOptions, read};

pub(crate) const GENERIC: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made for the project -->
<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:g="http://x" xmlns:c="http://y">
  <m:Header><m:ID>a</m:ID><c:Name xml:lang="en">Residents &amp; foreigners</c:Name>
    <m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><c:StructureUsage><Ref agencyID="IT1" id="FLOW_1" version="1.0"/></c:StructureUsage></m:Structure>
  </m:Header>
  <m:DataSet structureRef="S" action="Append">
    <g:Group type="Sibling"><g:GroupKey><g:Value id="REF_AREA" value="ITC1"/></g:GroupKey><g:Attributes><g:Value id="UNIT_MULT" value="3"/></g:Attributes></g:Group>
    <g:Series><g:SeriesKey><g:Value id="FREQ" value="A"/><g:Value id="REF_AREA" value="ITC1"/></g:SeriesKey>
      <g:Attributes><g:Value id="TITLE" value="Piemonte"/></g:Attributes>
      <g:Obs><g:ObsDimension value="2022"/><g:ObsValue value="1.5"/></g:Obs>
      <g:Obs><g:ObsDimension value="2023"/><g:ObsValue value="NaN"/><g:Attributes><g:Value id="OBS_STATUS" value="M"/><g:Value id="CONF_STATUS" value="C"/></g:Attributes></g:Obs>
    </g:Series>
    <g:Series><g:SeriesKey><g:Value id="FREQ" value="A"/><g:Value id="REF_AREA" value="IT"/></g:SeriesKey>
      <g:Obs><g:ObsDimension value="2022"/><g:ObsValue value="20"/></g:Obs></g:Series>
  </m:DataSet>
</m:GenericData>"#;

pub(crate) const SPECIFIC: &str = r#"<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:ss="http://x" xmlns:xsi="http://z">
<m:Header><m:Structure structureID="N" dimensionAtObservation="TIME_PERIOD"><c:StructureUsage xmlns:c="http://y"><URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ESTAT:NAMA(1.0)</URN></c:StructureUsage></m:Structure></m:Header>
<m:DataSet ss:structureRef="N" xsi:type="t:T" ss:dataScope="DataStructure">
<Group xsi:type="x" geo="PL" TITLE="Poland"/>
<Series freq="A" geo="PL" UNIT_MULT="6" COLL_NOTE="x"><Obs TIME_PERIOD="2023" OBS_VALUE="5" OBS_FLAG="p" DETAIL="u"/><Obs TIME_PERIOD="2024"/></Series>
<Series freq="A" geo="SE" UNIT_MULT="6"><Obs TIME_PERIOD="2023" OBS_VALUE="7"/></Series>
</m:DataSet></m:StructureSpecificData>"#;

pub(crate) const STRUCTURE: &str = r#"<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:s="http://x" xmlns:c="http://y"><m:Structures>
<s:Dataflows><s:Dataflow id="FLOW_1" agencyID="IT1" version="1.0"><c:Annotations><c:Annotation id="LAST_UPDATE"><c:AnnotationTitle>2026-01-15T05:00:00</c:AnnotationTitle><c:AnnotationType>LAST_UPDATE</c:AnnotationType></c:Annotation></c:Annotations>
<c:Name xml:lang="it">Residenti</c:Name><c:Name xml:lang="en">Residents</c:Name><s:Structure><Ref id="DSD_1" version="1.0" agencyID="IT1"/></s:Structure></s:Dataflow></s:Dataflows>
<s:Codelists><s:Codelist id="CL_SEX" agencyID="IT1" version="1.0"><c:Name xml:lang="en">Sex</c:Name><s:Code id="9"><c:Name xml:lang="en">total</c:Name></s:Code><s:Code id="1"><c:Name xml:lang="en">males</c:Name><s:Parent><Ref id="9"/></s:Parent></s:Code></s:Codelist>
<s:Codelist id="CL_SEX" agencyID="IT1" version="2.0"><s:Code id="T"/></s:Codelist></s:Codelists>
<s:DataStructures><s:DataStructure id="DSD_1" agencyID="IT1" version="1.0"><s:DataStructureComponents><s:DimensionList id="D">
<s:Dimension id="SEX" position="2"><s:LocalRepresentation><s:Enumeration><Ref id="CL_SEX" version="1.0"/></s:Enumeration></s:LocalRepresentation></s:Dimension>
<s:Dimension id="FREQ" position="1"><s:ConceptIdentity><Ref id="FREQ"/></s:ConceptIdentity></s:Dimension>
<s:TimeDimension id="TIME_PERIOD" position="3"/></s:DimensionList><s:AttributeList><s:Attribute id="NOTE" assignmentStatus="Conditional"><s:AttributeRelationship><s:Dimension><Ref id="SEX"/></s:Dimension></s:AttributeRelationship></s:Attribute></s:AttributeList>
</s:DataStructureComponents></s:DataStructure></s:DataStructures><s:ProvisionAgreements/></m:Structures></m:Structure>"#;

pub(crate) const CONSTRAINT: &str = r#"<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:s="http://x" xmlns:c="http://y"><m:Structures><s:Constraints>
<s:ContentConstraint id="CONS" type="Actual"><c:Name>Actual</c:Name><s:ConstraintAttachment><s:Dataflow><Ref id="FLOW_1"/></s:Dataflow></s:ConstraintAttachment>
<s:CubeRegion include="true"><c:KeyValue id="SEX"><c:Value>9</c:Value></c:KeyValue><c:KeyValue id="TIME_PERIOD"><c:TimeRange><c:StartPeriod isInclusive="true">2019</c:StartPeriod><c:EndPeriod isInclusive="true">2023</c:EndPeriod></c:TimeRange></c:KeyValue></s:CubeRegion>
<s:CubeRegion include="false"><c:KeyValue id="SEX"><c:Value>1</c:Value></c:KeyValue></s:CubeRegion></s:ContentConstraint></s:Constraints></m:Structures></m:Structure>"#;

pub(crate) const JSON: &str = r#"{"header":{"id":"x"},"dataSets":[{"action":"Information","series":{"0:1":{"attributes":[0],"observations":{"0":[1.5,null],"1":[null,0]}},"1:0":{"attributes":[0],"observations":{"0":["2",1]}}}}],
"structure":{"name":"Stocks","links":[{"rel":"dataflow","href":"https://x/dataflow/OECD/STOCKS/1.0"}],"dimensions":{"dataSet":[{"id":"FREQ","values":[{"id":"A"}]}],
"series":[{"id":"SEX","name":"Sex","values":[{"id":"T"},{"id":"F"}]},{"id":"LOC","name":"Country","role":"REF_AREA","values":[{"id":"PL"},{"id":"SE"}]}],"observation":[{"id":"TIME_PERIOD","values":[{"id":"2023"},{"id":"2024"}]}]},
"attributes":{"series":[{"id":"UNIT_MULT","values":[{"id":"3"}]}],"observation":[{"id":"OBS_STATUS","values":[{"id":"M"},{"id":"E"}]}]}}}"#;

pub(crate) const JSON_STRUCTURE: &str = r#"{"meta":{},"data":{"dataflows":[{"id":"STOCKS","names":{"fr":"S","en":"Stocks"},"structure":"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=OECD:DSD(1.0)"}],
"codelists":[{"id":"CL","version":"1.0","codes":[{"id":"_T","name":"Total"},{"id":"F","name":"Female","parent":"_T"}]}],
"dataStructures":[{"id":"DSD","name":"Structure","dataStructureComponents":{"dimensionList":{"dimensions":[{"id":"SEX","position":0,"localRepresentation":{"enumeration":"urn:sdmx:org.sdmx.infomodel.codelist.Codelist=OECD:CL(1.0)"}}],"timeDimensions":[{"id":"TIME_PERIOD","position":1}]}}}],
"contentConstraints":[{"id":"CC","constraintAttachment":{"dataflows":["urn:x.Dataflow=OECD:STOCKS(1.0)"]},"cubeRegions":[{"isIncluded":true,"keyValues":[{"id":"SEX","values":["F"]},{"id":"TIME_PERIOD","timeRange":{"startPeriod":{"period":"2000"}}}]}]}],"agencySchemes":[]}}"#;

pub(crate) const OECD: &str = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,UNIT_MEASURE,Unit,TIME_PERIOD,Time period,OBS_VALUE,Observation value,\
    OBS_STATUS,Observation status,UNIT_MULT,Unit\n\
    DATAFLOW,OECD.ELS:DSD_M@DF_M(1.0),\"Migration, flows\",I,ITA,Italy,PS,Persons,2008,,9,9,A,Normal value,0,Units\n\
    DATAFLOW,OECD.ELS:DSD_M@DF_M(1.0),\"Migration, flows\",I,ITA,Italy,PS,Persons,2009,,,,M,Missing,0,Units\n\
    DATAFLOW,OECD.ELS:DSD_M@DF_M(1.0),\"Migration, flows\",I,ITA,Italy,PS,Persons,,,,,,,0,Units\n";

pub(crate) const ISTAT: &str = "\u{feff}\"ITTER107\",\"Territory\",\"CITTADINANZA\",\"Citizenship\",\"TIME\",\"Select time\",\"Value\",\"Flag Codes\",\"Flags\"\r\n\
    \"IT\",\"Italy\",\"FRG\",\"foreign, all\",\"2019\",\"2019\",2379.704,,\r\n\"IT\",\"Italy\",\"FRG\",\"foreign, all\",\"2019-Q1\",\"Q1-2019\",,\"p\",\"provisional\"\r\n";

/// `id|list|list_label|code|label|parent`, one a line.
fn described(reading: &Reading) -> Vec<String> {
    let lines = reading.descriptions.iter().flat_map(|one| {
        one.entries.iter().map(|entry| {
            [&one.id, &entry.list, &entry.list_label, &entry.code, &entry.label, &entry.parent].map(String::as_str).join("|")
        })
    });
    lines.collect()
}

#[test]
fn generic() {
    let expected = ["A ITC1 2022 1.5 @R11C7", "A ITC1 2023 - M|C @R12C7", "A IT 2022 20 @R15C7"];
    let reading = check(GENERIC, &expected, &["info attributes-not-used", "info unit-multiplier"]);
    assert_eq!(reading.format, "SDMX-ML generic data");
    let table = &reading.tables[0];
    assert_eq!((table.dataflow.as_deref(), table.title.as_deref()), (Some("flow_1"), Some("Residents & foreigners")));
    assert_eq!(table.dimensions.iter().map(|column| column.id.as_str()).collect::<Vec<_>>(), ["freq", "ref_area"]);
    assert!(reading.findings[0].message.contains("`UNIT_MULT` (`3`), `TITLE` (`Piemonte`)"), "{}", reading.findings[0]);
    // Without a period at hand for one of the keys, or with a dimension less, nothing can be trusted.
    check(
        &GENERIC.replacen("<g:ObsDimension value=\"2022\"/>", "", 1),
        &[],
        &["info attributes-not-used", "info unit-multiplier", "error key-incomplete"],
    );
    check(
        &GENERIC.replacen("<g:Value id=\"FREQ\" value=\"A\"/>", "", 1),
        &[],
        &["info attributes-not-used", "info unit-multiplier", "error key-incomplete"],
    );
}

#[test]
fn generic_flat() {
    let flat = "<GenericData><Header><Structure structureID='S' dimensionAtObservation='AllDimensions'/></Header><DataSet><Obs><ObsKey>\
        <Value id='FREQ' value='A'/><Value id='TIME_PERIOD' value='2023'/></ObsKey><ObsValue value='3'/></Obs></DataSet></GenericData>";
    check(flat, &["A 2023 3 @R1C107"], &[]);
    let old = "<GenericData><DataSet><Series><SeriesKey><Value concept='FREQ' value='A'/></SeriesKey><Obs><Time>20<!-- -->23</Time><ObsValue value='3'/></Obs>\
        </Series></DataSet></GenericData>";
    check(old, &["A 2023 3 @R1C87"], &[]);
    // Another dimension than time at the observation.
    let sex = "<GenericData><Header><Structure structureID='S' dimensionAtObservation='SEX'/></Header><DataSet><Series><SeriesKey><Value id='TIME_PERIOD' value='2023'/>\
        </SeriesKey><Obs><ObsDimension value='F'/><ObsValue value='3'/></Obs></Series></DataSet></GenericData>";
    check(sex, &["F 2023 3 @R1C166"], &[]);
}

#[test]
fn specific() {
    let expected = ["A PL 2023 5 p| @R5C55", "A PL 2024 - @R5C118", "A SE 2023 7 @R6C41"];
    let codes = ["info attributes-not-used", "info unit-multiplier", "warning taken-as-attribute"];
    let reading = check(SPECIFIC, &expected, &codes);
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("nama"));
    assert_eq!(reading.format, "SDMX-ML structure-specific data");
    let flat = "<StructureSpecificData><DataSet><Obs FREQ='A' GEO='PL' TIME_PERIOD='2023' OBS_VALUE='.5' OBS_STATUS='x &lt; &#65;'/></DataSet></StructureSpecificData>";
    check(flat, &["A PL 2023 0.5 x < A| @R1C33"], &[]);
    let mixed = SPECIFIC.replacen("UNIT_MULT=\"6\"", "UNIT_MULT=\"3\"", 1);
    check(&mixed, &expected, &["info attributes-not-used", "warning unit-multiplier", "warning taken-as-attribute"]);
    check(
        &SPECIFIC.replace("geo=\"SE\"", "geo=\"PL\""),
        &["A PL 2023 5 p| @R5C55", "A PL 2024 - @R5C118", "A PL 2023 7 @R6C41"],
        &[codes[0], codes[1], codes[2], "error duplicate-key"],
    );
}

#[test]
fn specific_with_structure() {
    let text = format!(
        "<StructureSpecificData><Structures>{}</Structures><DataSet><Series SEX='9' FREQ='A' KIND='k'><Obs TIME_PERIOD='2023' OBS_VALUE='1'/></Series></DataSet></StructureSpecificData>",
        STRUCTURE.split_once("<m:Structures>").unwrap().1.split_once("</m:Structures>").unwrap().0,
    );
    let reading = check_with(text.as_bytes(), &ReadOptions::default(), &["A 9 2023 1 @R10C146"], &["info attributes-not-used"]);
    assert!(reading.findings[0].message.contains("`KIND` (`k`)"));
    check(&text.replace("FREQ='A' KIND", "KIND"), &[], &["info attributes-not-used", "error key-incomplete"]);
}

#[test]
fn structures() {
    let reading = check(STRUCTURE, &[], &["info structures-not-read"]);
    let expected = [
        "DSD_1|FREQ||||",
        "DSD_1|SEX|Sex|9|total|",
        "DSD_1|SEX|Sex|1|males|9",
        "DSD_1|TIME_PERIOD||||",
        "CL_SEX|CL_SEX||T||",
        "|table||FLOW_1|Residents|",
    ];
    assert_eq!(described(&reading), expected);
    assert_eq!(reading.descriptions[2].updated, "2026-01-15T05:00:00");
    let expected = ["CONS|SEX||9||", "CONS|TIME_PERIOD||2019|first|", "CONS|TIME_PERIOD||2023|last|", "CONS|SEX||1|excluded|"];
    assert_eq!(described(&check(CONSTRAINT, &[], &[])), expected);
    check("<m:Structure xmlns:m='sdmx'><m:Structures/></m:Structure>", &[], &["error no-data"]);
}

#[test]
fn references_of_three() {
    let text = "<Structure><Structures><DataStructures><DataStructure id='D'><DataStructureComponents><DimensionList>\
        <Dimension id='F'><ConceptIdentity>urn:x.Concept=A:S(1.0).FREQ</ConceptIdentity><LocalRepresentation><Enumeration>urn:x.Codelist=A:CL(1.0)</Enumeration>\
        </LocalRepresentation></Dimension></DimensionList></DataStructureComponents></DataStructure></DataStructures>\
        <Codelists><Codelist id='CL' version='1.0'><Code id='A'><Name>Annual</Name></Code><Code id='M'><Parent>A</Parent></Code></Codelist></Codelists>\
        <ConceptSchemes><ConceptScheme id='S'><Concept id='FREQ'><Name>Frequency</Name></Concept></ConceptScheme></ConceptSchemes></Structures></Structure>";
    assert_eq!(described(&check(text, &[], &[])), ["D|F|Frequency|A|Annual|", "D|F|Frequency|M||A", "S|S||FREQ|Frequency|"]);
}

#[test]
fn json() {
    let at = "dataSets[0].series.";
    let expected = [
        format!("A T SE 2023 1.5 @{at}0:1.observations.0"),
        format!("A T SE 2024 - M| @{at}0:1.observations.1"),
        format!("A F PL 2023 2 E| @{at}1:0.observations.0"),
    ];
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    let reading = check(JSON, &expected, &["info attributes-not-used", "info unit-multiplier"]);
    let table = &reading.tables[0];
    assert_eq!((table.dataflow.as_deref(), table.title.as_deref()), (Some("stocks"), Some("Stocks")));
    assert_eq!((table.dimensions[2].label.as_str(), table.dimensions[2].role), ("Country", Some(Role::Geo)));
    for (from, to) in [
        ("\"0:1\"", "\"0:2\""),
        ("\"0:1\"", "\"0\""),
        ("\"0:1\"", "\"0:1:1\""),
        ("\"0:1\"", "\"0:x\""),
        ("[null,0]", "[null,7]"),
        ("[null,0]", "5"),
        ("\"Information\"", "\"Delete\""),
        ("\"LOC\"", "\"sex\""),
    ] {
        check(&JSON.replace(from, to), &[], &["error sdmx-json-inconsistent"]);
    }
    let two = r#"{"data":{"dataSets":[{"structure":0,"observations":{"0:0":[1,2,"u"]}}],"structures":[{"measures":{"observation":[{"id":"A"},{"id":"B"}]},
        "dimensions":{"observation":[{"id":"GEO","values":[{"value":"PL"}]},{"id":"TIME_PERIOD","values":[{"value":"2024"}]}]},"attributes":{"observation":[{"id":"OBS_STATUS"}]}}]}}"#;
    let at = "@dataSets[0].observations.0:0";
    check(two, &[&format!("PL A 2024 1 u| {at}[0]"), &format!("PL B 2024 2 u| {at}[1]")], &[]);
    check(r#"{"dataSets":[],"errors":[{"code":404,"title":"NoRecordsFound"}]}"#, &[], &["error error-body"]);
    check(&two.replace("\"structure\":0", "\"structure\":9"), &[], &["error sdmx-json-inconsistent"]);
}

#[test]
fn json_structure() {
    let reading = check(JSON_STRUCTURE, &[], &["info structures-not-read"]);
    let expected = [
        "DSD|SEX|CL|_T|Total|",
        "DSD|SEX|CL|F|Female|_T",
        "DSD|TIME_PERIOD||||",
        "CC|SEX|CL|F|Female|",
        "CC|TIME_PERIOD||2000|first|",
        "|table||STOCKS|Stocks|",
    ];
    let plain: Vec<_> = described(&reading).iter().map(|line| line.replace("|SEX||", "|SEX|CL|")).collect();
    assert_eq!(plain, expected);
}

#[test]
fn csv_of_the_oecd() {
    let expected = ["ITA PS 2008 9 A| @R2C11", "ITA PS 2009 - M| @R3C11"];
    let reading = check(OECD, &expected, &["info columns-not-used", "info attribute-row"]);
    let table = &reading.tables[0];
    assert_eq!((table.dataflow.as_deref(), table.title.as_deref()), (Some("dsd_m@df_m"), Some("Migration, flows")));
    assert_eq!(table.dimensions[0].label, "Reference area");
    check(&OECD.replacen("OBS_STATUS,", "REF_AREA,", 1), &[], &["error header-not-understood"]);
    check(&OECD.replacen(",I,ITA", ",D,ITA", 1), &[], &["info columns-not-used", "error deletions"]);
    check(
        &OECD.replacen(",0,Units\n", ",3,Units\n", 1),
        &expected,
        &["info columns-not-used", "info attribute-row", "warning unit-multiplier"],
    );
}

#[test]
fn csv_of_istat() {
    let text = "DATAFLOW,FREQ,REF_AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,NOTE_DS,NOTE_SEX,UNIT_MULT\n\
        IT1:29_316_DF(1.0),A,ITC1,9,2023,420240,e,,X,\nIT1:29_316_DF(1.0),Q,ITC1,9,2023-Q1,,,Y,,\n";
    let reading = check(text, &["A ITC1 9 2023 420240 e| @R2C6", "Q ITC1 9 2023-Q1 - @R3C6"], &["info columns-not-used"]);
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("29_316_df"));
    let both = "DATAFLOW,FREQ: Frequency,SEX: Sex,TIME_PERIOD: Time,OBS_VALUE: Value,OBS_STATUS: Status\nIT1:X(1.0),A: Annual,9: total,2023,5,e: estimated\n";
    let reading = check(both, &["A 9 2023 5 e| @R2C5"], &[]);
    assert_eq!(reading.tables[0].dimensions[1].label, "Sex");
    // Attributes between dimensions, and a semicolon between cells.
    let moved = "DATAFLOW;FREQ;UNIT_MULT;SEX;TIME_PERIOD;OBS_VALUE\nIT1:X(1.0);A;0;9;2023;5\n";
    check(moved, &["A 9 2023 5 @R2C6"], &["info columns-not-used"]);
}

#[test]
fn csv_of_several_structures() {
    let text = "STRUCTURE,STRUCTURE_ID,ACTION,GEO,SEX,AGE,TIME_PERIOD,OBS_VALUE\ndataflow,A:X(1.0),I,PL,T,,2023,1\n\
        dataflow,A:Y(1.0),I,PL,,Y15,2023,2\ndataflow,A:X(1.0),I,SE,T,,2023,3\n";
    let reading = check(text, &["PL T 2023 1 @R2C8", "SE T 2023 3 @R4C8", "PL Y15 2023 2 @R3C8"], &[]);
    assert_eq!(reading.tables.iter().map(|table| table.dataflow.as_deref()).collect::<Vec<_>>(), [Some("x"), Some("y")]);
}

#[test]
fn old_istat() {
    let expected = ["IT FRG 2019 2379.704 @R2C7", "IT FRG 2019-Q1 - p| @R3C7"];
    let reading = check(ISTAT, &expected, &[]);
    assert_eq!((reading.format.as_str(), reading.tables[0].dimensions[1].label.as_str()), ("I.Stat CSV", "Citizenship"));
    check(&ISTAT.replace("2019-Q1", "2019"), &["IT FRG 2019 2379.704 @R2C7", "IT FRG 2019 - p| @R3C7"], &["error duplicate-key"]);
    check(&ISTAT.replace("ITTER107", "CITTADINANZA"), &[], &["error header-not-understood"]);
    let stat = "\"LOC\",\"Country\",\"TIME\",\"Time\",\"PowerCode Code\",\"PowerCode\",\"Value\",\"Flag Codes\",\"Flags\"\n\"PL\",\"Poland\",\"2020\",\"2020\",\"3\",\"Thousands\",5,,\n";
    check(stat, &["PL 2020 5 @R2C7"], &["info columns-not-used", "info unit-multiplier"]);
}

#[test]
fn messages_instead_of_data() {
    let footer = "<GenericData xmlns='sdmx'><Header/><Footer><Message code='413' severity='Infomation'><Text>the response will be written to a file at http://x</Text></Message></Footer></GenericData>";
    let reading = check(footer, &[], &["error written-to-file"]);
    assert!(reading.findings[0].message.contains("http://x"), "{}", reading.findings[0]);
    let error = "<Error><ErrorMessage code='100'><Text>NoRecordsFound</Text></ErrorMessage></Error>";
    check(error, &[], &["error error-body"]);
    let warned = SPECIFIC.replace(
        "</m:DataSet>",
        "</m:DataSet><Footer><Message code='510' severity='Warning'><Text>cut</Text></Message></Footer>",
    );
    check_with(
        warned.as_bytes(),
        &ReadOptions::default(),
        &["A PL 2023 5 p| @R5C55", "A PL 2024 - @R5C118", "A SE 2023 7 @R6C41"],
        &["info attributes-not-used", "info unit-multiplier", "warning taken-as-attribute", "warning provider-message"],
    );
}

#[test]
fn damaged() {
    for cut in (0..GENERIC.len()).filter(|cut| GENERIC.is_char_boundary(*cut)).skip(200) {
        let reading = read(&GENERIC.as_bytes()[..cut], "cut", &ReadOptions::default());
        assert!(reading.tables.is_empty(), "{cut}");
        assert_eq!(reading.findings.last().map(|finding| finding.code), Some("xml-damaged"), "{cut}");
    }
    for text in [
        "<!DOCTYPE GenericData [<!ENTITY a 'sdmx'>]><GenericData><DataSet/></GenericData>",
        "<GenericData><DataSet><Series><SeriesKey><Value id='A' value='&a;'/></SeriesKey></Series></DataSet></GenericData>",
        "<GenericData><Header><Name>&unknown;</Name></Header></GenericData>",
        "<StructureSpecificData><DataSet action='Delete'><Obs A='1' OBS_VALUE='1'/></DataSet></StructureSpecificData>",
        "<StructureSpecificData><DataSet><Obs A='1' A='2' OBS_VALUE='1'/></DataSet></StructureSpecificData>",
    ] {
        check(text, &[], &["error xml-damaged"]);
    }
    check(&format!("<GenericData>{}{}</GenericData>", "<a>".repeat(100), "</a>".repeat(100)), &[], &["error xml-damaged"]);
    let few = ReadOptions { limits: Limits { unpacked: 10_000, cells: 2 }, ..ReadOptions::default() };
    check_with(SPECIFIC.as_bytes(), &few, &[], &["error xml-damaged"]);
    check_with(JSON.as_bytes(), &few, &[], &["error sdmx-json-inconsistent"]);
    let wide: String = (0..80).map(|name| format!(" N{name}='1'")).collect();
    check(
        &format!("<StructureSpecificData><DataSet><Obs{wide} OBS_VALUE='1'/></DataSet></StructureSpecificData>"),
        &[],
        &["error xml-damaged"],
    );
}
