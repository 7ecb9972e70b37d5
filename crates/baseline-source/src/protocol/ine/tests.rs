use super::*;
use crate::protocol::Sizes;
use baseline_model::definitions::Dataflow;
use baseline_model::definitions::Source;

const BASE: &str = "https://h.example/wstempus/js";

fn with<T>(table: &str, pull: &[(&str, &str)], run: impl FnOnce(&Ask<'_>) -> T) -> T {
    let source = Source { base_url: BASE.into(), ..Source::default() };
    let pull = pull.iter().map(|(id, codes)| ((*id).to_owned(), codes.split('+').map(str::to_owned).collect())).collect();
    let dataflow = Dataflow { pull, ..Dataflow::default() };
    run(&Ask { source: &source, table, dataflow: &dataflow, sizes: &Sizes::new() })
}

fn check(table: &str, pull: &[(&str, &str)], expected: Option<&str>) {
    let url = with(table, pull, |ask| Ine.plan(ask).ok().map(|plan| plan[0].url.clone()));
    assert_eq!(url.as_deref(), expected.map(|path| format!("{BASE}/ES/{path}")).as_deref(), "{table} {pull:?}");
}

#[test]
fn plans() {
    check("66322", &[], Some("DATOS_TABLA/66322?tip=AM"));
    check(
        "66322",
        &[("19", "4871"), ("18", "452+451"), ("141", "*"), ("nult", "5"), ("date", "20200101:+:20101231")],
        Some("DATOS_TABLA/66322?tip=AM&date=20200101:&date=:20101231&nult=5&tv=141:&tv=18:451&tv=18:452&tv=19:4871"),
    );
    check("DATOS_SERIE/IPC206449", &[("nult", "1")], Some("DATOS_SERIE/IPC206449?tip=AM&nult=1"));
    check("t20/e245/p08/l0/01001.px", &[], Some("DATOS_TABLA/t20/e245/p08/l0/01001.px?tip=AM"));
    for table in ["", "a b", "../x", "a//b", "x?y", "VALORES/"] {
        check(table, &[], None);
    }
    for pull in [("19", "x"), ("nult", "a"), ("nult", "1+2"), ("date", "2020"), ("tip", "A"), ("det", "2"), ("19", "")] {
        check("1", &[pull], None);
    }
}

#[test]
fn long_requests_are_forms() {
    let many: Vec<_> = (0..300).map(|number| format!("{}", 10_000 + number)).collect();
    with("1", &[("19", &many.join("+"))], |ask| {
        let request = &Ine.plan(ask).unwrap()[0];
        let payload = request.payload.as_ref().unwrap();
        assert_eq!(
            (request.url.as_str(), payload.media_type),
            (&*format!("{BASE}/ES/DATOS_TABLA/1"), "application/x-www-form-urlencoded")
        );
        assert!(payload.text.starts_with("tip=AM&tv=19:10000&") && request.asked == format!("{}?{}", request.url, payload.text));
        // Halves of it are asked as addresses again when they are short enough.
        let [half, _] = request.selection.halves(is_variable).unwrap();
        assert!(data(ask, half).payload.is_none());
    });
}

fn step(status: u16, body: &str) -> String {
    with("1", &[("19", "1+2"), ("nult", "3")], |ask| {
        let request = Ine.plan(ask).unwrap().remove(0);
        match Ine.next(ask, &request, &Answer { status, bytes: body.as_bytes(), body: &Ine.classify(body.as_bytes()) }) {
            Step::Keep => "keep".into(),
            Step::Nothing { .. } => "nothing".into(),
            Step::Split(parts) => format!("split {}", parts.len()),
            Step::Retry { .. } => "retry".into(),
            Step::Refuse { why, .. } => format!("refuse {why}"),
            other @ (Step::KeepAnd(_)
            | Step::Continue(_)
            | Step::Whole(_)
            | Step::Wait { .. }
            | Step::Follow(_)
            | Step::Resubmit { .. }) => format!("{other:?}"),
        }
    })
}

#[test]
fn steps() {
    for (status, body, expected) in [
        (200, r#"[{"COD":"A","Nombre":"x","Data":[]}]"#, "keep"),
        (200, "[]", "nothing"),
        (200, "", "nothing"),
        (200, " \n", "nothing"),
        (200, r#"{"status":"No puede mostrarse por restricciones de volumen"}"#, "split 2"),
        (200, r#"{"status":"La tabla no existe"}"#, "refuse La tabla no existe"),
        (200, r#"{"status":"Error en los parámetros"}"#, "refuse Error en los parámetros"),
        (200, "<html>", "retry"),
        (200, r#"[{"COD":"#, "retry"),
        (404, "", "refuse an empty answer"),
        (403, "<html>", "refuse a web page instead of data"),
        (429, "", "retry"),
        (500, "x", "retry"),
    ] {
        assert_eq!(step(status, body), expected, "{status} {body}");
    }
}

#[test]
fn structures() {
    with("66322", &[], |ask| assert_eq!(Ine.structure(ask).unwrap().url, format!("{BASE}/ES/GRUPOS_TABLA/66322")));
    with("DATOS_SERIE/A", &[], |ask| assert!(Ine.structure(ask).is_none()));
    let structure = Ine.read_structure(r#"[{"Id":1,"Nombre":"Municipios "},{"Id":2,"Nombre":"Sexo"}]"#.as_bytes()).unwrap();
    assert_eq!(structure.dimensions.iter().map(|dimension| dimension.id.as_str()).collect::<Vec<_>>(), ["Municipios", "Sexo"]);
    for text in ["", "{}", r#"{"status":"no"}"#, "[1]"] {
        assert!(Ine.read_structure(text.as_bytes()).is_err(), "{text}");
    }
}
