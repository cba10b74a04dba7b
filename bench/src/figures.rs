//! Figures with what they mean, their targets, and whether they are met.

use std::fmt::Write as _;

/// One row.
pub struct Figure {
    /// What was measured and what that means.
    pub what: &'static str,
    /// What came of it.
    pub measured: String,
    /// What it should be; none: said for comparison only.
    pub target: Option<(&'static str, bool)>,
}

/// The rows of one run.
#[derive(Default)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// A figure with a target.
    pub fn aim(&mut self, what: &'static str, measured: String, target: &'static str, met: bool) {
        self.0.push(Figure {
            what,
            measured,
            target: Some((target, met)),
        });
    }

    /// A figure for comparison.
    pub fn say(&mut self, what: &'static str, measured: String) {
        self.0.push(Figure {
            what,
            measured,
            target: None,
        });
    }

    /// How many targets are met, of how many.
    pub fn met(&self) -> (usize, usize) {
        let aims = self.0.iter().filter_map(|figure| figure.target);
        let met = aims.clone().filter(|(_, met)| *met).count();
        (met, aims.count())
    }

    /// As a table in Markdown.
    pub fn table(&self) -> String {
        let mut text = String::from("| what | measured | target | |\n|---|---|---|---|\n");
        for figure in &self.0 {
            let (target, word) = match figure.target {
                None => ("", ""),
                Some((target, true)) => (target, "met"),
                Some((target, false)) => (target, "**missed**"),
            };
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "| {} | {} | {target} | {word} |",
                figure.what, figure.measured
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_said_and_counted() {
        let mut figures = Figures::default();
        figures.aim("start-up", "400 ms".to_owned(), "under 300 ms", false);
        figures.aim("memory", "20 MB".to_owned(), "under 30 MB", true);
        figures.say("page", "60 KB".to_owned());
        assert_eq!(figures.met(), (1, 2));
        assert!(
            figures
                .table()
                .contains("| start-up | 400 ms | under 300 ms | **missed** |")
        );
    }
}
