//! Seller profiles: read, refused, written again, and what they say of a deal.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod common;

use common::{company, ids, person, roster, seller};
use engine::profile::{Currency, CurrencyCode, CurrencyError, Problem, Rate, RateError};
use engine::{Coverage, Function, Group, Preset, ProfileError, Role, SellerProfile, Shortlist, Weights};
use proptest::prelude::*;

fn problems(text: &str) -> Vec<Problem> {
    match SellerProfile::from_toml(text).unwrap_err() {
        ProfileError::Fields(problems) => problems,
        ProfileError::Syntax(error) => panic!("{error}"),
    }
}

fn rate(text: &str) -> Result<Rate, RateError> {
    text.parse()
}

fn in_euros(deal_size: u64, euro: &str) -> SellerProfile {
    let euros = "EUR".parse().unwrap();
    let currency = Currency::new(euros, [(euros, rate(euro).unwrap())]).unwrap();
    SellerProfile { deal_size, currency, ..SellerProfile::default() }
}

fn chosen(profile: &SellerProfile) -> Group {
    let mut shortlist = Shortlist::new(profile, &company(Some(300)));
    roster().into_iter().for_each(|person| shortlist.offer(person));
    shortlist.finish()
}

#[test]
fn an_empty_file_is_the_default_and_the_sample_is_read() {
    assert_eq!(SellerProfile::from_toml("").unwrap(), SellerProfile::default());
    SellerProfile::default().check().unwrap();
    let sample = SellerProfile::from_toml(include_str!("../../sample/profile.toml")).unwrap();
    assert_eq!(sample.deal_usd(), 120_000);
}

#[test]
fn whoever_names_the_buying_functions_gets_no_neighbours_and_keywords_of_another_product() {
    let profile = SellerProfile::from_toml("deal_size = 5000\nprimary_functions = [\"it\"]").unwrap();
    assert_eq!((profile.deal_size, profile.primary_functions.as_slice()), (5_000, &[Function::It][..]));
    assert!(profile.adjacent_functions.is_empty() && profile.title_keywords.is_empty());
    assert_eq!(profile.weights, Weights::default());
    assert_eq!(profile.coverage, Coverage::usual());
}

