//! Commands that need no server.

use super::{Desk, members, text};
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn discover_prints_the_documented_shape_and_twice_the_same_bytes() {
    let desk = Desk::new().await.env("TEMPORAL_ADDRESS", "http://127.0.0.1:1").env("DATABASE_URL", "sqlite:/nowhere/x");
    let first = desk.run(&["discover", "--output", "json"]).await.ended(0);
    let group = first.json();
    let keys: BTreeSet<_> = group.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        BTreeSet::from([
            "cohesion",
            "company",
            "composition",
            "confidence",
            "gaps",
            "members",
            "seller",
            "targets",
            "tier"
        ])
    );
    assert_eq!(group["company"]["domain"], "northwind-harbour.example");
    assert!(group["company"].get("id").is_none());
    let people = include_str!("../../../sample/people.csv");
    assert!(members(&group).len() >= 5, "{group}");
    for member in members(&group) {
        for key in ["person_id", "name", "role"] {
            assert!(!text(member, key).is_empty(), "{key}");
        }
        assert!(people.contains(&format!("{},", text(member, "person_id"))), "nobody invented {member}");
        assert!(people.contains(text(member, "title")), "{member}");
        let scores = member["scores"].as_object().unwrap();
        let names: Vec<_> = scores.keys().map(String::as_str).collect();
        assert_eq!(names, ["authority", "champion", "influence", "overall", "reachability", "relevance"]);
        for score in scores.values().chain([&member["confidence"]]) {
            assert!(score.as_u64().is_some_and(|score| score <= 100), "{member}");
        }
        assert!(!member["functions"].as_array().unwrap().is_empty(), "{member}");
        for reason in member["reasons"].as_array().unwrap() {
            assert!(!text(reason, "code").is_empty() && !text(reason, "text").is_empty());
        }
        assert!(member.get("joined_at").is_none(), "a computed group has no memberships");
    }
    let again = desk.run(&["discover", "--output", "json"]).await.ended(0);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 0, "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_with_odd_headers_is_understood_and_its_bad_row_is_reported_with_its_line() {
    let desk = Desk::new().await;
    let roster = "Full Name;Job-Title;E-Mail Address;Abteilung;Favourite colour\n\
                  Ada Example;CTO;ada@acme.example;Engineering;blue\n\
                  ;Director of Engineering;;Engineering;red\n\
                  Bob Example;VP Engineering;bob@acme.example;Engineering;green\n";
    desk.file("people.csv", roster);
    let args = ["discover", "--roster", "people.csv", "--company", "Acme", "--output", "json"];
    let told = desk.run(&args).await.ended(0);
    let group = told.json();
    let mut names: Vec<_> = members(&group).iter().map(|member| text(member, "name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ada Example", "Bob Example"]);
    for understood in ["name         <- Full Name", "title        <- Job-Title", "department   <- Abteilung"] {
        assert!(told.stderr.contains(understood), "{understood}: {}", told.stderr);
    }
    assert!(told.stderr.contains("not used: Favourite colour"), "{}", told.stderr);
    assert!(told.stderr.contains("line 3: the row has no name"), "{}", told.stderr);
    assert!(told.stderr.contains("3 rows, 2 people, 1 problems"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn eval_measures_the_built_in_titles_beside_a_keyword_list_and_twice_the_same() {
    let desk = Desk::new().await.env("TEMPORAL_ADDRESS", "http://127.0.0.1:1").env("DATABASE_URL", "sqlite:/nowhere/x");
    let first = desk.run(&["eval", "--output", "json"]).await.ended(0);
    let report = first.json();
    assert!(report["onet"].is_null());
    assert_eq!(report["rosters"], serde_json::json!([]));
    let labels = &report["labels"];
    let titles = labels["titles"].as_u64().unwrap();
    assert!(titles >= 720, "{titles}");
    let exact = |reader: &str| labels["all"][reader]["level_exact"]["count"].as_u64().unwrap();
    assert_eq!(labels["all"]["parser"]["level_exact"]["of"], titles);
    assert!(exact("parser") > exact("keyword_list"), "{} against {}", exact("parser"), exact("keyword_list"));
    for parts in ["by_language", "by_sector"] {
        let parts = labels[parts].as_object().unwrap();
        let sum: u64 = parts.values().map(|part| part["parser"]["level_exact"]["count"].as_u64().unwrap()).sum();
        assert_eq!(sum, exact("parser"));
    }
    assert!(labels.get("misses").is_none());
    assert_eq!(desk.run(&["eval", "--output", "json"]).await.ended(0).stdout, first.stdout);
    let text = desk.run(&["eval"]).await.ended(0).stdout;
    assert!(text.starts_with(&format!("## Hand-labelled titles ({titles})")), "{text}");
    let page = include_str!("../../../docs/accuracy.md");
    assert!(page.contains(text.trim_end()), "docs/accuracy.md is out of date: run scripts/accuracy");
    let missed = desk.run(&["eval", "--misses", "--output", "json"]).await.ended(0).json();
    let missed = missed["labels"]["misses"].as_array().unwrap().len() as u64;
    assert!(missed >= titles - exact("parser") && missed <= titles, "{missed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn eval_measures_what_a_folder_has_and_names_what_it_cannot() {
    let desk = Desk::new().await;
    desk.run(&["eval", "--data", "missing"]).await.ended(3).refused(&["missing has nothing to measure on"]);
    for folder in ["d/titles", "d/rosters"] {
        std::fs::create_dir_all(desk.path().join(folder)).unwrap();
    }
    desk.file("d/rosters/people.csv", "name,title\nAda Example,CTO\n");
    desk.run(&["eval", "--data", "d"]).await.ended(3).refused(&["people.csv has no reporting lines"]);
    let roster = "person_id,title,manager_id,levels_below_ceo,direct_reports,branch_head_title\n\
                  a,CEO,,0,1,CEO\nb,Sales Director,a,1,1,Sales Director\nc,Sales Manager,b,2,0,Sales Director\n";
    desk.file("d/rosters/lines.csv", roster);
    desk.file("d/titles/onet_alternate_titles.csv", "soc_code,alternate_title\n41-4012.00,Sales Representative\n");
    let report = desk.run(&["eval", "--data", "d", "--output", "json"]).await.ended(0).json();
    for reader in ["parser", "keyword_list"] {
        assert_eq!(report["onet"]["all"][reader]["accuracy"]["count"], 1, "{reader}");
        let figures = &report["rosters"][0]["figures"][reader];
        assert_eq!(figures["depth_correlation"], 1000, "{reader}");
        assert_eq!(figures["manager_above"], serde_json::json!({"count": 2, "of": 2, "percent": 100.0}), "{reader}");
        assert_eq!(figures["branch_agreement"]["count"], 1, "{reader}");
    }
    desk.file("d/titles/onet_alternate_titles.csv", "soc_code,alternate_title\n00-0000.00,X\n");
    let wanted = ["onet_alternate_titles.csv", "row 1 below the header", "unknown occupation code"];
    desk.run(&["eval", "--data", "d"]).await.ended(1).refused(&wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_changes_the_database_once() {
    let desk = Desk::new().await.env("DATABASE_URL", "sqlite:x.db");
    let args = ["migrate", "--output", "json"];
    assert_eq!(desk.run(&args).await.ended(0).json(), serde_json::json!({"current": true, "changed": true}));
    assert_eq!(desk.run(&args).await.ended(0).json(), serde_json::json!({"current": true, "changed": false}));
    assert!(desk.path().join("x.db").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_processes_refuse_to_start_on_what_they_cannot_work_with() {
    let desk = Desk::new().await.env("DATABASE_URL", "sqlite:x.db");
    desk.run(&["starter"]).await.ended(1).refused(&["no webhook source", "[[sources]]", "BGR_SOURCES__NAME__SECRET"]);
    for reader in [&["worker"][..], &["show", "acme"]] {
        desk.run(reader).await.ended(1).refused(&["there is no database", "x.db", "`buyer-group migrate`"]);
        assert!(!desk.path().join("x.db").exists(), "{reader:?} made an empty database");
    }
    // There, and not this build's.
    desk.file("x.db", "");
    for reader in [&["worker"][..], &["show", "acme"]] {
        desk.run(reader).await.ended(1).refused(&["schema", "`buyer-group migrate`"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_without_a_group_is_not_found() {
    let desk = Desk::new().await.env("DATABASE_URL", "sqlite:x.db");
    desk.run(&["migrate"]).await.ended(0);
    desk.run(&["show", "nobody.example"]).await.ended(3).refused(&["workspace demo has no group"]);
    desk.run(&["show", "nobody.example", "--html"]).await.ended(3).refused(&["workspace demo has no group"]);
    desk.run(&["show", "x", "--html", "--output", "json"]).await.ended(2).refused(&["--html", "--output json"]);
    desk.run(&["show", "x", "--out", "x.html"]).await.ended(2).refused(&["--html"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_histories_replay_from_the_command_line_and_broken_ones_fail() {
    let desk = Desk::new().await;
    let histories = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories");
    let replayed = desk.run(&["replay", histories, "--output", "json"]).await.ended(0).json();
    assert_eq!(replayed["failed"], 0);
    let replayed = replayed["histories"].as_array().unwrap();
    assert!(replayed.len() >= 10, "{} histories", replayed.len());
    assert!(replayed.iter().all(|one| one["failure"].is_null() && one["events"].as_u64().unwrap() > 10));

    // Steps that come in another order than the code's.
    let history = std::fs::read_to_string(format!("{histories}/refresh-enrich.json")).unwrap();
    desk.file("swapped.json", history.replace("\"discover\"", "\"save\""));
    assert!(
        !desk.run(&["replay", "swapped.json", "--output", "json"]).await.ended(1).json()["histories"][0]["failure"]
            .is_null()
    );
    desk.file("broken.json", "{");
    desk.run(&["replay", "broken.json"]).await.ended(1).refused(&["broken.json is not a recorded history"]);
    desk.run(&["replay", "missing.json"]).await.ended(3).refused(&["there is no missing.json"]);
    std::fs::create_dir(desk.path().join("empty")).unwrap();
    desk.run(&["replay", "empty"]).await.ended(3).refused(&["no recorded history"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_where_each_setting_comes_from() {
    let desk = Desk::new().await.env("BGR_WORKER__MAX_ACTIVITIES", "7").env("BGR_CONFIG", "conf/mine.toml");
    std::fs::create_dir(desk.path().join("conf")).unwrap();
    let secret = "0123456789abcdef0123456789abcdef";
    desk.file("conf/secret", secret);
    let source = "[[sources]]\nname = \"crm\"\nsecret_file = \"secret\"\n";
    desk.file("conf/mine.toml", format!("workspace = \"acme\"\n[starter]\nlisten = \"127.0.0.1:0\"\n{source}"));
    let told = desk.run(&["doctor", "--output", "json"]).await.ended(0);
    let report = told.json();
    let setting = |key: &str| {
        let settings = report["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["key"] == key).unwrap_or_else(|| panic!("no {key}"));
        (text(found, "value").to_owned(), text(found, "origin").to_owned())
    };
    let said = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(setting("workspace"), said("acme", "file conf/mine.toml"));
    assert_eq!(setting("worker.max_activities"), said("7", "environment variable BGR_WORKER__MAX_ACTIVITIES"));
    assert_eq!(setting("starter.deadline_ms"), said("2500", "default"));
    assert_eq!(setting("sources.crm.secret"), said("set (32 bytes)", "file conf/mine.toml"));
    assert!(!told.stdout.contains(secret) && !told.stderr.contains(secret));

    desk.file("conf/mine.toml", "[[rosters]]\ncompany = \"Acme\"\nfile = \"missing.csv\"\n");
    let report = desk.run(&["doctor", "--output", "json"]).await.ended(4).json();
    let failed = |check: &&Value| check["state"] == "failed";
    let failed: Vec<_> = report["checks"].as_array().unwrap().iter().filter(failed).collect();
    assert!(failed.iter().any(|check| check["name"] == "roster of Acme"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_has_an_exit_code_of_its_own_and_help_names_them_all() {
    let desk = Desk::new().await;
    let help = desk.run(&["--help"]).await.ended(0);
    assert!(help.stdout.contains("Exit codes: 0 done"), "{}", help.stdout);
    for code in ["1 failed", "2 wrong usage", "3 not found", "4 done, but degraded"] {
        assert!(help.stdout.contains(code), "{code}: {}", help.stdout);
    }
    desk.run(&["--nonsense"]).await.ended(2).refused(&["--nonsense"]);
    desk.run(&["discover", "--nonsense"]).await.ended(2).refused(&["--nonsense"]);
    desk.run(&["dev", "--roster", "x.csv"]).await.ended(2).refused(&["--company"]);
    desk.run(&["dev", "--company", "Acme"]).await.ended(2).refused(&["--roster"]);
    desk.run(&["dev", "--listen", "foo"]).await.ended(2).refused(&["--listen"]);
    desk.run(&["--once", "migrate"]).await.ended(2).refused(&["options of `dev`"]);
    let bash = desk.run(&["completions", "bash"]).await.ended(0);
    assert!(bash.stdout.contains("complete -F") && bash.stdout.contains("migrate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn common_options_may_stand_before_the_command_and_after_it() {
    let desk = Desk::new().await.env("DATABASE_URL", "sqlite:x.db");
    assert_eq!(desk.run(&["--output", "json", "migrate"]).await.ended(0).json()["changed"], true);
    assert_eq!(desk.run(&["migrate", "--output", "json"]).await.ended(0).json()["changed"], false);
    desk.run(&["--config", "missing.toml", "migrate"]).await.ended(2).refused(&["missing.toml", "does not exist"]);
}
