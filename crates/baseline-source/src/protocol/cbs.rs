//! `StatLine` of the Dutch statistical office (CBS): OData 4, or OData 3 where the source's address is of its old service.
//!
//! A dimension stands under `pull` in the table's own letters (`RegioS`), codes with the blanks that the table pads them
//! with. An answer has one page; the next is asked from the place that the answer names, at our own address: an address
//! that an answer names is never followed. The old service's bulk feed is asked for the untyped set, which alone tells
//! the kinds of nothing apart.
//!
//! ```text
//! https://datasets.cbs.nl/odata/v1           {base}/CBS/85984NED/Observations?$filter=%28RegioS%20eq%20%27GM1966%27%29
//!                                            {base}/CBS/85984NED/Dimensions    {base}/Datasets?$select=Identifier,Modified
//! https://opendata.cbs.nl/ODataFeed/odata    {base}/84799NED/UntypedDataSet?$format=json&$filter=...
//!                                            {base}/84799NED/DataProperties?$format=json
//! ```

use std::collections::BTreeMap;

use baseline_model::definitions::Source;
use baseline_model::{Finding, Role};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::address::{base, escape, source_base};
use super::plain::{self, padded, written};
use super::{Answer, Ask, Expected, Phase, PlanError, Protocol, Request, Selection, Stamp, Step, Structure, StructureDimension};
use crate::body::{self, Body, Media};

/// Codes that one filter may name: services of this kind count the parts of a filter and refuse a long one.
const MOST_CODES: usize = 24;
/// Signs an address may have.
const LONGEST: usize = 2000;
const CATALOGUE: &str = "https://datasets.cbs.nl/odata/v1/Datasets";

pub struct Cbs;

