//! Profiles of common products, to start one's own from.

use super::nearest::nearest;
use super::problem::quoted;
use super::{ProfileError, SellerProfile};
use crate::wire::wire_enum;
use std::str::FromStr;

wire_enum! {
    /// A common product. Its profile is a commented TOML file under `presets/`.
    pub enum Preset {
        /// Software for people who sell.
        SalesTools = "sales_tools",
        /// Campaigns, journeys and leads.
        MarketingAutomation = "marketing_automation",
        /// Financial planning and analysis.
        Fpa = "fpa",
        /// Payroll and personnel administration.
        PayrollHr = "payroll_hr",
        /// Finding and hiring people.
        Recruiting = "recruiting",
        /// Protection of laptops, servers and telephones.
        EndpointSecurity = "endpoint_security",
        /// Protection of what runs in the cloud.
        CloudSecurity = "cloud_security",
        /// Metrics, logs and traces of running software.
        Observability = "observability",
        /// Tools that build and ship software.
        DeveloperTools = "developer_tools",
        /// Running vehicles.
        FleetOperations = "fleet_operations",
        /// Enterprise resource planning.
        Erp = "erp",
        /// Buying and suppliers.
        Procurement = "procurement",
        /// Contracts and legal work.
        Legal = "legal",
    }
}

impl Preset {
    /// The file as it was written, comments included: a start for a profile of one's own.
    #[must_use]
    pub const fn toml(self) -> &'static str {
        match self {
            Self::SalesTools => include_str!("../../presets/sales_tools.toml"),
            Self::MarketingAutomation => include_str!("../../presets/marketing_automation.toml"),
            Self::Fpa => include_str!("../../presets/fpa.toml"),
            Self::PayrollHr => include_str!("../../presets/payroll_hr.toml"),
            Self::Recruiting => include_str!("../../presets/recruiting.toml"),
            Self::EndpointSecurity => include_str!("../../presets/endpoint_security.toml"),
            Self::CloudSecurity => include_str!("../../presets/cloud_security.toml"),
            Self::Observability => include_str!("../../presets/observability.toml"),
            Self::DeveloperTools => include_str!("../../presets/developer_tools.toml"),
            Self::FleetOperations => include_str!("../../presets/fleet_operations.toml"),
            Self::Erp => include_str!("../../presets/erp.toml"),
            Self::Procurement => include_str!("../../presets/procurement.toml"),
            Self::Legal => include_str!("../../presets/legal.toml"),
        }
    }

    /// The profile.
    ///
    /// # Errors
    /// Never, unless the file that ships with the program was broken.
    pub fn profile(self) -> Result<SellerProfile, ProfileError> {
        SellerProfile::from_toml(self.toml())
    }
}

/// There is no preset of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset {}{}; the presets are {}", quoted(.0), meant(.0), names())]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    /// A preset by its name, in any case and with hyphens if you like.
    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let wire = name.trim().to_lowercase().replace('-', "_");
        Self::from_wire(&wire).ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

fn meant(name: &str) -> String {
    let near = nearest(name, Preset::ALL.iter().map(|preset| preset.as_str()));
    near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default()
}

