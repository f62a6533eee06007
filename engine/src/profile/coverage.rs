//! Functions that should be heard when a deal is large enough.

use crate::Function;

/// One voice that a purchase above a certain size needs at the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// What the voice is called where nobody gives it, e.g. "finance or procurement"; unique within a profile.
    pub name: String,
    /// Functions any of which is enough; never empty.
    pub functions: Vec<Function>,
    /// Wanted for deals of more than so many US dollars; 0 means always.
    pub above: u64,
}

impl Coverage {
    /// What a profile that says nothing wants beside its buying functions (domain rule: technical above $50k, finance or
    /// procurement above $100k, risk, legal, security or compliance above $150k).
    #[must_use]
    pub fn usual() -> Vec<Self> {
        use Function::{Compliance, Data, Engineering, Finance, It, Legal, Procurement, Risk, Security};
        let voice = |name: &str, functions: &[Function], above| Self {
            name: name.to_owned(),
            functions: functions.to_vec(),
            above,
        };
        vec![
            voice("technical", &[Engineering, It, Security, Data], 50_000),
            voice("finance or procurement", &[Finance, Procurement], 100_000),
            voice("legal, risk, compliance or security", &[Legal, Risk, Compliance, Security], 150_000),
        ]
    }
}
