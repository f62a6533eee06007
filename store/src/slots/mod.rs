//! Slots: at most one refresh of a company starts in a window of time, and no event is lost to that.
//!
//! A claim is answered with "run", with "wait until then", or with the refresh that waits already and will see what
//! happened. Starts are limited, not results (a failing company counts as well), and a refresh that died holds nobody up:
//! the window opens by the clock alone. Events whose holder ended badly are stranded until the next holder takes them
//! along; [`Store::carries`] says when somebody has to be started for that.
//!
//! Every change happens under the lock of the company's row in `slots`, taken after those of event and refresh.

mod carry;
mod claim;
mod news;
mod pause;
mod release;
mod watch;

pub use news::{KnownPerson, Unjudged};
pub(crate) use release::{End, release, reopen};
pub use watch::Overdue;
pub(crate) use watch::while_waiting;

use crate::StoreError;
use crate::row::{maybe_number, maybe_text, number, text};
use contracts::{Step, UnixMillis};
use sqlx::{Any, Row, Transaction};

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has the next slot.
    Waiting,
    /// It has had its slot and is at work.
    Running,
    /// Another refresh answers for it.
    Folded,
    /// The refresh that answered for it ended badly.
    Stranded,
    /// Over.
    Ended,
}

impl State {
    const ALL: [State; 5] = [State::Waiting, State::Running, State::Folded, State::Stranded, State::Ended];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Folded => "folded",
            State::Stranded => "stranded",
            State::Ended => "ended",
        }
    }

    fn read(name: &str) -> Result<Self, StoreError> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == name);
        known.ok_or_else(|| StoreError::corrupt("column state: unknown name"))
    }
}

/// A claim as stored.
pub(crate) struct Claim {
    pub(crate) state: State,
    pub(crate) holder: Option<String>,
    workspace: String,
    company_id: String,
}

impl Claim {
    /// The claim of this refresh, if it made one.
    pub(crate) async fn of(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT state, holder, workspace, company_id FROM slot_claims WHERE refresh_id = $1";
        let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?;
        row.as_ref()
            .map(|row| {
                Ok(Claim {
                    state: State::read(row.try_get("state")?)?,
                    holder: maybe_text(row, "holder")?,
                    workspace: text(row, "workspace")?,
                    company_id: text(row, "company_id")?,
                })
            })
            .transpose()
    }
}

/// A company's slot, locked until the transaction ends.
struct Slot {
    workspace: String,
    company_id: String,
    window_ms: i64,
    opens_at: UnixMillis,
    last_started_at: Option<UnixMillis>,
    failures: i64,
    waiting: Option<String>,
    carries: i64,
    carry_at: Option<UnixMillis>,
    carried_by: Option<String>,
}

impl Slot {
    /// Locks it; `None` when nobody has claimed it yet. An update that changes nothing is a row lock in both databases.
    async fn lock(
        tx: &mut Transaction<'static, Any>,
        workspace: &str,
        company_id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let sql = "UPDATE slots SET failures = failures WHERE workspace = $1 AND company_id = $2
                   RETURNING window_ms, opens_at, last_started_at, failures, waiting, carries, carry_at, carried_by";
        let row = sqlx::query(sql).bind(workspace).bind(company_id).fetch_optional(&mut **tx).await?;
        row.as_ref()
            .map(|row| {
                Ok(Slot {
                    workspace: workspace.to_owned(),
                    company_id: company_id.to_owned(),
                    window_ms: number(row, "window_ms")?,
                    opens_at: number(row, "opens_at")?,
                    last_started_at: maybe_number(row, "last_started_at")?,
                    failures: number(row, "failures")?,
                    waiting: maybe_text(row, "waiting")?,
                    carries: number(row, "carries")?,
                    carry_at: maybe_number(row, "carry_at")?,
                    carried_by: maybe_text(row, "carried_by")?,
                })
            })
            .transpose()
    }

    /// Writes back everything.
    async fn put(&self, tx: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
        let sql = "UPDATE slots SET window_ms = $3, opens_at = $4, last_started_at = $5, failures = $6, waiting = $7,
                       carries = $8, carry_at = $9, carried_by = $10
                   WHERE workspace = $1 AND company_id = $2";
        sqlx::query(sql)
            .bind(&self.workspace)
            .bind(&self.company_id)
            .bind(self.window_ms)
            .bind(self.opens_at)
            .bind(self.last_started_at)
            .bind(self.failures)
            .bind(&self.waiting)
            .bind(self.carries)
            .bind(self.carry_at)
            .bind(&self.carried_by)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Makes this refresh answer for everybody who is stranded. It has not read the company's people yet.
    async fn adopt(&mut self, tx: &mut Transaction<'static, Any>, holder: &str) -> Result<(), StoreError> {
        let sql = "UPDATE slot_claims SET state = 'folded', holder = $3
                   WHERE workspace = $1 AND company_id = $2 AND state = 'stranded' AND refresh_id <> $3";
        sqlx::query(sql).bind(&self.workspace).bind(&self.company_id).bind(holder).execute(&mut **tx).await?;
        // How often somebody was started for those who are left is forgotten when one of them has succeeded.
        self.carry_at = None;
        Ok(())
    }

    /// Takes its place from whoever waits, so that nobody folds into a refresh that is late and may be dead. Those who did
    /// are stranded until the next holder takes them along; should it wake, it asks again like anybody.
    async fn pass_over(&mut self, tx: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
        let Some(late) = self.waiting.take() else { return Ok(()) };
        let sql = "UPDATE slot_claims SET state = 'stranded' WHERE holder = $1 AND state = 'folded'";
        sqlx::query(sql).bind(late).execute(&mut **tx).await?;
        Ok(())
    }

    /// How many other refreshes of the company are at work. One that waits for a person is not.
    async fn at_work(&self, tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS at_work FROM slot_claims c JOIN refreshes r ON r.refresh_id = c.refresh_id
                   WHERE c.workspace = $1 AND c.company_id = $2 AND c.state = 'running' AND c.refresh_id <> $3
                       AND r.step <> $4";
        let row = sqlx::query(sql)
            .bind(&self.workspace)
            .bind(&self.company_id)
            .bind(refresh_id)
            .bind(Step::Review.as_str())
            .fetch_one(&mut **tx)
            .await?;
        number(&row, "at_work")
    }
}