fn names() -> String {
    Preset::ALL.iter().map(|preset| preset.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Preset;
    use crate::title::words_of;

    fn holds(phrases: &[String], title: &str) -> bool {
        let title = words_of(title);
        phrases
            .iter()
            .map(|phrase| words_of(phrase))
            .any(|phrase| title.windows(phrase.len()).any(|part| part == phrase))
    }

    /// For each preset: titles of people to meet, then of false friends.
    const TITLES: [(Preset, &[&str], &[&str]); 13] = [
        (
            Preset::SalesTools,
            &[
                "Director, Revenue Operations",
                "VP Retail Sales",
                "Leiter Vertriebssteuerung",
                "Head of Sales Enablement",
            ],
            &["Senior Account Manager", "Sales Tax Manager", "Verkäuferin", "Sales Ledger Clerk"],
        ),
        (
            Preset::MarketingAutomation,
            &["Head of Demand Generation", "Responsable Marketing Digital", "CRM & E-Mail Manager"],
            &["Telemarketing Supervisor", "Brand Ambassador", "Marketing Intern"],
        ),
        (
            Preset::Fpa,
            &[
                "Director FP&A",
                "Leiterin Konzerncontrolling",
                "Directeur du Contrôle de Gestion",
                "Corporate Controller",
            ],
            &["Air Traffic Controller", "Document Controller", "Senior Financial Advisor", "Bank Teller"],
        ),
        (
            Preset::PayrollHr,
            &["Head of HR & Payroll", "Responsable Paie", "Leitung Lohn und Gehalt", "Jefe de Nóminas"],
            &["Personal Trainer", "Technical Recruiter", "Benefits Eligibility Specialist"],
        ),
        (
            Preset::Recruiting,
            &[
                "VP Talent",
                "Leiter Personalgewinnung",
                "Chargée de Recrutement",
                "HR & Payroll Manager",
                "Senior Recruiter",
            ],
            &["Student Recruitment Officer", "Talent Agent", "Nurse Staffing Coordinator", "Payroll Clerk"],
        ),
        (
            Preset::EndpointSecurity,
            &["Chief Information Security Officer", "Head of IT Security", "Leiter IT-Sicherheit", "RSSI"],
            &["Security Guard", "Agent de sécurité", "Fachkraft für Arbeitssicherheit", "Loss Prevention Manager"],
        ),
        (
            Preset::CloudSecurity,
            &["Chief Security Officer", "Director of Cloud Security", "Lead DevSecOps Engineer"],
            &["Physical Security Manager", "Social Security Administrator", "Werkschutz"],
        ),
        (
            Preset::Observability,
            &["Director, Site Reliability Engineering", "Head of Platform", "Leiter IT-Betrieb", "SRE Manager"],
            &["Civil Engineer", "Monitoring and Evaluation Officer", "Bauingenieur Infrastruktur", "Sales Engineer"],
        ),
        (
            Preset::DeveloperTools,
            &["Head of Developer Experience", "Principal Software Architect", "Leiter Softwareentwicklung"],
            &["Landscape Architect", "Real Estate Developer", "Mechanical Engineer"],
        ),
        (
            Preset::FleetOperations,
            &["Fleet Manager", "Fuhrparkleiter", "Responsable Transports", "Director, Driver Safety & Logistics"],
            &["Bus Driver", "Kraftfahrer", "Director of Sales Operations", "People Operations Manager"],
        ),
        (
            Preset::Erp,
            &["Director of Enterprise Applications", "SAP Inhouse Consultant", "Director Finance Transformation"],
            &["Emergency Response Planner", "Applications Engineer", "Air Traffic Controller"],
        ),
        (
            Preset::Procurement,
            &["Leiterin Strategischer Einkauf", "Directrice Achats", "Director of Category Management"],
            &["Media Buyer", "Talent Sourcing Manager", "Organ Procurement Coordinator"],
        ),
        (
            Preset::Legal,
            &["VP Legal Operations", "Leiter Recht", "Directeur Juridique", "Senior Contract Manager"],
            &["Assistant District Attorney", "Contract Nurse", "Staatsanwältin"],
        ),
    ];

    #[test]
    fn keywords_find_the_people_to_meet_and_exclusions_only_the_false_friends() {
        assert_eq!(TITLES.map(|(preset, ..)| preset).as_slice(), Preset::ALL);
        for (preset, meet, avoid) in TITLES {
            let profile = preset.profile().unwrap_or_else(|error| panic!("{preset}: {error}"));
            for title in meet {
                assert!(!holds(&profile.exclude_titles, title), "{preset} rules out {title}");
            }
            for title in avoid {
                assert!(holds(&profile.exclude_titles, title), "{preset} lets {title} in");
            }
            let found = meet.iter().filter(|title| holds(&profile.title_keywords, title)).count();
            assert!(found * 2 > meet.len(), "{preset} has keywords for {found} of {meet:?}");
        }
    }

    #[test]
    fn every_file_says_who_buys_who_blocks_and_who_is_not_meant() {
        for preset in Preset::ALL {
            let head: String = preset.toml().lines().take_while(|line| line.starts_with('#')).collect();
            for word in ["Buys:", "Carries it inside:", "Uses it:", "Blocks:", "False friends:"] {
                assert!(head.replace("# ", " ").contains(word), "{preset} does not say {word}");
            }
        }
    }
}
