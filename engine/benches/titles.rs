//! Titles read per second on one core, beside two naive readers in the same run: a plain keyword list over lowered
//! text, and a straightforward word-by-word look-up that allocates.
//!
//! The titles are the repository's own, and those of the shared data folder where it exists: `BGR_SHARED_DATA`, else
//! `../shared/data` beside the workspace.
#![allow(missing_docs, reason = "the macros of criterion make undocumented items")]

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use engine::{Level, Title};
use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// Titles of every kind: companies, cities, hospitals, schools, several languages, and texts that are none.
const OWN: [&str; 40] = [
    "Senior Software Engineer",
    "VP Finance & Operations",
    "Director, Sales Operations, EMEA",
    "Account Executive",
    "Chief Information Security Officer",
    "Executive Assistant to the CEO",
    "Customer Success Manager",
    "Head of IT at Example Bank",
    "Product Manager, Search Platform",
    "Managing Director, Investment Banking",
    "Key Account Manager",
    "Regional Vice President, Sales",
    "Software Engineer III",
    "Lead Generation Specialist",
    "Former CTO, now Advisor",
    "Technical Recruiter",
    "DIR OF HUMAN RESOURCES",
    "ASST SUPT OF STREETS",
    "SUPERVSNG CIVIL ENGINEER IV",
    "POOL MOTOR TRUCK DRIVER",
    "FIREFIGHTER-EMT (RECRUIT)",
    "DEP COMMISSIONER",
    "ADMIN ASST II",
    "POLICE OFFICER (ASSIGNED AS DETECTIVE)",
    "Registered Nurse, Emergency Department",
    "Chief of Surgery",
    "Assistant Professor of Biology",
    "Principal, Elementary School",
    "Lieutenant Colonel",
    "Geschäftsführer",
    "Stellvertretende Leiterin Einkauf (m/w/d)",
    "Softwareentwicklungsleiter",
    "Directeur des systèmes d'information",
    "Jefa de Equipo, Atención al Cliente",
    "Diretor de Tecnologia",
    "Responsabile Risorse Umane",
    "Hoofd Inkoop en Logistiek",
    "Wizard of Light Bulb Moments",
    "Contractor",
    "President's Office Coordinator",
];

/// Keywords in the order in which a naive reader asks for them.
const KEYWORDS: [(&str, Level); 16] = [
    ("chief", Level::CLevel),
    ("ceo", Level::Owner),
    ("cto", Level::CLevel),
    ("cfo", Level::CLevel),
    ("owner", Level::Owner),
    ("founder", Level::Owner),
    ("vice president", Level::VicePresident),
    ("vp", Level::VicePresident),
    ("president", Level::President),
    ("director", Level::Director),
    ("head", Level::Head),
    ("senior manager", Level::SeniorManager),
    ("manager", Level::Manager),
    ("lead", Level::Lead),
    ("supervisor", Level::Lead),
    ("senior", Level::SeniorIndividualContributor),
];

/// Parts of words looked for anywhere in the lowered text.
fn keyword_list(title: &str) -> Option<Level> {
    let lowered = title.to_lowercase();
    KEYWORDS.iter().find(|(keyword, _)| lowered.contains(keyword)).map(|(_, level)| *level)
}

/// Whole words in a map of strings: every phrase of up to three words is built and asked for.
fn word_by_word(title: &str, phrases: &HashMap<String, Level>) -> Option<Level> {
    let lowered = title.to_lowercase();
    let words: Vec<String> = lowered.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let found = (0..words.len()).flat_map(|at| (1..=3).filter_map(move |length| Some((at, at.checked_add(length)?))));
    found.filter_map(|(from, to)| phrases.get(&words.get(from..to)?.join(" ")).copied()).max()
}

fn read_all(c: &mut Criterion) {
    bench(c.benchmark_group("titles/own"), &OWN.map(str::to_owned));
    let shared = shared_data();
    for (name, file, column) in [
        ("titles/onet", "titles/onet_alternate_titles.csv", 1),
        ("titles/roster", "rosters/sourcegraph_2022-05-25.csv", 2),
    ] {
        match column_of(&shared.join(file), column) {
            Some(titles) => bench(c.benchmark_group(name), &titles),
            None => eprintln!("{name}: not measured, no shared data (set BGR_SHARED_DATA to the folder)"),
        }
    }
}

fn bench(mut group: BenchmarkGroup<'_, WallTime>, titles: &[String]) {
    let phrases: HashMap<String, Level> = KEYWORDS.iter().map(|(word, level)| ((*word).to_owned(), *level)).collect();
    group.sample_size(20).throughput(Throughput::Elements(titles.len() as u64));
    group.bench_function("engine", |b| b.iter(|| titles.iter().map(|t| Title::parse(black_box(t)).confidence).max()));
    group.bench_function("keyword list", |b| b.iter(|| titles.iter().filter_map(|t| keyword_list(black_box(t))).max()));
    group.bench_function("word by word", |b| {
        b.iter(|| titles.iter().filter_map(|t| word_by_word(black_box(t), &phrases)).max());
    });
    group.finish();
}

fn shared_data() -> PathBuf {
    std::env::var_os("BGR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}

/// One column of a CSV file whose fields may stand in quotes; `None` when there is no such file.
fn column_of(path: &Path, column: usize) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.lines().skip(1).filter_map(|line| fields(line).into_iter().nth(column)).collect())
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().into_iter().for_each(|field| field.push(other)),
        }
    }
    fields
}

criterion_group!(benches, read_all);
criterion_main!(benches);
