//! Seats that stayed empty, and why.

use super::decision::Decision;
use super::fit::minimum;
use super::why::WhyCode;
use super::{Gap, GapCode};
use crate::Role;

/// The gaps of a group: roles short of their target, then needs not covered.
pub(super) fn gaps(decision: &Decision, covered: u32) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for role in Role::ALL {
        let wanted = decision.table.targets.of(role);
        let on_chairs = decision.seats.iter().filter(|taken| taken.role == role && !taken.for_coverage).count();
        let seated = u8::try_from(on_chairs).unwrap_or(u8::MAX);
        if seated < wanted {
            let (code, why) = why(decision, role);
            gaps.push(Gap { role, wanted, seated, reason: format!("{seated} of {wanted}: {why}"), code: Some(code) });
        }
    }
    for (at, need) in decision.wishes.needs.iter().enumerate() {
        if decision.table.needs & !covered & (1 << at) == 0 {
            continue;
        }
        let able = decision.pool.iter().enumerate().any(|(index, one)| {
            !decision.sits(index)
                && one.evidence.works_in(need.functions)
                && decision.table.view.consulted(&one.evidence).1 > 0
        });
        let (code, why) = if able {
            (GapCode::CapReached, format!("the group may not grow beyond {}", decision.table.most))
        } else {
            (GapCode::NotCovered, "nobody known who works there is senior enough to be heard".to_owned())
        };
        let reason = format!("not represented, as a deal of this size needs: {} ({why})", need.name);
        gaps.push(Gap { role: need.role, wanted: 1, seated: 0, reason, code: Some(code) });
    }
    gaps
}

/// Why a chair of this role stayed empty.
fn why(decision: &Decision, role: Role) -> (GapCode, String) {
    let view = decision.table.view;
    let least = minimum(role) / 10;
    let fits = |index: &usize| view.fit(role, &decision.pool[*index].evidence) > 0;
    let elsewhere = decision.seats.iter().filter(|taken| taken.role != role && fits(&taken.person)).count();
    if (0..decision.pool.len()).any(|index| !decision.sits(index) && fits(&index)) {
        return (GapCode::CapReached, format!("the group may not grow beyond {}", decision.table.most));
    }
    if elsewhere > 0 {
        let who = if elsewhere == 1 { "the only one".to_owned() } else { format!("each of the {elsewhere}") };
        return (GapCode::SeatedElsewhere, format!("{who} who would fit as well is needed in another role"));
    }
    let known = decision.pool.iter().chain(&decision.near_misses);
    let refused = known.map(|one| view.judge(role, &one.evidence)).filter(|v| v.refusal.is_some());
    let nearest = refused.max_by_key(|verdict| verdict.points);
    let figure = nearest.map_or(0, |verdict| verdict.points / 10);
    match nearest.and_then(|verdict| verdict.refusal).filter(|_| figure > 0) {
        Some(WhyCode::CannotSign | WhyCode::NotTheirPurchase | WhyCode::RankUnsuitable) => (
            GapCode::NobodySeniorEnough,
            format!("nobody else known is senior enough: the nearest reaches {figure} of 100, {least} are needed"),
        ),
        Some(_) => (
            GapCode::BelowMinimumFit,
            format!("nobody else known reaches the minimum fit of {least} of 100: the nearest has {figure}"),
        ),
        None => {
            (GapCode::NobodyInFunction, "nobody else known works in a function and rank that suit the role".to_owned())
        }
    }
}
