//! Boundaries from GISCO's distribution: one file a NUTS version, scale and level, as GeoJSON. Nothing is selected, nothing
//! is queued; the files of a version do not change, so there is no list of changes.
//!
//! ```text
//! {base}/NUTS_RG_60M_2024_4326_LEVL_2.geojson
//! ```

use super::address::{base, source_base};
use super::plain;
use super::{Answer, Ask, Expected, PlanError, Protocol, Request, Selection, Step};
use crate::body::{Body, Media};

const CATALOGUE: &str = "https://gisco-services.ec.europa.eu/distribution/v2/nuts";

pub struct Gisco;

impl Protocol for Gisco {
    fn id(&self) -> &'static str {
        "gisco"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'_';
        if ask.table.is_empty() || !ask.table.bytes().all(plain) {
            return Err(PlanError::Table { id: ask.table.to_owned() });
        }
        if let Some(parameter) = ask.dataflow.pull.keys().next() {
            let (fault, hint) = ("a file of boundaries is fetched whole".into(), "leave `pull` out");
            return Err(PlanError::Selection { parameter: parameter.clone(), fault, hint });
        }
        let url = format!("{}/{}.geojson", source_base(ask.source), ask.table);
        let request = plain::get(ask, url, Expected::Json, Selection::default());
        Ok(vec![Request { accept: "application/geo+json, application/json", ..request }])
    }

    fn next(&self, _: &Ask<'_>, _: &Request, answer: &Answer<'_>) -> Step {
        match (answer.status, answer.body) {
            (200, Body::Data { media: Media::Json, .. }) => Step::Keep,
            (200, Body::Data { .. }) => Step::Refuse {
                why: format!("{} bytes that are no GeoJSON: a placeholder for the file", answer.bytes.len()),
                hint: format!("the provider has not published this file: see {CATALOGUE}"),
            },
            _ => plain::otherwise(answer, CATALOGUE),
        }
    }
}

#[cfg(test)]
mod tests {
    use baseline_model::definitions::{Dataflow, Source};

    use super::*;
    use crate::body::classify;
    use crate::protocol::Sizes;

    fn check(table: &str, expected: Result<&str, &str>) {
        let source = Source { base_url: "https://host.example/nuts/geojson/".into(), ..Source::default() };
        let (dataflow, sizes) = (Dataflow::default(), Sizes::new());
        let plan = Gisco.plan(&Ask { source: &source, table, dataflow: &dataflow, sizes: &sizes });
        match (plan, expected) {
            (Ok(plan), Ok(url)) => assert_eq!(plan.iter().map(|request| request.url.as_str()).collect::<Vec<_>>(), [url]),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (plan, _) => panic!("{table}: {plan:?}"),
        }
    }

    #[test]
    fn plans() {
        let url = "https://host.example/nuts/geojson/NUTS_RG_60M_2024_4326_LEVL_2.geojson";
        check("NUTS_RG_60M_2024_4326_LEVL_2", Ok(url));
        check("../x", Err("no table code"));
        check("", Err("no table code"));
    }

    #[test]
    fn steps() {
        let step = |status: u16, body: &str| {
            let (source, dataflow, sizes) = (Source::default(), Dataflow::default(), Sizes::new());
            let ask = Ask { source: &source, table: "t", dataflow: &dataflow, sizes: &sizes };
            let request = plain::get(&ask, String::new(), Expected::Json, Selection::default());
            let found = Gisco.next(&ask, &request, &Answer { status, bytes: body.as_bytes(), body: &classify(body.as_bytes()) });
            match found {
                Step::Keep => "keep".to_owned(),
                Step::Refuse { why, .. } => format!("refuse {why}"),
                Step::Retry { .. } => "retry".to_owned(),
                Step::KeepAnd(_)
                | Step::Continue(_)
                | Step::Nothing { .. }
                | Step::Split(_)
                | Step::Whole(_)
                | Step::Wait { .. }
                | Step::Follow(_)
                | Step::Resubmit { .. } => "something else".to_owned(),
            }
        };
        assert_eq!(step(200, r#"{"type":"FeatureCollection","features":[]}"#), "keep");
        assert!(step(200, "version https://git-lfs.github.com/spec/v1").contains("placeholder"));
        assert!(step(404, "").starts_with("refuse"));
        assert_eq!(step(503, ""), "retry");
    }
}
