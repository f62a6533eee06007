//! What is sold, as the command line says it: presets, profiles, the deal at hand.

use super::{Desk, text};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn presets_are_listed_printed_and_used() {
    let desk = Desk::new().await;
    let list = desk.run(&["presets", "--output", "json"]).await.ended(0).json();
    let list = list["presets"].as_array().unwrap();
    assert!(list.len() >= 13);
    let table = desk.run(&["presets"]).await.ended(0).stdout;
    for preset in list {
        let name = text(preset, "name");
        assert!(table.contains(name), "{name}");
        // The file of a preset is a profile, and means what the preset means.
        let printed = desk.run(&["presets", name]).await.ended(0).stdout;
        desk.file("mine.toml", &printed);
        let mine = desk.run(&["discover", "--profile", "mine.toml", "--output", "json"]).await.ended(0);
        let preset = desk.run(&["discover", "--preset", name, "--output", "json"]).await.ended(0);
        assert_eq!(mine.stdout, preset.stdout, "{name}");
    }
    desk.run(&["presets", "recruting"]).await.ended(2).refused(&["did you mean recruiting?", "sales_tools"]);
    desk.run(&["discover", "--preset", "x"]).await.ended(2).refused(&["the presets are", "observability"]);
    desk.run(&["discover", "--preset", "legal", "--profile", "x"]).await.ended(2).refused(&["cannot be used with"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_in_another_currency_shows_its_rate_and_is_refused_without_one() {
    let desk = Desk::new().await;
    let deal = ["discover", "--deal-size", "50000", "--currency", "EUR"];
    desk.run(&deal).await.ended(2).refused(&["no rate for EUR", "[exchange]", "--exchange EUR="]);
    let told = desk.run(&[&deal[..], &["--exchange", "EUR=1.08"]].concat()).await.ended(0);
    assert!(told.stdout.contains("EUR 50,000 = $54,000 at 1.08 US dollars to one EUR"), "{}", told.stdout);
    // The profile's own rate, and one that goes before it.
    desk.file("mine.toml", "deal_size = 50000\ncurrency = \"EUR\"\n[exchange]\nEUR = \"1.08\"\nGBP = 1.3\n");
    let worth = async |more: &[&str]| -> (u64, Value) {
        let args = [&["discover", "--profile", "mine.toml", "--output", "json"], more].concat();
        let seller = desk.run(&args).await.ended(0).json()["seller"].clone();
        (seller["deal_usd"].as_u64().unwrap(), seller["rate"].clone())
    };
    assert_eq!(worth(&[]).await, (54_000, json!("1.08")));
    assert_eq!(worth(&["--exchange", "EUR=1.1"]).await, (55_000, json!("1.1")));
    assert_eq!(worth(&["--deal-size", "10", "--currency", "GBP"]).await, (13, json!("1.3")));
    desk.run(&["discover", "--currency", "EUR"]).await.ended(2).refused(&["--deal-size"]);
    desk.run(&["discover", "--deal-size", "0"]).await.ended(2).refused(&["--deal-size"]);
    desk.file("bad.toml", "deal_sise = 1\nprimary_functions = [\"slaes\"]\n");
    let told = desk.run(&["discover", "--profile", "bad.toml"]).await.ended(2);
    told.refused(&["bad.toml", "line 1, `deal_sise`", "did you mean `deal_size`?", "line 2", "did you mean `sales`?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_somebody_is_in_the_group_or_not_is_told_by_name_or_id() {
    let desk = Desk::new().await;
    let group = desk.run(&["discover", "--output", "json"]).await.ended(0).json();
    let member = &group["members"][0];
    let why = async |asked: &str| desk.run(&["discover", "--why", asked, "--output", "json"]).await.ended(0).json();
    let told = why(text(member, "name")).await;
    assert_eq!(told, why(text(member, "person_id")).await);
    assert_eq!((&told["outcome"], &told["role"]), (&json!("seated"), &member["role"]));
    assert_eq!(told["roles"].as_array().unwrap().len(), 5);
    // Somebody whom the sample's profile rules out, asked for in another case.
    desk.file("few.csv", "id,name,title\n1,Ada Example,CTO\n2,Bob Example,Account Manager\n");
    let few = |asked| ["discover", "--roster", "few.csv", "--company", "Few", "--why", asked];
    let told = desk.run(&few("bob EXAMPLE")).await.ended(0);
    assert!(told.stdout.contains("Bob Example, Account Manager (2)"), "{}", told.stdout);
    assert!(told.stdout.contains("excluded title: "), "{}", told.stdout);
    desk.run(&few("Zoe")).await.ended(3).refused(&["nobody of that name or id"]);
    desk.run(&few("Example"))
        .await
        .ended(2)
        .refused(&["2 people answer to that", "by id: 1 (CTO), 2 (Account Manager)"]);
}
