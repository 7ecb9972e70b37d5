//! JSON-stat 2.0 and 1, bare, as a bundle or collection, or wrapped in the answers of a client.
//!
//! Cells are numbered row by row over the dimensions (last one fastest); `value` and `status` name them
//! by this number (object) or by place (array), and `status` may be one text for all. An empty cell with
//! a status is stated: the status is the reason. A table whose sizes contradict each other is refused,
//! because every cell would stand somewhere else. Metadata without figures, collections of links and single
//! dimensions are descriptions. Outside Eurostat a status is a mark of its office and stays as it is.
//!
//! ```text
//! {"version":"2.0","class":"dataset","updated":"2026-06-30T11:00:00+0200",
//!  "value":{"0":39.8},"status":{"1":"u"},"id":["geo","time"],"size":[2,1],
//!  "dimension":{"geo":{"category":{"index":{"SE":0,"PL":1}}},"time":{"category":{"index":["2024"]}}},
//!  "extension":{"id":"LFSA_EOQGAN"}}
//! ```
//! Specification: <https://json-stat.org/format/>

mod cells;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use baseline_model::{Column, Description, Entry, Finding, Period, Positions, RawTable, Role};
use serde_json::Value as Json;

use crate::findings::{Context, quote};
use crate::pxweb::repeated;
use crate::table::{Interner, MOST_DIMENSIONS, constant, dataflow_code};
use crate::timecode;

pub(crate) const FORMAT: &str = "JSON-stat 2.0";
/// Everything of a dataset's dimensions inside `dimension`, datasets as members of one object.
pub(crate) const FORMAT_ONE: &str = "JSON-stat 1";

/// How deep an answer may be wrapped.
const DEPTH: usize = 4;

/// Whether there is a dataset, a collection or a dimension in it.
pub(crate) fn is_any(json: &Json) -> bool {
    let mut found = Vec::new();
    collect(json, DEPTH, &mut found);
    !found.is_empty() || is_collection(json) || is_dimension(json)
}

/// The format's name and the tables; what holds codes and no figures goes to the context's descriptions.
pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    if is_dimension(json) {
        context.descriptions.push(dimension_alone(json));
        return (FORMAT, Vec::new());
    }
    if is_collection(json) {
        context.descriptions.extend(links(json));
    }
    let mut datasets = Vec::new();
    collect(json, DEPTH, &mut datasets);
    let format = if datasets.iter().any(|dataset| dataset.one) { FORMAT_ONE } else { FORMAT };
    // PxWeb's JSON-stat 1 wraps its only dataset in the member `dataset`.
    let bare = datasets.len() == 1 && (Dataset::of(json).is_some() || json["dataset"].is_object());
    let mut tables = Vec::new();
    for (number, dataset) in (1_u32..).zip(datasets) {
        let part = if bare { 0 } else { number };
        let at = if bare { context.name.to_owned() } else { context.at(format_args!("answer {part}")) };
        let read = if dataset.is_metadata() {
            describe(&dataset).map(|description| context.descriptions.push(description))
        } else {
            table(&dataset, part, &at, context).map(|table| tables.push(table))
        };
        if let Err(message) = read {
            context.add(
                Finding::error("jsonstat-inconsistent", at, format!("{message}; the table is refused"))
                    .hint("the answer is cut or was edited: request it again"),
            );
        }
    }
    (format, tables)
}

/// A dataset of either version.
#[derive(Clone, Copy)]
struct Dataset<'j> {
    json: &'j Json,
    ids: &'j [Json],
    sizes: &'j [Json],
    role: &'j Json,
    /// Of version 1.
    one: bool,
}

impl<'j> Dataset<'j> {
    fn of(json: &'j Json) -> Option<Self> {
        let dimension = &json["dimension"];
        let parts = |from: &'j Json, one| {
            let (ids, sizes) = (from["id"].as_array()?, from["size"].as_array()?);
            Some(Self { json, ids, sizes, role: &from["role"], one })
        };
        dimension.is_object().then(|| parts(json, false).or_else(|| parts(dimension, true)))?
    }

    fn dimension(&self, id: &str) -> &'j Json {
        &self.json["dimension"][id]
    }

    fn pxweb(&self) -> &'j Json {
        &self.json["extension"]["px"]
    }

    /// Whether status is in Eurostat's letters, with confidentiality behind a bar. The first versions and other offices
    /// have marks of their own.
    fn is_eurostat(&self) -> bool {
        let source = self.json["source"].as_str().unwrap_or("ESTAT");
        !self.one
            && !self.pxweb().is_object()
            && (source.eq_ignore_ascii_case("ESTAT") || source.eq_ignore_ascii_case("Eurostat"))
    }

    /// Whether it holds codes and no figures. PxWeb writes an empty list of values into its metadata.
    fn is_metadata(&self) -> bool {
        let nothing = match &self.json["value"] {
            Json::Null => true,
            Json::Array(values) => values.is_empty() && self.pxweb().is_object(),
            Json::Object(values) => values.is_empty() && self.pxweb().is_object(),
            Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
        };
        let empty = self.sizes.iter().any(|size| size.as_u64() == Some(0));
        nothing && !empty && self.json["status"].is_null()
    }
}

