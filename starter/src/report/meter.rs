//! Figures as pictures. Each stands beside the figure itself, so that whoever cannot see it misses nothing.

use maud::{Markup, html};

/// A score of 0–100 as a bar.
pub(super) fn bar(score: Option<u8>) -> Markup {
    html! {
        svg.bar viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.track x="0" y="0" width="100" height="4" {}
            @if let Some(score) = score {
                rect.level x="0" y="0" width=(score.min(100)) height="4" {}
            }
        }
    }
}

/// Most seats that are drawn; a group has at most 19.
const MOST: usize = 24;

/// Seats that are taken and seats that are open, a circle each.
pub(super) fn seats(taken: usize, wanted: usize) -> Markup {
    let (taken, all) = (taken.min(MOST), taken.max(wanted).min(MOST));
    let width = all * 14;
    html! {
        @if all > 0 {
            svg.chairs viewBox={ "0 0 " (width) " 12" } width=(width) height="12" aria-hidden="true" focusable="false" {
                @for seat in 0..all {
                    circle.open[seat >= taken] cx=(seat * 14 + 6) cy="6" r="4.5" {}
                }
            }
        }
    }
}
