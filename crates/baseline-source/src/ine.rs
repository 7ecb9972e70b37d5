//! Answers of the Spanish statistical office (INE): series of Tempus3, and the CSV of its web pages.
//!
//! A series states its dimensions only inside its name, unless the request had `tip=M`: then `MetaData` gives variables
//! and codes. The period is `Anyo` with the period's code and never `Fecha`, which is midnight in Madrid written as an
//! instant: a day earlier in UTC.
//!
//! ```text
//! [{"COD":"CP499994","Nombre":"Todas las edades. Balears, Illes. Total. Población. Número. ","FK_Unidad":3,"FK_Escala":1,
//!   "Data":[{"Fecha":1656626400000,"FK_TipoDato":2,"FK_Periodo":27,"Anyo":2022,"Valor":1232270.4,"Secreto":false}]}]
//! [{"COD":"..","Nombre":"..","T3_Unidad":"Personas","MetaData":[{"Id":451,"T3_Variable":"Sexo","Nombre":"Total","Codigo":""}],
//!   "Data":[{"T3_TipoDato":"Definitivo","T3_Periodo":"M05","Anyo":2025,"Valor":101.2,"Secreto":false}]}]
//! Edad;Sexo;Periodo;Total          Total;Ambos sexos;2025T2;10,29
//! ```

mod csv;

use std::collections::BTreeMap;

use baseline_model::{Description, Entry, Finding, Period, Positions, RawTable};
use serde_json::Value as Json;

use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) use csv::{is_one as is_csv, read as read_csv};

pub(crate) const FORMAT: &str = "INE Tempus3";
pub(crate) const CSV_FORMAT: &str = "INE CSV";

pub(crate) fn is_one(json: &Json) -> bool {
    let series = |json: &Json| json["Data"].is_array() && (json["COD"].is_string() || json["Nombre"].is_string());
    match json {
        Json::Array(items) => items.first().is_some_and(series),
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => series(other),
    }
}

/// What the office says instead of data: `{"status":"..."}`, with HTTP 200.
pub(crate) fn status(json: &Json) -> Option<&str> {
    json.as_object().filter(|members| members.len() == 1)?.get("status")?.as_str()
}

pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let one = std::slice::from_ref(json);
    let series: Vec<Series<'_>> = match json {
        Json::Array(items) => items.as_slice(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => one,
    }
    .iter()
    .map(Series::new)
    .collect();
    let (ids, labels, keys) = keys(&series, context);
    let cells = series.iter().map(|series| series.data.len()).try_fold(0_usize, usize::checked_add);
    let limit = context.options.limits.cells;
    if cells.and_then(|cells| cells.checked_mul(ids.len().max(1))).is_none_or(|cells| cells > limit.saturating_mul(8))
        || cells > Some(limit)
    {
        context.add(
            Finding::error(
                "too-many-cells",
                context.name,
                format!("the file has more than the allowed {limit} cells; it is refused"),
            )
            .hint("filter the request, or raise the limit if the file is trusted"),
        );
        return None;
    }
    let mut rows = Rows::new(&ids);
    let mut positions = Vec::new();
    for (number, (series, key)) in series.iter().zip(&keys).enumerate() {
        for (place, datum) in series.data.iter().enumerate() {
            let at = format!("[{number}].Data[{place}]");
            let Some(period) = period(datum) else {
                context.group("row-without-period", "", |context| {
                    let message = format!(
                        "expected `Anyo` and a period's code, found {}; the figure is not used",
                        quote(&datum.to_string())
                    );
                    Finding::error("row-without-period", context.at(&at), message)
                        .hint("take the answer from the provider itself")
                });
                continue;
            };
            let value = match &datum["Valor"] {
                Json::Number(number) => number.as_f64().filter(|number| number.is_finite()).map(|number| number + 0.0),
                Json::Null => None,
                other @ (Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_)) => {
                    let text = other.to_string();
                    context.group("not-a-number", &text, |context| {
                        let message =
                            format!("expected a number or null, found {}; the cell is kept without a value", quote(&text));
                        Finding::error("not-a-number", context.at(format_args!("{at}.Valor")), message)
                            .hint("take the answer from the provider itself")
                    });
                    None
                }
            };
            let secret = datum["Secreto"].as_bool() == Some(true);
            // A figure that is marked as secret is not ours to show, whatever stands there.
            let value = if secret { None } else { value };
            let conf = if secret { "Secreto" } else { "" };
            rows.push(key.iter().map(String::as_str), &period, value, &kind(datum), conf);
            positions.push(format!("{at}.Valor"));
        }
    }
    let mut table = rows.finish(Positions::Text(positions));
    for (column, label) in table.dimensions.iter_mut().zip(labels) {
        column.label = label;
    }
    duplicates(&table, context);
    Some(table)
}

