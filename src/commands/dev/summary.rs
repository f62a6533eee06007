//! What `dev` tells once the group is saved.

use super::DevArgs;
use crate::commands::send;
use crate::config::Settings;
use crate::documents::DevDocument;
use crate::outln;
use crate::show_group;
use std::path::PathBuf;

/// What `dev` has to show once the group is saved.
pub(super) fn show(document: &DevDocument, link: Option<&str>, settings: &Settings, args: &DevArgs) {
    outln!();
    show_group::group(&document.group);
    show_group::diff(&document.diff);
    let timings = &document.timings;
    let seconds = |millis: u64| millis as f64 / 1000.0;
    outln!("ready in {:.1} s, refreshed in {:.1} s", seconds(timings.ready_ms), seconds(timings.refresh_ms));
    if args.once {
        return;
    }
    outln!();
    if let Some(link) = link {
        outln!("Web UI    {link}");
    }
    outln!("webhooks  {}", send::url(settings));
    let program = std::env::args().next().unwrap_or_else(|| "buyer-group".to_owned());
    let data = args.data_dir.as_ref().map(|folder| format!("BGR_DATA_DIR={} ", folder.display())).unwrap_or_default();
    // These find address and secret in the data folder, and so work as they are pasted into another terminal here.
    match &args.company {
        None => outln!("send      {data}{program} send {}", next_event(settings).display()),
        Some(company) => outln!("refresh   {data}{program} refresh {company:?}"),
    }
    outln!("show      {data}{program} show {}", document.group.company.id.as_deref().unwrap_or_default());
    outln!("Ctrl-C stops everything.");
}

/// An event that has not been sent yet.
pub(super) fn next_event(settings: &Settings) -> PathBuf {
    settings.data_dir.join("event.json")
}
