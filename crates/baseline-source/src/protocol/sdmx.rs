//! SDMX 2.1 REST services (ISTAT, OECD): the structure first, because a key has its codes in the structure's order,
//! then the data as CSV.
//!
//! A table's code is `AGENCY,ID,VERSION`; agency and version may be left out. Filters limit dimensions by their ids;
//! `sinceTimePeriod`, `untilTimePeriod`, `lastTimePeriod` and `time` limit the periods. What single services do
//! otherwise stands in the source's record as a [`Quirk`], never here by name. A service that bans (`ban_hours`) is
//! never asked the same again after a refusal.
//!
//! ```text
//! {base}/dataflow/IT1/29_316_DF_DCIS_POPSTRBIL1_1/1.0?references=children
//! {base}/data/IT1,29_316_DF_DCIS_POPSTRBIL1_1,1.0/A.ITC1+IT..9?startPeriod=2019&endPeriod=2022
//! {base}/data/OECD.ELS.IMD,DSD_MIG%40DF_MIG,1.0/DEU.SYR.A.._T...?startPeriod=2023&endPeriod=2023&format=csvfilewithlabels
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;

use baseline_model::definitions::{Dataflow, Quirk, Source};
use baseline_model::{Frequency, Period, Role};

use super::address::{base, escape};
use super::{Answer, Ask, Expected, Phase, PlanError, Protocol, Request, Selection, Step, Structure, StructureDimension};
use crate::body::{Body, Media};
use crate::findings::nearest_note;
use crate::sdmx::artefacts::{Artefact, Artefacts, ComponentRole, Kind, dimensions};
use crate::{sdmx_json, sdmx_ml};

/// Letters of an address above which servers and proxies refuse it.
const ADDRESS: usize = 1900;
/// A full number of rows at which the OECD's service was seen to cut off without a word.
const CUT_OFF: usize = 1_000_000;

const CSV: &str = "application/vnd.sdmx.data+csv;version=1.0.0";
const STRUCTURE: &str = "application/vnd.sdmx.structure+xml;version=2.1";

pub struct Sdmx;

impl Protocol for Sdmx {
    fn id(&self) -> &'static str {
        "sdmx"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        let flow = Flow::parse(ask.table)?;
        let selection = checked_selection(ask.dataflow)?;
        // Without a filter on a dimension the order of the key does not matter.
        if selection.filters().all(|(id, _)| !is_dimension(id)) {
            return Ok(vec![data(ask.source, &flow, &[], selection)]);
        }
        Ok(vec![describe(ask.source, &flow, selection)])
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        if let Some(step) = fault(ask, request, answer) {
            return step;
        }
        match request.phase {
            Phase::Describe => described(ask, request, answer),
            Phase::Ask | Phase::Poll { .. } | Phase::Collect { .. } => received(ask, request, answer),
        }
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        Some(describe(ask.source, &Flow::parse(ask.table).ok()?, Selection::default()))
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let artefacts = artefacts(bytes)?;
        let flow = artefacts.of_kind(Kind::Dataflow).next();
        let structure = flow.map_or_else(|| artefacts.only_structure(), |flow| artefacts.structure_of(&flow.id));
        let structure = structure.ok_or("the answer holds no structure with dimensions")?;
        let dimensions = dimensions(structure).into_iter().map(|component| {
            let codes = artefacts.list(component).map_or(&[][..], |(_, list)| &list.items);
            StructureDimension {
                id: component.id.clone(),
                label: artefacts.label(component).to_owned(),
                role: match component.role {
                    ComponentRole::Time => Some(Role::Time),
                    ComponentRole::Measure => Some(Role::Metric),
                    ComponentRole::Dimension | ComponentRole::Attribute => None,
                },
                codes: codes.iter().map(|item| (item.id.clone(), item.name.clone())).collect(),
                elimination: false,
            }
        });
        let mut stamps = [flow, Some(structure)].into_iter().flatten().map(|artefact| artefact.updated.clone());
        let updated = stamps.find(|stamp| !stamp.is_empty()).unwrap_or_default();
        Ok(Structure { dimensions: dimensions.collect(), updated })
    }
}

/// A table's code in its parts; `all` and `latest` where one is left out.
struct Flow {
    agency: String,
    id: String,
    version: String,
    /// As it stands in the address of data.
    reference: String,
}

