//! Ladders of the services, medicine, education and churches: each rung above the one before.

use super::{F, L, Title, all_read};

#[track_caller]
fn climbs(titles: &[&str]) {
    for pair in titles.windows(2) {
        let (below, above) = (Title::parse(pair[0]).level, Title::parse(pair[1]).level);
        assert!(below.is_some() && below < above, "{:?} {below:?} stands below {:?} {above:?}", pair[0], pair[1]);
    }
}

#[test]
fn armed_forces() {
    climbs(&[
        "Soldier",
        "Sergeant",
        "Lieutenant",
        "Captain",
        "Major",
        "Lieutenant Colonel",
        "Colonel",
        "Brigadier General",
        "General",
    ]);
    climbs(&["Airman", "Master Sergeant", "Second Lieutenant", "Lieutenant Commander", "Rear Admiral", "Admiral"]);
}

#[test]
fn police_and_fire() {
    climbs(&["Police Officer", "Police Sergeant", "Police Lieutenant", "Police Captain", "Police Commander"]);
    climbs(&["Police Commander", "Deputy Chief of Police", "Assistant Chief of Police", "Chief of Police"]);
    climbs(&["Firefighter", "Fire Lieutenant", "Fire Captain", "Battalion Chief", "Deputy Fire Chief", "Fire Chief"]);
    climbs(&["FIREFIGHTER-EMT", "LIEUTENANT-EMT", "CAPTAIN-EMT", "BATTALION CHIEF - EMT", "ASST CHIEF"]);
    climbs(&["Deputy Sheriff", "Chief Deputy Sheriff", "Sheriff"]);
    climbs(&["Correctional Officer", "Correctional Sergeant", "Warden"]);
}

#[test]
fn medicine() {
    climbs(&["Nurse", "Charge Nurse", "Nurse Manager", "Director of Nursing", "Chief Nursing Officer"]);
    climbs(&[
        "Resident Physician",
        "Attending Physician",
        "Chief of Surgery",
        "Medical Director",
        "Chief Medical Officer",
    ]);
    climbs(&["Assistenzarzt", "Facharzt", "Oberarzt", "Chefarzt"]);
}

#[test]
fn education_and_churches() {
    climbs(&["Teacher", "Assistant Principal", "School Principal", "Superintendent of Schools"]);
    climbs(&["Lecturer", "Associate Professor", "Department Chair", "Dean", "Provost", "University President"]);
    climbs(&["Chaplain", "Senior Pastor", "Archdeacon", "Bishop"]);
}

#[test]
fn functions_of_the_ladders() {
    all_read(&[
        ("Professor of Biology", L::SeniorIndividualContributor, &[F::Education]),
        ("Head Nurse", L::Lead, &[F::Medical]),
        ("Ship Captain", L::IndividualContributor, &[F::SupplyChain]),
        ("CAPTAIN", L::SeniorManager, &[F::PublicSafety]),
    ]);
}
