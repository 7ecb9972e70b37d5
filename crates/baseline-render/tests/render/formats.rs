//! Formats: structure, hostile labels, determinism.

use baseline_render::FORMATS;
use baseline_render::document::{Block, Section};

use crate::sample;

#[test]
fn looked_at() {
    let Some(folder) = std::env::var_os("BASELINE_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    let mut report = sample::report();
    report.sections.push(Section {
        id: "stress".into(),
        title: "Stress".into(),
        blocks: [sample::stress_dumbbell(), sample::stress_line(), sample::stress_strip(), sample::empty_figure()].map(|figure| Block::Figure(Box::new(figure))).into(),
    });
    for format in FORMATS {
        let start = std::time::Instant::now();
        let files = format.render(&report, &sample::english()).expect("the sample can be rendered");
        println!("{}: {:?}", format.id(), start.elapsed());
        for file in files {
            println!("  {} {}", file.path, file.bytes.len());
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().expect("below the folder")).expect("the folder can be made");
            std::fs::write(path, file.bytes).expect("the file can be written");
        }
    }
}