impl Flow {
    fn parse(code: &str) -> Result<Self, PlanError> {
        let parts: Vec<&str> = code.split(',').collect();
        let good = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'@' | b'.'))
                && !part.bytes().all(|byte| byte == b'.')
        };
        let (agency, id, version) = match parts.as_slice() {
            [id] => ("all", *id, "latest"),
            [agency, id] => (*agency, *id, "latest"),
            [agency, id, version] => (*agency, *id, *version),
            _ => return Err(PlanError::Table { id: code.to_owned() }),
        };
        if !parts.iter().all(good) {
            return Err(PlanError::Table { id: code.to_owned() });
        }
        let reference = parts.iter().map(|part| escape(part)).collect::<Vec<_>>().join(",");
        Ok(Self { agency: agency.to_owned(), id: id.to_owned(), version: version.to_owned(), reference })
    }
}

/// Filters that limit the periods instead of naming codes.
const LIMITS: [&str; 4] = ["time", "sincetimeperiod", "untiltimeperiod", "lasttimeperiod"];

fn is_dimension(id: &str) -> bool {
    !LIMITS.contains(&id)
}

fn checked_selection(dataflow: &Dataflow) -> Result<Selection, PlanError> {
    let fault = |parameter: &str, fault: String, hint| Err(PlanError::Selection { parameter: parameter.to_owned(), fault, hint });
    let name = |id: &str| if id.trim().eq_ignore_ascii_case("time_period") { "time".to_owned() } else { id.to_owned() };
    let named: Vec<(String, &Vec<String>)> = dataflow.pull.iter().map(|(id, codes)| (name(id), codes)).collect();
    let selection = Selection::new(named.iter().map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str))));
    for (id, codes) in selection.filters() {
        if id.is_empty() || codes.is_empty() || codes.contains("") {
            return fault(
                id,
                "a list of codes with an empty entry or none at all".into(),
                "leave the dimension out to get all its codes",
            );
        }
        // `.` and `+` separate codes in a key, and there is no way to write them inside one.
        let odd =
            |code: &&String| !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'@'));
        if let Some(code) = codes.iter().find(odd).filter(|_| is_dimension(id)) {
            return fault(id, format!("`{code}` is no code"), "codes have letters, digits, `_`, `-`, `$` and `@`");
        }
        if !is_dimension(id) && id != "time" && codes.len() > 1 {
            return fault(id, format!("expected one value, found {}", codes.len()), "list single periods under `time`");
        }
    }
    let one = |id: &str| selection.codes(id).and_then(|codes| codes.first()).map(String::as_str);
    for id in ["sincetimeperiod", "untiltimeperiod"] {
        if let Some(period) = one(id).filter(|period| Period::parse(period).is_none()) {
            return fault(id, format!("`{period}` is no period"), "write 2024, 2024-Q1 or 2024-01");
        }
    }
    if let Some(count) = one("lasttimeperiod").filter(|count| !count.parse::<u32>().is_ok_and(|count| count > 0)) {
        return fault("lastTimePeriod", format!("`{count}` is no number of periods"), "write a whole number above 0");
    }
    let has = |id| selection.codes(id).is_some();
    if has("time") && (has("sincetimeperiod") || has("untiltimeperiod") || has("lasttimeperiod")) {
        return fault("time", "cannot stand beside another limit of the periods".into(), "keep one of the two forms");
    }
    if selection.codes("time").is_some_and(|codes| range(codes).is_none()) {
        return fault(
            "time",
            "expected one period, or years without a gap: the service takes only a first and a last period".into(),
            "give sinceTimePeriod and untilTimePeriod",
        );
    }
    Ok(selection)
}

/// The first and the last of periods that the service can be asked for.
fn range(codes: &BTreeSet<String>) -> Option<(String, String)> {
    let periods: Option<Vec<Period>> = codes.iter().map(|code| Period::parse(code)).collect();
    let mut periods = periods?;
    periods.sort();
    let (first, last) = (periods.first()?, periods.last()?);
    let years = periods.iter().all(|period| period.frequency == Frequency::Annual);
    let whole = usize::try_from(i32::from(last.year) - i32::from(first.year)).is_ok_and(|span| span + 1 == periods.len());
    (periods.len() == 1 || (years && whole)).then(|| (first.to_string(), last.to_string()))
}

