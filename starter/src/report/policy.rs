//! What a browser may do with the page: use its one sheet of styles, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The sheet of styles, as it stands in the page.
pub(super) const STYLE: &str = include_str!("style.css");

/// What the page may load and run: its sheet of styles. As part of the page it holds for a kept file as well.
pub(super) fn in_the_page() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// The value of the header `Content-Security-Policy` to serve the page with: what the page says itself, and that no other
/// page may show it in a frame, which only a header can say.
#[must_use]
pub fn content_security_policy() -> String {
    format!("{}; frame-ancestors 'none'", in_the_page())
}
