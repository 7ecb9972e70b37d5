use super::*;
use crate::body::classify;
use crate::protocol::Sizes;
use baseline_model::definitions::DataflowFrequency;

const BASE: &str = "https://office.example/rest";
const FLOW: &str = "IT1,29_316_DF,1.0";

fn source(quirks: &[Quirk]) -> Source {
    Source { base_url: format!("{BASE}/"), protocol: "sdmx".into(), quirks: quirks.to_vec(), ..Source::default() }
}

fn dataflow(filters: &str) -> Dataflow {
    let pull = filters.split('&').filter(|filter| !filter.is_empty()).map(|filter| {
        let (id, codes) = filter.split_once('=').unwrap_or((filter, ""));
        (id.to_owned(), codes.split('+').map(str::to_owned).collect())
    });
    Dataflow { title: "T".into(), frequency: DataflowFrequency::Annual, pull: pull.collect(), ..Dataflow::default() }
}

/// A structure message with the dimensions given, and time.
fn message_of(ids: &str) -> String {
    let dimensions: String =
        ids.split(',').enumerate().map(|(place, id)| format!("<s:Dimension id='{id}' position='{}'/>", place + 1)).collect();
    format!(
        "<m:Structure xmlns:m='sdmx' xmlns:s='s'><m:Structures><s:Dataflows><s:Dataflow id='29_316_DF'><s:Structure><Ref id='DSD'/></s:Structure></s:Dataflow></s:Dataflows>\
         <s:DataStructures><s:DataStructure id='DSD'><s:DataStructureComponents><s:DimensionList><s:TimeDimension id='TIME_PERIOD' position='99'/>{dimensions}\
         </s:DimensionList></s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>"
    )
}

struct Desk {
    source: Source,
    dataflow: Dataflow,
    table: &'static str,
    sizes: Sizes,
}

impl Desk {
    fn new(table: &'static str, filters: &str, quirks: &[Quirk]) -> Self {
        Self { source: source(quirks), dataflow: dataflow(filters), table, sizes: Sizes::new() }
    }

    fn ask(&self) -> Ask<'_> {
        Ask { source: &self.source, table: self.table, dataflow: &self.dataflow, sizes: &self.sizes }
    }

    fn plan(&self) -> Result<Vec<Request>, PlanError> {
        Sdmx.plan(&self.ask())
    }

    fn next(&self, request: &Request, status: u16, bytes: &[u8]) -> Step {
        Sdmx.next(&self.ask(), request, &Answer { status, bytes, body: &classify(bytes) })
    }

    /// The requests for data behind the structure.
    fn data(&self, ids: &str) -> Vec<Request> {
        let plan = self.plan().unwrap();
        let step = self.next(&plan[0], 200, message_of(ids).as_bytes());
        let Step::Continue(requests) = step else { panic!("{step:?}") };
        requests
    }
}

fn short(request: &Request) -> &str {
    request.url.strip_prefix(BASE).unwrap()
}

fn check(table: &'static str, filters: &str, quirks: &[Quirk], expected: &str) {
    let requests = Desk::new(table, filters, quirks).data("FREQ,REF_AREA,DATA_TYPE,SEX");
    assert_eq!(requests.iter().map(short).collect::<Vec<_>>(), [expected], "{filters}");
    let key = expected.split_once('?').map_or(expected, |(path, _)| path).rsplit_once('/').unwrap().1;
    assert_eq!(key.matches('.').count(), 3, "n-1 dots");
}

#[test]
fn keys() {
    let path = "/data/IT1,29_316_DF,1.0";
    check(FLOW, "REF_AREA=ITC1+IT&sex=9", &[], &format!("{path}/.IT+ITC1..9"));
    check(FLOW, "freq=A", &[], &format!("{path}/A..."));
    check(FLOW, "sex=9&sinceTimePeriod=2019&untilTimePeriod=2023", &[], &format!("{path}/...9?startPeriod=2019&endPeriod=2023"));
    check(
        FLOW,
        "sex=9&sinceTimePeriod=2019&untilTimePeriod=2023",
        &[Quirk::EndPeriodOneLate],
        &format!("{path}/...9?startPeriod=2019&endPeriod=2022"),
    );
    check(FLOW, "sex=9&untilTimePeriod=2023-Q4", &[Quirk::EndPeriodOneLate], &format!("{path}/...9?endPeriod=2023-Q4"));
    check(FLOW, "sex=9&time=2022+2021", &[], &format!("{path}/...9?startPeriod=2021&endPeriod=2022"));
    check(FLOW, "sex=9&lastTimePeriod=2", &[], &format!("{path}/...9?lastNObservations=2"));
    check(
        "OECD.ELS.IMD,DSD_MIG@DF_MIG,1.0",
        "ref_area=DEU&time=2023",
        &[Quirk::CsvByFormat],
        "/data/OECD.ELS.IMD,DSD_MIG%40DF_MIG,1.0/.DEU..?startPeriod=2023&endPeriod=2023&format=csvfilewithlabels",
    );
}

