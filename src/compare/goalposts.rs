//! Which figures lie outside the goalposts of a study's composite: a score could only be had by clipping them, and none is
//! clipped silently.

use baseline_model::Finding;
use baseline_model::definitions::{Definitions, Study};

use crate::derive::Figures;

/// A warning for every indicator of the composite of which a figure lies outside its goalposts: the first and how many.
/// Looked at is the group that the composite scores, of every territory and benchmark in every period.
pub fn outside(definitions: &Definitions, study: &Study, figures: &Figures) -> Vec<Finding> {
    let Some(composite) = &study.composite else { return Vec::new() };
    let Some(goalposts) = definitions.goalposts.get(&composite.goalposts) else { return Vec::new() };
    let scored = composite.indicators().filter_map(|id| Some((id, definitions.indicators.get(id)?, goalposts.posts.get(id)?)));
    scored
        .filter_map(|(id, indicator, post)| {
            let values = figures
                .series
                .iter()
                .filter(|((of, _), _)| of == id)
                .flat_map(|(_, series)| series)
                .filter(|(key, _)| {
                    let headline = &indicator.headline;
                    key.origin == headline.origin && key.sex == headline.sex && key.age == headline.age
                })
                .filter_map(|(_, value)| Some((value, value.value.number()?)));
            let mut beyond = values.filter(|(_, number)| !post.holds(*number));
            let (first, number) = beyond.next()?;
            let message = format!(
                "{number} lies outside the goalposts {} to {} of version {}: its score would be clipped",
                post.worst, post.best, composite.goalposts
            );
            let mut finding = Finding::warning("outside-goalposts", first.id.0.as_str(), message);
            finding.count = 1 + beyond.count() as u64;
            Some(finding.hint("make a new version of the goalposts, wide enough; an old version is never changed"))
        })
        .collect()
}