struct Series<'j> {
    code: &'j str,
    name: &'j str,
    unit: String,
    scale: String,
    values: Vec<Value>,
    data: &'j [Json],
}

/// One entry of `MetaData`: the variable, and which of its values the series has.
struct Value {
    variable: String,
    code: String,
    label: String,
}

impl<'j> Series<'j> {
    fn new(json: &'j Json) -> Self {
        let text = |name: &str| json[name].as_str().unwrap_or_default().trim();
        let list = |name: &str| json[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let either =
            |names: [&str; 2]| names.iter().map(|name| written(&json[*name])).find(|text| !text.is_empty()).unwrap_or_default();
        Self {
            code: text("COD"),
            name: text("Nombre"),
            unit: either(["T3_Unidad", "FK_Unidad"]),
            scale: either(["T3_Escala", "FK_Escala"]),
            values: list("MetaData").iter().map(Value::new).collect(),
            data: list("Data"),
        }
    }

    /// The parts of its name. Names of regions have commas, so only a stop with a blank divides.
    fn parts(&self) -> Vec<&str> {
        self.name.trim_end_matches('.').split(". ").map(str::trim).collect()
    }
}

impl Value {
    fn new(json: &Json) -> Self {
        let named = [&json["T3_Variable"], &json["Variable"]["Nombre"], &json["FK_Variable"], &json["Variable"]["Id"]];
        let variable = named.into_iter().map(written).find(|text| !text.is_empty()).unwrap_or_default();
        let (code, label) = (written(&json["Codigo"]), written(&json["Nombre"]));
        // Totals have no code; the number is the one that `tv` filters take.
        let id = written(&json["Id"]);
        let code = if !code.is_empty() {
            code
        } else if id.is_empty() {
            label.clone()
        } else {
            format!("id:{id}")
        };
        Self { variable, code, label }
    }
}

/// A text or a number as a text, trimmed.
fn written(json: &Json) -> String {
    match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Object(_) => json["Nombre"].as_str().unwrap_or_default().trim().to_owned(),
        Json::Null | Json::Bool(_) | Json::Array(_) => String::new(),
    }
}

/// Ids and labels of the dimensions, and the key of each series.
type Keys = (Vec<String>, Vec<String>, Vec<Vec<String>>);

fn keys(series: &[Series<'_>], context: &mut Context<'_>) -> Keys {
    let described =
        series.iter().all(|series| !series.values.is_empty() && series.values.iter().all(|value| !value.variable.is_empty()));
    let (mut ids, mut labels, mut keys) = if described { by_variables(series, context) } else { by_names(series, context) };
    let units: Vec<&String> = series.iter().map(|series| &series.unit).collect();
    let scales: Vec<&String> = series.iter().map(|series| &series.scale).collect();
    for (id, texts) in [("unidad", units), ("escala", scales)] {
        // A variable of the table may be called so, too.
        if texts.iter().any(|text| !text.is_empty()) && !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
            labels.push(String::new());
            keys.iter_mut().zip(texts).for_each(|(key, text)| key.push(text.clone()));
        }
    }
    (ids, labels, keys)
}

/// By variable and code, as `MetaData` states them; texts become descriptions.
fn by_variables(series: &[Series<'_>], context: &mut Context<'_>) -> Keys {
    let mut ids: Vec<String> = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    let mut texts: BTreeMap<(usize, String), String> = BTreeMap::new();
    let mut keys: Vec<BTreeMap<usize, String>> = Vec::new();
    for series in series {
        let mut key = BTreeMap::new();
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        for value in &series.values {
            // A series may have two values of one variable: the second is a dimension of its own.
            let times = met.entry(&value.variable).or_default();
            *times += 1;
            let lower = value.variable.to_lowercase();
            let id = if *times == 1 { lower } else { format!("{lower}_{times}") };
            let place = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                ids.push(id);
                labels.push(value.variable.clone());
                ids.len() - 1
            });
            texts.entry((place, value.code.clone())).or_insert_with(|| value.label.clone());
            key.insert(place, value.code.clone());
        }
        keys.push(key);
    }
    if !series.iter().all(|series| series.data.is_empty()) {
        let entry = |((place, code), label): ((usize, String), String)| Entry {
            list: ids[place].clone(),
            list_label: labels[place].clone(),
            code,
            label,
            parent: String::new(),
        };
        let entries = texts.into_iter().map(entry).collect();
        context.descriptions.push(Description { entries, ..Description::default() });
    }
    let keys =
        keys.into_iter().map(|mut key| (0..ids.len()).map(|place| key.remove(&place).unwrap_or_default()).collect()).collect();
    (ids, labels, keys)
}

