//! Whether an event is worth a refresh, by what the last one knows. Titles do not travel in histories: of the position the
//! event says only whether it could take a seat, and only comings and goings can be found reflected. Whatever is not known
//! speaks for a refresh.

use crate::attempt::now;
use crate::{Refresher, StepFailure};
use contracts::{ClaimInput, FailureInput, News, OutcomeKind, Step};
use engine::significance::{Event, Known, Moved, Priority, Stored, Verdict, judge};
use store::{KnownPerson, Unjudged};

/// The company's last refresh is later than the event and shows what it tells.
const ALREADY_REFLECTED: &str = "already_reflected";
/// Somebody who has no seat, and could take none before or after what happened.
const IRRELEVANT_PERSON: &str = "irrelevant_person";

/// What an event is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Significance {
    /// A refresh, this soon; `None` when nothing is said of that now.
    Refresh(Option<Priority>),
    /// Nothing, for this reason; the refresh is closed.
    Ignored(String),
}

impl Refresher {
    /// What the event of a refresh is worth. It is judged once: a refresh that asks again is worth it.
    pub(crate) async fn significance(&self, input: &ClaimInput) -> Result<Significance, StepFailure> {
        let Some(news) = &input.news else { return Ok(Significance::Refresh(None)) };
        let known = match self.store.known_person(input, &news.person_ref).await? {
            Unjudged::Person(known) => known,
            // How soon stands in the claim.
            Unjudged::WorthIt => return Ok(Significance::Refresh(None)),
            Unjudged::Ignored(reason) => return Ok(Significance::Ignored(reason)),
        };
        let reason = match verdict(news, known) {
            Verdict::Stale => ALREADY_REFLECTED,
            Verdict::IrrelevantPerson => IRRELEVANT_PERSON,
            Verdict::Run { priority, .. } => return Ok(Significance::Refresh(Some(priority))),
            // Of types and values the intake has judged, and it lets through what this build does not know.
            Verdict::NoOp | Verdict::Ignored { .. } => return Ok(Significance::Refresh(None)),
        };
        let closed = FailureInput {
            refresh_id: input.refresh_id.clone(),
            outcome: OutcomeKind::Ignored,
            step: Step::ClaimSlot,
            class: None,
            reason: Some(reason.to_owned()),
            cost_micros: 0,
            announce: false,
        };
        self.store.record_failure(&closed, now()).await?;
        Ok(Significance::Ignored(reason.to_owned()))
    }
}

fn verdict(news: &News, known: KnownPerson) -> Verdict {
    let nothing = || Moved { old: None, new: None };
    let event = Event {
        kind: news.kind.as_str().to_owned(),
        occurred_at: news.occurred_at,
        title: nothing(),
        department: nothing(),
        employer: Moved { old: None, new: None },
    };
    // Of a company that nobody has looked at it is not known who would sit.
    let member = known.read_at.map(|_| known.member.is_some());
    // Whoever has no seat in a group that was chosen after they left cannot leave one.
    let stored = known.member.map_or(Stored::Absent, |(title, departments)| Stored::Present { title, departments });
    // Which of the two positions it is does not matter: the event says it of both at once.
    let could_sit = Moved { old: news.could_sit, new: news.could_sit };
    judge(&event, &Known { last_refresh: known.read_at, stored, member, could_sit, ..Known::default() })
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use contracts::{News, RefreshReason};
    use engine::significance::{Priority, Verdict};
    use store::KnownPerson;

    #[test]
    fn w17_only_what_the_last_refresh_certainly_shows_is_stale() {
        use RefreshReason::{CompanyChange, Joined, Left, Promotion, RoleChange};
        let seat = || Some((Some("CFO".to_owned()), Vec::new()));
        for (kind, read_at, member, stale) in [
            (Left, Some(20), None, true),
            (Left, Some(20), seat(), false),
            (Left, Some(5), None, false),
            (Left, None, None, false),
            (Joined, Some(20), seat(), true),
            (Joined, Some(20), None, false),
            (Joined, Some(5), seat(), false),
            // What the title is now is not said.
            (RoleChange, Some(20), seat(), false),
            (Promotion, Some(20), None, false),
            (CompanyChange, Some(20), None, false),
            (RefreshReason::from("coresignal.changed".to_owned()), Some(20), seat(), false),
        ] {
            let news = news(kind.clone(), None);
            let judged = verdict(&news, KnownPerson { read_at, member });
            assert_eq!(judged == Verdict::Stale, stale, "{kind} {read_at:?}: {judged}");
        }
    }

    #[test]
    fn only_who_certainly_has_no_part_in_it_is_irrelevant() {
        use RefreshReason::{Joined, Left, RoleChange};
        let seat = || Some((Some("CFO".to_owned()), Vec::new()));
        for (could_sit, read_at, member, irrelevant) in [
            (Some(false), Some(5), None, true),
            (Some(false), Some(5), seat(), false),
            (Some(true), Some(5), None, false),
            (None, Some(5), None, false),
            // Nobody has looked yet.
            (Some(false), None, None, false),
        ] {
            for kind in [Joined, Left, RoleChange] {
                let judged = verdict(&news(kind.clone(), could_sit), KnownPerson { read_at, member: member.clone() });
                assert_eq!(judged == Verdict::IrrelevantPerson, irrelevant, "{kind} {could_sit:?}: {judged}");
                let urgent = matches!(judged, Verdict::Run { priority: Priority::MemberChange, .. });
                assert_eq!(urgent, member.is_some(), "{kind} {could_sit:?}: {judged}");
            }
        }
    }

    fn news(kind: RefreshReason, could_sit: Option<bool>) -> News {
        News { kind, occurred_at: 10, person_ref: "pe_1".to_owned(), could_sit }
    }
}
