//! What `dev` tells once the group is saved.

use super::DevArgs;
use crate::commands::send;
use crate::config::Settings;
use crate::dev_key;
use crate::documents::DevDocument;
use crate::outln;
use crate::output::Output;
use crate::show_group;
use std::path::{Path, PathBuf};

/// What `dev` has to show once the group is saved.
pub(super) fn show(document: &DevDocument) {
    outln!();
    show_group::group(&document.group);
    show_group::diff(&document.diff);
    let timings = &document.timings;
    let seconds = |millis: u64| millis as f64 / 1000.0;
    outln!("ready in {:.1} s, refreshed in {:.1} s", seconds(timings.ready_ms), seconds(timings.refresh_ms));
}

/// What can be done while it serves. Beside a JSON document it goes to standard error.
pub(super) fn closing(output: Output, document: &DevDocument, link: Option<&str>, settings: &Settings, args: &DevArgs) {
    let mut lines = vec![String::new()];
    lines.extend(link.map(|link| format!("Web UI    {link}")));
    lines.push(format!("webhooks  {}", send::url(settings)));
    let program = std::env::args().next().unwrap_or_else(|| "buyer-group".to_owned());
    // A bare name is found on the PATH from everywhere; a path is not.
    let program = if program.contains('/') { pasted(Path::new(&program)) } else { program };
    let data = args.data_dir.as_ref().map(|folder| format!(" --data-dir {}", pasted(folder))).unwrap_or_default();
    // These find address and secret in the data folder, and so work as they are pasted into another terminal.
    lines.push(match &args.company {
        None => format!("send      {program} send {}{data}", pasted(&next_event(settings))),
        Some(company) => format!("refresh   {program} refresh {company:?}{data}"),
    });
    let company = document.group.company.id.as_deref().unwrap_or_default();
    lines.push(format!("show      {program} show {company}{data}"));
    // The key stays in its file, so that it gets neither onto the screen nor into a shell's history.
    lines.push(format!(
        "api       curl -H \"Authorization: Bearer $(cat {})\" 'http://{}{}/buyer-group?company={company}'",
        pasted(&dev_key::file(settings)),
        settings.starter.listen,
        starter::intelligence::PATH
    ));
    lines.push("Ctrl-C stops everything.".to_owned());
    for line in lines {
        match output {
            Output::Text => outln!("{line}"),
            Output::Json => eprintln!("{line}"),
        }
    }
}

/// A path from the root, so that it is the same file in another folder; in quotes where a shell needs them.
fn pasted(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    if path.contains(char::is_whitespace) { format!("{path:?}") } else { path }
}

/// An event that has not been sent yet.
pub(super) fn next_event(settings: &Settings) -> PathBuf {
    settings.data_dir.join("event.json")
}
