//! How many of how many.

use serde::Serialize;

/// How many of how many; counted in whole numbers, so that it is the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "Document")]
pub(super) struct Share {
    /// Those it is true of.
    pub(super) count: u64,
    /// Those that were asked.
    pub(super) of: u64,
}

impl Share {
    /// Counts one more.
    pub(super) fn add(&mut self, hit: bool) {
        self.add_many(u64::from(hit), 1);
    }

    /// Counts several more.
    pub(super) fn add_many(&mut self, count: u64, of: u64) {
        self.count += count;
        self.of += of;
    }

    /// Tenths of a percent, rounded half up; `None` where nothing was asked.
    fn per_mille(self) -> Option<u64> {
        (self.of > 0).then(|| (2000 * self.count + self.of) / (2 * self.of))
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.per_mille() {
            Some(tenths) => write!(f, "{}.{} %", tenths / 10, tenths % 10),
            None => f.write_str("–"),
        }
    }
}

/// A share as `--output json` shows it.
#[derive(Serialize)]
struct Document {
    count: u64,
    of: u64,
    percent: Option<f64>,
}

impl From<Share> for Document {
    fn from(share: Share) -> Self {
        let percent = share.per_mille().map(|tenths| tenths as f64 / 10.0);
        Self { count: share.count, of: share.of, percent }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::Share;

    #[test]
    fn a_share_is_rounded_to_a_tenth_of_a_percent() {
        for (count, of, said) in
            [(2, 3, "66.7 %"), (1, 3, "33.3 %"), (1, 2000, "0.1 %"), (7, 7, "100.0 %"), (0, 9, "0.0 %")]
        {
            assert_eq!(Share { count, of }.to_string(), said);
        }
    }

    #[test]
    fn a_share_of_nothing_is_no_number() {
        assert_eq!(Share::default().to_string(), "–");
        let document = serde_json::to_value(Share::default()).unwrap();
        assert_eq!(document, serde_json::json!({"count": 0, "of": 0, "percent": null}));
    }
}
