//! From candidates to a group.

use super::assign::assign;
use super::cohesion::cohesion;
use super::evidence::Candidate;
use super::explain::{confidence, reasons};
use super::score::{View, minimum};
use super::{Gap, Group, Member, Targets};
use crate::{Company, Function, Role, SellerProfile, Tier};
use std::collections::BTreeSet;

/// Deals above this want a blocker at the table.
const BLOCKER_DEAL: u64 = 50_000;
/// Companies with more staff than this have blockers whatever the deal.
const BLOCKER_STAFF: u32 = 100;
/// Worth of a fit point against one place in the order of ids, which settles ties.
const POINT: i64 = 1_000;
/// Worth of a covered function, in fit points: more than any chair, so that coverage displaces a fifth stakeholder.
const COVER: i64 = 1_200;

/// Worth, in fit points, of the function a chair prefers.
const PREFERRED: i64 = 200;

/// A function the deal needs at the table.
#[derive(Clone, Copy, Debug)]
struct Need {
    from_deal: u64,
    functions: &'static [Function],
    /// The words of the gap when nobody covers it.
    words: &'static str,
    /// The role a missing one is reported under.
    role: Role,
}

const NEEDS: [Need; 3] = [
    Need {
        from_deal: 50_000,
        functions: &[Function::Engineering, Function::It, Function::Security, Function::Data],
        words: "no technical function is represented, as a deal of this size needs",
        role: Role::Stakeholder,
    },
    Need {
        from_deal: 100_000,
        functions: &[Function::Finance, Function::Procurement],
        words: "neither finance nor procurement is represented, as a deal of this size needs",
        role: Role::Blocker,
    },
    Need {
        from_deal: 150_000,
        functions: &[Function::Legal, Function::Risk, Function::Security, Function::Compliance],
        words: "neither legal, risk, compliance nor security is represented, as a deal of this size needs",
        role: Role::Blocker,
    },
];

/// What is asked: company, deal and the group wanted.
pub(super) struct Question<'a> {
    profile: &'a SellerProfile,
    pub(super) tier: Tier,
    pub(super) tier_known: bool,
    targets: Targets,
    most: usize,
}

impl<'a> Question<'a> {
    pub(super) fn new(profile: &'a SellerProfile, company: &Company) -> Self {
        let (tier, tier_known) = Tier::of(company);
        let mut targets = tier.targets();
        let (_, _, mut most) = tier.sizes();
        let wanted = profile.deal_usd() > BLOCKER_DEAL || company.staff.is_some_and(|staff| staff > BLOCKER_STAFF);
        if wanted {
            targets.blocker = targets.blocker.max(1);
        } else if company.staff.is_some() {
            targets.blocker = 0;
        }
        // A handful of people has no room for roles: one decides, a second may carry, a third is consulted.
        let few = match company.staff {
            Some(0 | 1) => Some((0, 0)),
            Some(2 | 3) => Some((1, 0)),
            Some(4 | 5) => Some((1, 1)),
            _ => None,
        };
        if let Some((champion, stakeholder)) = few {
            targets = Targets { decision_maker: 1, champion, stakeholder, blocker: 0, introducer: 0 };
            most = targets.total();
        }
        Self { profile, tier, tier_known, targets, most: most.max(targets.total().min(19)) }
    }

    fn view(&self) -> View {
        View { tier: self.tier, deal: self.profile.deal_usd() }
    }

    fn needs(&self) -> Vec<&'static Need> {
        // A company of five has nobody to send.
        if self.most <= 3 {
            return Vec::new();
        }
        NEEDS.iter().filter(|need| self.profile.deal_usd() > need.from_deal).collect()
    }
}

/// A chair: its role, and the functions it is kept for.
#[derive(Clone, Copy)]
struct Chair {
    role: Role,
    kept_for: Option<&'static [Function]>,
    /// Every second stakeholder's chair prefers a neighbour of the buying function, so that a group hears more than one
    /// department.
    prefers: Option<Function>,
}

impl Chair {
    fn of(role: Role) -> Self {
        Self { role, kept_for: None, prefers: None }
    }
}

/// Chooses the group among candidates that are free of duplicates and ordered by id.
pub(super) fn choose(question: &Question<'_>, candidates: Vec<Candidate>, considered: u64) -> Group {
    let view = question.view();
    let pool = pool(view, candidates, &question.profile.adjacent_functions);
    let mut chairs: Vec<Chair> = Vec::new();
    for role in Role::ALL {
        chairs.extend((0..question.targets.of(role)).map(|_| Chair::of(role)));
    }
    let stakeholders = chairs.iter_mut().filter(|chair| chair.role == Role::Stakeholder).step_by(2);
    for (chair, neighbour) in stakeholders.zip(&question.profile.adjacent_functions) {
        chair.prefers = Some(*neighbour);
    }
    let mut best = seat(view, &pool, &chairs);
    let needs = question.needs();
    for need in &needs {
        if best.iter().any(|(index, _, _)| pool[*index].works_in(need.functions)) {
            continue;
        }
        // Keep one chair for the function: an existing one of any role, or one more while the group may grow.
        let mut options: Vec<Vec<Chair>> = Vec::new();
        for role in [Role::Blocker, Role::Stakeholder, Role::Champion] {
            if let Some(at) = chairs.iter().position(|chair| chair.role == role && chair.kept_for.is_none()) {
                let mut kept = chairs.clone();
                kept[at].kept_for = Some(need.functions);
                options.push(kept);
            }
            if chairs.len() < question.most {
                let mut more = chairs.clone();
                more.push(Chair { kept_for: Some(need.functions), ..Chair::of(role) });
                options.push(more);
            }
        }
        let total = |seated: &[(usize, Role, u32)]| -> i64 {
            let fit: i64 = seated.iter().map(|(_, _, fit)| i64::from(*fit)).sum();
            let covered = |need: &&&Need| seated.iter().any(|(index, _, _)| pool[*index].works_in(need.functions));
            fit + COVER * i64::try_from(needs.iter().filter(covered).count()).unwrap_or(0)
        };
        for option in options {
            let seated = seat(view, &pool, &option);
            if total(&seated) > total(&best) {
                (best, chairs) = (seated, option);
            }
        }
    }
    group(question, &pool, best, &needs, considered)
}

