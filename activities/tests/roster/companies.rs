//! Which roster is meant.

use crate::{roster, workspace};
use activities::roster::RosterSource;
use activities::sources::CompanySource;
use contracts::{CompanyRef, FailureClass, WorkspaceId};
use std::path::Path;

#[test]
fn q8_companies_are_found_or_not_but_never_guessed() {
    let nowhere = Path::new("/nowhere/people.csv");
    let mut by_id = roster(nowhere, "Globex", None);
    by_id.company_id = Some("g1".to_owned());
    let twins =
        ["one.example", "two.example", "three.example"].map(|domain| roster(nowhere, "Twin GmbH", Some(domain)));
    let source =
        RosterSource::new(twins.into_iter().chain([by_id, roster(nowhere, "株式会社みどり", None)]).collect()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ask = |id: Option<&str>, name: &str, domain: Option<&str>| {
        let asked = CompanyRef { id: id.map(str::to_owned), name: name.to_owned(), domain: domain.map(str::to_owned) };
        let found = runtime.block_on(source.resolve(&workspace(), &asked));
        found.map(|found| found.map(|found| (found.company.name, found.company.domain)))
    };
    let found = |name: &str, domain: Option<&str>| Some((name.to_owned(), domain.map(str::to_owned)));
    assert_eq!(
        ask(None, "whoever", Some("https://www.two.example/x")).unwrap(),
        found("Twin GmbH", Some("two.example"))
    );
    let ambiguous = ask(None, "twin", None).unwrap_err();
    assert!(ambiguous.class == FailureClass::InvalidRequest && ambiguous.message.contains("ambiguous: 3 candidates"));
    assert_eq!(ask(None, "Twin", Some("four.example")).unwrap(), None);
    assert_eq!(ask(Some("g1"), "?", None).unwrap(), found("Globex", None));
    assert_eq!(ask(None, "GLOBEX", Some("globex.example")).unwrap(), found("Globex", None));
    assert_eq!(ask(None, "みどり", None).unwrap(), found("株式会社みどり", None));
    assert_eq!(ask(None, "Unknown", None).unwrap(), None);
    let other: WorkspaceId = "other".parse().unwrap();
    let asked = CompanyRef { id: None, name: "Globex".to_owned(), domain: None };
    assert_eq!(runtime.block_on(source.resolve(&other, &asked)).unwrap(), None);
    let clash = vec![roster(nowhere, "Globex", Some("a.example")), roster(nowhere, "Globex Inc.", None)];
    assert!(RosterSource::new(clash).is_err_and(|error| error.class == FailureClass::InvalidRequest));
}
