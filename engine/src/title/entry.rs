//! What a phrase of the vocabulary means.

use super::{Function, Level, Modifier};
use crate::Set;
use crate::wire::wire_enum;

/// What a phrase does to a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Says how high a position stands.
    Rank,
    /// Names a job and so fixes its rank.
    Occupation,
    /// Says what a person works on.
    Topic,
    /// Moves or marks a rank.
    Qualifier(Qualifier),
}

wire_enum! {
    /// How a qualifier moves or marks a rank, in the order in which they are applied.
    pub(super) enum Qualifier {
        /// One step below the rank it stands in for.
        Deputy = "deputy",
        Assistant = "assistant",
        Associate = "associate",
        Junior = "junior",
        /// Third grade and above of a graded profession.
        Third = "third",
        Senior = "senior",
        /// Principal, distinguished: senior in any job.
        Principal = "principal",
        /// Senior in a technical job, no more than "employee" in any other: staff engineer, staff accountant.
        Staff = "staff",
        /// Leading, supervising.
        Lead = "lead",
        Acting = "acting",
        Former = "former",
        Regional = "regional",
        /// Understood, but moves nothing: global, first, part-time.
        Plain = "plain",
    }
}

wire_enum! {
    /// What else is to be known of a phrase.
    pub(super) enum Flag {
        /// The words alone leave doubt.
        Unsure = "unsure",
        /// The phrase rules the title even where a rank stands before it.
        Governs = "governs",
        /// Runs the whole only where the title names no part of it: "President", but not "President, Sales".
        Whole = "whole",
        /// Part of an organisation: whoever presides over it does not run the whole.
        Division = "division",
        /// A body beside the organisation, such as an association or a union.
        Body = "body",
        /// What a rank right before it owns: "CTO Office", "Founder Relations".
        Owned = "owned",
        /// Banks give it as a grade: beside a specialist's job the job rules.
        Grade = "grade",
        /// Grades III and above of this occupation are senior.
        Graded = "graded",
        /// A graded occupation named after what it works on: topics around it count, and "staff" means seniority.
        Technical = "technical",
        /// An assistant's word: whose assistant, the rest of the title says.
        MaybeAssistant = "maybe_assistant",
        /// Assists the rank that follows.
        AssistantOf = "assistant_of",
        /// A seat on a board.
        Board = "board",
        /// Means this only as the last word of its phrase: "Major", but not "Major Accounts".
        Last = "last",
        /// Means this only as the whole of its part: "Partner".
        Alone = "alone",
        /// Names a function only where no other word does.
        Weak = "weak",
        /// Banks and funds, where a managing director is a grade.
        Bank = "bank",
        /// A grade in a bank, the top of any other company.
        BankGrade = "bank_grade",
        /// "Chief": what it means, the words after it say.
        Chief = "chief",
        /// "Officer": closes what "chief" opens.
        Officer = "officer",
        /// "Head" before an occupation leads those who do it.
        Heads = "heads",
        /// Counts only beside another word that is understood.
        Beside = "beside",
        /// Also a personal name, and read as one beside a word that is not known: "Dean Wagner".
        Name = "name",
        /// Known by its ending alone: counts only behind a word that says what the work is about.
        Agent = "agent",
        /// A specialist's job that is called a manager's: "Product Manager".
        Managerial = "managerial",
        /// A degree or title behind a name: physicians beside it are physicians.
        Credential = "credential",
        /// A word of two meanings, read by the one that nothing else speaks for.
        Guessed = "guessed",
        /// Leaves [`Modifier::Deputy`].
        Deputy = "deputy",
        /// Leaves [`Modifier::Associate`].
        Associate = "associate",
    }
}

/// One phrase of the vocabulary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) level: Option<Level>,
    pub(super) functions: Set<Function>,
    pub(super) flags: Set<Flag>,
}

impl Entry {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, level: None, functions: Set::new(), flags: Set::new() }
    }

    pub(super) fn is(&self, flag: Flag) -> bool {
        self.flags.contains(flag)
    }

    /// The modifiers a phrase carries by itself.
    pub(super) fn modifiers(&self) -> Set<Modifier> {
        let marks = [
            (Flag::AssistantOf, Modifier::AssistantOf),
            (Flag::Board, Modifier::Board),
            (Flag::Deputy, Modifier::Deputy),
            (Flag::Associate, Modifier::Associate),
        ];
        marks.iter().filter(|(flag, _)| self.is(*flag)).map(|(_, modifier)| *modifier).collect()
    }
}

wire_enum! {
    /// Words that join the others.
    pub(super) enum Glue {
        Preposition = "preposition",
        Conjunction = "conjunction",
        Filler = "filler",
        /// What follows is an employer.
        Employer = "employer",
    }
}
