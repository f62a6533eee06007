//! What people have said to a refresh on its way. The handlers write it down here; the step that it concerns waits for it.

use contracts::{RefreshStatus, Steered, Steering};
use std::error::Error;

/// Why an update is refused.
pub(super) type Refusal = Box<dyn Error + Send + Sync>;

/// What was said so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// Not to wait for the slot.
    pub(super) run_now: bool,
    /// About the group in review.
    pub(super) decision: Option<Decision>,
    /// By a later refresh of the company: the group in review is out of date.
    pub(super) overtaken: bool,
}

/// About the group in review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Save it.
    Approved,
    /// Keep the one before.
    Rejected,
}

impl Said {
    /// Whether "run now" can be said. To say it again is no mistake.
    pub(super) fn may_run_now(self, status: &RefreshStatus, steering: &Steering) -> Result<(), Refusal> {
        steering.check()?;
        if self.run_now || status.waiting_until.is_some() {
            return Ok(());
        }
        Err(format!("this refresh is not waiting for a slot; {}", standing(status)).into())
    }

    /// Writes it down.
    pub(super) fn run_now(&mut self) -> Steered {
        Steered { done: !std::mem::replace(&mut self.run_now, true) }
    }

    /// Whether this can be said about the group in review. To say the same again is no mistake, to say the opposite is.
    pub(super) fn may_decide(
        self,
        decision: Decision,
        status: &RefreshStatus,
        steering: &Steering,
    ) -> Result<(), Refusal> {
        steering.check()?;
        match self.decision {
            Some(before) if before == decision => Ok(()),
            Some(_) => Err("somebody has decided otherwise before".into()),
            None if self.overtaken => Err("a later refresh of the company has overtaken this one".into()),
            None if status.review.is_some() => Ok(()),
            None => Err(format!("this refresh is not in review; {}", standing(status)).into()),
        }
    }

    /// Whether there is nothing more to wait for in a review.
    pub(super) const fn ends_review(&self) -> bool {
        self.decision.is_some() || self.overtaken
    }

    /// Writes it down.
    pub(super) fn decide(&mut self, decision: Decision) -> Steered {
        Steered { done: self.decision.replace(decision).is_none() }
    }
}

fn standing(status: &RefreshStatus) -> String {
    match status.outcome {
        Some(outcome) => format!("it has ended as {outcome}"),
        None => format!("it is in step {}", status.step),
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Said};
    use crate::buyer_group_refresh::progress;
    use contracts::{RefreshStatus, Review, Steering, Step};

    fn refused(result: Result<(), super::Refusal>) -> Option<String> {
        result.err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_said_out_of_turn_is_refused_and_said_twice_is_done_once() {
        let idle = RefreshStatus { step: Step::Discover, ..progress::at_the_start() };
        let waiting = RefreshStatus { step: Step::Wait, waiting_until: Some(5), ..idle.clone() };
        let review = Some(Review { since: 0, until: 1, why: Vec::new() });
        let reviewed = RefreshStatus { step: Step::Review, review, ..idle.clone() };
        let (mut said, nobody) = (Said::default(), Steering::default());

        let told = refused(said.may_run_now(&idle, &nobody));
        assert_eq!(told.as_deref(), Some("this refresh is not waiting for a slot; it is in step discover"));
        let told = refused(said.may_decide(Decision::Approved, &waiting, &nobody));
        assert_eq!(told.as_deref(), Some("this refresh is not in review; it is in step wait"));

        assert_eq!(refused(said.may_run_now(&waiting, &nobody)), None);
        assert!(said.run_now().done && !said.run_now().done);
        // Clicked again after it has started.
        assert_eq!(refused(said.may_run_now(&idle, &nobody)), None);

        assert_eq!(refused(said.may_decide(Decision::Rejected, &reviewed, &nobody)), None);
        assert!(said.decide(Decision::Rejected).done && !said.decide(Decision::Rejected).done);
        assert_eq!(refused(said.may_decide(Decision::Rejected, &idle, &nobody)), None);
        assert!(refused(said.may_decide(Decision::Approved, &reviewed, &nobody)).is_some());

        let late = Said { overtaken: true, ..Said::default() };
        let told = refused(late.may_decide(Decision::Approved, &reviewed, &nobody));
        assert_eq!(told.as_deref(), Some("a later refresh of the company has overtaken this one"));
        assert!(late.ends_review() && !Said::default().ends_review());

        let loud = Steering { by: Some("x".repeat(65)) };
        assert!(refused(Said::default().may_run_now(&waiting, &loud)).is_some());
    }
}
