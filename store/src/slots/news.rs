//! What is known of the person whom an event is about, before its refresh asks for a slot.

use super::Claim;
use crate::row::{json, maybe_number, maybe_text};
use crate::{Store, StoreError};
use contracts::{ClaimInput, UnixMillis};

/// What the company's last refresh knows of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPerson {
    /// When the company's people were last read; `None` when they never were.
    pub read_at: Option<UnixMillis>,
    /// Title and departments of somebody who sits in the group; `None` for anybody else.
    pub member: Option<(Option<String>, Vec<String>)>,
}

impl Store {
    /// What is known of the person whom the event of this refresh is about; `None` when the refresh has asked for its slot
    /// before, and nothing is to be judged any more.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn known_person(&self, input: &ClaimInput, person_ref: &str) -> Result<Option<KnownPerson>, StoreError> {
        let mut tx = self.read().await?;
        if Claim::of(&mut tx, &input.refresh_id).await?.is_some() {
            return Ok(None);
        }
        let sql = "SELECT chosen_at FROM buyer_groups WHERE workspace = $1 AND company_id = $2";
        let row =
            sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).fetch_optional(&mut *tx).await?;
        let read_at = row.as_ref().map(|row| maybe_number(row, "chosen_at")).transpose()?.flatten();
        let sql = "SELECT m.title, p.departments FROM people p
                   JOIN members m ON m.workspace = p.workspace AND m.company_id = p.company_id AND m.person_id = p.person_id
                   WHERE p.workspace = $1 AND p.company_id = $2 AND p.person_ref = $3 AND m.left_at IS NULL";
        let row = sqlx::query(sql)
            .bind(input.workspace.as_str())
            .bind(&input.company_id)
            .bind(person_ref)
            .fetch_optional(&mut *tx)
            .await?;
        let member =
            row.as_ref().map(|row| Ok::<_, StoreError>((maybe_text(row, "title")?, json(row, "departments")?)));
        Ok(Some(KnownPerson { read_at, member: member.transpose()? }))
    }
}
