//! How well a person fits each role, or why not at all.

use super::evidence::{Evidence, Out, PRIMARY, RELATED};
use super::influence::reach;
use super::view::{CHAMPION, SIGNS, View};
use super::why::WhyCode;
use crate::{Function, Level, Modifier, Role};

/// Curves over [`Level`], intern to owner, 0–100.
type Curve = [u32; 14];

/// Whom a purchase affects and who is asked: most of all those who run a team.
/// Above a vice president nobody is merely consulted.
const STAKEHOLDER: Curve = [0, 55, 75, 88, 96, 100, 98, 92, 85, 65, 40, 30, 10, 10];
/// Who can stop a purchase: the higher, the surer; whoever runs the company decides instead.
const BLOCKER: Curve = [0, 45, 55, 65, 80, 88, 92, 94, 95, 97, 98, 100, 0, 0];
/// Who opens doors: leaders more than those who sell.
const INTRODUCER: Curve = [0, 46, 50, 58, 66, 72, 78, 80, 82, 85, 85, 70, 0, 0];

/// Full marks for a role.
pub(super) const FULL: u32 = 1000;
/// What a keyword of the profile in the title adds.
const KEYWORD: u32 = 40;
/// What such a keyword adds for a decision maker: it tells apart people of one rank and lifts nobody above the next.
const KEYWORD_DECIDES: u32 = 10;
/// What is lacking where only the department says that the person works on it, or the department says otherwise.
const ASIDE: u32 = 40;
/// What a deputy or associate lacks beside whom they stand in for.
const DEPUTY: u32 = 40;
/// What is lacking at the top where it is the top of another field than the buying one.
const PART: u32 = 60;
/// What reporting to somebody who can sign this adds: close to the decision.
const CLOSE: u32 = 30;
/// What a decision maker for a region lacks beside one for the whole.
const REGIONAL: u32 = 40;
/// Board members who hold no office in the company.
const BOARD: u32 = 650;

/// The fit, of [`FULL`], below which a chair stays empty.
pub(super) const fn minimum(role: Role) -> u32 {
    match role {
        Role::DecisionMaker => 650,
        Role::Champion => 450,
        Role::Stakeholder => 450,
        Role::Blocker => 420,
        Role::Introducer => 450,
    }
}

/// How well a person fits a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Of [`FULL`]; below the minimum exactly when refused.
    pub(super) points: u32,
    pub(super) refusal: Option<WhyCode>,
}

impl Verdict {
    const fn refused(code: WhyCode) -> Self {
        Self { points: 0, refusal: Some(code) }
    }

    /// Points that may count for a seat: 0 when refused.
    pub(super) const fn fit(self) -> u32 {
        if self.refusal.is_none() { self.points } else { 0 }
    }
}

impl View {
    /// Whether the person fits the role, how well, and if not, why.
    pub(super) fn judge(self, role: Role, one: &Evidence) -> Verdict {
        use WhyCode as No;
        match one.out {
            Some(Out::Excluded) => return Verdict::refused(No::ExcludedTitle),
            Some(Out::Former) => return Verdict::refused(No::FormerPosition),
            None => {}
        }
        let points = match role {
            Role::DecisionMaker => self.decides(one),
            Role::Champion => self.carries(one),
            Role::Stakeholder => self.is_affected(one),
            Role::Blocker => Self::stops(one),
            Role::Introducer => Self::opens_doors(one),
        };
        match points {
            Err((code, points)) => Verdict { points: points.min(minimum(role) - 1), refusal: Some(code) },
            Ok(points) if points < minimum(role) => Verdict { points, refusal: Some(No::BelowMinimum) },
            Ok(points) => Verdict { points: points.min(FULL), refusal: None },
        }
    }

    /// The fit that counts: 0 when the person does not fit the role.
    pub(super) fn fit(self, role: Role, one: &Evidence) -> u32 {
        self.judge(role, one).fit()
    }

    /// Half relevance, four tenths standing of the rank, one tenth influence; less for who stands in for somebody, decides for
    /// a region or another field, or whose title and department do not both say so.
    fn decides(self, one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        if self.alone {
            // Domain rule: in a company of one, that person decides.
            return Ok(FULL);
        }
        let level = rank(one)?;
        let relevance = self.related(one)?;
        let influence = u32::from(Self::influence(one).unwrap_or(0));
        if self.is_distant(one) {
            let least = minimum(Role::DecisionMaker);
            return if self.delegated { Err((WhyCode::LeftToFunction, least)) } else { Ok(least) };
        }
        let less = [
            (one.aside, ASIDE),
            (one.title.is(Modifier::Deputy) || one.title.is(Modifier::Associate), DEPUTY),
            // Whoever decides for one region decides for it alone.
            (one.title.is(Modifier::Regional), REGIONAL),
            (one.heads_part && one.relevance < Some(PRIMARY), PART),
        ];
        let less: u32 = less.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum();
        let more = if one.keyword { KEYWORD_DECIDES } else { 0 };
        let points = (5 * relevance + 4 * self.standing(level) + influence + more).saturating_sub(less);
        if relevance < u32::from(PRIMARY) && !self.runs_company(one) && level < Level::VicePresident {
            // A director decides for the own function; beside it, it takes somebody whose word reaches further.
            return Err((WhyCode::NotTheirPurchase, points));
        }
        if self.signs(one) {
            return Ok(points);
        }
        let share = u32::from(self.authority(one).unwrap_or(0));
        Err((WhyCode::CannotSign, 5 * relevance + 4 * share + influence))
    }

