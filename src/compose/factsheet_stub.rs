//! A fact sheet of what the report has already: key messages, whose values there are, the table of gaps. Stands in until the
//! fact sheet proper is here.

use baseline_model::Finding;
use baseline_render::document::{Block, Product, Report};

use super::{Context, finish, front, messages, scorecards, section};

/// The fact sheet of one territory.
pub fn factsheet_report(context: &Context<'_>, territory: &str, _found: &[Finding]) -> Report {
    let sections = vec![
        section(context, "key-messages", vec![Block::List(messages::key_messages(context, territory))]),
        section(context, "comparison", scorecards(context, Some(territory))),
    ];
    let title = context.text("report.title", &[("territory", &context.unit_name(territory))]);
    finish(context, Product::Factsheet, title, front(context, Some(territory)), sections)
}