fn root(source: &Source) -> &str {
    source.base_url.trim().trim_end_matches('/')
}

fn describe(source: &Source, flow: &Flow, selection: Selection) -> Request {
    let path: Vec<_> = [&flow.agency, &flow.id, &flow.version].map(|part| escape(part)).into();
    let url = format!("{}/dataflow/{}?references=children", root(source), path.join("/"));
    // What is wanted is part of what was asked: another selection is another plan.
    let filters: Vec<_> = selection
        .filters()
        .map(|(id, codes)| format!("{}={}", escape(id), codes.iter().map(|code| escape(code)).collect::<Vec<_>>().join("+")))
        .collect();
    let asked = format!("{}/data/{}?{}", root(source), flow.reference, filters.join("&"));
    Request {
        table: code_of(flow),
        url,
        asked,
        payload: None,
        accept: STRUCTURE,
        pack: true,
        expected: Expected::Structure,
        selection,
        phase: Phase::Describe,
    }
}

fn code_of(flow: &Flow) -> String {
    let parts = [(&flow.agency, "all"), (&flow.id, ""), (&flow.version, "latest")];
    parts
        .iter()
        .filter(|(part, left_out)| part.as_str() != *left_out)
        .map(|(part, _)| part.as_str())
        .collect::<Vec<_>>()
        .join(",")
}

/// The request for data; `order` has the ids of the dimensions in lower case, or none when none is filtered.
fn data(source: &Source, flow: &Flow, order: &[String], selection: Selection) -> Request {
    let filtered = order.iter().any(|id| selection.codes(id).is_some());
    let position =
        |id: &String| selection.codes(id).map(|codes| codes.iter().map(|code| escape(code)).collect::<Vec<_>>().join("+"));
    let key = if filtered {
        order.iter().map(|id| position(id).unwrap_or_default()).collect::<Vec<_>>().join(".")
    } else {
        "all".into()
    };
    let one = |id: &str| selection.codes(id).and_then(|codes| codes.first()).cloned();
    let (since, until) = match selection.codes("time").and_then(range) {
        Some((first, last)) => (Some(first), Some(last)),
        None => (one("sincetimeperiod"), one("untiltimeperiod")),
    };
    let has = |quirk| source.quirks.contains(&quirk);
    let until = until.map(|until| if has(Quirk::EndPeriodOneLate) { year_before(&until) } else { until });
    let parameters = [
        ("startPeriod", since),
        ("endPeriod", until),
        ("lastNObservations", one("lasttimeperiod")),
        ("format", has(Quirk::CsvByFormat).then(|| "csvfilewithlabels".to_owned())),
    ];
    let parameters: Vec<_> =
        parameters.iter().filter_map(|(name, value)| Some(format!("{name}={}", escape(value.as_deref()?)))).collect();
    let mark = if parameters.is_empty() { "" } else { "?" };
    let url = format!("{}/data/{}/{key}{mark}{}", root(source), flow.reference, parameters.join("&"));
    Request {
        table: code_of(flow),
        asked: url.clone(),
        url,
        payload: None,
        accept: if has(Quirk::CsvByFormat) { "*/*" } else { CSV },
        pack: true,
        expected: Expected::Csv,
        selection,
        phase: Phase::Ask,
    }
}

/// The year before, for a service that answers one year too many; other periods stay.
fn year_before(period: &str) -> String {
    match Period::parse(period) {
        Some(year) if year.frequency == Frequency::Annual => Period::year(year.year.saturating_sub(1)).to_string(),
        Some(_) | None => period.to_owned(),
    }
}

/// Requests with addresses that are short enough; a selection that cannot be halved stays whole.
fn short_enough(source: &Source, flow: &Flow, order: &[String], selection: Selection) -> Vec<Request> {
    let request = data(source, flow, order, selection);
    if request.url.len() <= ADDRESS {
        return vec![request];
    }
    match request.selection.halves(is_dimension) {
        Some(halves) => halves.into_iter().flat_map(|half| short_enough(source, flow, order, half)).collect(),
        None => vec![request],
    }
}

fn artefacts(bytes: &[u8]) -> Result<Artefacts, String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let json = serde_json::from_str(text).map_err(|error| format!("the structure is damaged JSON: {error}"))?;
        return sdmx_json::artefacts(&json).ok_or_else(|| "the JSON is no SDMX structure message".to_owned());
    }
    sdmx_ml::artefacts(text)
}

