//! Streams ten thousand, a hundred thousand, one million and four million people through a shortlist and prints the peak memory of the
//! process after each: it does not grow with the company. Linux, `cargo run --release -p engine --example stream_memory`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that measures and prints")]

#[path = "support/crowd.rs"]
mod crowd;

use engine::{Company, SellerProfile, Shortlist};
use std::time::Instant;

fn main() {
    let profile = SellerProfile { deal_size: 120_000, ..SellerProfile::default() };
    println!("{:>10} {:>10} {:>8} {:>8} {:>10}", "people", "counted", "kept", "seconds", "peak");
    for size in [10_000, 100_000, 1_000_000, 4_000_000] {
        // A company of unknown size, the harder case: ranks are kept for several sizes.
        let mut shortlist = Shortlist::new(&profile, &Company { name: "Example".to_owned(), ..Company::default() });
        let began = Instant::now();
        (0..size).map(crowd::person).for_each(|person| shortlist.offer(person));
        let (kept, counted) = (shortlist.people().count(), shortlist.considered());
        let members = shortlist.finish_with_headcount(size).members.len();
        let seconds = began.elapsed().as_secs_f64();
        println!("{size:>10} {counted:>10} {kept:>8} {seconds:>8.2} {:>10}   {members} members", peak());
    }
}

/// The largest resident set so far, as the kernel tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |size| size.trim().to_owned())
}
