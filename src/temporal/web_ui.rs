//! Addresses of pages in the Temporal Web UI.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What JavaScript's `encodeURIComponent` leaves alone, which is what the Web UI encodes its own links with.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A Web UI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUi {
    base: String,
}

impl WebUi {
    /// The Web UI at this address, for example `http://127.0.0.1:8233`.
    #[must_use]
    pub fn at(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// Its first page.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// The page of one run. Our workflow ids contain `/`, which must not become a path separator.
    #[must_use]
    pub fn workflow_url(&self, namespace: &str, workflow_id: &str, run_id: &str) -> String {
        let segment = |text| utf8_percent_encode(text, SEGMENT);
        let (namespace, workflow, run) = (segment(namespace), segment(workflow_id), segment(run_id));
        format!("{}/namespaces/{namespace}/workflows/{workflow}/{run}/timeline", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_an_id_stays_in_its_segment() {
        let ui = WebUi::at("http://127.0.0.1:8233/");
        assert_eq!(
            ui.workflow_url("default", "buyer-group-refresh/demo/crm/evt:1 é%~", "0a1b"),
            "http://127.0.0.1:8233/namespaces/default/workflows/\
             buyer-group-refresh%2Fdemo%2Fcrm%2Fevt%3A1%20%C3%A9%25~/0a1b/timeline"
        );
        assert_eq!(ui.url(), "http://127.0.0.1:8233");
    }
}