/// The structure is known: asks for the data.
fn described(ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
    let Ok(flow) = Flow::parse(ask.table) else {
        return refuse("the table's code cannot be read", "correct it in the dataflow's file");
    };
    let artefacts = match artefacts(answer.bytes) {
        Ok(artefacts) => artefacts,
        Err(message) => return Step::Retry { why: format!("the structure cannot be read: {message}") },
    };
    let Some(structure) = artefacts.structure_of(&flow.id) else {
        return refuse("the answer holds no structure with dimensions", "look the table's code up in the provider's catalogue");
    };
    let order = order_of(structure);
    for (id, _) in request.selection.filters().filter(|(id, _)| is_dimension(id)) {
        if !order.iter().any(|known| known == id) {
            let near = nearest_note(id, order.iter().map(String::as_str));
            let why = format!("the table has no dimension `{id}`{near}; it has {}", order.join(", "));
            return refuse(&why, "correct the filters under `pull` in the dataflow's file");
        }
    }
    Step::Continue(short_enough(ask.source, &flow, &order, request.selection.clone()))
}

/// Ids of the dimensions in the order of the key, in lower case as a selection has them.
fn order_of(structure: &Artefact) -> Vec<String> {
    let keyed = dimensions(structure).into_iter().filter(|component| component.role != ComponentRole::Time);
    keyed.map(|component| component.id.to_lowercase()).collect()
}

/// An answer that is none, whatever was asked; `None` for one that may be.
fn fault(ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Option<Step> {
    let Answer { status, body, .. } = *answer;
    let bans = ask.source.ban_hours.is_some();
    let said = message(answer);
    let describes = request.phase == Phase::Describe;
    let leave_alone = "the provider refuses us: do not repeat, wait as long as its rules say";
    if let Body::Html { title } = body {
        let title = title.as_ref().map(|title| format!(" titled “{title}”")).unwrap_or_default();
        let why = format!("a web page{title} instead of data (HTTP status {status})");
        let retried = !bans && matches!(status, 200 | 408 | 429 | 500..=599);
        return Some(if retried { Step::Retry { why } } else { refuse(&why, leave_alone) });
    }
    if matches!(body, Body::TooBig { .. }) || matches!(status, 413 | 414) {
        return Some(split(ask, request, &said));
    }
    let says_nothing =
        matches!(body, Body::NoResults { .. }) || said.to_ascii_lowercase().replace(' ', "").contains("norecordsfound");
    if says_nothing || (status == 404 && !describes && request.selection.filters().any(|(id, _)| is_dimension(id))) {
        let why = if said.is_empty() { "no records found".to_owned() } else { said };
        return Some(if describes { refuse(&why, UNKNOWN_TABLE) } else { Step::Nothing { why } });
    }
    match status {
        200 => match body {
            Body::Data { .. } => None,
            Body::Empty | Body::Damaged { .. } => Some(Step::Retry { why: said }),
            Body::Asynchronous { .. } | Body::NotReady { .. } | Body::Ticket { .. } | Body::UnknownTicket { .. } => {
                Some(refuse("the service queues the request, which this protocol does not follow", "ask for less under `pull`"))
            }
            Body::WrittenToFile { .. }
            | Body::NotFound { .. }
            | Body::Fault { .. }
            | Body::NoResults { .. }
            | Body::TooBig { .. }
            | Body::Html { .. } => Some(refuse(&said, UNKNOWN_TABLE)),
        },
        500 if ask.source.quirks.contains(&Quirk::TooBigIs500) && !describes => Some(split_once(ask, request, &said)),
        404 | 410 => Some(refuse(&said, UNKNOWN_TABLE)),
        406 => Some(refuse(
            &format!("the service does not give the form asked for: {said}"),
            "say `quirks = [\"csv_by_format\"]` in the source's file when it wants the form in the address",
        )),
        401 | 403 | 407 => Some(refuse(&said, leave_alone)),
        408 | 429 if bans => Some(refuse(&said, leave_alone)),
        408 | 429 | 500..=599 => Some(Step::Retry { why: said }),
        _ => Some(refuse(&said, "compare the filters under `pull` with the table's structure at the provider")),
    }
}

const UNKNOWN_TABLE: &str = "look the table's code up in the provider's catalogue: it was moved, renamed or withdrawn";

/// The provider's words, in short.
fn message(answer: &Answer<'_>) -> String {
    match answer.body {
        Body::NoResults { message }
        | Body::TooBig { message, .. }
        | Body::Asynchronous { message }
        | Body::NotReady { message }
        | Body::UnknownTicket { message }
        | Body::WrittenToFile { message }
        | Body::NotFound { message }
        | Body::Fault { message, .. }
        | Body::Damaged { message } => message.clone(),
        Body::Empty => "an empty answer".into(),
        Body::Html { .. } => "a web page".into(),
        Body::Ticket { .. } => "a queue ticket".into(),
        // A sentence as plain text; data are never so short.
        Body::Data { gzip: false, media: Media::Text | Media::Json | Media::Xml } if answer.bytes.len() < 2000 => {
            let text = String::from_utf8_lossy(answer.bytes);
            text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|sign| !sign.is_control()).take(300).collect()
        }
        Body::Data { .. } => format!("an answer with the HTTP status {}", answer.status),
    }
}

