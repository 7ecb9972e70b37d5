//! SDMX-JSON 1.0 and 2.0: data and structure messages.
//!
//! A key such as `0:1:2` holds places in the values of the dimensions, observations are lists: the value, then a place
//! (or the text itself) for each attribute. A place outside the values refuses the table, because every cell may then
//! stand somewhere else.
//!
//! ```text
//! {"header":{…},"dataSets":[{"action":"Information","series":{"0:1":{"attributes":[0],"observations":{"0":[1.5,0]}}}}],
//!  "structure":{"name":"…","dimensions":{"series":[{"id":"SEX","values":[{"id":"T"},{"id":"F"}]},…],
//!               "observation":[{"id":"TIME_PERIOD","values":[{"id":"2023"}]}]},
//!               "attributes":{"series":[{"id":"UNIT","values":[{"id":"PS"}]}],"observation":[{"id":"OBS_STATUS",…}]}}}
//! {"data":{"dataSets":[{"structure":0,…}],"structures":[{…}]}}
//! ```
//! Specification: <https://github.com/sdmx-twg/sdmx-json>

mod structure;

use baseline_model::{Finding, Positions, RawTable, Role};
use serde_json::{Map, Value as Json};

use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::sdmx::artefacts::{Artefacts, reference_id};
use crate::sdmx::{self, Part, Unread};
use crate::sdmx_ml;
use crate::table::{Rows, dataflow_code};

pub(crate) const FORMAT: &str = "SDMX-JSON";
pub(crate) const STRUCTURE: &str = "SDMX-JSON structure";

/// Dimensions of a table; the widest known has 20.
const DIMENSIONS: usize = 64;

pub(crate) fn is_one(json: &Json) -> bool {
    data_sets(json).is_some() || structure::is_one(json)
}

/// The artefacts of a structure message; none when it is something else.
pub(crate) fn artefacts(json: &Json) -> Option<Artefacts> {
    structure::is_one(json).then(|| structure::read(json))
}

fn data_sets(json: &Json) -> Option<&Vec<Json>> {
    json["dataSets"].as_array().or_else(|| json["data"]["dataSets"].as_array())
}

/// The format's name and the tables.
pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    let Some(sets) = data_sets(json) else {
        sdmx_ml::add_descriptions(&structure::read(json), context);
        return (STRUCTURE, Vec::new());
    };
    let structures = structures(json);
    let mut tables = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let at = if sets.len() == 1 { context.name.to_owned() } else { context.at(format_args!("dataSets[{number}]")) };
        let place = set["structure"].as_u64().and_then(|place| usize::try_from(place).ok()).unwrap_or_default();
        let read = match structures.get(place) {
            Some(structure) => table(set, number, structure, &at, context),
            None => Err("the message has no structure for it".into()),
        };
        match read {
            Ok(table) => {
                duplicates(&table, context);
                tables.push(table);
            }
            Err(message) => context.add(
                Finding::error("sdmx-json-inconsistent", at, format!("{message}; the table is refused"))
                    .hint("the answer is cut or was edited: request it again"),
            ),
        }
    }
    add_errors(json, tables.iter().all(RawTable::is_empty), context);
    context.own_marks = true;
    (FORMAT, tables)
}

/// What the provider says beside the data.
fn add_errors(json: &Json, empty: bool, context: &mut Context<'_>) {
    for error in json["errors"].as_array().into_iter().flatten() {
        let title = ["title", "detail", "message"].iter().find_map(|member| error[*member].as_str()).unwrap_or("no words");
        let (code, text) = if empty {
            ("error-body", format!("no data: the provider answered with a message: {}", quote(title)))
        } else {
            ("provider-message", format!("the provider says {}", quote(title)))
        };
        context.group(code, title, |context| {
            Finding::error(code, context.at("errors"), text).hint("repeat the request as the message says")
        });
    }
}

fn structures(json: &Json) -> Vec<&Json> {
    for list in [&json["data"]["structures"], &json["structures"]] {
        if let Some(list) = list.as_array() {
            return list.iter().collect();
        }
    }
    [&json["structure"], &json["data"]["structure"]].into_iter().filter(|structure| structure.is_object()).collect()
}

/// Codes of a dimension or an attribute, by place.
struct Component<'j> {
    id: &'j str,
    json: &'j Json,
    /// None where the place holds no code.
    codes: Vec<Option<&'j str>>,
}

