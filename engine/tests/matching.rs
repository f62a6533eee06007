//! Which company is meant.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::company::{CompanyIdentity, Match, MatchedBy, match_company, name_key};
use proptest::prelude::*;
use std::path::PathBuf;

fn identity(name: &str, domain: &str) -> CompanyIdentity {
    CompanyIdentity::new(name, Some(domain), None)
}

fn one(index: usize, by: MatchedBy) -> Match {
    Match::One { index, by }
}

#[test]
fn e8_two_companies_under_co_uk_stay_two() {
    let known = [identity("Alpha", "alpha.co.uk"), identity("Beta", "beta.co.uk")];
    assert_eq!(match_company(&identity("?", "www.beta.co.uk"), &known), one(1, MatchedBy::Domain));
    assert_eq!(match_company(&identity("?", "gamma.co.uk"), &known), Match::None);
    assert_eq!(match_company(&identity("?", "co.uk"), &known), Match::None);
    let blogs = [identity("Blog", "one.blogspot.com"), identity("Blog", "two.blogspot.com")];
    assert_eq!(match_company(&identity("Blog", "two.blogspot.com"), &blogs), one(1, MatchedBy::Domain));
}

#[test]
fn q8_namesakes_are_ambiguous_and_a_domain_tells_them_apart() {
    let known = [identity("Twin GmbH", "one.example"), identity("Twin", "two.example"), identity("Twin Ltd", "")];
    assert_eq!(match_company(&identity("TWIN", ""), &known), Match::Ambiguous { candidates: 3, by: MatchedBy::Name });
    assert_eq!(match_company(&identity("TWIN", "one.example"), &known), one(0, MatchedBy::Domain));
    assert_eq!(match_company(&identity("Twin", "three.example"), &known), one(2, MatchedBy::Name));
    assert_eq!(match_company(&identity("Twin", "three.example"), &known[..2]), Match::None, "the domain contradicts");
}

#[test]
fn an_id_decides_where_no_domain_does() {
    let known = [
        CompanyIdentity::new("Globex", None, Some("g1")),
        CompanyIdentity::new("Globex", Some("globex.example"), Some("g2")),
    ];
    let asked = |domain, id| CompanyIdentity::new("Globex", domain, Some(id));
    assert_eq!(match_company(&asked(None, " g1 "), &known), one(0, MatchedBy::ProfileId));
    assert_eq!(match_company(&asked(Some("globex.example"), "g1"), &known), one(1, MatchedBy::Domain));
    assert_eq!(match_company(&asked(Some("other.example"), "g2"), &known), Match::None);
    assert_eq!(match_company(&asked(None, "g3"), &known), Match::Ambiguous { candidates: 2, by: MatchedBy::Name });
}

#[test]
fn a_school_or_division_is_not_the_organisation() {
    let known = [
        identity("Harvard University", "harvard.edu"),
        identity("Siemens AG", "siemens.com"),
        identity("Bank of America", "bankofamerica.com"),
        identity("University of Sample", "sample.edu"),
    ];
    for name in ["Harvard Business School", "Harvard", "Siemens Healthineers", "Bank of America Merrill Lynch"] {
        assert_eq!(match_company(&identity(name, ""), &known), Match::None, "{name}");
    }
    assert_eq!(match_company(&identity("Harvard Business School", "hbs.edu"), &known), Match::None);
    assert_eq!(match_company(&identity("Law School", "law.sample.edu"), &known), Match::None);
    assert_eq!(match_company(&identity("U of Sample", "www2.sample.edu"), &known), one(3, MatchedBy::Domain));
    assert_eq!(match_company(&identity("siemens", ""), &known), one(1, MatchedBy::Name));
}

#[test]
fn a_shared_host_neither_matches_nor_contradicts() {
    let known = [identity("Acme", "https://www.linkedin.com/company/acme"), identity("Globex", "linkedin.com")];
    assert_eq!(match_company(&identity("Initech", "linkedin.com"), &known), Match::None);
    assert_eq!(match_company(&identity("Acme Inc.", "acme.example"), &known), one(0, MatchedBy::Name));
}

#[test]
fn several_on_one_domain_are_told_apart_by_host_id_and_name() {
    let known = [identity("Acme", "acme.example"), identity("Acme Cloud", "cloud.acme.example")];
    assert_eq!(match_company(&identity("?", "cloud.acme.example"), &known), one(1, MatchedBy::Domain));
    assert_eq!(match_company(&identity("ACME", "jobs.acme.example"), &known), one(0, MatchedBy::Domain));
    assert_eq!(
        match_company(&identity("?", "jobs.acme.example"), &known),
        Match::Ambiguous { candidates: 2, by: MatchedBy::Domain }
    );
}