/// The data came: are they what was asked for, and whole?
fn received(ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
    let Body::Data { media: Media::Text, gzip } = answer.body else {
        return refuse(
            "the answer is not CSV",
            "say `quirks = [\"csv_by_format\"]` in the source's file when the service wants the form in the address",
        );
    };
    if *gzip {
        return Step::Keep;
    }
    let bytes = answer.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(answer.bytes);
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let header = String::from_utf8_lossy(&bytes[..end]);
    if !header.contains("OBS_VALUE") {
        return refuse(&format!("expected CSV with the column OBS_VALUE, found {}", short(&header)), UNKNOWN_TABLE);
    }
    if bytes[end..].trim_ascii().is_empty() {
        return Step::Nothing { why: "a header without rows".into() };
    }
    let rows = memchr::memchr_iter(b'\n', bytes[end..].trim_ascii()).count() + 1;
    if rows == CUT_OFF {
        return split(ask, request, &format!("exactly {CUT_OFF} rows came, the number at which services cut off"));
    }
    Step::Keep
}

fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("`{}…`", &text[..end]).into(),
        None => format!("`{}`", text.trim()).into(),
    }
}

fn refuse(why: &str, hint: &str) -> Step {
    Step::Refuse { why: why.to_owned(), hint: hint.to_owned() }
}

const LESS: &str = "ask for less under `pull` in the dataflow's file";

/// Halves a request; the key in its address tells the order of the dimensions.
fn split(ask: &Ask<'_>, request: &Request, why: &str) -> Step {
    let refused = || refuse(&format!("too much was asked for: {why}"), LESS);
    let (Ok(flow), Some(halves)) = (Flow::parse(ask.table), request.selection.halves(is_dimension)) else { return refused() };
    let Some(order) = order_of_key(&request.url, &request.selection) else { return refused() };
    Step::Split(halves.into_iter().flat_map(|half| short_enough(ask.source, &flow, &order, half)).collect())
}

/// Halves only what was planned: the status may also mean a fault of the server, and every further try counts
/// against us.
fn split_once(ask: &Ask<'_>, request: &Request, why: &str) -> Step {
    match checked_selection(ask.dataflow) {
        Ok(planned) if planned == request.selection => split(ask, request, why),
        Ok(_) | Err(_) => refuse(&format!("the service fails or too much was asked for: {why}"), LESS),
    }
}

/// The filtered dimensions by their place in the key of an address; empty ids for the others. Two dimensions with the
/// same codes may be taken for one another, which leaves the halves as they are.
fn order_of_key(url: &str, selection: &Selection) -> Option<Vec<String>> {
    let path = url.split_once('?').map_or(url, |(path, _)| path);
    let (_, key) = path.rsplit_once('/')?;
    let mut left: Vec<(&str, String)> = selection
        .filters()
        .filter(|(id, _)| is_dimension(id))
        .map(|(id, codes)| (id, codes.iter().map(|code| escape(code)).collect::<Vec<_>>().join("+")))
        .collect();
    let order = key.split('.').map(|position| {
        let found = left.iter().position(|(_, codes)| codes == position);
        found.map(|found| left.remove(found).0.to_owned()).unwrap_or_default()
    });
    let order: Vec<String> = order.collect();
    left.is_empty().then_some(order)
}

#[cfg(test)]
mod tests;