/// By the parts of the names, which are texts and not codes, with the series' code before them.
fn by_names(series: &[Series<'_>], context: &mut Context<'_>) -> Keys {
    let parts: Vec<Vec<&str>> = series.iter().map(Series::parts).collect();
    let width = parts.first().map_or(0, Vec::len);
    let even = parts.iter().all(|parts| parts.len() == width);
    let ids: Vec<String> = if even {
        ["series".to_owned()].into_iter().chain((1..=width).map(|number| format!("name_{number}"))).collect()
    } else {
        context.add(
            Finding::warning(
                "names-of-uneven-parts",
                context.name,
                "the names of the series have different numbers of parts: which part is which dimension cannot be known, so they are kept whole",
            )
            .hint("add tip=AM to the request: then the answer states variables and codes"),
        );
        vec!["series".into(), "name".into()]
    };
    let key = |(series, parts): (&Series<'_>, Vec<&str>)| {
        let rest: Vec<String> = if even { parts.into_iter().map(str::to_owned).collect() } else { vec![series.name.to_owned()] };
        [series.code.to_owned()].into_iter().chain(rest).collect()
    };
    let labels = vec![String::new(); ids.len()];
    (ids, labels, series.iter().zip(parts).map(key).collect())
}

/// How final the figure is, in the office's own mark; empty for a final one.
fn kind(datum: &Json) -> String {
    let (text, number) = (written(&datum["T3_TipoDato"]), &datum["FK_TipoDato"]);
    if text == "Definitivo" || (text.is_empty() && number.as_u64() == Some(1)) {
        return String::new();
    }
    if text.is_empty() { written(number) } else { text }
}

/// From the year and the period's code; of tables of the older kind from `NombrePeriodo`.
fn period(datum: &Json) -> Option<String> {
    let Some(year) = datum["Anyo"].as_i64() else {
        let name = written(&datum["NombrePeriodo"]);
        return (!name.is_empty()).then(|| named_period(&name));
    };
    let code = written(&datum["T3_Periodo"]);
    if !code.is_empty() {
        return Some(match code.as_str() {
            "A" => format!("{year:04}"),
            _ => named_period(&format!("{year:04}{code}")),
        });
    }
    Some(match datum["FK_Periodo"].as_u64()? {
        28 => format!("{year:04}"),
        month @ 1..=12 => format!("{year:04}-{month:02}"),
        quarter @ 19..=22 => format!("{year:04}-Q{}", quarter - 18),
        26 => format!("{year:04}-01-01"),
        27 => format!("{year:04}-07-01"),
        other => format!("{year:04} FK_Periodo {other}"),
    })
}

const MONTHS: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

/// `2025T2`, `2025M05`, `20221 de enero de`, `1 de enero de 2022`: in our form, or as it stands.
pub(super) fn named_period(text: &str) -> String {
    let text = text.trim();
    let quarter = text.get(..4).zip(text.get(4..)).filter(|(_, rest)| rest.starts_with('T'));
    let plain = quarter.map_or_else(|| text.to_owned(), |(year, rest)| format!("{year}Q{}", rest[1..].trim_start_matches('0')));
    if let Some(period) = Period::parse(&plain) {
        return period.to_string();
    }
    day(text).unwrap_or_else(|| text.to_owned())
}

/// A day in words, with the year before or behind it.
fn day(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, rest) = match lower.rsplit_once(" de ") {
        Some((rest, year)) if is_year(year.trim()) => (year.trim().to_owned(), rest.to_owned()),
        _ => (lower.get(..4).filter(|year| is_year(year))?.to_owned(), lower.get(4..)?.trim().trim_end_matches(" de").to_owned()),
    };
    let (day, month) = rest.split_once(" de ")?;
    let day: u8 = day.trim().parse().ok()?;
    let month = MONTHS.iter().position(|name| *name == month.trim())? + 1;
    Period::parse(&format!("{year}-{month:02}-{day:02}")).map(|period| period.to_string())
}
