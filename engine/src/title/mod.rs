//! Reading a job title by its words.
//!
//! A title is words, never substrings: "contractor" does not contain a CTO. The vocabulary lives in readable tables
//! under `vocabulary/`; [`Title::parse`] looks up the longest phrases of whole words and then decides which rank
//! governs the title. What the words do not say stays unknown: there is no default rank.

mod agents;
mod attributes;
mod compounds;
mod entry;
mod evidence;
mod finds;
mod fold;
mod parse;
mod part;
mod phrases;
mod steps;
mod tables;
mod vocabulary;
mod words;

use crate::Set;
use crate::wire::wire_enum;
use serde::{Deserialize, Serialize};

pub use evidence::Context;
pub(crate) use fold::{fold, words_of};

wire_enum! {
    /// Rank of a position, lowest first. The order is that of the domain, so `<` means "ranks below".
    pub enum Level {
        /// Intern, trainee, apprentice.
        Intern = "intern",
        /// Does the work, leads nobody.
        IndividualContributor = "individual_contributor",
        /// Senior, staff or principal specialist.
        SeniorIndividualContributor = "senior_individual_contributor",
        /// Leads a team's work: lead, supervisor.
        Lead = "lead",
        /// Manager.
        Manager = "manager",
        /// Senior manager, associate director.
        SeniorManager = "senior_manager",
        /// Head of a department or function.
        Head = "head",
        /// Director.
        Director = "director",
        /// Senior director.
        SeniorDirector = "senior_director",
        /// Vice president.
        VicePresident = "vice_president",
        /// Senior or executive vice president.
        SeniorVicePresident = "senior_vice_president",
        /// Chief of a function: CFO, CTO, general counsel.
        CLevel = "c_level",
        /// President or managing director of a company.
        President = "president",
        /// Owner, founder or chief executive.
        Owner = "owner",
    }
}

wire_enum! {
    /// What a person works on.
    pub enum Function {
        /// Running the company as a whole.
        Executive = "executive",
        /// Money: accounting, controlling, treasury, tax.
        Finance = "finance",
        /// Selling, business development, partnerships.
        Sales = "sales",
        /// Revenue as a whole, revenue operations.
        Revenue = "revenue",
        /// Marketing, communication, brand.
        Marketing = "marketing",
        /// Customer success and account care.
        CustomerSuccess = "customer_success",
        /// Customer support, service desk.
        Support = "support",
        /// Product management and design.
        Product = "product",
        /// Building: software, hardware, process.
        Engineering = "engineering",
        /// Information technology run for the company itself.
        It = "it",
        /// Information security.
        Security = "security",
        /// Data, analytics, machine learning.
        Data = "data",
        /// Operations, production, administration.
        Operations = "operations",
        /// Supply chain, logistics, warehousing.
        SupplyChain = "supply_chain",
        /// People: recruiting, payroll, training.
        HumanResources = "human_resources",
        /// Law.
        Legal = "legal",
        /// Compliance, audit, privacy, quality assurance in the regulatory sense.
        Compliance = "compliance",
        /// Risk.
        Risk = "risk",
        /// Buying.
        Procurement = "procurement",
        /// Research and science.
        Research = "research",
        /// Buildings, workplace, maintenance.
        Facilities = "facilities",
        /// Medicine and care.
        Medical = "medical",
        /// Teaching.
        Education = "education",
        /// Police, fire, rescue, guards.
        PublicSafety = "public_safety",
        /// A known occupation outside the list.
        Other = "other",
    }
}

wire_enum! {
    /// What changes the meaning of a rank.
    pub enum Modifier {
        /// Acting or interim: holds the rank for now.
        Acting = "acting",
        /// Deputy or vice: stands in for the rank, one step below it.
        Deputy = "deputy",
        /// Associate or assistant before a rank: below it.
        Associate = "associate",
        /// Former, retired: holds the rank no more.
        Former = "former",
        /// Responsible for a region, country or branch.
        Regional = "regional",
        /// Assists somebody of that rank ("Executive Assistant to the CEO").
        AssistantOf = "assistant_of",
        /// Sits on a supervisory or advisory board, on an elected council, or stands as a minister above the officials.
        Board = "board",
    }
}

/// What a job title says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Rank; `None` when the words do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Functions; empty when the words do not say.
    #[serde(default)]
    pub functions: Set<Function>,
    /// Modifiers.
    #[serde(default)]
    pub modifiers: Set<Modifier>,
    /// 0–100: how much of the title was understood and how plainly it speaks.
    #[serde(default)]
    pub confidence: u8,
}

impl Title {
    /// Reads a title in any case, with or without accents. Never fails: what is not understood stays unknown.
    ///
    /// ```
    /// use engine::{Function, Level, Title};
    /// let title = Title::parse("VP, Finance & Operations");
    /// assert_eq!(title.level, Some(Level::VicePresident));
    /// assert_eq!(title.functions, [Function::Finance, Function::Operations]);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        parse::read(text).title
    }

    /// Whether the title carries this modifier.
    #[must_use]
    pub fn is(&self, modifier: Modifier) -> bool {
        self.modifiers.contains(modifier)
    }
}
