//! Which company is meant.

use super::access::Scope;
use super::call::{Call, store_fault};
use super::problems::{self, Candidate};
use crate::problem::Problem;
use store::CompanyRecord;

/// The one company of the workspace that this text means: an id, a domain or a name.
pub(crate) async fn meant(call: &Call, text: &str) -> Result<CompanyRecord, Problem> {
    let mut found = call.store().find_company(call.workspace(), text).await.map_err(store_fault)?;
    // An id is never in doubt, whatever else has it for a name.
    if let Some(at) = found.iter().position(|(id, _)| id == text) {
        found = vec![found.swap_remove(at)];
    }
    let (id, _) = match found.as_slice() {
        [] => return Err(problems::unknown_company()),
        [one] => one,
        // Which companies there are is for whoever may read.
        _ if !call.caller.may(Scope::Read) => return Err(problems::ambiguous_company(None)),
        several => {
            let candidate = |(id, company): &(String, engine::Company)| Candidate {
                id: id.clone(),
                name: company.name.clone(),
                domain: company.domain.clone(),
            };
            return Err(problems::ambiguous_company(Some(several.iter().map(candidate).collect())));
        }
    };
    let record = call.store().company_record(call.workspace(), id).await.map_err(store_fault)?;
    record.ok_or_else(problems::unknown_company)
}