#[test]
fn plans() {
    let first = |table, filters: &str| short(&Desk::new(table, filters, &[]).plan().unwrap()[0]).to_owned();
    assert_eq!(first(FLOW, ""), "/data/IT1,29_316_DF,1.0/all");
    assert_eq!(first(FLOW, "sinceTimePeriod=2020"), "/data/IT1,29_316_DF,1.0/all?startPeriod=2020");
    assert_eq!(first(FLOW, "sex=9"), "/dataflow/IT1/29_316_DF/1.0?references=children");
    assert_eq!(first("29_316_DF", "sex=9"), "/dataflow/all/29_316_DF/latest?references=children");
    assert_eq!(first("OECD.ELS,D@F", "sex=9"), "/dataflow/OECD.ELS/D%40F/latest?references=children");
    let plan = |filters: &str| Desk::new(FLOW, filters, &[]).plan().unwrap().remove(0);
    assert_eq!(plan("sex=9").accept, STRUCTURE);
    assert_ne!(plan("sex=9").asked, plan("sex=1").asked, "another selection is another plan");
    assert_eq!(plan("").accept, CSV);
}

#[test]
fn declarations_that_cannot_be_asked() {
    for filters in [
        "sex=",
        "sex=9..1",
        "sex=a b",
        "time=2019+2021",
        "time=2019&sinceTimePeriod=2018",
        "sinceTimePeriod=soon",
        "lastTimePeriod=0",
        "untilTimePeriod=2019+2020",
    ] {
        assert!(matches!(Desk::new(FLOW, filters, &[]).plan(), Err(PlanError::Selection { .. })), "{filters}");
    }
    for table in ["", "a,b,c,d", "IT1,,1.0", "IT1/x", "IT1,..,1.0", "a b"] {
        assert!(matches!(Desk::new(table, "", &[]).plan(), Err(PlanError::Table { .. })), "{table}");
    }
}

#[test]
fn a_dimension_that_is_not_there() {
    let desk = Desk::new(FLOW, "sexe=9", &[]);
    let step = desk.next(&desk.plan().unwrap()[0], 200, message_of("FREQ,SEX").as_bytes());
    assert!(matches!(&step, Step::Refuse { why, .. } if why.contains("`sexe`; nearest is `sex`")), "{step:?}");
}

#[test]
fn long_addresses_are_cut() {
    let codes: Vec<_> = (0..400).map(|number| format!("{number:06}")).collect();
    let desk = Desk::new(FLOW, &format!("ref_area={}&sex=9", codes.join("+")), &[]);
    let requests = desk.data("FREQ,REF_AREA,SEX");
    assert!(requests.len() >= 2 && requests.iter().all(|request| request.url.len() <= ADDRESS));
    let mut union: Vec<_> = requests.iter().flat_map(|request| request.selection.codes("ref_area").unwrap().clone()).collect();
    union.sort();
    assert_eq!(union, codes);
}

/// A step in short.
fn step(desk: &Desk, request: &Request, status: u16, body: &str) -> String {
    match desk.next(request, status, body.as_bytes()) {
        Step::Keep => "keep".into(),
        Step::Nothing { .. } => "nothing".into(),
        Step::Split(parts) => parts.iter().map(|part| short(part).rsplit_once('/').unwrap().1).collect::<Vec<_>>().join(" | "),
        Step::Retry { .. } => "retry".into(),
        Step::Refuse { why, hint } => {
            assert!(!why.is_empty() && !hint.is_empty());
            "refuse".into()
        }
        other @ (Step::KeepAnd(_)
        | Step::Continue(_)
        | Step::Whole(_)
        | Step::Wait { .. }
        | Step::Follow(_)
        | Step::Resubmit { .. }) => format!("{other:?}"),
    }
}

const ROWS: &str = "DATAFLOW,FREQ,TIME_PERIOD,OBS_VALUE\nIT1:X(1.0),A,2023,5\n";