fn components<'j>(json: &'j Json, level: &str) -> Result<Vec<Component<'j>>, String> {
    let list = match &json[level] {
        Json::Null => return Ok(Vec::new()),
        Json::Array(list) => list,
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
            return Err(format!("expected a list as `{level}`"));
        }
    };
    if list.len() > DIMENSIONS {
        return Err(format!("expected at most {DIMENSIONS} dimensions or attributes of one kind, found {}", list.len()));
    }
    let mut found = Vec::with_capacity(list.len());
    for json in list {
        let id = json["id"].as_str().ok_or_else(|| format!("expected an `id` in `{level}`"))?;
        let values = json["values"].as_array().map_or(&[][..], Vec::as_slice);
        // 2.0 has `value` where no codelist is behind it.
        let codes =
            values.iter().map(|value| value["id"].as_str().or_else(|| value["value"].as_str()).or_else(|| value.as_str()));
        found.push(Component { id, json, codes: codes.collect() });
    }
    Ok(found)
}

fn is_time(component: &Component<'_>) -> bool {
    let role = |role: &Json| matches!(role.as_str(), Some("TIME_PERIOD" | "TIME" | "time"));
    sdmx::part(component.id) == Part::Time
        || role(&component.json["role"])
        || component.json["roles"].as_array().is_some_and(|roles| roles.iter().any(role))
}

fn role_of(component: &Component<'_>) -> Option<Role> {
    let texts = [&component.json["role"]].into_iter().chain(component.json["roles"].as_array().into_iter().flatten());
    texts.filter_map(Json::as_str).find_map(|role| match role {
        "REF_AREA" | "GEO" | "geo" => Some(Role::Geo),
        "MEASURE" | "METRIC" | "measure" => Some(Role::Metric),
        _ => None,
    })
}

/// A data set being read. `texts` holds what each dimension says for the current observation.
struct Set<'j> {
    all: Vec<Component<'j>>,
    /// Dimensions of the whole set and of its series stand before in `all`.
    fixed: usize,
    series: usize,
    time: Option<usize>,
    /// Places in `all` of the columns.
    order: Vec<usize>,
    texts: Vec<&'j str>,
    series_attributes: Vec<Component<'j>>,
    attributes: Vec<Component<'j>>,
    /// Empty unless there are several.
    measures: Vec<&'j str>,
    rows: Rows,
    positions: Vec<String>,
    unread: Unread,
    /// Of the series.
    status: (String, String),
}

fn table(json: &Json, number: usize, structure: &Json, at: &str, context: &mut Context<'_>) -> Result<RawTable, String> {
    if json["action"].as_str().is_some_and(|action| action.eq_ignore_ascii_case("delete")) {
        return Err("the data set tells which observations to delete; they are no figures".into());
    }
    let mut set = prepare(structure)?;
    for (attribute, value) in
        components(&structure["attributes"], "dataSet")?.iter().zip(json["attributes"].as_array().into_iter().flatten())
    {
        set.unread.note(attribute.id, &attribute_text(attribute, Some(value))?);
    }
    let fixed = set.fixed;
    for place in 0..fixed {
        let [Some(code)] = set.all[place].codes.as_slice() else {
            return Err(format!(
                "expected one value of {} for the whole data set, found {}",
                quote(set.all[place].id),
                set.all[place].codes.len()
            ));
        };
        set.texts[place] = code;
    }
    let root = format!("dataSets[{number}]");
    let (start, end) = (set.fixed, set.fixed + set.series);
    for (key, series) in object(&json["series"], "series")? {
        set.place(key, start, end)?;
        set.status = (String::new(), String::new());
        let stated = series["attributes"].as_array();
        let stated = stated.map_or(&[][..], Vec::as_slice);
        for (number, attribute) in listed(&set.series_attributes, stated.len()).enumerate() {
            let text = attribute_text(attribute, stated.get(number))?;
            let id = attribute.id;
            match sdmx::part(id) {
                Part::Status => set.status.0 = text,
                Part::Confidential => set.status.1 = text,
                Part::Time | Part::Value | Part::Attribute | Part::Open => set.unread.note(id, &text),
            }
        }
        for (own, cells) in object(&series["observations"], "observations")? {
            set.place(own, end, set.all.len())?;
            set.push(cells, &format!("{root}.series.{key}.observations.{own}"), at, context)?;
        }
    }
    set.status = (String::new(), String::new());
    let flat = object(&json["observations"], "observations")?;
    for (key, cells) in flat {
        set.place(key, start, set.all.len())?;
        set.push(cells, &format!("{root}.observations.{key}"), at, context)?;
    }
    Ok(set.finish(structure, at, context))
}

