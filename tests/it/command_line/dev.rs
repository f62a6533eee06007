//! `dev --once`: the whole house for one refresh.

use super::group_schema::objections;
use super::{Desk, members, text};
use crate::stage::PATIENCE;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

const CHANGES: [&str; 6] = ["joined", "left", "role_changed", "title_changed", "contact_changed", "score_moved"];

#[tokio::test(flavor = "multi_thread")]
async fn the_first_refresh_finds_everybody_new_and_the_second_nothing() {
    let desk = Desk::new().await;
    let args = ["dev", "--once", "--output", "json"];
    let first = desk.run(&args).await.ended(0).json();
    let keys: Vec<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["diff", "group", "timings", "workflowId"]);
    assert!(text(&first, "workflowId").starts_with("buyer-group-refresh/demo/sample/"), "{first}");
    assert_eq!(ids(&first["diff"]["joined"]), ids(&first["group"]["members"]));
    assert!(members(&first["group"]).len() >= 5, "{first}");
    for list in &CHANGES[1..] {
        assert_eq!(first["diff"][list], json!([]), "{list}");
    }
    assert_eq!(first["group"]["version"], 1);

    let second = desk.run(&args).await.ended(0).json();
    for list in CHANGES {
        assert_eq!(second["diff"][list], json!([]), "{list}");
    }
    assert_eq!(second["group"]["version"], 2);
    assert_eq!(second["group"]["members"], first["group"]["members"]);

    // The same house again, by `show`, in the shape that `dev` gave.
    let shown = desk.run(&["show", "northwind-harbour.example", "--output", "json"]).await.ended(0).json();
    assert_eq!(shown, second["group"]);
    assert_eq!(objections(&shown), Vec::<String>::new());
    assert!(!desk.path().join(".buyer-group/running.json").exists(), "the note of a running house was left behind");

    // And as a page, on standard output and in a file of one's own, the same bytes.
    let page = desk.run(&["show", "northwind-harbour.example", "--html"]).await.ended(0).stdout;
    desk.run(&["show", "northwind-harbour.example", "--html", "--out", "group.html"]).await.ended(0);
    let file = desk.path().join("group.html");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), page.trim_end());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let known = |key: &str| members(&shown).iter().filter_map(|one| one[key].as_str()).collect::<Vec<_>>();
    let named = known("name").into_iter().filter(|name| page.contains(*name)).count();
    assert_eq!(named, members(&shown).len(), "{page}");
    assert!(known("email").iter().any(|email| page.contains(email)), "{page}");
    assert!(page.contains("Nothing changed"), "{page}");
    let args = ["show", "northwind-harbour.example", "--html", "--without-contact"];
    let without = desk.run(&args).await.ended(0).stdout;
    assert!(!known("email").iter().chain(&known("phone")).any(|datum| without.contains(datum)), "{without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporal_server_that_dies_ends_a_serving_house_and_says_so() {
    let desk = Desk::new().await.env("BGR_STARTER__LISTEN", "127.0.0.1:0").env("BGR_WORKER__GRACEFUL_SECONDS", "1");
    let mut serving = desk.command(&["dev", "--output", "json"]).spawn().unwrap();
    let mut lines = BufReader::new(serving.stdout.take().unwrap()).lines();
    // The group has been shown: from here it only serves.
    let shown = async { while lines.next_line().await.unwrap().expect("it ended").as_str() != "}" {} };
    tokio::time::timeout(PATIENCE, shown).await.expect("no group");
    let note = std::fs::read_to_string(desk.path().join(".buyer-group/temporal.db.server")).unwrap();
    let server = serde_json::from_str::<Value>(&note).unwrap()["server"].to_string();
    assert!(Command::new("kill").args(["-KILL", &server]).status().await.unwrap().success());
    let killed = Instant::now();
    let ended = tokio::time::timeout(PATIENCE, serving.wait_with_output()).await.expect("it does not end").unwrap();
    println!("ended {:.1} s after the kill", killed.elapsed().as_secs_f64());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let last = said.lines().rfind(|line| line.starts_with("error: ")).expect("a reason");
    assert!(last.contains("the Temporal server ended by itself") && last.contains("temporal.log"), "{last}");
    assert!(!desk.path().join(".buyer-group/running.json").exists(), "the note of a running house was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn q7_of_ten_edited_titles_exactly_those_of_members_are_reported() {
    let desk = Desk::new().await;
    let mut people = people();
    let first = refresh(&desk, &people, &[]).await;
    // Every third person gets another title: some are members and some are not.
    let edited: BTreeSet<String> = people.iter().step_by(3).map(|person| person.id.clone()).collect();
    assert_eq!(edited.len(), 10);
    for person in people.iter_mut().filter(|person| edited.contains(&person.id)) {
        person.title = format!("{} EMEA", person.title);
    }
    let second = refresh(&desk, &people, &[]).await;

    let before = by_id(&first["group"]["members"]);
    let after = by_id(&second["group"]["members"]);
    let diff = &second["diff"];
    assert_eq!(changed(&diff["title_changed"]), moved(&before, &after, |member| member["title"].clone()));
    assert_eq!(changed(&diff["role_changed"]), moved(&before, &after, |member| member["role"].clone()));
    assert_eq!(ids(&diff["joined"]), after.keys().filter(|id| !before.contains_key(*id)).cloned().collect());
    assert_eq!(ids(&diff["left"]), before.keys().filter(|id| !after.contains_key(*id)).cloned().collect());
    assert_eq!(diff["contact_changed"], json!([]));
    let titles = ids(&diff["title_changed"]);
    assert!(!titles.is_empty() && titles.len() < 10 && titles.is_subset(&edited), "{titles:?} of {edited:?}");
    assert_eq!(
        titles,
        edited.iter().filter(|id| before.contains_key(*id) && after.contains_key(*id)).cloned().collect()
    );

    // What the group says of somebody stands in the file.
    for (id, member) in &after {
        let person = people.iter().find(|person| person.id == *id).unwrap_or_else(|| panic!("{id} is invented"));
        let said = [text(member, "name"), text(member, "title"), text(member, "email")];
        assert_eq!(said, [person.name.as_str(), &person.title, &person.email]);
        assert!(member["phone"].is_null(), "nobody told a telephone number: {member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q6_a_profile_that_fits_nobody_fails_and_leaves_the_group_alone() {
    let desk = Desk::new().await;
    let people = people();
    let first = refresh(&desk, &people, &[]).await;
    let words = ["engineering", "product", "security", "finance", "procurement", "sales", "officer", "legal"];
    desk.file("nobody.toml", format!("primary_functions = [\"engineering\"]\nexclude_titles = {words:?}\n"));
    let args = ["--profile", "nobody.toml"];
    let told = desk.run(&dev_args(&args)).await.ended(1);
    assert_eq!(told.stdout, "");
    let last = told.stderr.lines().rfind(|line| line.starts_with("error: ")).expect("a reason");
    assert!(last.contains("fits"), "{last}");
    let shown = desk.run(&["show", "harbour-works.example", "--output", "json"]).await.ended(0).json();
    assert_eq!(shown, first["group"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_that_cannot_be_read_is_refused_before_anything_is_started() {
    let desk = Desk::new().await;
    desk.run(&dev_args(&[])).await.ended(1).refused(&["people.csv is not a file"]);
    desk.file("people.csv", "name,title\nAda Example,CTO\n");
    desk.file("p.toml", "primary_functions = [\"cooking\"]\n");
    desk.run(&dev_args(&["--profile", "p.toml"])).await.ended(2).refused(&["p.toml", "cooking"]);
    assert!(!desk.path().join(".buyer-group/temporal.db").exists());
}

struct Person {
    id: String,
    name: String,
    title: String,
    email: String,
}

/// Thirty people who do not exist, at a company that does not exist.
fn people() -> Vec<Person> {
    let titles = [
        "Chief Executive Officer",
        "Chief Technology Officer",
        "Chief Financial Officer",
        "VP Engineering",
        "VP Product",
        "Director of Engineering",
        "Director of Platform Engineering",
        "Head of Security Engineering",
        "Engineering Manager",
        "Senior Engineering Manager",
        "Head of Procurement",
        "Procurement Manager",
        "VP Sales",
        "Head of Legal",
        "Product Manager",
    ];
    let first = ["Ada", "Bela", "Caro", "Dag", "Elif", "Finn"];
    let last = ["Lindwurm", "Marrow", "Nettle", "Oxbow", "Pikestaff"];
    let named = (0..30).map(|n| (n, first[n % 6], last[n / 6]));
    named
        .map(|(n, first, last)| Person {
            id: format!("hw-{n:03}"),
            name: format!("{first} {last}"),
            title: titles[n % titles.len()].to_owned(),
            email: format!("{}.{}@harbour-works.example", first.to_lowercase(), last.to_lowercase()),
        })
        .collect()
}

fn dev_args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let company = ["--company", "Harbour Works", "--domain", "harbour-works.example"];
    let mut args = vec!["dev", "--once", "--output", "json", "--roster", "people.csv"];
    args.extend(company);
    args.extend(more);
    args
}

async fn refresh(desk: &Desk, people: &[Person], more: &[&str]) -> Value {
    let mut csv = "Employee ID,Employee Name,Position Title,Work Email\n".to_owned();
    for Person { id, name, title, email } in people {
        csv.push_str(&format!("{id},{name},{title},{email}\n"));
    }
    desk.file("people.csv", csv);
    let told = desk.run(&dev_args(more)).await.ended(0);
    assert!(told.stderr.contains("30 rows, 30 people, 0 problems"), "{}", told.stderr);
    told.json()
}

fn by_id(members: &Value) -> BTreeMap<String, &Value> {
    members.as_array().unwrap().iter().map(|member| (text(member, "person_id").to_owned(), member)).collect()
}

fn ids(members: &Value) -> BTreeSet<String> {
    by_id(members).into_keys().collect()
}

/// What a list of changes says: who, from what, to what.
fn changed(changes: &Value) -> BTreeMap<String, (Value, Value)> {
    by_id(changes).into_iter().map(|(id, change)| (id, (change["old"].clone(), change["new"].clone()))).collect()
}

/// The same, worked out from two groups.
fn moved(
    before: &BTreeMap<String, &Value>,
    after: &BTreeMap<String, &Value>,
    value: impl Fn(&Value) -> Value,
) -> BTreeMap<String, (Value, Value)> {
    let both = before.iter().filter_map(|(id, old)| Some((id.clone(), (value(old), value(after.get(id)?)))));
    both.filter(|(_, (old, new))| old != new).collect()
}
