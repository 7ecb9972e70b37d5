//! How a table is built, as its smallest answer tells it: one code of every filter, the last period.
//!
//! Structures proper (`datastructure`) state neither whether the table is published nor when; an answer with data does.
//! Its lists hold only the codes of the slice, so none are returned.
//!
//! ```text
//! {"class":"dataset","updated":"2026-09-10T23:00:00+0200","id":["geo","time"],"size":[1,1],
//!  "dimension":{"geo":{"label":"Geopolitical entity"},"time":{"label":"Time"}},"role":{"geo":["geo"],"time":["time"]}}
//! ```

use baseline_model::Role;
use baseline_model::definitions::Dataflow;
use serde_json::Value as Json;

use super::{Selection, Structure, is_dimension};
use crate::protocol::StructureDimension;

/// The least that can be asked of a table without knowing it.
pub(super) fn smallest(selection: &Selection, dataflow: &Dataflow) -> Selection {
    let mut filters: Vec<(&str, &str)> = selection
        .filters()
        .filter(|(id, _)| is_dimension(id) && *id != "time")
        .filter_map(|(id, codes)| Some((id, codes.first()?.as_str())))
        .collect();
    let has_regions = dataflow.dimensions.iter().any(|(theirs, ours)| theirs.eq_ignore_ascii_case("geo") && ours == "geo");
    if has_regions && !filters.iter().any(|(id, _)| *id == "geo") {
        filters.push(("geolevel", "country"));
    }
    filters.push(("lasttimeperiod", "1"));
    Selection::new(filters.into_iter().map(|(id, code)| (id, [code])))
}

pub(super) fn read(bytes: &[u8]) -> Result<Structure, String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("expected JSON-stat, found no JSON: {error}"))?;
    let Some(ids) = json["id"].as_array().filter(|_| json["class"] == "dataset") else {
        return Err("expected a JSON-stat dataset with its list `id`, found neither".into());
    };
    let has_role = |role: &str, id: &str| json["role"][role].as_array().is_some_and(|ids| ids.iter().any(|found| found == id));
    let dimension = |id: &Json| {
        let id = id.as_str().ok_or("an entry of `id` is no text")?;
        let role = [("time", Role::Time), ("geo", Role::Geo), ("metric", Role::Metric)];
        Ok(StructureDimension {
            id: id.to_owned(),
            label: json["dimension"][id]["label"].as_str().unwrap_or_default().to_owned(),
            role: role.into_iter().find(|(name, _)| has_role(name, id)).map(|(_, role)| role),
            ..StructureDimension::default()
        })
    };
    let dimensions = ids.iter().map(dimension).collect::<Result<Vec<_>, String>>()?;
    Ok(Structure { dimensions, updated: json["updated"].as_str().unwrap_or_default().to_owned() })
}