fn is_collection(json: &Json) -> bool {
    json["class"] == "collection" && json["link"]["item"].is_array()
}

fn is_dimension(json: &Json) -> bool {
    json["class"] == "dimension" && json["category"].is_object()
}

fn collect<'j>(json: &'j Json, depth: usize, found: &mut Vec<Dataset<'j>>) {
    if let Some(dataset) = Dataset::of(json) {
        found.push(dataset);
    } else if depth > 0 {
        match json {
            Json::Array(items) => items.iter().for_each(|item| collect(item, depth - 1, found)),
            Json::Object(members) => members.values().for_each(|item| collect(item, depth - 1, found)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
}

/// What a collection points to without holding it.
fn links(json: &Json) -> Option<Description> {
    let text = |json: &Json, member: &str| json[member].as_str().unwrap_or_default().to_owned();
    let entry =
        |item: &Json| Entry { list: "table".into(), code: text(item, "href"), label: text(item, "label"), ..Entry::default() };
    let items = json["link"]["item"].as_array()?.iter().filter(|item| Dataset::of(item).is_none());
    let entries: Vec<Entry> = items.map(entry).collect();
    let (id, title, updated) = (String::new(), text(json, "label"), text(json, "updated"));
    (!entries.is_empty()).then_some(Description { id, title, updated, entries })
}

fn dimension_alone(json: &Json) -> Description {
    let title = json["label"].as_str().unwrap_or_default().to_owned();
    let entries = entries(&title, json).unwrap_or_default();
    Description { title, entries, ..Description::default() }
}

/// What a dataset without figures says about its codes.
fn describe(dataset: &Dataset<'_>) -> Result<Description, String> {
    let mut all = Vec::new();
    for dimension in dimensions(dataset)? {
        let json = dataset.dimension(&dimension.id);
        all.extend(entries(&dimension.id, json)?);
        for list in json["extension"]["codelists"].as_array().into_iter().flatten() {
            let text = |member: &str| list[member].as_str().unwrap_or_default().to_owned();
            let list = format!("{}: codelists", dimension.id);
            all.push(Entry {
                list,
                list_label: dimension.label.clone(),
                code: text("id"),
                label: text("label"),
                ..Entry::default()
            });
        }
    }
    let text = |member: &str| dataset.json[member].as_str().unwrap_or_default().to_owned();
    let id = dataflow(dataset).unwrap_or_default();
    Ok(Description { id, title: text("label"), updated: text("updated"), entries: all })
}

/// The codes of one dimension with their texts and parents.
fn entries(list: &str, dimension: &Json) -> Result<Vec<Entry>, String> {
    let category = &dimension["category"];
    let (list, list_label) = (repeated(list), repeated(dimension["label"].as_str().unwrap_or_default()));
    let mut parents = BTreeMap::new();
    for (parent, children) in category["child"].as_object().into_iter().flatten() {
        for child in children.as_array().into_iter().flatten().filter_map(Json::as_str) {
            parents.insert(child, parent.as_str());
        }
    }
    let entry = |code: String| Entry {
        list: list.clone(),
        list_label: list_label.clone(),
        label: category["label"][&code].as_str().unwrap_or_default().to_owned(),
        parent: repeated(parents.get(code.as_str()).copied().unwrap_or_default()),
        code,
    };
    Ok(categories(category)?.into_iter().map(entry).collect())
}

/// One dimension of a dataset.
pub(crate) struct Dimension {
    pub id: String,
    pub label: String,
    pub role: Option<Role>,
    pub codes: Vec<String>,
}

/// The dimensions of a bare dataset with the JSON of each; `None` when it is no dataset, the error is a sentence.
pub(crate) fn dimensions_of(json: &Json) -> Option<Result<Vec<(Dimension, &Json)>, String>> {
    let dataset = Dataset::of(json)?;
    let with_json = |dimension: Dimension| {
        let json = dataset.dimension(&dimension.id);
        (dimension, json)
    };
    Some(dimensions(&dataset).map(|dimensions| dimensions.into_iter().map(with_json).collect()))
}

/// The provider's code of the table.
fn dataflow(dataset: &Dataset<'_>) -> Option<String> {
    let text = |json: &Json| json.as_str().map(|id| id.trim().to_lowercase()).filter(|id| !id.is_empty());
    let own = text(&dataset.pxweb()["tableid"]).or_else(|| text(&dataset.pxweb()["matrix"]));
    own.or_else(|| dataset.json["extension"]["id"].as_str().and_then(dataflow_code))
}

fn table(dataset: &Dataset<'_>, part: u32, at: &str, context: &mut Context<'_>) -> Result<RawTable, String> {
    let json = dataset.json;
    let dimensions = dimensions(dataset)?;
    let time = time_of(&dimensions);
    for dimension in dimensions.iter().filter(|dimension| dimension.codes.is_empty()) {
        context.add(
            Finding::error(
                "no-such-code",
                at,
                format!("the dimension `{}` has size 0: none of the codes asked for is in the table", dimension.id),
            )
            .hint("check the codes of the request against the provider's codelist, and the years against the table's"),
        );
    }
    let cells = dimensions
        .iter()
        .try_fold(1_u64, |product, dimension| product.checked_mul(dimension.codes.len() as u64))
        .ok_or("the product of the sizes exceeds any number of cells")?;
    let stated = cells::cells_of(json, cells, at, context)?;
    if stated.len() > context.options.limits.cells {
        return Err(format!("the table has more than the allowed {} cells", context.options.limits.cells));
    }
    if time.is_none() {
        context.add(
            Finding::warning("no-time-dimension", at, "no dimension is marked as time; the period stays empty")
                .hint("add the time dimension to the request"),
        );
    }
    if let Some(units) = units(dataset, &dimensions) {
        context.add(Finding::info("unit", at, format!("the figures are in {units}")));
    }

    let rows = stated.len();
    let eurostat = dataset.is_eurostat();
    context.own_marks |= !eurostat;
    let mut obs_status = Interner::new("obs_status");
    let mut conf_status = Interner::new("conf_status");
    for (_, status) in stated.values() {
        // The bar is Eurostat's; a mark of another office stays whole.
        let (obs, conf) = if eurostat { status.split_once('|').unwrap_or((status, "")) } else { (*status, "") };
        obs_status.push(obs.trim());
        conf_status.push(conf.trim());
    }
    let mut columns = Vec::with_capacity(dimensions.len());
    let mut period = constant("period", "", rows);
    let mut stride = cells;
    for (number, dimension) in dimensions.into_iter().enumerate() {
        let size = dimension.codes.len() as u64;
        // A size of 0 makes the whole cube empty: there is no index to divide.
        stride = stride.checked_div(size).unwrap_or(0);
        let codes =
            stated.keys().map(|index| u32::try_from(index / stride % size).expect("a code's number is below the size")).collect();
        let (label, role) = (dimension.label, dimension.role);
        if Some(number) == time {
            let dictionary = if eurostat { dimension.codes } else { periods(dimension.codes) };
            period = Column { id: "period".into(), label, role: Some(Role::Time), dictionary, codes };
        } else {
            columns.push(Column { id: dimension.id.to_lowercase(), label, role, dictionary: dimension.codes, codes });
        }
    }
    let mut indices = Vec::with_capacity(rows);
    let mut value = Vec::with_capacity(rows);
    for (index, (number, _)) in stated {
        indices.push(index);
        value.push(number);
    }
    Ok(RawTable {
        dataflow: dataflow(dataset),
        title: json["label"].as_str().map(str::to_owned),
        updated: json["updated"].as_str().map(str::to_owned),
        dimensions: columns,
        period,
        value,
        obs_status: obs_status.column,
        conf_status: conf_status.column,
        positions: Positions::Index { part, indices },
    })
}

/// The dimension whose role is time, or the one of this name, or the only one that is called time and has only periods.
fn time_of(dimensions: &[Dimension]) -> Option<usize> {
    let named = |id: &str| matches!(id.to_ascii_lowercase().as_str(), "time" | "time_period");
    let by_role = dimensions.iter().position(|dimension| dimension.role == Some(Role::Time));
    by_role.or_else(|| dimensions.iter().position(|dimension| named(&dimension.id))).or_else(|| {
        let mut likely = dimensions.iter().enumerate().filter(|(_, dimension)| {
            (timecode::is_time_name(&dimension.id) || timecode::is_time_name(&dimension.label))
                && timecode::all_periods(dimension.codes.iter().map(String::as_str))
        });
        likely.next().filter(|_| likely.next().is_none()).map(|(number, _)| number)
    })
}

/// Codes that only PxWeb offices use for periods (`2015K1`) in our form, when they stay different; others verbatim.
fn periods(codes: Vec<String>) -> Vec<String> {
    let ours = |code: &String| match Period::parse(code) {
        Some(_) => code.clone(),
        None => timecode::period(code, None).unwrap_or_else(|| code.clone()),
    };
    let periods: Vec<String> = codes.iter().map(ours).collect();
    let distinct: BTreeSet<&String> = periods.iter().collect();
    if distinct.len() == codes.len() { periods } else { codes }
}

/// The units that the categories state: `tkr (HE0110J8)`.
fn units(dataset: &Dataset<'_>, dimensions: &[Dimension]) -> Option<String> {
    const LISTED: usize = 8;
    let mut units = Vec::new();
    for dimension in dimensions {
        for (code, unit) in dataset.dimension(&dimension.id)["category"]["unit"].as_object().into_iter().flatten() {
            let text =
                ["base", "label", "symbol"].iter().find_map(|member| unit[*member].as_str().filter(|text| !text.is_empty()));
            units.extend(text.map(|text| format!("{} ({code})", quote(text))));
        }
    }
    let more = units.len().saturating_sub(LISTED);
    units.truncate(LISTED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!units.is_empty()).then(|| units.join(", ") + &rest)
}

fn dimensions(dataset: &Dataset<'_>) -> Result<Vec<Dimension>, String> {
    let (ids, sizes) = (dataset.ids, dataset.sizes);
    if ids.len() != sizes.len() {
        return Err(format!("`id` names {} dimensions, `size` has {} numbers", ids.len(), sizes.len()));
    }
    if ids.len() > MOST_DIMENSIONS {
        return Err(format!("`id` names {} dimensions, of at most {MOST_DIMENSIONS}", ids.len()));
    }
    let roles: BTreeMap<&str, Role> = [("metric", Role::Metric), ("geo", Role::Geo), ("time", Role::Time)]
        .into_iter()
        .flat_map(|(name, role)| {
            let of = &dataset.role[name];
            of.as_array().map_or(std::slice::from_ref(of), Vec::as_slice).iter().filter_map(move |id| Some((id.as_str()?, role)))
        })
        .collect();
    let mut dimensions: Vec<Dimension> = Vec::with_capacity(ids.len());
    let mut seen = HashSet::new();
    for (id, size) in ids.iter().zip(sizes) {
        let (Some(id), Some(size)) = (id.as_str(), size.as_u64()) else {
            return Err(format!("expected a text in `id` and a whole number in `size`, found {id} and {size}"));
        };
        if !seen.insert(id.to_lowercase()) {
            return Err(format!("`id` names the dimension {} twice", quote(id)));
        }
        let json = dataset.dimension(id);
        let codes = categories(&json["category"]).map_err(|fault| format!("dimension {}: {fault}", quote(id)))?;
        if codes.len() as u64 != size {
            return Err(format!("dimension {}: `size` says {size} categories, found {}", quote(id), codes.len()));
        }
        let label = json["label"].as_str().unwrap_or_default().to_owned();
        dimensions.push(Dimension { id: id.to_owned(), label, role: roles.get(id).copied(), codes });
    }
    Ok(dimensions)
}

/// The codes in the order of their positions.
fn categories(category: &Json) -> Result<Vec<String>, String> {
    match &category["index"] {
        Json::Array(codes) => {
            let codes: Option<Vec<_>> = codes.iter().map(|code| code.as_str().map(str::to_owned)).collect();
            let codes = codes.ok_or("expected texts in `category.index`")?;
            let mut sorted: Vec<_> = codes.iter().collect();
            sorted.sort();
            match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) => Err(format!("the code {} stands twice", quote(pair[0]))),
                None => Ok(codes),
            }
        }
        Json::Object(positions) => {
            let mut codes = vec![None; positions.len()];
            for (code, position) in positions {
                let place =
                    position.as_u64().and_then(|position| usize::try_from(position).ok()).and_then(|place| codes.get_mut(place));
                match place {
                    Some(free @ None) => *free = Some(code.clone()),
                    Some(Some(other)) => return Err(format!("{} and {} have the same position", quote(other), quote(code))),
                    None => {
                        return Err(format!("the position of {} is {position}, of {} categories", quote(code), positions.len()));
                    }
                }
            }
            codes.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| "a position is missing in `category.index`".into())
        }
        Json::Null => match category["label"].as_object() {
            // The order of an object's members means nothing, so only one category can do without an index.
            Some(labels) if labels.len() <= 1 => Ok(labels.keys().cloned().collect()),
            _ => Err("no `category.index`".into()),
        },
        other @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
            Err(format!("expected an object or an array as `category.index`, found {}", quote(&other.to_string())))
        }
    }
}
