//! The activities of a bulk, over the store.
#![expect(missing_docs, reason = "the definitions document the activities")]

use crate::StepFailure;
use crate::attempt::now;
use contracts::{BulkEnd, BulkItem, BulkPage, BulkPageInput, CompanyRef, Receipt, definitions};
use std::sync::Arc;
use store::Store;
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;

/// Text on one page, in bytes: two hundred companies with names and domains of usual length. Where they are longer a page has
/// fewer companies, because it is written into a history.
const LARGEST_PAGE: usize = 32 * 1024;

/// The activities of a bulk.
pub struct BulkActivities(Store);

impl BulkActivities {
    /// The activities over this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self(store)
    }
}

#[activities]
impl BulkActivities {
    #[activity(definition = definitions::BulkItems)]
    pub async fn bulk_items(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: BulkPageInput,
    ) -> Result<Receipt<BulkPage>, ActivityError> {
        let page = self.0.bulk_items(&input).await.map_err(|error| StepFailure::from(error).tell())?;
        Ok(Receipt { result: fitting(page), attempts: ctx.info().attempt, cost_micros: 0 })
    }

    #[activity(definition = definitions::CloseBulk)]
    pub async fn close_bulk(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: BulkEnd,
    ) -> Result<Receipt<()>, ActivityError> {
        self.0.close_bulk(&input, now()).await.map_err(|error| StepFailure::from(error).tell())?;
        Ok(Receipt { result: (), attempts: ctx.info().attempt, cost_micros: 0 })
    }
}

/// As much of the page as fits into a history; one item at least.
fn fitting(mut page: BulkPage) -> BulkPage {
    let length = |item: &BulkItem| {
        let CompanyRef { name, domain, .. } = &item.company;
        name.len() + domain.as_ref().map_or(0, String::len) + 64
    };
    let mut left = LARGEST_PAGE;
    let fits = page.items.iter().take_while(|item| {
        let fits = length(item) <= left;
        left = left.saturating_sub(length(item));
        fits
    });
    let fitting = fits.count().max(1);
    if fitting < page.items.len() {
        page.items.truncate(fitting);
        page.more = true;
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: u32, name: usize) -> BulkPage {
        let company = CompanyRef { id: None, name: "x".repeat(name), domain: None };
        BulkPage {
            items: (1..=items).map(|number| BulkItem { number, company: company.clone() }).collect(),
            more: false,
        }
    }

    #[test]
    fn a_page_of_long_names_is_cut_and_says_that_there_is_more() {
        let cut = fitting(page(200, 2048));
        assert!(cut.more && (1..200).contains(&cut.items.len()), "{}", cut.items.len());
        let bytes: usize = cut.items.iter().map(|item| item.company.name.len()).sum();
        assert!(bytes <= LARGEST_PAGE);
        assert_eq!(fitting(page(200, 60)), page(200, 60));
        assert_eq!(fitting(page(2, LARGEST_PAGE * 2)).items.len(), 1, "the next run goes on behind it");
        assert!(!fitting(page(0, 0)).more);
    }
}