fn object<'j>(json: &'j Json, member: &str) -> Result<impl Iterator<Item = (&'j String, &'j Json)>, String> {
    static NONE: std::sync::LazyLock<Map<String, Json>> = std::sync::LazyLock::new(Map::new);
    match json {
        Json::Object(members) => Ok(members.iter()),
        Json::Null => Ok(NONE.iter()),
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => Err(format!("expected an object as `{member}`")),
    }
}

fn prepare(structure: &Json) -> Result<Set<'_>, String> {
    let level = |level| components(&structure["dimensions"], level);
    let mut all = level("dataSet")?;
    let fixed = all.len();
    all.extend(level("series")?);
    let series = all.len() - fixed;
    all.extend(level("observation")?);
    if all.is_empty() {
        return Err("the structure names no dimension".into());
    }
    let measures: Vec<&str> = components(&structure["measures"], "observation")?.iter().map(|measure| measure.id).collect();
    let several = measures.len() > 1;
    let mut ids: Vec<String> = all.iter().map(|component| component.id.to_lowercase()).collect();
    ids.extend(several.then(|| "measure".to_owned()));
    ids.sort();
    if let Some([twice, _]) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the dimension {} stands twice", quote(twice)));
    }
    let time = all.iter().position(is_time);
    let mut order: Vec<usize> = (0..all.len()).filter(|place| Some(*place) != time).collect();
    let position = |place: &usize| all[*place].json["keyPosition"].as_u64();
    if order.iter().all(|place| position(place).is_some()) {
        order.sort_by_key(position);
    }
    let names = order.iter().map(|place| all[*place].id.to_lowercase()).chain(several.then(|| "measure".to_owned()));
    let rows = Rows::new(names.collect::<Vec<_>>());
    Ok(Set {
        texts: vec![""; all.len()],
        all,
        fixed,
        series,
        time,
        order,
        series_attributes: components(&structure["attributes"], "series")?,
        attributes: components(&structure["attributes"], "observation")?,
        measures: if several { measures } else { Vec::new() },
        rows,
        positions: Vec::new(),
        unread: Unread::default(),
        status: (String::new(), String::new()),
    })
}

impl Set<'_> {
    /// Takes the places of a key for the dimensions `start..end`.
    fn place(&mut self, key: &str, start: usize, end: usize) -> Result<(), String> {
        let mut parts = key.split(':').filter(|_| start < end || !key.is_empty());
        for place in start..end {
            let component = &self.all[place];
            let part =
                parts.next().ok_or_else(|| format!("expected {} places in the key {}, found fewer", end - start, quote(key)))?;
            let number: Option<usize> = part.trim().parse().ok();
            let code = number.and_then(|number| component.codes.get(number).copied().flatten());
            self.texts[place] = code.ok_or_else(|| {
                format!(
                    "the key {}: {} is no place among the {} values of {}",
                    quote(key),
                    quote(part),
                    component.codes.len(),
                    quote(component.id)
                )
            })?;
        }
        if parts.next().is_some() {
            return Err(format!("expected {} places in the key {}, found more", end - start, quote(key)));
        }
        Ok(())
    }

    /// One row a measure.
    fn push(&mut self, cells: &Json, position: &str, at: &str, context: &mut Context<'_>) -> Result<(), String> {
        let Some(cells) = cells.as_array() else {
            return Err(format!("{position}: expected a list, found {}", quote(&cells.to_string())));
        };
        let measures = self.measures.len().max(1);
        let (mut status, mut confidential) = (String::new(), String::new());
        for (number, attribute) in listed(&self.attributes, cells.len().saturating_sub(measures)).enumerate() {
            let text = attribute_text(attribute, cells.get(measures + number))?;
            match sdmx::part(attribute.id) {
                Part::Status if status.is_empty() => status = text,
                Part::Status => {}
                Part::Confidential => confidential = text,
                Part::Time | Part::Value | Part::Attribute | Part::Open => self.unread.note(attribute.id, &text),
            }
        }
        for number in 0..measures {
            if self.positions.len() >= context.options.limits.cells {
                return Err(format!("the table has more than the allowed {} cells", context.options.limits.cells));
            }
            let (value, mark) = value(cells.get(number).unwrap_or(&Json::Null), position, at, context);
            let status = [status.as_str(), &self.status.0, &mark].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            let confidential = if confidential.is_empty() { &self.status.1 } else { &confidential };
            let period = self.time.map_or("", |time| self.texts[time]);
            let key = self.order.iter().map(|place| self.texts[*place]).chain(self.measures.get(number).copied());
            self.rows.push(key, period, value, status, confidential);
            self.positions.push(if measures == 1 { position.to_owned() } else { format!("{position}[{number}]") });
        }
        Ok(())
    }

    fn finish(self, structure: &Json, at: &str, context: &mut Context<'_>) -> RawTable {
        self.unread.report(at, context);
        if self.time.is_none() && !self.positions.is_empty() {
            context.add(
                Finding::warning("no-time-dimension", at, "no dimension is marked as time; the period stays empty")
                    .hint("look for the year in the table's title or in another dimension"),
            );
        }
        let mut table = self.rows.finish(Positions::Text(self.positions));
        for (column, place) in table.dimensions.iter_mut().zip(&self.order) {
            structure::text(self.all[*place].json).clone_into(&mut column.label);
            column.role = role_of(&self.all[*place]);
        }
        table.title = Some(structure::text(structure).to_owned()).filter(|title| !title.is_empty());
        table.dataflow = flow(structure);
        table
    }
}

