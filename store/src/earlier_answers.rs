//! Answers that an earlier run of the same refresh has paid for.

use crate::StoreError;
use crate::enrichment::{StoredEnrichment, without_listed};
use crate::row::{json, number, text, to_json};
use contracts::{Enrichment, Unavailable, UnixMillis, WorkspaceId};
use sqlx::{Any, Transaction};

/// Answers of the runs whose event this one took over, nearest first, about members that it has chosen. At the same
/// company: an address at another one would be no answer. Nobody tries a refresh again a hundred times.
const BEFORE: &str = "
    WITH RECURSIVE before (refresh_id, nth) AS (
        SELECT retry_of, 1 FROM refreshes WHERE refresh_id = $1
        UNION ALL
        SELECT r.retry_of, b.nth + 1 FROM before b JOIN refreshes r ON r.refresh_id = b.refresh_id WHERE b.nth < 100
    )
    SELECT c.person_id, c.enrichment, c.enriched_at FROM before b
    JOIN candidates c ON c.refresh_id = b.refresh_id
    JOIN candidates mine ON mine.refresh_id = $1 AND mine.person_id = c.person_id
    JOIN refreshes earlier ON earlier.refresh_id = c.refresh_id
    JOIN refreshes own ON own.refresh_id = mine.refresh_id
    WHERE c.enrichment IS NOT NULL AND mine.enrichment IS NULL AND mine.seat IS NOT NULL
        AND earlier.company_id = own.company_id
    ORDER BY b.nth";

/// Gives the chosen members of a refresh what earlier runs of it found out, so that nothing is paid for twice. It costs
/// nothing here: it was counted where it was paid for.
pub(crate) async fn take_along(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    refresh_id: &str,
) -> Result<(), StoreError> {
    for row in sqlx::query(BEFORE).bind(refresh_id).fetch_all(&mut **tx).await? {
        let mut answer: StoredEnrichment = json(&row, "enrichment")?;
        if !would_be_the_same(&answer.result) {
            continue;
        }
        answer.cost_micros = 0;
        // Somebody may have objected since.
        without_listed(tx, workspace, &mut answer).await?;
        let sql = "UPDATE candidates SET enrichment = $3, enriched_at = $4
                   WHERE refresh_id = $1 AND person_id = $2 AND enrichment IS NULL";
        sqlx::query(sql)
            .bind(refresh_id)
            .bind(text(&row, "person_id")?)
            .bind(to_json(&answer)?)
            .bind(number::<UnixMillis>(&row, "enriched_at")?)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Whether the source would answer the same again. An account is filled up and a plan changed: often that is why somebody
/// tries again.
const fn would_be_the_same(answer: &Enrichment) -> bool {
    matches!(
        answer,
        Enrichment::Found { .. } | Enrichment::NoMatch | Enrichment::Withheld { reason: Unavailable::Legal }
    )
}
