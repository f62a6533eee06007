//! Whether an event is worth a refresh, by what the last one knows. Titles do not travel in histories, so only comings and
//! goings can be found reflected; whatever is not known speaks for a refresh.

use crate::attempt::now;
use crate::{Refresher, StepFailure};
use contracts::{ClaimInput, FailureInput, News, OutcomeKind, Step};
use engine::significance::{Event, Known, Moved, Stored, Verdict, judge};
use store::KnownPerson;

/// The company's last refresh is later than the event and shows what it tells.
const ALREADY_REFLECTED: &str = "already_reflected";

impl Refresher {
    /// Why the event of a refresh is not worth it, when it is not; the refresh is closed then.
    pub(crate) async fn ignored(&self, input: &ClaimInput) -> Result<Option<String>, StepFailure> {
        let Some(news) = &input.news else { return Ok(None) };
        let Some(known) = self.store.known_person(input, &news.person_ref).await? else { return Ok(None) };
        if verdict(news, known) != Verdict::Stale {
            return Ok(None);
        }
        let closed = FailureInput {
            refresh_id: input.refresh_id.clone(),
            outcome: OutcomeKind::Ignored,
            step: Step::ClaimSlot,
            class: None,
            reason: Some(ALREADY_REFLECTED.to_owned()),
            cost_micros: 0,
            announce: false,
        };
        self.store.record_failure(&closed, now()).await?;
        Ok(Some(ALREADY_REFLECTED.to_owned()))
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
    let member = Some(known.member.is_some());
    // Whoever has no seat in a group that was chosen after they left cannot leave one.
    let stored = known.member.map_or(Stored::Absent, |(title, departments)| Stored::Present { title, departments });
    judge(&event, &Known { last_refresh: known.read_at, stored, member, ..Known::default() })
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use contracts::{News, RefreshReason};
    use engine::significance::Verdict;
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
            let news = News { kind: kind.clone(), occurred_at: 10, person_ref: "pe_1".to_owned() };
            let judged = verdict(&news, KnownPerson { read_at, member });
            assert_eq!(judged == Verdict::Stale, stale, "{kind} {read_at:?}: {judged}");
        }
    }
}
