//! Rosters from outside: files as people have them, read page by page.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod companies;
mod formats;
mod properties;

use activities::roster::{Meaning, Roster, RosterData, RosterSource, RosterSummary};
use activities::sources::{ContactSource, PeoplePage, PeopleSource, SourceError};
use contracts::WorkspaceId;
use engine::{Company, Contact, Person};
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn workspace() -> WorkspaceId {
    "acme".parse().unwrap()
}

fn roster(path: &Path, name: &str, domain: Option<&str>) -> Roster {
    Roster {
        workspace: workspace(),
        company_id: None,
        name: name.to_owned(),
        domain: domain.map(str::to_owned),
        staff: None,
        revenue: None,
        data: RosterData::File(path.to_owned()),
    }
}

fn company() -> Company {
    Company { name: "Widgets".to_owned(), ..Company::default() }
}

struct File {
    path: PathBuf,
    source: RosterSource,
    runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl File {
    fn named(name: &str, content: impl AsRef<[u8]>, page: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let source = RosterSource::new(vec![roster(&path, "Widgets", None)]).unwrap();
        let source = source.with_page_size(NonZeroUsize::new(page).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { path, source, runtime, _folder: folder }
    }

    fn new(content: impl AsRef<[u8]>) -> Self {
        Self::named("people.csv", content, 500)
    }

    fn page(&self, cursor: Option<&str>) -> Result<PeoplePage, SourceError> {
        self.runtime.block_on(self.source.people(&workspace(), &company(), cursor))
    }

    fn pages(&self) -> Vec<PeoplePage> {
        let mut pages = vec![self.page(None).unwrap()];
        while let Some(next) = pages.last().unwrap().next.clone() {
            pages.push(self.page(Some(&next)).unwrap());
        }
        pages
    }

    fn people(&self) -> Vec<Person> {
        let page = self.page(None).unwrap();
        assert_eq!(page.rejected, []);
        assert!(page.complete && page.next.is_none() && page.cost_micros == 0);
        page.people
    }

    fn contact(&self, person: &Person) -> Option<Contact> {
        self.runtime.block_on(self.source.contact(&workspace(), &company(), person)).unwrap().contact
    }

    fn rejected(&self) -> Vec<(u64, String)> {
        let pages = self.pages();
        pages.into_iter().flat_map(|page| page.rejected).map(|one| (one.line, one.reason)).collect()
    }

    fn inspect(&self) -> RosterSummary {
        Roster::inspect(&self.path).unwrap()
    }
}

#[test]
fn every_field_is_read_and_managers_are_identities() {
    let text = "notes,team,id,name,manager_id,division,department,start date\n\
                x,Core,1,Ann,1,R&D,Engineering; Platform|Core,2024-01-02\n,,2,Bob,1,,n/a,\n";
    let people = File::new(text).people();
    assert_eq!(people[0].departments, ["R&D", "Engineering", "Platform", "Core"]);
    assert_eq!((people[0].manager.as_ref(), people[0].start_date.as_deref()), (None, Some("2024-01-02")));
    assert_eq!(people[1].manager.as_ref(), Some(&people[0].id));
    assert!(people[1].departments.is_empty() && people[1].contact.is_empty());
    // Without ids, names are identities, and so are the names of managers.
    let people = File::new("name,reports to\nAnn  Lee,\nBob,ann lee\n").people();
    assert_eq!(people[1].manager.as_ref(), Some(&people[0].id));
    // With ids, a name is no identity.
    assert_eq!(File::new("id,name,manager\n1,Ann Lee,\n2,Bob,Ann Lee\n").people()[1].manager, None);
}

#[test]
fn what_cannot_be_read_is_reported_with_its_line_and_never_its_value() {
    let long = "SECRET".repeat(1000);
    let text = format!(
        "id,name,title,email\n1,Ann,\"multi\nline\n\",ann@x.io\n2,,SECRET,\n3,SECRET\n4,Bob,CTO,SECRET\n5,SECR\u{7}ET,,\n\
         6,{long},,\n,,,\n\n7,SECRET,a,b,c\nid,name,title,email\n8,\"SECRET,,\n1.2E+11,Cy,,,\n9,\"Dee\" SECRET,,\n"
    );
    let file = File::named("people.csv", text, 3);
    let rejected = file.rejected();
    let lines: Vec<_> = rejected.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [5, 6, 7, 8, 9, 12, 13, 14, 15, 16]);
    let words = [
        "no name",
        "2 columns",
        "'email' is not one",
        "control",
        "'name' has 6000",
        "5 columns",
        "repeats",
        "quotation",
        "'id' was rounded",
        "quotation",
    ];
    for ((_, reason), word) in rejected.iter().zip(words) {
        assert!(reason.contains(word) && !reason.contains("SECR"), "{reason}");
    }
    let people: Vec<_> = file.pages().into_iter().flat_map(|page| page.people).map(|person| person.name).collect();
    assert_eq!(people, ["Ann", "Bob", "Cy"]);
    let summary = file.inspect();
    assert_eq!((summary.rows, summary.people, summary.problems), (11, 3, 10));
    assert_eq!(summary.columns[1], (Meaning::Name, "name".to_owned()));
    assert!(summary.to_string().contains("line 5: the row has no name"));
}

#[test]
fn a_changed_file_is_read_from_the_beginning_and_says_so() {
    let file = File::named("people.csv", "name\nAnn\nBob\nCy\n", 2);
    let stale = file.page(None).unwrap().next.unwrap();
    assert_eq!(file.page(Some(&stale)).unwrap(), file.page(Some(&stale)).unwrap());
    fs::write(&file.path, "name\nZoe\nAnn\nBob\nCy\n").unwrap();
    let restarted = PeoplePage { restarted: true, ..file.page(None).unwrap() };
    assert_eq!(file.page(Some(&stale)).unwrap(), restarted);
    assert_eq!(file.page(Some("nonsense")).unwrap(), restarted);
}

#[test]
fn namesakes_without_ids_are_told_apart_by_title() {
    let file =
        File::new("name,title,reports to\nJohn Smith,Sergeant,Ann Lee\nJohn Smith,CFO,Ann Lee\nAnn Lee,Mayor,\n");
    let people = file.people();
    assert_ne!(people[0].id, people[1].id);
    assert_eq!(people[0].manager.as_ref(), Some(&people[2].id), "a manager is named without the title");
    assert_eq!(people[2].direct_reports, Some(2));
    // The same name and title is the same person, and a name that two people bear means neither.
    let file = File::new(
        "name,title,boss\nJo Ray,CTO,\nJO RAY,cto,\nJo Ray,Driver,\nBo Lee,Clerk,Jo Ray\n".replace("boss", "manager"),
    );
    let people = file.people();
    assert_eq!(people[0].id, people[1].id);
    assert!(people.iter().all(|one| people[3].manager.as_ref() != Some(&one.id)), "{:?}", people[3].manager);
}

#[test]
fn a_person_recorded_twice_is_told_and_counted_once() {
    let file = File::new("id,name,title\n1,Ann,CTO\n2,Cy,Engineer\n1,Bob,CEO\n");
    let summary = Roster::inspect(&file.path).unwrap();
    assert_eq!((summary.rows, summary.people, summary.problems), (3, 2, 1));
    assert_eq!(summary.rejected[0].line, 4);
    assert!(summary.rejected[0].reason.contains("line 2"), "{:?}", summary.rejected);
}

#[test]
fn contacts_are_those_of_the_person_asked_about() {
    let file = File::new("id,name,email,phone,linkedin\n1,Ann,A@x.io,,\n1,Ann,,+1,\n2,Bob,,,x.io/in/bob\n");
    let mut people = file.people();
    let ann = Contact { email: Some("A@x.io".into()), phone: Some("+1".into()) };
    assert_eq!(file.contact(&people[0]), Some(ann));
    assert_eq!(file.contact(&people[2]), Some(Contact::default()));
    // Known by another source's id and the same page.
    people[2].id = engine::PersonId::new("p-77").unwrap();
    people[2].profile_url = Some("https://www.X.io/in/bob/".into());
    assert_eq!(file.contact(&people[2]), Some(Contact::default()));
    people[2].profile_url = None;
    assert_eq!(file.contact(&people[2]), None);
}

#[test]
fn an_address_is_nobodys_id() {
    // Neither where it is the only identity there is, nor where somebody uses it as an id; however it is written.
    for text in [
        "name,email,manager\nAnn,Ann@x.io,\nBob,bob@x.io,ann@x.io\n",
        "id,name,email,manager id\nAnn@x.io,Ann,Ann@x.io,\nbob@x.io,Bob,bob@x.io,ann@x.io\n",
    ] {
        let file = File::new(text);
        let people = file.people();
        let id = contracts::opaque_identity(&workspace(), "ann@x.io").unwrap();
        assert_eq!((people[0].id.as_str(), people[1].manager.as_ref().unwrap().as_str()), (&*id, &*id), "{text}");
        assert!(!people[1].id.as_str().contains('@'));
        assert_eq!(file.contact(&people[0]).unwrap().email.as_deref(), Some("Ann@x.io"));
    }
}

#[test]
fn two_hundred_thousand_people_page_by_page() {
    let mut text = b"id,name,title,manager_id\n".to_vec();
    for id in 0..200_000 {
        writeln!(text, "{id},Person {id},Engineer,{}", id / 10).unwrap();
    }
    let file = File::new(text);
    let begun = Instant::now();
    let pages = file.pages();
    let (count, took) = (pages.iter().map(|page| page.people.len()).sum::<usize>(), begun.elapsed());
    let begun = Instant::now();
    file.contact(&pages[399].people[499]).unwrap();
    eprintln!("{} pages in {took:?}, one contact in {:?}", pages.len(), begun.elapsed());
    assert_eq!((count, pages.len()), (200_000, 400));
    assert!(took < Duration::from_secs(60));
}

#[test]
fn direct_reports_are_counted_over_the_whole_file() {
    let file = File::named("people.csv", "id,name,manager id\n1,Ann,\n2,Bob,1\n3,Cy,1\n3,Cy,1\n4,Di,2\n5,Eve,2\n", 2);
    let people: Vec<_> = file.pages().into_iter().flat_map(|page| page.people).collect();
    let spans: Vec<_> = people.iter().map(|person| (person.id.as_str(), person.direct_reports)).collect();
    let wanted = [("1", 2), ("2", 2), ("3", 0), ("3", 0), ("4", 0), ("5", 0)];
    assert_eq!(spans, wanted.map(|(id, count)| (id, Some(count))));
    // The file's own count stands, and changes are noticed.
    fs::write(&file.path, "id,name,manager id,Direct Reports,connections\n1,Ann,,\"1,200\",500+\n2,Bob,1,,many\n")
        .unwrap();
    let page = file.page(None).unwrap();
    let spans: Vec<_> = page.people.iter().map(|person| (person.direct_reports, person.network)).collect();
    assert_eq!(spans, [(Some(1_200), Some(500)), (None, None)]);
    assert!(page.rejected[0].reason.contains("not a whole number"), "{:?}", page.rejected);
}

#[test]
fn blank_or_foreign_managers_are_no_knowledge_of_spans() {
    for content in ["id,name\n1,Ann\n2,Bob\n", "id,name,manager id\n1,Ann,90\n2,Bob,91\n3,Cy,90\n"] {
        let people = File::new(content).people();
        assert!(people.iter().all(|person| person.direct_reports.is_none()), "{people:?}");
    }
}

#[test]
fn a_real_company() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/rosters/sourcegraph_2022-05-25.csv");
    if !path.exists() {
        eprintln!("SKIPPED: the folder with real data is not here");
        return;
    }
    let summary = Roster::inspect(&path).unwrap();
    assert_eq!((summary.people, summary.problems), (282, 0));
    assert_eq!(summary.ignored, ["levels_below_ceo", "branch_head_title"]);
}
