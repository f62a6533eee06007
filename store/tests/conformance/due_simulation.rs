//! Two months of the schedule, by a clock that is turned by hand. On SQLite: that both databases take the same companies is
//! shown beside.

use crate::due::{DAY, HOUR, begun, failed, recalculate, refreshed, save, take};
use crate::fixture::{Fixture, NOW};
use contracts::WorkspaceId;
use engine::Colour;
use std::collections::BTreeMap;

/// A company of the simulation.
struct Simulated {
    workspace: WorkspaceId,
    colour: Colour,
    /// When it was refreshed.
    refreshes: Vec<i64>,
    /// When it is due, by the rule.
    due: i64,
    /// Longest time that it was refreshed after its due date.
    lateness: i64,
    /// Its last try failed.
    failed: bool,
}

struct World {
    db: Fixture,
    companies: BTreeMap<String, Simulated>,
    budget: u32,
    tries: u64,
    /// Every so many-th try fails, and the company's next one does not; 0: none.
    fails: u64,
}

impl World {
    /// Companies of these colours, dealt out to three workspaces and refreshed in the course of the first day.
    async fn new(colours: impl IntoIterator<Item = Colour>, budget: u32, fails: u64) -> Self {
        let db = Fixture::sqlite().await;
        let mut companies = BTreeMap::new();
        for (number, colour) in colours.into_iter().enumerate() {
            let id = format!("co_{number:04}");
            let workspace: WorkspaceId = format!("w{}", number % 3).parse().unwrap();
            let at = NOW + (number as i64 % 24) * HOUR;
            refreshed(&db, &workspace, &id, colour, at).await;
            let due = at + colour.interval();
            companies.insert(id, Simulated { workspace, colour, refreshes: vec![at], due, lateness: 0, failed: false });
        }
        Self { db, companies, budget, tries: 0, fails }
    }

    /// One run of the schedule.
    async fn run(&mut self, at: i64) {
        let taken = take(&self.db, &format!("run-{at}"), self.budget, 300, at).await;
        for due in taken {
            let company = self.companies.get_mut(&due.company_id).unwrap();
            assert_eq!((due.due_at, &due.workspace), (company.due, &company.workspace), "the due date has moved");
            assert!(due.due_at <= at, "taken before it was due");
            let run = begun(&self.db, &due, at).await;
            self.tries += 1;
            company.failed = !company.failed && self.fails > 0 && self.tries.is_multiple_of(self.fails);
            if company.failed {
                failed(&self.db, &run, at).await;
                continue;
            }
            save(&self.db, &company.workspace, &due.company_id, &run, company.colour, at).await;
            company.lateness = company.lateness.max(at - company.due);
            company.refreshes.push(at);
            company.due = at + company.colour.interval();
        }
    }

    /// Most refreshes of one workspace on one day.
    fn most_in_a_day(&self) -> usize {
        let mut days: BTreeMap<(&WorkspaceId, i64), usize> = BTreeMap::new();
        for company in self.companies.values() {
            for at in company.refreshes.iter().skip(1) {
                *days.entry((&company.workspace, at.div_euclid(DAY))).or_default() += 1;
            }
        }
        days.into_values().max().unwrap_or(0)
    }
}

#[tokio::test]
async fn for_sixty_days_every_red_is_refreshed_daily_every_orange_weekly_every_green_monthly() {
    let colours = (0..1_000).map(|number| match number % 20 {
        0 => Colour::Red,
        1..6 => Colour::Orange,
        _ => Colour::Green,
    });
    let mut world = World::new(colours, 500, 17).await;
    let end = NOW + 60 * DAY;
    let mut at = NOW + DAY;
    while at <= end {
        // As the predecessor did, and never reached an orange or a green one.
        if (at - NOW) % (7 * DAY) == 0 {
            assert_eq!(recalculate(&world.db, at).await.companies, 1_000);
        }
        world.run(at).await;
        at += HOUR;
    }
    for (id, company) in &world.companies {
        let interval = company.colour.interval();
        // A run begins every hour; whoever failed is tried again an hour after that.
        let longest = interval + 2 * HOUR;
        let until_end = company.refreshes.iter().copied().chain([end]).collect::<Vec<_>>();
        for pair in until_end.windows(2) {
            assert!(pair[1] - pair[0] <= longest, "{id}, {:?}: {} h", company.colour, (pair[1] - pair[0]) / HOUR);
        }
        for pair in company.refreshes.windows(2) {
            assert!(pair[1] - pair[0] >= interval, "{id}, {:?}, was refreshed before it was due", company.colour);
        }
        let wanted = match company.colour {
            Colour::Red => 54..=61,
            Colour::Orange => 8..=9,
            Colour::Green => 2..=3,
        };
        assert!(wanted.contains(&company.refreshes.len()), "{id}, {:?}: {}", company.colour, company.refreshes.len());
    }
    assert!(world.most_in_a_day() <= 500);
}

#[tokio::test]
async fn with_too_small_a_budget_the_oldest_come_first_and_all_are_late_alike() {
    // Sixty a workspace, of whom twenty a day can be refreshed.
    let mut world = World::new((0..180).map(|_| Colour::Red), 20, 0).await;
    let end = NOW + 30 * DAY;
    let mut at = NOW + DAY;
    while at <= end {
        let before: BTreeMap<String, i64> = world.companies.iter().map(|(id, one)| (id.clone(), one.due)).collect();
        world.run(at).await;
        for workspace in ["w0", "w1", "w2"] {
            let (taken, left): (Vec<_>, Vec<_>) = world
                .companies
                .iter()
                .filter(|(_, one)| one.workspace.as_str() == workspace)
                .partition(|(_, one)| one.refreshes.last() == Some(&at));
            let last_taken = taken.iter().map(|(id, _)| before[*id]).max();
            let first_left = left.iter().map(|(id, _)| before[*id]).min();
            assert!(last_taken.is_none() || first_left.is_none() || last_taken <= first_left, "somebody was overtaken");
        }
        at += HOUR;
    }
    assert_eq!(world.most_in_a_day(), 20);
    let latenesses: Vec<i64> = world.companies.values().map(|one| one.lateness).collect();
    let (least, most) = (latenesses.iter().min().unwrap(), latenesses.iter().max().unwrap());
    // Sixty at twenty a day is every third day instead of every day.
    assert!(*most <= 2 * DAY + 2 * HOUR, "{} h late", most / HOUR);
    assert!(most - least <= DAY, "one is {} h late, another {} h", least / HOUR, most / HOUR);
    for (id, company) in &world.companies {
        assert!(company.refreshes.len() >= 9, "{id}: {}", company.refreshes.len());
    }
}
