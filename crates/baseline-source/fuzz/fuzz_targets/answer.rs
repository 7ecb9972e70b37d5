//! Any bytes as a provider's answer: what it is, the list of changes, the structure of a table.

#![no_main]

use baseline_model::definitions::{Dataflow, Source};
use baseline_source::protocol::{Answer, Ask, PROTOCOLS, Sizes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let protocol = PROTOCOLS[usize::from(*choice) % PROTOCOLS.len()];
    let source = Source { base_url: "https://office.example/api".into(), ..Source::default() };
    let dataflow = Dataflow::default();
    let ask = Ask { source: &source, table: "T1", dataflow: &dataflow, sizes: &Sizes::new() };
    let body = protocol.classify(bytes);
    let _ = protocol.read_changes(bytes);
    let _ = protocol.read_structure(bytes);
    for request in protocol.plan(&ask).into_iter().flatten().chain(protocol.structure(&ask)).take(2) {
        for status in [200, 404, 500] {
            let _ = protocol.next(&ask, &request, &Answer { status, bytes, body: &body });
        }
    }
});
