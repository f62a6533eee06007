//! From what went wrong to what the Temporal server is told. The only place where a failure becomes retryable or not.

use crate::sources::SourceError;
use contracts::FailureClass;
use std::time::Duration;
use store::StoreError;
use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;

/// Why an attempt at a step did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum StepFailure {
    /// A source did not answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The step itself found something it cannot go on with.
    #[error("{message}")]
    Step {
        /// Decides whether the step is tried again.
        class: FailureClass,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// The step itself found that it is to be tried again at a time of its own.
    #[error("{message}")]
    Later {
        /// Why.
        class: FailureClass,
        /// What is wrong.
        message: String,
        /// After how long; the retry policy's own wait when nothing is said.
        after: Option<Duration>,
    },
    /// The attempt was told to stop.
    #[error("cancelled")]
    Cancelled,
}

impl StepFailure {
    /// A finding of the step itself.
    pub(crate) fn step(class: FailureClass, message: impl Into<String>) -> Self {
        Self::Step { class, message: message.into() }
    }

    /// Its class; `None` for a cancellation, which is no failure.
    #[must_use]
    pub fn class(&self) -> Option<FailureClass> {
        match self {
            StepFailure::Source(error) => Some(error.class),
            StepFailure::Store(error) => Some(class_of_store_error(error)),
            StepFailure::Step { class, .. } | StepFailure::Later { class, .. } => Some(*class),
            StepFailure::Cancelled => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            StepFailure::Source(error) => error.retry_after.map(|delay| delay.min(LONGEST_WAIT)),
            // Whoever says this has thought about bounds.
            StepFailure::Later { after, .. } => *after,
            _ => None,
        }
    }
}

fn class_of_store_error(error: &StoreError) -> FailureClass {
    match error {
        error if error.is_retryable() => FailureClass::Transient,
        // The one store error that the sender can cause: an id used again for something else.
        StoreError::EventConflict { .. } => FailureClass::InvalidRequest,
        _ => FailureClass::Internal,
    }
}

/// The longest a source may make us wait before the next attempt. A longer wish is a source that is out of service, and
/// the retry policy's own bounds apply to that.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

impl StepFailure {
    /// What the Temporal server is told. (A method, because the SDK turns every error into a retryable failure with `?`,
    /// and this must not happen by accident.)
    pub(crate) fn tell(self) -> ActivityError {
        let Some(class) = self.class() else {
            return ActivityError::cancelled();
        };
        let delay = self.retry_after();
        let builder = ApplicationFailure::builder(self)
            .type_name(class.type_name().to_owned())
            .non_retryable(!class.is_retryable());
        let failure = match delay {
            Some(delay) => builder.next_retry_delay(delay).build(),
            None => builder.build(),
        };
        ActivityError::application(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::{ActivityError, FailureClass, SourceError, StepFailure};
    use std::time::Duration;

    fn told(failure: StepFailure) -> temporalio_common::error::ApplicationFailure {
        match failure.tell() {
            ActivityError::Application(failure) => *failure,
            other => panic!("not an application failure: {other:?}"),
        }
    }

    #[test]
    fn the_server_is_told_the_class_and_whether_to_try_again() {
        for class in FailureClass::ALL {
            let failure = told(SourceError::new(class, "no").into());
            assert_eq!(failure.type_name(), Some(class.type_name()));
            assert_eq!(failure.is_non_retryable(), !class.is_retryable(), "{class}");
        }
    }

    #[test]
    fn a_wait_that_the_source_asks_for_is_kept_within_bounds() {
        let mut error = SourceError::new(FailureClass::RateLimited, "slow down");
        error.retry_after = Some(Duration::from_secs(30));
        assert_eq!(told(error.into()).next_retry_delay(), Some(Duration::from_secs(30)));
        let mut error = SourceError::new(FailureClass::RateLimited, "slow down");
        error.retry_after = Some(Duration::from_secs(86_400));
        assert_eq!(told(error.into()).next_retry_delay(), Some(super::LONGEST_WAIT));
        let later = |after| StepFailure::Later { class: FailureClass::RateLimited, message: String::new(), after };
        let day = Duration::from_secs(86_400);
        assert_eq!(told(later(Some(day))).next_retry_delay(), Some(day));
        assert_eq!(told(later(None)).next_retry_delay(), None);
    }

    #[test]
    fn a_cancellation_is_no_failure() {
        assert!(matches!(StepFailure::Cancelled.tell(), ActivityError::Cancelled { .. }));
    }
}
