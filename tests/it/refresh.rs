//! A refresh that goes well.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{SECRET, Stage, event_with, post, sample_roster, workspace};
use activities::roster::{Roster, RosterData, RosterSource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buyer_group::sample;
use contracts::{EnrichmentLevel, OutcomeKind, Step};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_a_saved_group() {
    let stage = Stage::with(FaultySource::new(sample_roster()).costing(1_500)).await;
    let answer = stage.post("evt-1").await;
    assert_eq!(answer.status, 202);
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();

    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    assert_eq!(outcome.level, EnrichmentLevel::Enrich);
    assert_eq!(outcome.refresh_id, answer.run_id());
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!(group.members.len(), outcome.members as usize);
    assert!((5..=19).contains(&group.members.len()), "{} members", group.members.len());
    assert_eq!(outcome.diff.joined, outcome.members);
    assert_eq!(outcome.cost_micros, 1_500 * u64::from(outcome.members));

    // Nobody is invented, and everybody is asked for once.
    let roster = std::str::from_utf8(include_bytes!("../../sample/people.csv")).unwrap();
    for saved in &group.members {
        let row = roster.lines().find(|row| row.starts_with(&format!("{},", saved.member.person.id))).unwrap();
        for known in [&saved.member.person.contact.email, &saved.member.person.contact.phone].into_iter().flatten() {
            assert!(row.contains(known.as_str()), "{} is not in the roster's row", known);
        }
    }
    let asked = stage.source.calls(Asked::Contact);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
    assert_eq!(asked.len(), group.members.len());

    stage.record("refresh-enrich", answer.workflow_id()).await;
    stage.record("refresh-with-slot", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_identify_nobody_is_looked_up() {
    let stage = Stage::new().await;
    let event = event_with("evt-1", |event| event["source"] = "identifying".into());
    let answer = post(&stage.url, &SECRET.to_uppercase(), event).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!((outcome.outcome, outcome.level), (OutcomeKind::Refreshed, EnrichmentLevel::Identify));
    assert!(stage.source.calls(Asked::Contact).is_empty());
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!(group.level, EnrichmentLevel::Identify);
    assert!(group.members.iter().all(|saved| saved.contact_source.is_none()));
    stage.record("refresh-identify", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_refresh_of_an_unchanged_company_reports_no_change() {
    let stage = Stage::new().await;
    let first = stage.refreshed("evt-1").await;
    let second = stage.refreshed("evt-2").await;
    assert_eq!(second.diff.total(), 0, "{:?}", second.diff);
    assert_eq!((second.members, second.company_id), (first.members, first.company_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_no_source_knows_ends_as_no_match_and_changes_nothing() {
    let stage = Stage::new().await;
    let event = event_with("evt-1", |event| {
        event["company"] = serde_json::json!({"id": "c_999", "name": "Nobody Knows This Company"});
    });
    let answer = stage.post_body(event).await;
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::NoMatch);
    let refresh = stage.store.refresh(&outcome.refresh_id).await.unwrap().unwrap();
    assert_eq!(refresh.outcome, Some(OutcomeKind::NoMatch));
    assert!(stage.source.calls(Asked::People).is_empty());
    stage.record("no-match", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q9_the_status_query_follows_the_refresh() {
    let stage = Stage::with(FaultySource::new(sample_roster()).slow(Duration::from_millis(300))).await;
    let answer = stage.post("evt-1").await;
    let during = stage.until(answer.workflow_id(), |status| status.members_enriched > 0).await;
    assert_eq!(during.step, Step::Enrich);
    assert!((30..90).contains(&during.percent) && during.members_found > during.members_enriched, "{during:?}");
    stage.ended(answer.workflow_id()).await.unwrap();
    let after = stage.until(answer.workflow_id(), |status| status.outcome.is_some()).await;
    assert_eq!((after.step, after.percent), (Step::Done, 100));
    // begin, resolve, claim, discover, save and one for every member; nothing failed.
    assert_eq!(after.attempts, 5 + after.members_found);
}

#[tokio::test(flavor = "multi_thread")]
async fn q8_of_two_namesakes_the_one_that_is_meant_is_refreshed() {
    let text = std::str::from_utf8(include_bytes!("../../sample/people.csv")).unwrap();
    let people: &'static str = text.replace("\nnhi-", "\ntwin-").leak();
    let twin = Roster {
        company_id: Some("northwind-twin".to_owned()),
        domain: Some("northwind-twin.example".to_owned()),
        data: RosterData::Embedded { name: "twin.csv", bytes: people.as_bytes() },
        ..sample::roster(&workspace())
    };
    let rosters = RosterSource::new(vec![sample::roster(&workspace()), twin]).unwrap();
    let stage = Stage::with(FaultySource::new(rosters)).await;
    let mut companies = BTreeSet::new();
    for (id, people) in [("northwind-twin", "twin-"), (sample::ID, "nhi-")] {
        let event = event_with(id, |event| event["company"]["id"] = id.into());
        let answer = stage.post_body(event).await;
        let company = stage.ended(answer.workflow_id()).await.unwrap().company_id.unwrap();
        let group = stage.store.group(&workspace(), &company).await.unwrap().unwrap();
        let of = group.members.iter().filter(|saved| saved.member.person.id.as_str().starts_with(people)).count();
        assert_eq!((of, of > 0), (group.members.len(), true), "{id}");
        companies.insert(company);
    }
    assert_eq!(companies.len(), 2);

    // The name alone is no answer, and nobody is asked for.
    let asked = stage.source.calls(Asked::People).len();
    let event = event_with("evt-name", |event| event["company"] = serde_json::json!({"name": sample::NAME}));
    let answer = stage.post_body(event).await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    let refresh = stage.store.refresh_by_workflow(answer.workflow_id()).await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.step.as_str()), (Some(OutcomeKind::Failed), "resolve_company"));
    assert_eq!((refresh.error_class.as_deref(), refresh.company_id), (Some("InvalidRequest"), None));
    let history = stage.handle(answer.workflow_id()).fetch_history(Default::default()).to_json().await.unwrap();
    assert!(String::from_utf8(history).unwrap().contains("ambiguous: 2 candidates"));
    assert_eq!(stage.source.calls(Asked::People).len(), asked);
}

/// The sample's people without their ids: their addresses and names are all there is to tell them apart by.
fn roster_without_ids() -> RosterSource {
    let text = std::str::from_utf8(include_bytes!("../../sample/people.csv")).unwrap();
    let rows: Vec<_> = text.lines().map(|row| row.split_once(',').unwrap().1.to_owned() + "\n").collect();
    let data = RosterData::Embedded { name: "without-ids.csv", bytes: rows.concat().leak().as_bytes() };
    RosterSource::new(vec![Roster { data, ..sample::roster(&workspace()) }]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_operators_see_tells_the_story_and_names_nobody() {
    let stage = Stage::with(FaultySource::new(roster_without_ids())).await;
    let answer = stage.post("evt-1").await;
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    let description = stage.handle(answer.workflow_id()).describe(Default::default()).await.unwrap();

    let summary = description.static_summary().unwrap().to_owned();
    let details = description.static_details().unwrap().to_owned();
    assert!(summary.contains("person.role_change") && summary.contains("demo"), "{summary}");
    let attributes = description.search_attributes();
    let read = |key: &contracts::Keyword| attributes.get(key).unwrap_or_else(|| panic!("{} is not set", key.name()));
    assert_eq!(read(&contracts::BGR_WORKSPACE), "demo");
    assert_eq!(read(&contracts::BGR_REASON), "person.role_change");
    assert_eq!(read(&contracts::BGR_STEP), "done");
    assert_eq!(read(&contracts::BGR_OUTCOME), "refreshed");
    assert_eq!(Some(read(&contracts::BGR_COMPANY)), outcome.company_id);

    // The whole history, payloads and all: references, never people.
    let history = stage.handle(answer.workflow_id()).fetch_history(Default::default()).to_json().await.unwrap();
    let payloads = decoded_payloads(&history);
    assert!(payloads.contains(outcome.company_id.as_deref().unwrap()), "the payloads cannot be read");
    let history = String::from_utf8(history).unwrap();
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    for saved in &group.members {
        let person = &saved.member.person;
        let known = [Some(person.name.as_str()), person.title.as_deref(), person.contact.email.as_deref()];
        for personal in known.into_iter().flatten().chain([person.id.as_str()]) {
            for place in [&summary, &details, &history, &payloads] {
                assert!(
                    !place.to_lowercase().contains(&personal.to_lowercase()),
                    "personal data in what operators see"
                );
            }
        }
    }
}

/// The payloads of a history in its JSON form, where they are base64, one a line.
pub fn decoded_payloads(history: &[u8]) -> String {
    fn collect(value: &serde_json::Value, payloads: &mut String) {
        match value {
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, payloads)),
            serde_json::Value::Object(members) => {
                if let Some(serde_json::Value::String(data)) = members.get("data") {
                    payloads.push_str(&String::from_utf8_lossy(&STANDARD.decode(data).unwrap()));
                    payloads.push('\n');
                }
                members.values().for_each(|value| collect(value, payloads));
            }
            _ => {}
        }
    }
    let mut payloads = String::new();
    collect(&serde_json::from_slice(history).unwrap(), &mut payloads);
    payloads
}