#[test]
fn legal_forms_of_many_countries_make_no_difference() {
    for (plain, written) in [
        (
            "Muster",
            "Muster Gesellschaft mit beschränkter Haftung|Muster GmbH & Co. KGaA|Muster e.K.|Muster PartG mbB|Muster eG",
        ),
        ("Lumière", "Lumière S.A.R.L.|Lumière SASU|Lumière Société Anonyme|Lumière S.C.A.|Lumière SNC"),
        ("Sol", "Sol S.L.U.|Sol S.A. de C.V.|Sol S.A.S.|Sol Sociedad Anónima|Sol S. Coop."),
        ("Mar", "Mar Ltda.|Mar S/A|Mar Lda|Mar Unipessoal Lda|Mar EIRELI"),
        ("Rossa", "Rossa S.r.l.|Rossa S.p.A.|Rossa S.n.c.|Rossa S.a.s.|Rossa Società per Azioni"),
        ("Gracht", "Gracht B.V.|Gracht N.V.|Gracht C.V.|Gracht BVBA|Gracht VOF|Gracht Besloten Vennootschap"),
        (
            "Fjord",
            "Fjord A/S|Fjord ApS|Fjord ASA|Fjord AB (publ)|Fjord Oyj|Fjord Oy Ab|Fjord hf.|Fjord ehf|Fjord Aktieselskab",
        ),
        (
            "Wisła",
            "Wisła Sp. z o.o.|Wisła S.A.|Wisła Spółka z ograniczoną odpowiedzialnością|Wisła Sp. j.|Wisła Sp. z o.o. Sp. k.",
        ),
        ("Vltava", "Vltava s.r.o.|Vltava, a.s.|Vltava spol. s r.o.|Vltava v.o.s."),
        ("Boğaz", "Boğaz A.Ş.|Boğaz Ltd. Şti.|Boğaz Anonim Şirketi|Boğaz Limited Şirketi|Boğaz Sanayi ve Ticaret A.Ş."),
        ("みどり", "株式会社みどり|みどり（株）|㈱みどり|合同会社みどり|合資会社みどり|一般社団法人みどり"),
        ("Midori", "Midori K.K.|Midori Kabushiki Kaisha|Midori G.K.|Midori Co., Ltd."),
        ("한빛", "한빛 주식회사|주식회사 한빛|(주)한빛|㈜한빛|한빛 유한회사"),
        ("东方", "东方有限公司|东方股份有限公司|东方有限责任公司"),
        ("東方", "東方股份有限公司|東方有限公司|東方有限責任公司"),
        (
            "Ромашка",
            "ООО «Ромашка»|ПАО Ромашка|АО \"Ромашка\"|Общество с ограниченной ответственностью Ромашка|ИП Ромашка",
        ),
        (
            "Acme",
            "Acme Inc|Acme L.L.C.|Acme PLC|Acme Pty Ltd|Acme Pvt. Ltd.|Acme Private Limited|Acme Pte. Ltd.|Acme Sdn. Bhd.|Acme Unlimited Company|Acme DAC|Acme CIC|Acme FZE|Acme W.L.L.|Acme P.S.C.",
        ),
    ] {
        for written in written.split('|') {
            assert_eq!(name_key(written), name_key(plain), "{written:?}");
        }
    }
}

#[test]
fn d8_a_legal_form_is_not_taken_out_of_a_name() {
    for (name, key) in [
        ("Meta", "meta"),
        ("SAS Institute", "sas institute"),
        ("AG Barr", "ag barr"),
        ("SE", "se"),
        ("ME", "me"),
        ("DAC", "dac"),
        ("株", "株"),
        ("中国有限", "中国有限"),
        ("Общество", "общество"),
        ("Hf Group", "hf group"),
    ] {
        assert_eq!(name_key(name), key);
    }
}

/// The folder of data shared between houses, where it is.
fn shared_data() -> PathBuf {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    std::env::var_os("BGR_SHARED_DATA").map_or_else(beside, PathBuf::from)
}

#[test]
fn a_thousand_real_companies_match_themselves_alone() {
    let path = shared_data().join("companies/fortune1000_2021.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("NOT CHECKED: no list of real companies at {}; set BGR_SHARED_DATA", path.display());
        return;
    };
    let column = |headers: &csv::StringRecord, name: &str| headers.iter().position(|header| header == name).unwrap();
    let headers = reader.headers().unwrap().clone();
    let (name, website) = (column(&headers, "company"), column(&headers, "website"));
    let rows: Vec<_> =
        reader.records().map(|row| row.unwrap()).map(|row| (row[name].to_owned(), row[website].to_owned())).collect();
    let known: Vec<_> = rows.iter().map(|(name, website)| identity(name, website)).collect();
    let mut hits = [0; 4];
    for (index, (name, website)) in rows.iter().enumerate() {
        let asked = [
            known[index].clone(),
            identity(&format!("{}, Inc.", name.to_uppercase()), ""),
            identity("", website),
            identity("Some namesake", "nowhere.example"),
        ];
        for (hits, asked) in hits.iter_mut().zip(asked) {
            match match_company(&asked, &known) {
                Match::One { index: found, .. } => {
                    assert_eq!(found, index, "{asked:?} was taken for {:?}", rows[found]);
                    *hits += 1;
                }
                Match::None | Match::Ambiguous { .. } => {}
            }
        }
    }
    let [whole, by_name, by_website, stranger] = hits;
    eprintln!("of {}: {whole} by name and website, {by_name} by name alone, {by_website} by website alone", rows.len());
    assert_eq!((whole, stranger), (rows.len(), 0));
    assert!(by_name >= rows.len() - 2 && by_website >= rows.len() - 15, "{by_name} and {by_website}");
}

proptest! {
    #[test]
    fn the_order_of_candidates_decides_nothing(
        known in proptest::collection::vec(("acme|globex|acme inc", "|acme\\.com|globex\\.com|x\\.acme\\.com|gmail\\.com", "|a|b"), 0..6),
        asked in ("acme|globex|", "|acme\\.com|y\\.acme\\.com", "|a|b"),
        turn in 0..6_usize,
    ) {
        let make = |(name, domain, id): &(String, String, String)| CompanyIdentity::new(name, Some(domain), Some(id));
        let asked = make(&asked);
        let straight: Vec<_> = known.iter().map(make).collect();
        let mut turned = straight.clone();
        turned.rotate_left(if known.is_empty() { 0 } else { turn % known.len() });
        match (match_company(&asked, &straight), match_company(&asked, &turned)) {
            (Match::One { index: a, by: x }, Match::One { index: b, by: y }) => {
                prop_assert_eq!((&straight[a], x), (&turned[b], y));
                prop_assert!(!asked.contradicts(&straight[a]));
            }
            (a, b) => prop_assert_eq!(a, b),
        }
    }
}
