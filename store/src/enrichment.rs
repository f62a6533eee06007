//! What was found out about a member. The first answer stands: it was paid for.

use crate::candidates::{storable_contact, workspace_of};
use crate::row::{maybe_json, plain, to_json};
use crate::suppressions::Barred;
use crate::{Store, StoreError};
use contracts::{Enrichment, MicroDollars, Unavailable, UnixMillis, WorkspaceId};
use engine::Contact;
use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

/// A source's answer about a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEnrichment {
    /// What is known now.
    pub result: Enrichment,
    /// The data itself; empty unless the source gave some.
    #[serde(default)]
    pub contact: Contact,
    /// The source.
    pub source: String,
    /// Whether everything that the source gave stands on the workspace's list: then the law withholds that, and not what
    /// others told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
    /// What the answer cost.
    #[serde(default)]
    pub cost_micros: MicroDollars,
}

const ANSWER: &str = "SELECT enrichment FROM candidates WHERE refresh_id = $1 AND person_id = $2";

impl Store {
    /// The answer about this person, when there is one already.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn enrichment(&self, refresh_id: &str, person_id: &str) -> Result<Option<StoredEnrichment>, StoreError> {
        let mut tx = self.read().await?;
        let row = sqlx::query(ANSWER).bind(refresh_id).bind(person_id).fetch_optional(&mut *tx).await?;
        Ok(row.as_ref().map(|row| maybe_json(row, "enrichment")).transpose()?.flatten())
    }

    /// Keeps an answer about this person unless there is one, and returns the one that stands. What stands on the workspace's
    /// list of suppressed data is not kept, and an answer of nothing else stands as one that the law withholds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh or it has no such candidate, [`StoreError::Corrupt`] when the answer that
    /// stands cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn put_enrichment(
        &self,
        refresh_id: &str,
        person_id: &str,
        enrichment: &StoredEnrichment,
        now: UnixMillis,
    ) -> Result<StoredEnrichment, StoreError> {
        let mut enrichment = StoredEnrichment {
            contact: storable_contact(&enrichment.contact),
            source: plain(&enrichment.source).into_owned(),
            ..enrichment.clone()
        };
        let mut tx = self.write().await?;
        let workspace = workspace_of(&mut tx, refresh_id).await?;
        without_listed(&mut tx, &workspace, &mut enrichment).await?;
        let sql = "UPDATE candidates SET enrichment = $3, enriched_at = $4
                   WHERE refresh_id = $1 AND person_id = $2 AND enrichment IS NULL";
        sqlx::query(sql)
            .bind(refresh_id)
            .bind(person_id)
            .bind(to_json(&enrichment)?)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let missing = StoreError::NotFound { what: "candidate" };
        let row = sqlx::query(ANSWER).bind(refresh_id).bind(person_id).fetch_optional(&mut *tx).await?;
        let stands = maybe_json(&row.ok_or(missing.clone())?, "enrichment")?.ok_or(missing)?;
        tx.commit().await?;
        Ok(stands)
    }
}

/// Takes out of an answer what stands on the workspace's list. One of nothing else becomes one that the law withholds,
/// also when it was erased where it comes from.
pub(crate) async fn without_listed(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    answer: &mut StoredEnrichment,
) -> Result<(), StoreError> {
    let barred = Barred::in_contact(tx, workspace, &answer.contact).await?;
    let stripped = barred.strip(workspace, &mut answer.contact);
    let there = (answer.contact.email.is_some(), answer.contact.phone.is_some());
    let promised = match answer.result {
        Enrichment::Found { email, phone } => (email, phone),
        _ => there,
    };
    if stripped || promised != there {
        answer.result = match there {
            (false, false) => Enrichment::Withheld { reason: Unavailable::Legal },
            (email, phone) => Enrichment::Found { email, phone },
        };
        answer.listed = answer.contact.is_empty();
    }
    Ok(())
}
