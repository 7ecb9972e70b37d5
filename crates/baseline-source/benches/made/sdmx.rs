//! Made SDMX files: municipalities by sex, age and citizenship over twelve years, as large as asked for. The same size
//! gives the same bytes.

use std::fmt::Write as _;

const YEARS: std::ops::Range<u32> = 2012..2024;

/// A series: its number tells everything about it.
struct Series {
    area: String,
    sex: &'static str,
    age: String,
    citizenship: String,
}

fn series(number: usize) -> Series {
    let place = |divisor: usize, size: usize| number / divisor % size;
    Series {
        citizenship: format!("C{:03}", place(1, 40)),
        age: format!("Y{}-{}", place(40, 20) * 5, place(40, 20) * 5 + 4),
        sex: ["1", "2", "9"][place(800, 3)],
        area: format!("IT{:06}", number / 2400),
    }
}

/// A figure and its status; one in fifty is missing, one in nine provisional.
fn figure(number: usize, year: u32) -> (String, &'static str) {
    let mixed = (number as u64 * 12 + u64::from(year)).wrapping_mul(6_364_136_223_846_793_005) >> 33;
    let status = if mixed.is_multiple_of(9) { "p" } else { "" };
    if mixed.is_multiple_of(50) { (String::new(), "m") } else { (format!("{}.{}", mixed % 100_000, mixed % 10), status) }
}

/// SDMX-CSV 1.0 in ISTAT's layout, of so many megabytes.
pub fn csv(megabytes: usize) -> Vec<u8> {
    let mut text = String::from(
        "DATAFLOW,FREQ,REF_AREA,SEX,AGE,CITIZENSHIP,TIME_PERIOD,OBS_VALUE,OBS_STATUS,NOTE_DS,BASE_PER,UNIT_MEAS,UNIT_MULT\n",
    );
    for number in 0.. {
        let Series { area, sex, age, citizenship } = series(number);
        for year in YEARS {
            let (value, status) = figure(number, year);
            let _ = writeln!(
                text,
                "IT1:29_316_DF_DCIS_POPSTRBIL1_1(1.0),A,{area},{sex},{age},{citizenship},{year},{value},{status},,,,"
            );
        }
        if text.len() >= megabytes << 20 {
            break;
        }
    }
    text.into_bytes()
}

const HEADER: &str = "<m:Header><m:ID>made</m:ID><m:Structure structureID=\"S\" dimensionAtObservation=\"TIME_PERIOD\"><c:Structure>\
    <Ref agencyID=\"IT1\" id=\"MADE\" version=\"1.0\"/></c:Structure></m:Structure></m:Header>\n";
const SPACES: &str = "xmlns:m=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\" xmlns:g=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic\" xmlns:c=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common\"";

/// SDMX-ML 2.1, structure-specific.
pub fn specific(megabytes: usize) -> Vec<u8> {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m:StructureSpecificData {SPACES}>\n{HEADER}<m:DataSet structureRef=\"S\">\n"
    );
    for number in 0.. {
        let Series { area, sex, age, citizenship } = series(number);
        let _ = writeln!(
            text,
            "<Series FREQ=\"A\" REF_AREA=\"{area}\" SEX=\"{sex}\" AGE=\"{age}\" CITIZENSHIP=\"{citizenship}\" UNIT_MULT=\"0\">"
        );
        for year in YEARS {
            let (value, status) = figure(number, year);
            let _ = write!(text, "<Obs TIME_PERIOD=\"{year}\"");
            for (name, value) in
                [("OBS_VALUE", value.as_str()), ("OBS_STATUS", status)].iter().filter(|(_, value)| !value.is_empty())
            {
                let _ = write!(text, " {name}=\"{value}\"");
            }
            text.push_str("/>\n");
        }
        text.push_str("</Series>\n");
        if text.len() >= megabytes << 20 {
            break;
        }
    }
    text.push_str("</m:DataSet>\n</m:StructureSpecificData>\n");
    text.into_bytes()
}

/// SDMX-ML 2.1, generic.
pub fn generic(megabytes: usize) -> Vec<u8> {
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<m:GenericData {SPACES}>\n{HEADER}<m:DataSet structureRef=\"S\">\n");
    for number in 0.. {
        let Series { area, sex, age, citizenship } = series(number);
        text.push_str("<g:Series><g:SeriesKey>");
        for (id, value) in [("FREQ", "A"), ("REF_AREA", &area), ("SEX", sex), ("AGE", &age), ("CITIZENSHIP", &citizenship)] {
            let _ = write!(text, "<g:Value id=\"{id}\" value=\"{value}\"/>");
        }
        text.push_str("</g:SeriesKey>\n");
        for year in YEARS {
            let (value, status) = figure(number, year);
            let _ = write!(text, "<g:Obs><g:ObsDimension value=\"{year}\"/>");
            if !value.is_empty() {
                let _ = write!(text, "<g:ObsValue value=\"{value}\"/>");
            }
            if !status.is_empty() {
                let _ = write!(text, "<g:Attributes><g:Value id=\"OBS_STATUS\" value=\"{status}\"/></g:Attributes>");
            }
            text.push_str("</g:Obs>\n");
        }
        text.push_str("</g:Series>\n");
        if text.len() >= megabytes << 20 {
            break;
        }
    }
    text.push_str("</m:DataSet>\n</m:GenericData>\n");
    text.into_bytes()
}
