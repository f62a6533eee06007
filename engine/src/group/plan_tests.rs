//! The search against trying every seating.

use super::plan::{Chair, Claim, Entrant, PREFERRED, Plan, Seat, Seated};
use crate::Role;
use proptest::prelude::*;

/// The steps of the objective, compared in order.
type Value = ((usize, usize, usize, u32), u32, (usize, usize), u32, i64, u32, u64);

/// The objective of a seating, written down once more and independently of the search.
fn value(plan: &Plan, seated: &Seated) -> Value {
    let (mut chairs, mut fit, mut coverage, mut consulted, mut ties, mut covered) = (0, 0, 0, 0, 0_u64, 0);
    let (mut deciders, mut own, mut senior, mut decider_fit, mut champions) = (0, 0, 0, 0, 0);
    for (person, seat) in seated {
        let one = &plan.people[*person];
        covered |= one.covers & plan.needs;
        match seat {
            Seat::Chair(index) => {
                let chair = plan.chairs[*index];
                chairs += 1;
                let mut points = one.fits[chair.role as usize];
                points += if chair.prefers & one.likes == 0 { 0 } else { PREFERRED };
                if chair.role == Role::DecisionMaker {
                    deciders += 1;
                    own += usize::from(one.claim == Claim::Own);
                    senior += usize::from(one.claim != Claim::Least);
                    decider_fit += points;
                } else {
                    champions += usize::from(chair.role == Role::Champion);
                    fit += points;
                }
                ties += u64::from(one.ties[chair.role as usize]);
            }
            Seat::Coverage => {
                coverage -= 1;
                consulted += one.consulted;
                ties += u64::from(one.ties[5]);
            }
        }
    }
    ((deciders, own, senior, decider_fit), covered.count_ones(), (chairs, champions), fit, coverage, consulted, ties)
}

/// Tries every seating.
fn brute_force(plan: &Plan) -> Value {
    fn go(plan: &Plan, person: usize, taken: &mut Vec<bool>, seated: &mut Seated, best: &mut Value) {
        if person == plan.people.len() {
            *best = (*best).max(value(plan, seated));
            return;
        }
        go(plan, person + 1, taken, seated, best);
        if seated.len() >= plan.most {
            return;
        }
        let one = &plan.people[person];
        for index in 0..plan.chairs.len() {
            if !taken[index] && one.fits[plan.chairs[index].role as usize] > 0 {
                taken[index] = true;
                seated.push((person, Seat::Chair(index)));
                go(plan, person + 1, taken, seated, best);
                seated.pop();
                taken[index] = false;
            }
        }
        if one.consulted > 0 && one.covers & plan.needs != 0 {
            seated.push((person, Seat::Coverage));
            go(plan, person + 1, taken, seated, best);
            seated.pop();
        }
    }
    let mut best = ((0, 0, 0, 0), 0, (0, 0), 0, 0, 0, 0);
    go(plan, 0, &mut vec![false; plan.chairs.len()], &mut Vec::new(), &mut best);
    best
}

fn entrant() -> impl Strategy<Value = Entrant> {
    // Few distinct fits make ties and trade-offs likely.
    let fit = || prop_oneof![2 => Just(0_u32), 3 => (4..=10_u32).prop_map(|tenth| tenth * 100)];
    let fits = (fit(), fit(), fit(), fit(), fit());
    let bits = || prop_oneof![3 => Just(0_u32), 4 => (0..4_u32).prop_map(|bit| 1 << bit), 1 => 0..16_u32];
    let claim = prop_oneof![Just(Claim::Least), Just(Claim::Senior), Just(Claim::Own)];
    (fits, claim, fit(), bits(), 0..4_u32, proptest::array::uniform6(any::<u32>())).prop_map(
        |(fits, claim, consulted, covers, likes, ties)| {
            let fits = [fits.0, fits.1, fits.2, fits.3, fits.4];
            Entrant { fits, claim, consulted, covers, likes, ties }
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    // Decision makers' chairs are the ones with rules of their own.
    let chair = (prop_oneof![2 => Just(0_usize), 3 => 0..5_usize], 0..3_u32)
        .prop_map(|(role, prefers)| Chair { role: Role::ALL[role], prefers });
    let chairs = proptest::collection::vec(chair, 0..5);
    let people = proptest::collection::vec(entrant(), 0..=7);
    (chairs, people, 0..16_u32, 0..7_usize).prop_map(|(chairs, people, needs, most)| Plan {
        chairs,
        needs,
        most,
        people,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_search_finds_what_trying_every_seating_finds(plan in plan()) {
        let seated = plan.best();
        prop_assert!(seated.len() <= plan.most);
        let mut people: Vec<usize> = seated.iter().map(|(person, _)| *person).collect();
        people.dedup();
        prop_assert_eq!(people.len(), seated.len(), "nobody sits twice");
        for (person, seat) in &seated {
            prop_assert!(plan.worth(*seat, *person).is_some(), "everybody fits");
        }
        prop_assert_eq!(value(&plan, &seated), brute_force(&plan));
    }

    #[test]
    fn a_further_person_never_makes_the_group_worse(plan in plan(), further in entrant()) {
        let before = value(&plan, &plan.best());
        let mut larger = plan.clone();
        larger.people.push(further);
        prop_assert!(value(&larger, &larger.best()) >= before);
    }

    #[test]
    fn a_further_person_without_a_seat_changes_nothing(plan in plan(), further in entrant()) {
        let mut larger = plan.clone();
        larger.people.push(further);
        let seated = larger.best();
        if seated.iter().all(|(person, _)| *person < plan.people.len()) {
            prop_assert_eq!(value(&larger, &seated), value(&plan, &plan.best()));
            let roles = |seated: &Seated| -> Vec<(usize, Option<Role>)> {
                let role = |seat: &Seat| match seat {
                    Seat::Chair(index) => Some(plan.chairs[*index].role),
                    Seat::Coverage => None,
                };
                seated.iter().map(|(person, seat)| (*person, role(seat))).collect()
            };
            prop_assert_eq!(roles(&seated), roles(&plan.best()));
        }
    }
}

#[test]
fn a_group_grows_to_cover_a_need_and_gives_up_the_least_fit_at_the_cap() {
    let one = |fits: [u32; 5], consulted, covers, tie| Entrant {
        fits,
        claim: Claim::Least,
        consulted,
        covers,
        likes: 0,
        ties: [tie; 6],
    };
    let people =
        vec![one([0, 0, 900, 0, 0], 900, 0, 1), one([0, 0, 800, 0, 0], 800, 0, 2), one([0, 0, 0, 0, 0], 500, 1, 3)];
    let chair = Chair { role: Role::Stakeholder, prefers: 0 };
    let plan = |most| Plan { chairs: vec![chair; 2], needs: 1, most, people: people.clone() };
    let people = |plan: Plan| -> Vec<usize> { plan.best().into_iter().map(|(person, _)| person).collect() };
    assert_eq!(people(plan(3)), [0, 1, 2]);
    assert_eq!(people(plan(2)), [0, 2], "the cap counts coverage");
}