/// The best of each role, enough for an exact choice: with at most 18 other seats, nobody further down can be needed
/// except to cover a function or to bring in a neighbour of the buying one, and those are kept too.
fn pool(view: View, candidates: Vec<Candidate>, adjacent: &[Function]) -> Vec<Candidate> {
    const PER_ROLE: usize = 24;
    let mut keep = BTreeSet::new();
    for role in Role::ALL {
        let mut ranked: Vec<(u32, usize)> = (0..candidates.len())
            .map(|index| (view.fit(role, &candidates[index]), index))
            .filter(|(fit, _)| *fit > 0)
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        keep.extend(ranked.iter().take(PER_ROLE).map(|(_, index)| *index));
        for need in &NEEDS {
            let fitting = ranked.iter().filter(|(_, index)| candidates[*index].works_in(need.functions));
            keep.extend(fitting.take(4).map(|(_, index)| *index));
        }
        for neighbour in adjacent {
            let fitting = ranked.iter().filter(|(_, index)| candidates[*index].works_in(&[*neighbour]));
            keep.extend(fitting.take(PER_ROLE).map(|(_, index)| *index));
        }
    }
    candidates.into_iter().enumerate().filter(|(index, _)| keep.contains(index)).map(|(_, one)| one).collect()
}

/// The best people for these chairs: index into the pool, role and fit.
fn seat(view: View, pool: &[Candidate], chairs: &[Chair]) -> Vec<(usize, Role, u32)> {
    let fits: Vec<Vec<u32>> =
        Role::ALL.iter().map(|role| pool.iter().map(|candidate| view.fit(*role, candidate)).collect()).collect();
    let worth = |chair: usize, person: usize| -> Option<i64> {
        let chair = chairs[chair];
        let fit = fits[chair.role as usize][person];
        let fits_at_all = fit > 0;
        let kept_out = chair.kept_for.is_some_and(|functions| !pool[person].works_in(functions));
        let order = i64::try_from(person).unwrap_or(0);
        let preferred = chair.prefers.is_some_and(|function| pool[person].works_in(&[function]));
        let fit = i64::from(fit) + if preferred { PREFERRED } else { 0 };
        (fits_at_all && !kept_out).then(|| fit * POINT - order)
    };
    let seated = assign(chairs.len(), pool.len(), worth);
    let taken = seated.into_iter().zip(chairs);
    taken.filter_map(|(person, chair)| person.map(|p| (p, chair.role, fits[chair.role as usize][p]))).collect()
}

fn group(
    question: &Question<'_>,
    pool: &[Candidate],
    mut seated: Vec<(usize, Role, u32)>,
    needs: &[&'static Need],
    considered: u64,
) -> Group {
    let view = question.view();
    seated.sort_by(|a, b| a.1.cmp(&b.1).then(b.2.cmp(&a.2)).then(pool[a.0].person.id.cmp(&pool[b.0].person.id)));
    let taken: BTreeSet<usize> = seated.iter().map(|(index, _, _)| *index).collect();
    let mut members = Vec::with_capacity(seated.len());
    for (index, role, fit) in &seated {
        let candidate = &pool[*index];
        let runner_up =
            (0..pool.len()).filter(|other| !taken.contains(other)).map(|other| view.fit(*role, &pool[other])).max();
        members.push(Member {
            person: candidate.person.as_ref().clone(),
            role: *role,
            level: candidate.title.level,
            functions: candidate.functions.iter().collect(),
            scores: view.scores(candidate, &question.profile.weights),
            confidence: confidence(candidate, *fit, runner_up.unwrap_or(0), question.tier_known),
            reasons: reasons(view, *role, candidate, question.tier_known),
        });
    }
    let mut gaps = Vec::new();
    for role in Role::ALL {
        let wanted = question.targets.of(role);
        let count = members.iter().filter(|member| member.role == role).count();
        let count = u8::try_from(count).unwrap_or(u8::MAX);
        if count < wanted {
            let reason = format!(
                "{} of {wanted}: nobody else known reaches the minimum fit of {} of 100",
                count,
                minimum(role) / 10
            );
            gaps.push(Gap { role, wanted, seated: count, reason });
        }
    }
    let missing = needs.iter().filter(|need| !seated.iter().any(|(index, _, _)| pool[*index].works_in(need.functions)));
    for need in missing {
        gaps.push(Gap { role: need.role, wanted: 1, seated: 0, reason: need.words.to_owned() });
    }
    let mut sure = 0;
    if !members.is_empty() {
        let mean = members.iter().map(|member| usize::from(member.confidence)).sum::<usize>() / members.len();
        let filled = members.len().min(question.targets.total()) * 100 / question.targets.total().max(1);
        // An incomplete group is less sure, but its members stay who they are: half the weight of the shortfall.
        sure = mean * (100 + filled) / 200 * if question.tier_known { 100 } else { 80 } / 100;
    }
    Group {
        tier: question.tier,
        tier_known: question.tier_known,
        targets: question.targets,
        cohesion: cohesion(&members),
        members,
        gaps,
        confidence: u8::try_from(sure.min(100)).unwrap_or(100),
        considered,
    }
}
