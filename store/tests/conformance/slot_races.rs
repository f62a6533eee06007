//! Claims, releases and the keeper at once: at most one refresh waits, and nobody is stranded whom the keeper does not see.

use crate::fixture::{COMPANY, Fixture, NOW, company, failing, workspace};
use crate::slots::WINDOW;
use contracts::{FailureInput, OutcomeKind, SlotClaim};

crate::on_both! { whoever_comes_first_one_waits_and_nobody_is_forgotten }

/// Asks, and answers how that went.
async fn asks(db: &Fixture, run: String, at: i64) -> (String, SlotClaim) {
    let claim = db.claim(&run, at).await;
    (run, claim)
}

/// Asks, and ends badly as soon as it may do something.
async fn asks_and_fails(db: &Fixture, run: String, at: i64) {
    let (run, claim) = asks(db, run, at).await;
    if matches!(claim, SlotClaim::Run { .. } | SlotClaim::Wait { .. }) {
        let end = FailureInput { class: Some("AuthFailed".to_owned()), ..failing(&run, OutcomeKind::Failed) };
        db.record_failure(&end, NOW + at).await.unwrap();
    }
}

/// A round of the keeper, whose refreshes ask at once.
async fn round(db: &Fixture, name: String, at: i64) -> Vec<(String, SlotClaim)> {
    let mut claims = Vec::new();
    for (number, carry) in db.carries(&name, NOW + at, 10).await.unwrap().into_iter().enumerate() {
        let run = format!("{name}-{number}");
        db.begin(&carry.request, &carry.workflow_id, &run, NOW + at).await.unwrap();
        db.put_company(&run, &workspace(), COMPANY, &company(), None, NOW + at).await.unwrap();
        claims.push(asks(db, run, at).await);
    }
    claims
}

async fn whoever_comes_first_one_waits_and_nobody_is_forgotten(db: Fixture) {
    let mut at = 0;
    for turn in 0..6 {
        let runs: Vec<String> = (0..12).map(|number| format!("run-{turn}-{number}")).collect();
        for run in &runs {
            db.open(run).await;
        }
        // Half of them fail while others ask and the keeper makes two rounds at once.
        let (failing, asking): (Vec<_>, Vec<_>) = runs.into_iter().enumerate().partition(|(number, _)| number % 2 == 0);
        let (_, mut claims, first, second) = futures::future::join4(
            futures::future::join_all(failing.into_iter().map(|(_, run)| asks_and_fails(&db, run, at))),
            futures::future::join_all(asking.into_iter().map(|(_, run)| asks(&db, run, at))),
            round(&db, format!("round-{turn}-a"), at),
            round(&db, format!("round-{turn}-b"), at),
        )
        .await;
        claims.extend(first.into_iter().chain(second));

        let waiting = claims.iter().filter(|(_, claim)| matches!(claim, SlotClaim::Wait { .. })).count();
        let known = db
            .number(
                "SELECT COUNT(*) FROM slots s JOIN slot_claims c ON c.refresh_id = s.waiting WHERE c.state = 'waiting'",
            )
            .await;
        assert!(waiting <= 1 && i64::try_from(waiting) == Ok(known), "{waiting} wait, and the slot knows of {known}");
        let orphans = db
            .number(
                "SELECT COUNT(*) FROM slot_claims c JOIN slot_claims h ON h.refresh_id = c.holder
                 WHERE c.state = 'folded' AND h.state NOT IN ('waiting', 'running')",
            )
            .await;
        assert_eq!(orphans, 0, "somebody folded into a refresh that is over");
        let stranded = db.number("SELECT COUNT(*) FROM slot_claims WHERE state = 'stranded'").await;
        assert!(stranded == 0 || known == 0, "{stranded} are stranded beside somebody who waits");

        // Whoever runs or waits comes to a good end. Those whom nobody takes along, the keeper does as soon as it may.
        for (run, claim) in claims {
            at += 2 * WINDOW;
            match claim {
                SlotClaim::Run { .. } => db.saves(&run, at).await,
                SlotClaim::Wait { .. } => {
                    assert!(matches!(db.claim(&run, at).await, SlotClaim::Run { .. }), "its time has come");
                    db.saves(&run, at).await;
                }
                _ => {}
            }
        }
        let left = db.carries(&format!("look-{turn}"), NOW + at, 10).await.unwrap().len();
        let forgotten = db.number("SELECT COUNT(*) FROM slot_claims WHERE state = 'stranded'").await;
        // When five were started for them and none came to a good end, they share that.
        assert!(left == usize::from(stranded > 0) || forgotten == 0, "{forgotten} are stranded");
        at += 2 * WINDOW;
    }
}
