//! The compose file and what it mounts, as far as that can be checked without an engine: names, files, addresses, and
//! that the program reads the configuration the containers get.

use buyer_group::config::{Loaded, Overrides, Settings, Surroundings};
use buyer_group::wiring;
use contracts::SEARCH_ATTRIBUTES;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use yaml_rust2::{Yaml, YamlLoader};

/// Made by hand before the first start, as deploy/README.md says, and never in the repository.
const MADE_BY_HAND: &str = "./deploy/webhook-secret";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn compose() -> Yaml {
    let mut documents = YamlLoader::load_from_str(&text("docker-compose.temporal.yml")).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// The value under this key, also where a merge key (`<<`) brings it in.
fn field<'a>(map: &'a Yaml, key: &str) -> Option<&'a Yaml> {
    let own = &map[key];
    if !own.is_badvalue() {
        return Some(own);
    }
    let merged = &map["<<"];
    (!merged.is_badvalue()).then(|| field(merged, key)).flatten()
}

fn entries(map: &Yaml) -> BTreeMap<&str, &Yaml> {
    let mut entries = match &map["<<"] {
        Yaml::BadValue => BTreeMap::new(),
        merged => self::entries(merged),
    };
    let own = map.as_hash().unwrap_or_else(|| panic!("{map:?} is no map")).iter();
    entries.extend(own.map(|(key, value)| (key.as_str().unwrap(), value)).filter(|(key, _)| *key != "<<"));
    entries
}

fn strings<'a>(service: &'a Yaml, key: &str) -> Vec<&'a str> {
    let Some(list) = field(service, key) else { return Vec::new() };
    list.as_vec().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn environment(service: &Yaml) -> BTreeMap<String, String> {
    let Some(environment) = field(service, "environment") else { return BTreeMap::new() };
    entries(environment).into_iter().map(|(key, value)| (key.to_owned(), value.as_str().unwrap().to_owned())).collect()
}

#[test]
fn what_services_wait_for_exists() {
    let compose = compose();
    let services = entries(&compose["services"]);
    for (name, service) in &services {
        let Some(waits) = field(service, "depends_on") else { continue };
        for (target, wait) in entries(waits) {
            let awaited = services.get(target).unwrap_or_else(|| panic!("{name} waits for {target}, which is nobody"));
            if wait["condition"].as_str() == Some("service_healthy") {
                assert!(
                    field(awaited, "healthcheck").is_some(),
                    "{name} waits for {target}'s health, which nobody checks"
                );
            } else {
                assert_eq!(wait["condition"].as_str(), Some("service_completed_successfully"), "{name} on {target}");
                let restart = field(awaited, "restart").and_then(Yaml::as_str);
                assert_eq!(restart, Some("on-failure:6"), "{name} waits for the end of {target}, which has none");
            }
        }
    }
    // The processes start only on a database and a namespace that are ready.
    for process in ["starter", "worker"] {
        let waits: Vec<_> = entries(&services[process]["depends_on"]).into_keys().collect();
        assert_eq!(waits, ["migrate", "temporal-namespace"], "{process}");
    }
}

#[test]
fn what_is_mounted_exists() {
    let compose = compose();
    let volumes = entries(&compose["volumes"]);
    let secrets = entries(&compose["secrets"]);
    let mut files = 0;
    for (name, service) in entries(&compose["services"]) {
        for mount in strings(service, "volumes") {
            let source = mount.split(':').next().unwrap();
            if source.starts_with("./") {
                assert!(root().join(source).exists(), "{name} mounts {source}, which does not exist");
                assert!(mount.ends_with(":ro"), "{name} could write {source}");
                files += 1;
            } else {
                assert!(volumes.contains_key(source), "{name} mounts the volume {source}, which is not declared");
            }
        }
        for secret in strings(service, "secrets") {
            assert!(secrets.contains_key(secret), "{name} reads the secret {secret}, which is not declared");
        }
    }
    assert!(files >= 7, "only {files} mounts of files were seen");
    for (name, secret) in secrets {
        assert_eq!(secret["file"].as_str(), Some(MADE_BY_HAND), "{name}");
    }
    let ignored = text(".gitignore");
    assert!(ignored.lines().any(|line| line == MADE_BY_HAND.trim_start_matches('.')), "git would take {MADE_BY_HAND}");
}

#[test]
fn ports_are_open_to_this_machine_only() {
    let compose = compose();
    let mut seen = BTreeSet::new();
    for (name, service) in entries(&compose["services"]) {
        for port in strings(service, "ports") {
            let parts: Vec<_> = port.split(':').collect();
            assert_eq!((parts[0], parts.len()), ("127.0.0.1", 3), "{name} opens {port}");
            assert!(seen.insert(parts[1]), "port {} is opened twice", parts[1]);
        }
    }
    assert_eq!(seen, BTreeSet::from(["7233", "8080", "8233"]));
}

#[test]
fn the_namespace_gets_exactly_our_search_attributes() {
    let script = text("deploy/temporal/create-namespace.sh");
    let line = script.lines().find(|line| line.starts_with("for name in ")).unwrap();
    let names = line.trim_start_matches("for name in ").trim_end_matches("; do");
    assert_eq!(names.split(' ').collect::<Vec<_>>(), SEARCH_ATTRIBUTES);
    assert!(script.contains("--name \"$name\" --type Keyword"), "each is a Keyword");
}