    /// Right rank × using function; functions beside it count less than in proportion, because a champion speaks for
    /// those who use the product.
    fn carries(self, one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        let level = rank(one)?;
        let relevance = self.related(one)?;
        let use_of_it = relevance * relevance * one.focus / 10_000;
        let share = if self.signs(one) { SIGNS } else { 100 };
        let points = CHAMPION[level as usize] * use_of_it * share / 1000;
        if CHAMPION[level as usize] * 10 < minimum(Role::Champion) {
            return Err((WhyCode::RankUnsuitable, points));
        }
        let points = points + if one.keyword { KEYWORD } else { 0 } + self.closeness(one) + reaching(one);
        Ok(points.saturating_sub(if one.aside { ASIDE } else { 0 }))
    }

    fn is_affected(self, one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        let level = rank(one)?;
        let relevance = self.related(one)?;
        let points = STAKEHOLDER[level as usize] * (100 + relevance) * 9 / 200;
        if STAKEHOLDER[level as usize] * 10 < minimum(Role::Stakeholder) {
            return Err((WhyCode::RankUnsuitable, points));
        }
        let points = points + if one.keyword { KEYWORD } else { 0 } + self.closeness(one) / 2;
        Ok(points.saturating_sub(if one.aside { ASIDE } else { 0 }))
    }

    fn stops(one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        let level = rank(one)?;
        if one.relevance == Some(PRIMARY) {
            // Whoever buys and uses the product is not the one who stops it.
            return Err((WhyCode::CannotBlock, 0));
        }
        match BLOCKER[level as usize] * one.veto / 10 {
            0 if one.veto == 0 => Err((WhyCode::CannotBlock, 0)),
            0 => Err((WhyCode::RankUnsuitable, 0)),
            points => Ok(points + reaching(one)),
        }
    }

    fn opens_doors(one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        let Some(level) = one.title.level else {
            return if one.title.is(Modifier::Board) { Ok(BOARD) } else { Err((WhyCode::RankUnknown, 0)) };
        };
        if one.title.is(Modifier::AssistantOf) {
            // Worth as much as the one assisted is to this purchase.
            return Ok(match one.manager {
                Some((level, _)) if level >= Level::President => 800,
                Some((level, Some(RELATED..))) if level >= Level::VicePresident => 820,
                Some((level, _)) if level >= Level::VicePresident => 600,
                Some(_) => 480,
                None => 700,
            });
        }
        let doors = one.functions.iter().map(doors).max().unwrap_or(0);
        if doors == 0 || one.relevance == Some(PRIMARY) {
            return Err((WhyCode::OpensNoDoors, 0));
        }
        match INTRODUCER[level as usize] * doors / 10 {
            0 => Err((WhyCode::RankUnsuitable, 0)),
            points => Ok(points),
        }
    }

    /// Fit for a coverage seat: the best role that is not about deciding or opening doors; else being asked for the
    /// function's sake, which takes somebody who leads there.
    pub(super) fn consulted(self, one: &Evidence) -> (Role, u32) {
        let roles = [Role::Champion, Role::Stakeholder, Role::Blocker];
        let best = roles.map(|role| (self.fit(role, one), role)).into_iter().max_by_key(|(fit, role)| (*fit, *role));
        match best {
            Some((fit, role)) if fit > 0 => (role, fit),
            _ => (Role::Stakeholder, Self::asked(one)),
        }
    }

    /// Fit as the voice of an unrelated function, of [`FULL`]; 0 below a stakeholder's minimum.
    fn asked(one: &Evidence) -> u32 {
        let (None, Ok(level), None) = (one.out, rank(one), one.title.is(Modifier::AssistantOf).then_some(())) else {
            return 0;
        };
        let points = STAKEHOLDER[level as usize] * 6;
        if points >= minimum(Role::Stakeholder) { points } else { 0 }
    }

    /// Relevance of somebody who is concerned by the product.
    fn related(self, one: &Evidence) -> Result<u32, (WhyCode, u32)> {
        if one.title.is(Modifier::AssistantOf) {
            return Err((WhyCode::AssistsSomebody, 0));
        }
        match self.relevance(one) {
            None => Err((WhyCode::FunctionUnknown, 0)),
            Some(relevance) if relevance < RELATED => Err((WhyCode::UnrelatedFunction, 0)),
            Some(relevance) => Ok(u32::from(relevance)),
        }
    }

    /// [`CLOSE`] for who reports to somebody related who can sign.
    fn closeness(self, one: &Evidence) -> u32 {
        let signs = |(level, relevance): (Level, Option<u8>)| {
            relevance >= Some(RELATED) && self.tier.approval_limit(level) >= self.deal
        };
        if one.manager.is_some_and(signs) { CLOSE } else { 0 }
    }
}

fn rank(one: &Evidence) -> Result<Level, (WhyCode, u32)> {
    one.title.level.ok_or((WhyCode::RankUnknown, 0))
}

/// Up to 50 points for a wide reach; nothing where none is known.
fn reaching(one: &Evidence) -> u32 {
    u32::from(reach(one.span, one.network).unwrap_or(0)) / 2
}

/// How well a function can stop a purchase, 0–100. Every contract passes law and procurement; whoever guards something
/// stops above all what touches it, as the profile says by naming the function as a neighbour.
pub(super) fn veto(function: Function, concerned: bool) -> u32 {
    match (function, concerned) {
        (Function::Legal | Function::Procurement, _) => 100,
        (Function::Compliance | Function::Security | Function::Risk, true) => 95,
        (Function::Finance, true) => 85,
        (Function::Compliance | Function::Risk | Function::Finance, false) => 75,
        (Function::It, true) => 65,
        (Function::Security | Function::It, false) => 50,
        _ => 0,
    }
}

/// How well a function opens doors, 0–100.
fn doors(function: Function) -> u32 {
    match function {
        Function::Sales | Function::Revenue => 100,
        Function::Executive => 95,
        Function::CustomerSuccess => 75,
        _ => 0,
    }
}
