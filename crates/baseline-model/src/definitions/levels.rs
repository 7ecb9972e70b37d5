//! At which territorial levels an indicator can be had. Follows from the records; nothing is declared twice.

use super::{Definitions, Indicator, Level};

impl Definitions {
    /// Levels at which an indicator is published, finest first: those of its tables; of a formula those that all its
    /// inputs have; of an indicator that awaits its table those that it states.
    pub fn levels(&self, indicator: &Indicator) -> Vec<Level> {
        let all = [Level::Lau, Level::Nuts3, Level::Nuts2, Level::Country];
        if let Some(estimate) = &indicator.estimate {
            let shares = estimate.compositions.iter().flat_map(|composition| composition.shares.values());
            let parts: Vec<_> = shares.filter_map(|share| self.indicators.get(share)).collect();
            return all.into_iter().filter(|level| parts.iter().any(|part| self.levels(part).contains(level))).collect();
        }
        let published = |level: &Level| match (&indicator.derived, &indicator.awaits) {
            (Some(derived), _) => derived
                .inputs
                .iter()
                .filter_map(|input| self.indicators.get(input))
                .all(|input| self.levels(input).contains(level)),
            (None, Some(awaits)) => awaits.levels.contains(level),
            (None, None) => indicator
                .series
                .iter()
                .filter_map(|series| self.dataflows.get(&series.dataflow))
                .any(|dataflow| dataflow.levels.contains(level)),
        };
        all.into_iter().filter(published).collect()
    }

    /// The tables an indicator draws on, those of the inputs of its formula included; each once, in order.
    pub fn tables(&self, id: &str) -> Vec<&str> {
        let mut tables = Vec::new();
        let (mut open, mut seen) = (vec![id], Vec::new());
        while let Some(id) = open.pop() {
            let Some((id, indicator)) = self.indicators.get_key_value(id).filter(|(id, _)| !seen.contains(id)) else { continue };
            seen.push(id);
            for series in &indicator.series {
                if !tables.contains(&series.dataflow.as_str()) {
                    tables.push(series.dataflow.as_str());
                }
            }
            let inputs: Vec<&str> = indicator.inputs().map(String::as_str).collect();
            open.extend(inputs.into_iter().rev());
        }
        tables
    }
}