/// The attributes that a list of so many entries speaks of: all in order, or, when exactly so many have values, those.
/// The OECD's old service leaves out attributes without values (seen in a file of 2021).
fn listed<'c, 'j>(attributes: &'c [Component<'j>], entries: usize) -> impl Iterator<Item = &'c Component<'j>> {
    let coded = attributes.iter().filter(|attribute| !attribute.codes.is_empty()).count();
    let only_coded = entries == coded && coded < attributes.len();
    attributes.iter().filter(move |attribute| !only_coded || !attribute.codes.is_empty())
}

/// The text of an attribute: by its place among the values, as it stands where it has none, or its default.
fn attribute_text(attribute: &Component<'_>, cell: Option<&Json>) -> Result<String, String> {
    let default = || attribute.json["default"].as_str().unwrap_or_default().to_owned();
    Ok(match cell {
        None | Some(Json::Null) => default(),
        Some(Json::String(text)) => text.clone(),
        Some(number @ Json::Number(_)) if attribute.codes.is_empty() => number.to_string(),
        Some(Json::Number(number)) => {
            let place =
                number.as_u64().and_then(|place| usize::try_from(place).ok()).and_then(|place| attribute.codes.get(place));
            let Some(code) = place else {
                return Err(format!(
                    "{number} is no place among the {} values of {}",
                    attribute.codes.len(),
                    quote(attribute.id)
                ));
            };
            code.unwrap_or_default().to_owned()
        }
        Some(other @ (Json::Bool(_) | Json::Array(_) | Json::Object(_))) => other.to_string(),
    })
}

/// The value and the mark in its place.
fn value(json: &Json, position: &str, at: &str, context: &mut Context<'_>) -> (Option<f64>, String) {
    match json {
        Json::Null => (None, String::new()),
        Json::String(text) => {
            let (number, mark) = sdmx::figure(text, context, || position.to_owned());
            (number, mark.to_owned())
        }
        Json::Number(_) | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            let number = json.as_f64().filter(|number| number.is_finite()).map(|number| number + 0.0);
            if number.is_none() {
                let text = json.to_string();
                context.group("not-a-number", &text, |_| {
                    let message = format!("expected a number or null, found {}; the cell is kept without a value", quote(&text));
                    Finding::error("not-a-number", format!("{at}: {position}"), message)
                        .hint("the answer was edited or is not from a statistical office")
                });
            }
            (number, String::new())
        }
    }
}

/// The code of the dataflow by the links of the structure.
fn flow(structure: &Json) -> Option<String> {
    let links = structure["links"].as_array()?;
    let flow = links.iter().find(|link| link["rel"].as_str().is_some_and(|rel| rel.eq_ignore_ascii_case("dataflow")))?;
    if let Some(urn) = flow["urn"].as_str() {
        return dataflow_code(reference_id(urn));
    }
    let (_, path) = flow["href"].as_str()?.split_once("/dataflow/")?;
    let mut parts = path.split(['/', '?']);
    let (first, second) = (parts.next()?, parts.next().unwrap_or("all"));
    // The old services have no agency in the path.
    dataflow_code(if second == "all" { first } else { second })
}
