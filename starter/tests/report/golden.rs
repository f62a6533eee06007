//! Whole pages, byte by byte. `BGR_WRITE_GOLDEN=1` writes them anew; look at them in a browser before you keep them.

use crate::samples::{hostile, nobody, small};
use starter::report::Report;
use std::path::Path;

fn compare(name: &str, report: &Report) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report").join(name);
    let page = report.html();
    if std::env::var_os("BGR_WRITE_GOLDEN").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(page == kept, "{name} is another page than the one kept; BGR_WRITE_GOLDEN=1 writes it, git diff shows it");
}

#[test]
fn a_small_group() {
    compare("small.html", &small());
}

#[test]
fn nobody_at_all() {
    compare("nobody.html", &nobody());
}

#[test]
fn nineteen_hostile_people() {
    compare("hostile.html", &hostile());
}