#[test]
fn server_and_tools_are_of_one_version() {
    let compose = compose();
    let services = entries(&compose["services"]);
    let tag = |service: &str, image: &str| {
        let named = services[service]["image"].as_str().unwrap();
        named.strip_prefix(&format!("{image}:")).unwrap_or_else(|| panic!("{service} runs {named}")).to_owned()
    };
    let server = tag("temporal", "temporalio/server");
    assert_eq!(tag("temporal-schema", "temporalio/admin-tools"), server);
    assert_eq!(tag("temporal-namespace", "temporalio/admin-tools"), server);
    assert!(!server.contains("latest"), "{server}");
}

#[test]
fn addresses_and_names_inside_agree() {
    let compose = compose();
    let services = entries(&compose["services"]);
    for (name, service) in &services {
        let environment = environment(service);
        if let Some(address) = environment.get("TEMPORAL_ADDRESS") {
            assert_eq!(address, "temporal:7233", "{name}");
        }
        for host in ["POSTGRES_SEEDS"].iter().filter_map(|key| environment.get(*key)) {
            assert!(services.contains_key(host.as_str()), "{name} looks for a database at {host}, which is nobody");
        }
    }
    let dynamic = environment(services["temporal"])["DYNAMIC_CONFIG_FILE_PATH"].clone();
    let file = Path::new(&dynamic).file_name().unwrap();
    assert!(root().join("deploy/temporal/dynamicconfig").join(file).is_file(), "{dynamic} does not exist");

    let database = environment(services["worker"])["DATABASE_URL"].parse::<url::Url>().unwrap();
    assert!(services.contains_key(database.host_str().unwrap()));
    let script = text("deploy/temporal/create-application-database.sh");
    let role = format!("CREATE ROLE {} LOGIN PASSWORD '{}'", database.username(), database.password().unwrap());
    assert!(script.contains(&role), "{script}");
    assert!(script.contains(&format!("CREATE DATABASE {} OWNER", database.path().trim_start_matches('/'))));
}

/// Loads the containers' configuration as this service would, with the container's paths put where the files are here.
fn loaded(service: &Yaml, folder: &Path) -> Loaded {
    let here = folder.display().to_string();
    std::fs::write(folder.join("webhook_secret"), "c".repeat(64)).unwrap();
    std::fs::create_dir_all(folder.join("rosters")).unwrap();
    std::fs::copy(root().join("sample/people.csv"), folder.join("rosters/company.csv")).unwrap();
    std::fs::copy(root().join("deploy/profile.toml"), folder.join("profile.toml")).unwrap();
    let configuration = text("deploy/bgr.toml");
    assert!(configuration.contains("/run/secrets/webhook_secret"), "the secret's place in a container");
    let configuration = configuration.replace("/run/secrets", &here).replace("/etc/buyer-group", &here);
    std::fs::write(folder.join("bgr.toml"), configuration).unwrap();
    let mut env = environment(service);
    assert_eq!(env.get("BGR_CONFIG").map(String::as_str), Some("/etc/buyer-group/bgr.toml"));
    env.insert("BGR_CONFIG".to_owned(), format!("{here}/bgr.toml"));
    let surroundings = Surroundings { env, folder: folder.to_owned() };
    Settings::load_in(&Overrides::default(), &surroundings).unwrap()
}

#[test]
fn the_processes_read_the_configuration_they_get() {
    let compose = compose();
    let services = entries(&compose["services"]);
    for process in ["migrate", "starter", "worker"] {
        let folder = tempfile::tempdir().unwrap();
        let service = services[process];
        assert_eq!(strings(service, "command"), [process]);
        let Loaded { settings, notices, .. } = loaded(service, folder.path());
        assert!(notices.is_empty(), "{process}: {notices:?}");
        assert!(settings.database.url.expose().starts_with("postgres://"), "{process} is on {}", settings.database.url);
        wiring::webhook_sources(&settings, None).unwrap();
        assert!(settings.rosters.iter().all(|roster| roster.file.is_file()), "{:?}", settings.rosters);
        for workspace in &settings.workspaces {
            wiring::read_profile(workspace.profile.as_ref().unwrap()).unwrap();
        }
        if process == "starter" {
            // Bound to the container's own loopback, nobody outside would reach it.
            assert_eq!(settings.starter.listen, "0.0.0.0:8080".parse().unwrap());
        }
        if process == "worker" {
            let grace = service["stop_grace_period"].as_str().unwrap().trim_end_matches('s').parse::<u64>().unwrap();
            assert!(grace >= settings.worker.graceful.as_secs() + 15, "{grace} s is too short");
        }
    }
}

#[test]
fn the_example_configuration_loads() {
    let mut overrides = Overrides::default();
    overrides.config = Some(root().join("bgr.example.toml"));
    let loaded = Settings::load_in(&overrides, &Surroundings::default()).unwrap();
    assert_eq!(loaded.file, Some(root().join("bgr.example.toml")));
    assert!(loaded.notices.is_empty(), "{:?}", loaded.notices);
}