impl Protocol for Cbs {
    fn id(&self) -> &'static str {
        "cbs"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        table(ask)?;
        let selection = plain::selection(ask, |id, _| {
            let name = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if name { Ok(()) } else { Err(("is no name of a dimension".into(), "name it as the table does: RegioS")) }
        })?;
        Ok(short_parts(ask, selection).into_iter().map(|part| page(ask, part, None)).collect())
    }

    fn classify(&self, bytes: &[u8]) -> Body {
        let body = body::classify(bytes);
        let message = match &body {
            // Errors of the old service have a member of their own.
            Body::Data { media: Media::Json, gzip: false } => match old_error(bytes) {
                Some(message) => message,
                None => return body,
            },
            Body::Fault { message, .. } => message.clone(),
            Body::Data { .. }
            | Body::Empty
            | Body::NoResults { .. }
            | Body::TooBig { .. }
            | Body::Asynchronous { .. }
            | Body::Ticket { .. }
            | Body::NotReady { .. }
            | Body::UnknownTicket { .. }
            | Body::WrittenToFile { .. }
            | Body::NotFound { .. }
            | Body::Html { .. }
            | Body::Damaged { .. } => return body,
        };
        if message.contains("more than 10000") {
            return Body::TooBig { estimated: None, max: Some(10_000), message };
        }
        if message.contains("node count") {
            return Body::TooBig { estimated: None, max: None, message };
        }
        Body::Fault { status: None, id: None, message }
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        match answer.body {
            Body::TooBig { message, .. } => too_big(ask, request, message),
            Body::NoResults { message } if answer.status == 200 => Step::Nothing { why: message.clone() },
            Body::Data { media: Media::Json, .. } if answer.status == 200 && request.phase == Phase::Describe => Step::Keep,
            Body::Data { media: Media::Json, .. } if answer.status == 200 && request.expected == Expected::ChangeList => {
                Step::Keep
            }
            Body::Data { media: Media::Json, .. } if answer.status == 200 => match further(ask, request, answer.bytes) {
                Ok(None) => Step::Keep,
                Ok(Some(next)) => Step::KeepAnd(vec![next]),
                Err(why) => Step::Refuse {
                    why,
                    hint: "the provider pages otherwise than before: the table would be cut; report it".into(),
                },
            },
            Body::Data { .. }
            | Body::Empty
            | Body::NoResults { .. }
            | Body::Asynchronous { .. }
            | Body::Ticket { .. }
            | Body::NotReady { .. }
            | Body::UnknownTicket { .. }
            | Body::WrittenToFile { .. }
            | Body::NotFound { .. }
            | Body::Fault { .. }
            | Body::Html { .. }
            | Body::Damaged { .. } => plain::otherwise(answer, CATALOGUE),
        }
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let path = table(ask).ok()?;
        let set = if is_old(ask.source) { "DataProperties?$format=json" } else { "Dimensions" };
        let url = format!("{}/{path}/{set}", root(ask.source));
        Some(plain::get(ask, url, Expected::Structure, Selection::default()))
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("expected JSON: {error}"))?;
        let items = json["value"].as_array().ok_or("expected a list `value`, found none")?;
        let text = |item: &Json, name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let mut dimensions = Vec::new();
        let mut measures = Vec::new();
        for item in items {
            let kind = [text(item, "Kind"), text(item, "Type")].concat();
            let id = [text(item, "Identifier"), text(item, "Key")].concat();
            match kind.as_str() {
                "TopicGroup" => {}
                "Topic" => measures.push((id, text(item, "Title"))),
                _ if id.is_empty() => return Err(format!("expected dimensions, found {item}")),
                _ => {
                    let role = if kind.starts_with("Time") {
                        Some(Role::Time)
                    } else if kind.starts_with("Geo") {
                        Some(Role::Geo)
                    } else {
                        None
                    };
                    dimensions.push(StructureDimension { id, label: text(item, "Title"), role, ..StructureDimension::default() });
                }
            }
        }
        if dimensions.is_empty() {
            return Err("expected dimensions, found none".into());
        }
        let measure = StructureDimension {
            id: "measure".into(),
            role: Some(Role::Metric),
            codes: measures,
            ..StructureDimension::default()
        };
        dimensions.push(measure);
        Ok(Structure { dimensions, updated: String::new() })
    }

    fn changes(&self, source: &Source) -> Option<Request> {
        base(source).ok()?;
        let url = format!("{}/Datasets?$select=Identifier,Modified", root(source));
        (!is_old(source)).then(|| Request {
            table: "Datasets".into(),
            asked: url.clone(),
            url,
            payload: None,
            accept: "application/json",
            pack: true,
            expected: Expected::ChangeList,
            selection: Selection::default(),
            phase: Phase::Ask,
        })
    }

    fn read_changes(&self, bytes: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Table {
            identifier: String,
            modified: String,
        }
        #[derive(Deserialize)]
        struct List {
            value: Vec<Table>,
        }
        match serde_json::from_slice::<List>(bytes) {
            Ok(list) => {
                let stamp = |table: Table| {
                    (table.identifier.to_ascii_lowercase(), Stamp { data: table.modified, structure: String::new() })
                };
                (list.value.into_iter().map(stamp).collect(), Vec::new())
            }
            Err(error) => {
                let finding = Finding::warning(
                    "inventory-columns",
                    "list of changes",
                    format!("expected `Identifier` and `Modified` of each table: {error}"),
                );
                (BTreeMap::new(), vec![finding.hint("tables are pulled without knowing whether they changed")])
            }
        }
    }
}

/// The service of before 2023 names itself in its address.
fn is_old(source: &Source) -> bool {
    let url = source.base_url.to_ascii_lowercase();
    url.contains("/odatafeed") || url.contains("/odataapi")
}

/// The address before the tables. Of the old service only the feed gives more than 10 000 records.
fn root(source: &Source) -> String {
    source_base(source).replace("/ODataApi", "/ODataFeed")
}

/// `CBS/85984NED`; a table of another catalogue is named with it. The old service has one catalogue.
fn table(ask: &Ask<'_>) -> Result<String, PlanError> {
    let wrong = || PlanError::Table { id: ask.table.to_owned() };
    let (catalogue, id) = ask.table.split_once('/').unwrap_or(("CBS", ask.table));
    let good =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !good(catalogue) || !good(id) || (is_old(ask.source) && ask.table.contains('/')) {
        return Err(wrong());
    }
    Ok(if is_old(ask.source) { id.to_owned() } else { format!("{catalogue}/{id}") })
}

/// Disjoint parts whose filters are short enough to be asked.
fn short_parts(ask: &Ask<'_>, selection: Selection) -> Vec<Selection> {
    let codes: usize = selection.filters().map(|(_, codes)| codes.len()).sum();
    if codes <= MOST_CODES && address(ask, &selection).len() <= LONGEST {
        return vec![selection];
    }
    match selection.halves(|_| true) {
        Some(halves) => halves.into_iter().flat_map(|half| short_parts(ask, half)).collect(),
        None => vec![selection],
    }
}