#[test]
fn next_steps() {
    let mut desk = Desk::new(FLOW, "ref_area=A+B+C&sex=9", &[Quirk::TooBigIs500]);
    let request = desk.data("FREQ,REF_AREA,SEX").remove(0);
    let check = |desk: &Desk, status: u16, body: &str, expected: &str| {
        assert_eq!(step(desk, &request, status, body), expected, "{status} {body}");
    };
    check(&desk, 200, ROWS, "keep");
    check(&desk, 200, "DATAFLOW,FREQ,TIME_PERIOD,OBS_VALUE\n", "nothing");
    check(&desk, 200, "NoRecordsFound", "nothing");
    check(&desk, 404, "No Records Found", "nothing");
    check(&desk, 404, "", "nothing");
    check(
        &desk,
        200,
        "<x:Error xmlns:x='s'><x:ErrorMessage code='100'><x:Text>no</x:Text></x:ErrorMessage></x:Error>",
        "nothing",
    );
    check(&desk, 413, "too large", ".A.9 | .B+C.9");
    check(&desk, 500, "error", ".A.9 | .B+C.9");
    check(&desk, 503, "later", "retry");
    check(&desk, 429, "slow down", "retry");
    check(&desk, 403, "no", "refuse");
    check(&desk, 406, "no such form", "refuse");
    check(&desk, 400, "bad key", "refuse");
    check(&desk, 200, "<html><title>Blocked</title></html>", "retry");
    check(&desk, 200, "", "retry");
    check(&desk, 200, "<m:GenericData xmlns:m='x'><m:DataSet/></m:GenericData>", "refuse");
    check(&desk, 200, "some words", "refuse");
    desk.source.ban_hours = Some(48.0);
    for status in [403, 408, 429] {
        check(&desk, status, "no", "refuse");
    }
    check(&desk, 200, "<html><title>Blocked</title></html>", "refuse");
    desk.source.quirks.clear();
    check(&desk, 500, "error", "retry");
    let half = Request { selection: request.selection.halves(is_dimension).unwrap()[1].clone(), ..request.clone() };
    desk.source.quirks.push(Quirk::TooBigIs500);
    assert_eq!(step(&desk, &half, 500, "error"), "refuse", "split once");
    let single = Desk::new(FLOW, "sex=9", &[Quirk::TooBigIs500]);
    assert_eq!(step(&single, &single.data("FREQ,SEX")[0], 500, "error"), "refuse");
}

#[test]
fn a_full_number_of_rows_is_a_cut() {
    let desk = Desk::new(FLOW, "ref_area=A+B", &[]);
    let request = desk.data("FREQ,REF_AREA").remove(0);
    let rows = format!("DATAFLOW,OBS_VALUE\n{}", "a,1\n".repeat(CUT_OFF));
    assert_eq!(step(&desk, &request, 200, &rows), ".A | .B");
}

#[test]
fn the_table_is_not_there() {
    let desk = Desk::new(FLOW, "sex=9", &[]);
    let request = &desk.plan().unwrap()[0];
    assert_eq!(step(&desk, request, 404, "NoRecordsFound"), "refuse");
    assert_eq!(step(&desk, request, 200, "<m:Structure xmlns:m='sdmx'><m:Structures/></m:Structure>"), "refuse");
    assert_eq!(step(&desk, request, 200, "<m:Structure xmlns:m='sdmx'>"), "retry");
    let whole = Desk::new(FLOW, "", &[]);
    assert_eq!(step(&whole, &whole.plan().unwrap()[0], 404, "gone"), "refuse");
}

#[test]
fn structures() {
    let desk = Desk::new(FLOW, "", &[]);
    assert_eq!(short(&Sdmx.structure(&desk.ask()).unwrap()), "/dataflow/IT1/29_316_DF/1.0?references=children");
    let structure = Sdmx.read_structure(crate::tests::sdmx::STRUCTURE.as_bytes()).unwrap();
    let ids: Vec<_> = structure.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
    assert_eq!(ids, ["FREQ", "SEX", "TIME_PERIOD"]);
    assert_eq!((structure.dimensions[1].label.as_str(), structure.dimensions[1].codes.len()), ("Sex", 2));
    assert_eq!(structure.dimensions[2].role, Some(Role::Time));
    assert_eq!(structure.updated, "2026-01-15T05:00:00");
    let json = Sdmx.read_structure(crate::tests::sdmx::JSON_STRUCTURE.as_bytes()).unwrap();
    assert_eq!(json.dimensions.len(), 2);
    for text in ["", "{}", "<x/>", "<m:Structure xmlns:m='sdmx'><m:Structures/></m:Structure>", "{"] {
        assert!(Sdmx.read_structure(text.as_bytes()).is_err(), "{text}");
    }
}
