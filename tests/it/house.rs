//! The house rules that the compiler does not know: which crate may name which.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crates from the top of the house down. A crate may depend only on crates below it.
const FLOORS: [&str; 7] = ["buyer-group", "starter", "activities", "workflows", "store", "contracts", "engine"];

/// What a crate's manifest may not name, as a normal dependency.
const BANNED: [(&str, &[&str]); 4] = [
    (
        "engine",
        &["tokio", "sqlx", "axum", "reqwest", "temporalio-sdk", "temporalio-client", "temporalio-workflow", "rand"],
    ),
    ("contracts", &["tokio", "sqlx", "axum", "reqwest", "temporalio-sdk", "temporalio-client", "jiff", "rand"]),
    ("store", &["axum", "reqwest", "temporalio-sdk", "temporalio-client", "temporalio-workflow"]),
    // The store it may name, for the inbox: what is accepted while Temporal is away has to be kept somewhere. Never the
    // database behind it, and nothing that does the work.
    ("starter", &["sqlx", "workflows", "activities", "temporalio-sdk"]),
];

/// All that the workflows' manifest may name.
const WORKFLOWS_MAY: [&str; 5] = ["contracts", "engine", "temporalio-macros", "temporalio-workflow", "tracing"];

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).no_deps().exec().unwrap()
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    metadata.packages.iter().find(|package| package.name == name).unwrap_or_else(|| panic!("no package {name}"))
}

fn named(package: &Package) -> impl Iterator<Item = &str> {
    let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str())
}

#[test]
fn dependencies_point_down() {
    let metadata = metadata();
    for (floor, name) in FLOORS.iter().enumerate() {
        for dependency in named(package(&metadata, name)) {
            if let Some(other) = FLOORS.iter().position(|name| *name == dependency) {
                assert!(other > floor, "{name} may not depend on {dependency}, which is not below it");
            }
        }
    }
}

#[test]
fn every_crate_has_its_floor() {
    let metadata = metadata();
    for package in &metadata.packages {
        let known = FLOORS.contains(&package.name.as_str()) || package.name == "test-support";
        assert!(known, "{} has no floor in this test and none in ARCHITECTURE.md", package.name);
    }
}

#[test]
fn no_crate_ships_test_support() {
    let metadata = metadata();
    for package in &metadata.packages {
        assert!(named(package).all(|dependency| dependency != "test-support"), "{} ships test-support", package.name);
    }
}

#[test]
fn crates_name_only_what_their_job_allows() {
    let metadata = metadata();
    for (name, banned) in BANNED {
        for dependency in named(package(&metadata, name)) {
            assert!(!banned.contains(&dependency), "{name} may not name {dependency}");
        }
    }
    for dependency in named(package(&metadata, "workflows")) {
        assert!(WORKFLOWS_MAY.contains(&dependency), "workflows may not name {dependency}");
    }
}

#[test]
fn all_crates_share_the_house_lints() {
    let metadata = metadata();
    for package in &metadata.packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} has lints of its own", package.name);
    }
}