fn address(ask: &Ask<'_>, selection: &Selection) -> String {
    let one = |id: &str, code: &str| format!("{} eq '{}'", written(ask, id), padded(ask, id, code).replace('\'', "''"));
    let any = |(id, codes): (&str, &std::collections::BTreeSet<String>)| {
        let codes: Vec<_> = codes.iter().map(|code| one(id, code)).collect();
        format!("({})", codes.join(" or "))
    };
    let filter: Vec<_> = selection.filters().map(any).collect();
    let filter = if filter.is_empty() { String::new() } else { format!("$filter={}", escape(&filter.join(" and "))) };
    let path = table(ask).unwrap_or_default();
    let (set, parameters) = if is_old(ask.source) {
        ("UntypedDataSet", vec!["$format=json".to_owned(), filter])
    } else {
        ("Observations", vec![filter])
    };
    let parameters: Vec<_> = parameters.into_iter().filter(|parameter| !parameter.is_empty()).collect();
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{path}/{set}{mark}{}", root(ask.source), parameters.join("&"))
}

/// The request for a part, or for one of its further pages.
fn page(ask: &Ask<'_>, selection: Selection, place: Option<&str>) -> Request {
    let mut url = address(ask, &selection);
    if let Some(place) = place {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(place);
    }
    plain::get(ask, url, Expected::Json, selection)
}

fn is_first(ask: &Ask<'_>, request: &Request) -> bool {
    request.url == address(ask, &request.selection)
}

/// The page after this one. The error says why the answer's own word for it cannot be trusted.
fn further(ask: &Ask<'_>, request: &Request, bytes: &[u8]) -> Result<Option<Request>, String> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(rename = "@odata.nextLink")]
        next: Option<String>,
        #[serde(rename = "odata.nextLink")]
        old: Option<String>,
        value: Option<Vec<IgnoredAny>>,
    }
    let page: Page = serde_json::from_slice(bytes).map_err(|error| format!("expected a page of records: {error}"))?;
    if page.value.is_none() {
        return Err("expected a page with a list `value`, found none".into());
    }
    let Some(link) = page.next.or(page.old) else { return Ok(None) };
    let (path, query) = link.split_once('?').unwrap_or((&link, ""));
    let own = address(ask, &request.selection);
    let own = own.split_once('?').map_or(own.as_str(), |(path, _)| path);
    let behind = |url: &str| url.split_once("://").map_or(url, |(_, rest)| rest).to_ascii_lowercase();
    let same = if path.contains("://") { behind(path) == behind(own) } else { !path.contains('/') };
    if !same {
        return Err("the next page is said to lie at another address".into());
    }
    let place = query.split('&').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.replace("%24", "$");
        matches!(name.as_str(), "$skip" | "$skiptoken").then(|| (name, value.to_owned()))
    });
    let Some((name, value)) = place else { return Err("the next page is named without its place".into()) };
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%',()".contains(&byte);
    if value.is_empty() || value.len() > 200 || !value.bytes().all(safe) {
        return Err("the place of the next page is no number and no plain text".into());
    }
    let next = self::page(ask, request.selection.clone(), Some(&format!("{name}={value}")));
    let number = |url: &str| url.rsplit_once("$skip=").and_then(|(_, value)| value.parse::<u64>().ok());
    if next.url == request.url || number(&next.url).is_some_and(|next| number(&request.url).is_some_and(|here| next <= here)) {
        return Err("the next page is said to lie before this one".into());
    }
    Ok(Some(next))
}

fn too_big(ask: &Ask<'_>, request: &Request, message: &str) -> Step {
    let halves = if is_first(ask, request) { request.selection.halves(|_| true) } else { None };
    match halves {
        Some(halves) => Step::Split(halves.into_iter().map(|half| page(ask, half, None)).collect()),
        None => Step::Refuse {
            why: message.to_owned(),
            hint: "give `base_url` the address of ODataFeed or of OData 4, or more filters under `pull`".into(),
        },
    }
}

/// `{"odata.error":{"code":"","message":{"lang":"nl-NL","value":"..."}}}`
fn old_error(bytes: &[u8]) -> Option<String> {
    memchr::memmem::find(&bytes[..bytes.len().min(200)], b"\"odata.error\"")?;
    let json: Json = serde_json::from_slice(bytes).ok()?;
    let message = &json["odata.error"]["message"];
    let text = message["value"].as_str().or_else(|| message.as_str());
    Some(text.unwrap_or("an error without a message").to_owned())
}

#[cfg(test)]
mod tests;