#[test]
fn a_bad_value_is_refused_by_line_field_shape_and_remedy() {
    for (text, field, shape, remedy) in [
        ("deal_size = 0", "deal_size", "is 0", "whole units"),
        ("deal_size = -1", "deal_size", "the number -1", "whole number"),
        ("deal_size = 1.5", "deal_size", "the number 1.5", "whole number"),
        ("deal_size = \"much\"", "deal_size", "the text \"much\"", "without quotes"),
        ("product = \" \"", "product", "is blank", "what is sold"),
        ("product = [1]", "product", "is a list", "text in quotes"),
        ("currency = \"Euro\"", "currency", "\"Euro\", not a currency code", "\"EUR\""),
        ("currency = \"EUR\"", "currency", "is EUR, whose rate is not told", "under [exchange], as in EUR = \"1.08\""),
        ("exchange = { eur = \"1\" }", "exchange.eur", "not a currency code", "three capital letters"),
        ("exchange = { USD = \"1\" }", "exchange.USD", "US dollar itself", "remove it"),
        ("exchange = { EUR = \"1,08\" }", "exchange.EUR", "\"1,08\", not a plain decimal", "digits and a point"),
        ("exchange = { EUR = 1e3 }", "exchange.EUR", "not a plain decimal", "digits and a point"),
        ("exchange = { EUR = \"0.0000001\" }", "exchange.EUR", "more than six decimal", "round it"),
        ("exchange = { EUR = \"0\" }", "exchange.EUR", "not above 0", "one unit is worth"),
        ("exchange = { EUR = true }", "exchange.EUR", "is true", "\"1.08\""),
        ("exchange = 1", "exchange", "the number 1", "table [exchange]"),
        ("primary_functions = []", "primary_functions", "an empty list", "at least one"),
        ("primary_functions = \"sales\"", "primary_functions", "the text \"sales\"", "list of functions"),
        ("primary_functions = [\"enginering\"]", "primary_functions", "\"enginering\"", "did you mean `engineering`?"),
        (
            "primary_functions = [\"sorcery\"]",
            "primary_functions",
            "\"sorcery\"",
            "the functions are executive, finance",
        ),
        ("primary_functions = [\"it\", \"it\"]", "primary_functions", "it twice", "keep the first"),
        ("adjacent_functions = [\"engineering\"]", "adjacent_functions", "also in primary", "one of the two"),
        ("title_keywords = [\"ok\", \" \"]", "title_keywords", "position 2", "whole words"),
        ("title_keywords = [\"Café\", \"cafe\"]", "title_keywords", "twice", "keep the first"),
        ("title_keywords = [7]", "title_keywords", "the number 7", "text in quotes"),
        ("exclude_titles = [\"DevOps\"]", "exclude_titles", "also in title_keywords", "one of the two"),
        ("deal_sise = 1", "deal_sise", "not a field", "did you mean `deal_size`?"),
        ("color = 1", "color", "not a field", "the fields are product, deal_size"),
        ("[weights]\nrelevanse = 1", "weights.relevanse", "not a field", "did you mean `relevance`?"),
        ("[weights]\nrelevance = 256", "weights.relevance", "the number 256", "0 to 255"),
        (
            "weights = { relevance = 0, authority = 0, influence = 0, champion = 0, reachability = 0 }",
            "weights",
            "all 0",
            "above 0",
        ),
        (
            "[[coverage]]\nname = \"x\"\nabove = 1",
            "coverage.functions",
            "is missing",
            "needs name, functions and above",
        ),
        ("coverage = [{ name = \"\", functions = [\"it\"], above = 1 }]", "coverage.name", "entry 1 is blank", "gap"),
        (
            "coverage = [{ name = \"x\", functions = [], above = 1 }]",
            "coverage.functions",
            "an empty list",
            "any of which",
        ),
        ("[coverage]\nname = \"x\"", "coverage", "is a table", "[[coverage]]"),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let Problem { line, field: at, problem, remedy: advice } = &found[0];
        assert_eq!(at, field, "{text}");
        assert!(problem.contains(shape), "{text}: {problem}");
        assert!(advice.contains(remedy), "{text}: {advice}");
        assert_eq!(*line, Some(1 + usize::from(text.contains("[weights]\n"))), "{text}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_the_file() {
    let text = "product = \"\"\ndeal_sise = 5\ncurrency = \"EUR\"\nprimary_functions = [\"slaes\"]\n\n[weights]\nchampion = -1\n\n\
                [[coverage]]\nname = \"one\"\nfunctions = [\"it\"]\nabove = 1\n\n[[coverage]]\nname = \"One\"\n\
                functions = []\nabove = 1\n";
    let lines: Vec<_> = problems(text).iter().map(|problem| (problem.line.unwrap(), problem.field.clone())).collect();
    let expected = [
        (1, "product"),
        (2, "deal_sise"),
        (3, "currency"),
        (4, "primary_functions"),
        (7, "weights.champion"),
        (15, "coverage.name"),
        (16, "coverage.functions"),
    ];
    assert_eq!(lines, expected.map(|(line, field)| (line, field.to_owned())));
    let told = SellerProfile::from_toml(text).unwrap_err().to_string();
    assert!(told.starts_with("7 problems in the seller profile:\n  line 1, `product` is blank"), "{told}");
}

#[test]
fn a_text_that_is_not_toml_is_told_with_its_line() {
    let error = SellerProfile::from_toml("product = \"x\"\ndeal_size 5\n").unwrap_err();
    assert!(matches!(error, ProfileError::Syntax(_)));
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn rates_are_exact_and_limits_compare_as_with_the_exact_amount() {
    assert_eq!(rate("1.08").map(Rate::micro_dollars), Ok(1_080_000));
    assert_eq!(rate("0.000039").map(Rate::micro_dollars), Ok(39));
    assert_eq!(rate("1.100000000").unwrap().to_string(), "1.1");
    assert_eq!(rate("1000000").unwrap(), Rate::MAX);
    for (text, error) in [
        ("1000000.000001", RateError::Range),
        ("99999999999999999999", RateError::Range),
        ("", RateError::Shape),
        ("1.", RateError::Shape),
        (".5", RateError::Shape),
        ("-1", RateError::Shape),
        ("+1", RateError::Shape),
        ("1_0", RateError::Shape),
        ("١", RateError::Shape),
        ("nan", RateError::Shape),
    ] {
        assert_eq!(rate(text), Err(error), "{text}");
    }
    // A cent above the limit is above it; the very limit is not.
    assert_eq!(in_euros(92_593, "1.08").deal_usd(), 100_001);
    assert_eq!(in_euros(80_000, "1.25").deal_usd(), 100_000);
    assert_eq!(in_euros(u64::MAX, "1000000").deal_usd(), u64::MAX);
}

#[test]
fn a_number_without_quotes_is_read_by_its_digits() {
    let read = |euro: &str| {
        SellerProfile::from_toml(&format!("deal_size = 100000000\ncurrency = \"EUR\"\n[exchange]\nEUR = {euro}"))
            .unwrap()
    };
    assert_eq!(read("1.08"), read("\"1.08\""));
    assert_eq!(read("1.08").deal_usd(), 108_000_000);
    assert_eq!(read("2").deal_usd(), 200_000_000);
}

#[test]
fn a_currency_is_switched_at_told_rates_only() {
    let (euro, pound) = ("EUR".parse().unwrap(), "GBP".parse().unwrap());
    let currency = in_euros(1, "1.08").currency;
    assert_eq!(currency.switched(pound, []), Err(CurrencyError::NoRate(pound)));
    let pounds = currency.switched(pound, [(pound, rate("1.3").unwrap())]).unwrap();
    assert_eq!((pounds.code(), pounds.rate().to_string().as_str()), (pound, "1.3"));
    assert_eq!(pounds.rates().count(), 2);
    assert_eq!(pounds.switched(CurrencyCode::USD, []).unwrap().rate(), Rate::ONE);
    assert_eq!(Currency::new(euro, [(CurrencyCode::USD, Rate::ONE)]), Err(CurrencyError::DollarRate));
    let told = CurrencyError::NoRate(euro).to_string();
    assert!(told.contains("none is built in") && told.contains("[exchange]"), "{told}");
}

#[test]
fn a_deal_in_another_currency_gives_the_group_of_its_worth_in_dollars() {
    for (euros, dollars) in [(48_000, 60_000), (120_000, 150_000), (140_000, 175_000)] {
        let (there, here) = (chosen(&in_euros(euros, "1.25")), chosen(&seller(dollars)));
        assert_eq!(there, here);
        assert_ne!(ids(&there), Vec::<&str>::new());
    }
    // The same number in another currency is another deal.
    assert_ne!(chosen(&in_euros(60_000, "10")), chosen(&seller(60_000)));
}

#[test]
fn voices_are_needed_above_their_deal_and_the_buying_function_always() {
    let names = |deal| -> Vec<String> { seller(deal).needed_coverage().into_iter().map(|voice| voice.name).collect() };
    assert_eq!(names(1), ["buying function"]);
    assert_eq!(names(50_000), ["buying function"]);
    assert_eq!(names(50_001), ["buying function", "technical"]);
    assert_eq!(names(100_001).len(), 3);
    assert_eq!(names(150_001).len(), 4);
    let sales = SellerProfile { primary_functions: vec![Function::Sales], ..seller(1) };
    assert_eq!(sales.needed_coverage()[0].functions, [Function::Sales]);
}

#[test]
fn presets_are_valid_different_and_found_by_name() {
    let mut products = std::collections::BTreeSet::new();
    for preset in Preset::ALL {
        let profile = preset.profile().unwrap_or_else(|error| panic!("{preset}: {error}"));
        assert_eq!(SellerProfile::preset(preset.as_str()).as_ref(), Some(&profile));
        assert!(profile.title_keywords.len() >= 20 && profile.exclude_titles.len() >= 10, "{preset}");
        assert!(!profile.adjacent_functions.is_empty() && !profile.coverage.is_empty(), "{preset}");
        assert!(products.insert(profile.product), "{preset} sells what another sells");
    }
    assert_eq!(SellerProfile::preset("Sales-Tools"), Preset::SalesTools.profile().ok());
    assert_eq!(SellerProfile::preset("wizardry"), None);
    let told = "recruting".parse::<Preset>().unwrap_err().to_string();
    assert!(told.contains("did you mean recruiting?") && told.contains("sales_tools, marketing_automation"), "{told}");
}

#[test]
fn each_preset_finds_its_buyer_and_leaves_out_its_false_friend() {
    for (preset, buyer, carrier, false_friend) in [
        (Preset::SalesTools, "Chief Revenue Officer", "Director of Sales Operations", "Sales Tax Manager"),
        (
            Preset::MarketingAutomation,
            "Chief Marketing Officer",
            "Director of Demand Generation",
            "Telemarketing Manager",
        ),
        (Preset::Fpa, "Chief Financial Officer", "Director of Financial Planning & Analysis", "Credit Controller"),
        (Preset::PayrollHr, "Chief Human Resources Officer", "Director of Payroll", "Personal Trainer"),
        (Preset::Recruiting, "Chief Human Resources Officer", "Director of Talent Acquisition", "Talent Agent"),
        (Preset::EndpointSecurity, "Chief Information Security Officer", "Director of IT Security", "Security Guard"),
        (
            Preset::CloudSecurity,
            "Chief Information Security Officer",
            "Director, Information Security",
            "Physical Security Manager",
        ),
        (Preset::Observability, "Chief Technology Officer", "Director, Site Reliability Engineering", "Civil Engineer"),
        (Preset::DeveloperTools, "Chief Technology Officer", "Director, Platform Engineering", "Mechanical Engineer"),
        (Preset::FleetOperations, "Chief Operating Officer", "Director of Logistics", "Director of Sales Operations"),
        (Preset::Erp, "Chief Financial Officer", "Director of Information Technology", "Document Controller"),
        (Preset::Procurement, "Chief Procurement Officer", "Director of Procurement", "Media Buyer"),
        (Preset::Legal, "General Counsel", "Director, Legal Operations", "Assistant District Attorney"),
    ] {
        let profile = preset.profile().unwrap();
        let mut shortlist = Shortlist::new(&profile, &company(Some(300)));
        let people =
            [("buyer", buyer), ("carrier", carrier), ("stranger", false_friend), ("hand", "Warehouse Associate")];
        people.into_iter().for_each(|(id, title)| shortlist.offer(person(id, title)));
        let group = shortlist.finish();
        let role = |id: &str| group.members.iter().find(|one| one.person.id.as_str() == id).map(|one| one.role);
        assert_eq!(role("buyer"), Some(Role::DecisionMaker), "{preset}: {buyer}");
        assert_eq!(role("stranger"), None, "{preset}: {false_friend}");
        assert!(role("carrier").is_some(), "{preset}: {carrier}");
    }
}

fn function() -> impl Strategy<Value = Function> {
    prop::sample::select(Function::ALL)
}

fn functions(range: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Function>> {
    prop::collection::btree_set(function(), range).prop_map(|set| set.into_iter().collect())
}

fn code() -> impl Strategy<Value = CurrencyCode> {
    "[A-Z]{3}".prop_map(|code| code.parse().unwrap()).prop_filter("not the dollar", |code| *code != CurrencyCode::USD)
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (1..=Rate::MAX.micro_dollars()).prop_map(|micro| Rate::from_micro_dollars(micro).unwrap())
}

fn currency() -> impl Strategy<Value = Currency> {
    (prop::collection::btree_map(code(), any_rate(), 0..4), any::<prop::sample::Index>()).prop_map(|(rates, index)| {
        let codes: Vec<_> = rates.keys().copied().chain([CurrencyCode::USD]).collect();
        Currency::new(*index.get(&codes), rates).unwrap()
    })
}

/// Any profile that makes sense; phrases are told apart by a number.
fn profile() -> impl Strategy<Value = SellerProfile> {
    let texts = (
        "\\PC{0,20}[a-z]",
        prop::collection::vec("\\PC{0,12}", 0..4),
        prop::collection::vec("\\PC{0,12}", 0..4),
        prop::collection::vec(("\\PC{0,12}", functions(1..4), 0..=i64::MAX as u64), 0..4),
    );
    let numbers = (1..=i64::MAX as u64, currency(), any::<[u8; 5]>());
    (texts, numbers, functions(1..4), functions(0..6)).prop_map(|(texts, numbers, primary, adjacent)| {
        let (product, keywords, exclusions, coverage) = texts;
        let (deal_size, currency, [relevance, authority, influence, champion, reachability]) = numbers;
        let numbered = |list: Vec<String>, mark: &str| -> Vec<String> {
            list.into_iter().enumerate().map(|(index, text)| format!("{text} {mark}{index}")).collect()
        };
        SellerProfile {
            product,
            deal_size,
            currency,
            adjacent_functions: adjacent.into_iter().filter(|one| !primary.contains(one)).collect(),
            primary_functions: primary,
            title_keywords: numbered(keywords, "k"),
            exclude_titles: numbered(exclusions, "x"),
            coverage: coverage
                .into_iter()
                .enumerate()
                .map(|(index, (name, functions, above))| Coverage { name: format!("{name} {index}"), functions, above })
                .collect(),
            weights: Weights { relevance: relevance.max(1), authority, influence, champion, reachability },
        }
    })
}

proptest! {
    #[test]
    fn a_profile_is_read_back_as_it_was_written(profile in profile()) {
        profile.check().unwrap();
        let text = profile.to_toml();
        prop_assert_eq!(SellerProfile::from_toml(&text).map_err(|error| error.to_string()), Ok(profile), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}", field in "[a-z_]{1,20}") {
        let _ = SellerProfile::from_toml(&text);
        if let Err(ProfileError::Fields(problems)) = SellerProfile::from_toml(&format!("{field} = {text}")) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.line == Some(1) && !problem.remedy.is_empty()));
        }
    }

    #[test]
    fn a_rate_is_read_back_as_it_is_shown(rate in any_rate()) {
        prop_assert_eq!(rate.to_string().parse::<Rate>(), Ok(rate));
    }

    #[test]
    fn worth_rises_with_amount_and_rate_and_never_falls_below_the_exact_one(
        amounts in any::<(u64, u64)>(), rates in (any_rate(), any_rate())
    ) {
        let (less, more) = (amounts.0.min(amounts.1), amounts.0.max(amounts.1));
        let (cheap, dear) = (rates.0.min(rates.1), rates.0.max(rates.1));
        prop_assert!(cheap.dollars(less) <= cheap.dollars(more));
        prop_assert!(cheap.dollars(less) <= dear.dollars(less));
        let exact = u128::from(less) * u128::from(cheap.micro_dollars());
        let shown = u128::from(cheap.dollars(less));
        prop_assert!(shown == u128::from(u64::MAX) || (shown * 1_000_000 >= exact && shown * 1_000_000 < exact + 1_000_000));
    }

    #[test]
    fn a_larger_deal_needs_every_voice_of_the_smaller(profile in profile(), more in any::<u64>()) {
        let larger = SellerProfile { deal_size: profile.deal_size.max(more), ..profile.clone() };
        let needed = larger.needed_coverage();
        prop_assert!(profile.needed_coverage().iter().all(|voice| needed.contains(voice)));
    }
}
