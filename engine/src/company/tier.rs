//! Size tiers: how large a group to look for, and how much each rank may sign.

use super::Company;
use crate::Level;
use crate::group::Targets;
use crate::wire::wire_enum;

wire_enum! {
    /// Size of a company, smallest first.
    pub enum Tier {
        /// Up to 0.1M revenue or 5 staff.
        S1 = "s1",
        /// Up to 0.25M or 10.
        S2 = "s2",
        /// Up to 0.5M or 25.
        S3 = "s3",
        /// Up to 1M or 50.
        S4 = "s4",
        /// Up to 2.5M or 100.
        S5 = "s5",
        /// Up to 5M or 200.
        S6 = "s6",
        /// Up to 10M or 500.
        S7 = "s7",
        /// Up to 15M or 750.
        M1 = "m1",
        /// Up to 25M or 1,000.
        M2 = "m2",
        /// Up to 40M or 1,500.
        M3 = "m3",
        /// Up to 60M or 2,500.
        M4 = "m4",
        /// Up to 75M or 3,500.
        M5 = "m5",
        /// Up to 85M or 5,000.
        M6 = "m6",
        /// Up to 100M or 7,500.
        M7 = "m7",
        /// Up to 250M or 10,000.
        L1 = "l1",
        /// Up to 500M or 15,000.
        L2 = "l2",
        /// Up to 1B or 25,000.
        L3 = "l3",
        /// Up to 5B or 50,000.
        L4 = "l4",
        /// Up to 10B or 100,000.
        L5 = "l5",
        /// Up to 50B or 250,000.
        L6 = "l6",
        /// Above.
        L7 = "l7",
    }
}

/// Approval limit of those who sign without one: C-level and above.
pub const UNLIMITED: u64 = u64::MAX;

/// One line of the tier table.
struct Line {
    /// Largest yearly revenue of the tier, US dollars.
    revenue: u64,
    /// Largest staff of the tier.
    staff: u32,
    /// Members: minimum, ideal, maximum.
    sizes: (usize, usize, usize),
    /// Seats wanted: decision makers, champions, stakeholders, blockers, introducers.
    targets: [u8; 5],
    /// Largest deal, US dollars, a vice president, a director and a manager may sign.
    limits: [u64; 3],
}

const fn line(revenue: u64, staff: u32, sizes: (usize, usize, usize), targets: [u8; 5], limits: [u64; 3]) -> Line {
    Line { revenue, staff, sizes, targets, limits }
}

/// In tier order. The last line's bounds are never read: everything larger belongs to it.
const TABLE: [Line; 21] = [
    line(100_000, 5, (1, 2, 3), [1, 1, 0, 0, 0], [10_000, 5_000, 1_000]),
    line(250_000, 10, (2, 3, 4), [1, 1, 1, 0, 0], [25_000, 10_000, 2_500]),
    line(500_000, 25, (3, 5, 6), [1, 1, 2, 0, 1], [50_000, 25_000, 5_000]),
    line(1_000_000, 50, (4, 6, 7), [1, 2, 2, 0, 1], [75_000, 50_000, 10_000]),
    line(2_500_000, 100, (5, 7, 8), [1, 2, 3, 0, 1], [100_000, 75_000, 15_000]),
    line(5_000_000, 200, (6, 8, 9), [2, 2, 3, 0, 1], [150_000, 100_000, 25_000]),
    line(10_000_000, 500, (6, 8, 9), [2, 2, 3, 1, 0], [200_000, 150_000, 50_000]),
    line(15_000_000, 750, (8, 9, 10), [2, 3, 3, 1, 0], [250_000, 200_000, 75_000]),
    line(25_000_000, 1_000, (8, 9, 10), [2, 3, 3, 1, 0], [300_000, 250_000, 100_000]),
    line(40_000_000, 1_500, (8, 9, 10), [2, 3, 3, 1, 0], [400_000, 300_000, 150_000]),
    line(60_000_000, 2_500, (9, 11, 12), [2, 3, 4, 1, 1], [500_000, 400_000, 200_000]),
    line(75_000_000, 3_500, (9, 11, 12), [2, 3, 4, 1, 1], [600_000, 500_000, 250_000]),
    line(85_000_000, 5_000, (9, 11, 12), [2, 3, 4, 1, 1], [750_000, 600_000, 300_000]),
    line(100_000_000, 7_500, (9, 11, 12), [2, 3, 4, 1, 1], [1_000_000, 750_000, 400_000]),
    line(250_000_000, 10_000, (12, 14, 15), [2, 4, 5, 2, 1], [1_000_000, 750_000, 500_000]),
    line(500_000_000, 15_000, (12, 14, 15), [2, 4, 5, 2, 1], [1_500_000, 1_000_000, 750_000]),
    line(1_000_000_000, 25_000, (12, 14, 15), [2, 4, 5, 2, 1], [2_000_000, 1_500_000, 1_000_000]),
    line(5_000_000_000, 50_000, (14, 16, 17), [3, 4, 6, 2, 1], [3_000_000, 2_000_000, 1_500_000]),
    line(10_000_000_000, 100_000, (14, 16, 17), [3, 4, 6, 2, 1], [5_000_000, 3_000_000, 2_000_000]),
    line(50_000_000_000, 250_000, (16, 18, 19), [3, 5, 7, 2, 1], [7_500_000, 5_000_000, 3_000_000]),
    line(u64::MAX, u32::MAX, (16, 18, 19), [3, 5, 7, 2, 1], [10_000_000, 7_500_000, 5_000_000]),
];

impl Tier {
    /// The tier of a company by revenue if known, else staff, and whether either was known. Unknown is [`Tier::S3`]
    /// with `false`: a small group that claims little authority, not a claim about the company.
    #[must_use]
    pub fn of(company: &Company) -> (Self, bool) {
        let index = match (company.revenue, company.staff) {
            (Some(revenue), _) => TABLE.iter().position(|line| revenue <= line.revenue),
            (None, Some(staff)) => TABLE.iter().position(|line| staff <= line.staff),
            (None, None) => return (Tier::S3, false),
        };
        (index.and_then(|index| Tier::ALL.get(index)).copied().unwrap_or(Tier::L7), true)
    }

    fn line(self) -> &'static Line {
        &TABLE[self as usize]
    }

    /// Members of a group: minimum, ideal and maximum.
    #[must_use]
    pub fn sizes(self) -> (usize, usize, usize) {
        self.line().sizes
    }

    /// Seats wanted per role, before the deal and very small companies are taken into account.
    #[must_use]
    pub fn targets(self) -> Targets {
        let [decision_maker, champion, stakeholder, blocker, introducer] = self.line().targets;
        Targets { decision_maker, champion, stakeholder, blocker, introducer }
    }

    /// The largest deal, US dollars, this rank may sign: [`UNLIMITED`] for C-level and above, 0 below manager. Never
    /// lower for a higher rank.
    #[must_use]
    pub fn approval_limit(self, level: Level) -> u64 {
        let [vice_president, director, manager] = self.line().limits;
        match level {
            Level::CLevel | Level::President | Level::Owner => UNLIMITED,
            Level::VicePresident | Level::SeniorVicePresident => vice_president,
            Level::Director | Level::SeniorDirector => director,
            // A head may run a department of three or of three hundred: without evidence, a manager's limit.
            Level::Manager | Level::SeniorManager | Level::Head => manager,
            Level::Intern | Level::IndividualContributor | Level::SeniorIndividualContributor | Level::Lead => 0,
        }
    }
}
