//! Map files of Eurostat's Regional Yearbook: one figure a region, for one or more options of a map.
//!
//! The files carry no flags; which regions are unreliable or of another year stands only in a footnote in
//! words. The footnote is passed on, because a program that interpreted it would have to guess.
//!
//! ```text
//! {"nutsLevel":2,"options":[{"code":"A","title":"Employment rate ...",
//!   "subtitle":"(% of people aged 25-64, by NUTS 2 regions, 2025)","footnote":"Note: ...",
//!   "data":{"PL42":41.8,"PL43":":"}}]}
//! ```

use baseline_model::{Finding, Period, Positions, RawTable};
use serde_json::Value as Json;

use crate::csv_file::figure;
use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "Regional Yearbook map";

pub(crate) fn is_one(json: &Json) -> bool {
    !json["nutsLevel"].is_null() && json["options"].is_array()
}

pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Option<RawTable> {
    let options = json["options"].as_array()?;
    let mut rows = Rows::new(["option", "geo"]);
    let mut positions = Vec::new();
    let mut footnotes: Vec<&str> = Vec::new();
    for (number, option) in options.iter().enumerate() {
        let at = context.at(format_args!("options[{number}]"));
        let subtitle = option["subtitle"].as_str().unwrap_or_default();
        let (Some(code), Some(data), Some(period)) = (option["code"].as_str(), option["data"].as_object(), period_of(subtitle))
        else {
            context.add(
                Finding::error(
                    "map-option-not-read",
                    at,
                    format!("expected `code`, `data` and a subtitle that ends in a period, found the subtitle {}; the option is not used", quote(subtitle)),
                )
                .hint("the file differs from the maps of 2026: compare it by hand"),
            );
            continue;
        };
        for (geo, value) in data {
            let position = format!("options[{number}].data.{geo}");
            let number = match value {
                Json::Number(number) => number.as_f64(),
                Json::Null => None,
                Json::String(text) => figure(text, &position, context),
                other @ (Json::Bool(_) | Json::Array(_) | Json::Object(_)) => figure(&other.to_string(), &position, context),
            };
            rows.push([code, geo.as_str()], period, number, "", "");
            positions.push(position);
        }
        if let Some(footnote) =
            option["footnote"].as_str().filter(|footnote| !footnote.is_empty() && !footnotes.contains(footnote))
        {
            footnotes.push(footnote);
            context.add(
                Finding::info("footnote", at, footnote.to_owned())
                    .hint("the file has no flags: reliability and years of single regions are said in this footnote only"),
            );
        }
    }
    let mut table = rows.finish(Positions::Text(positions));
    table.title = options.first().and_then(|option| option["title"].as_str()).map(str::to_owned);
    duplicates(&table, context);
    Some(table)
}

/// `(% of people aged 25-64, by NUTS 2 regions, 2025)`: what stands after the last comma.
fn period_of(subtitle: &str) -> Option<&str> {
    let text = subtitle.trim().strip_suffix(')')?.rsplit_once(", ")?.1.trim();
    Period::parse(text).map(|_| text)
}
