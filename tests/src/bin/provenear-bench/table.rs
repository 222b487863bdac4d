//! What is printed: one line a measure, with its median, its range, and how it compares.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The lines so far, and what to hold them against.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<[String; 5]>,
    previous: Figures,
    now: BTreeMap<String, String>,
}

/// What one release measured, as it lies in `testdata/bench`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Name of the release, or commit and day.
    pub(crate) release: String,
    /// Medians with their units, by name of the measure.
    pub(crate) figures: BTreeMap<String, String>,
}

/// Some samples of one quantity, sorted.
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// At least one.
    pub(crate) fn new(mut samples: Vec<f64>) -> Samples {
        samples.sort_by(f64::total_cmp);
        Samples(samples)
    }

    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn range(&self, unit: &str) -> String {
        let (least, most) = (self.0.first().unwrap_or(&f64::NAN), self.0.last().unwrap_or(&f64::NAN));
        format!("{least:.1} to {most:.1} {unit}, {} times", self.0.len())
    }
}

impl Table {
    /// Holds every measure against that of an earlier release.
    pub(crate) fn against(previous: Figures) -> Table {
        Table { previous, ..Table::default() }
    }

    /// What was measured, to become the previous release's figures.
    pub(crate) fn figures(&self, release: &str) -> Figures {
        Figures { release: release.to_owned(), figures: self.now.clone() }
    }

    /// A heading.
    pub(crate) fn part(&mut self, title: &str) {
        self.lines.push([title.to_owned(), String::new(), String::new(), String::new(), String::new()]);
    }

    /// A measure with a remark, such as a ratio or an aim.
    pub(crate) fn row(&mut self, name: &str, samples: &Samples, unit: &str, remark: impl Into<String>) {
        let median = format!("{:.1} {unit}", samples.median());
        self.line(name, median, samples.range(unit), remark.into());
    }

    /// A single fact.
    pub(crate) fn fact(&mut self, name: &str, value: impl Into<String>, remark: impl Into<String>) {
        self.line(name, value.into(), String::new(), remark.into());
    }

    fn line(&mut self, name: &str, value: String, range: String, remark: String) {
        let before = self.previous.figures.get(name).cloned().unwrap_or_else(|| "–".to_owned());
        self.now.insert(name.to_owned(), value.clone());
        self.lines.push([format!("  {name}"), value, before, range, remark]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            self.lines
                .iter()
                .filter(|line| !line[1].is_empty())
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let (name, value, before, range) = (width(0), width(1), width(2).max("before".len()), width(3));
        writeln!(f, "before: {}", self.previous.release)?;
        writeln!(f, "{:<name$}  {:>value$}  {:>before$}  {:<range$}", "", "median", "before", "least to most")?;
        for line in &self.lines {
            let [what, now, then, spread, remark] = line;
            let text = format!("{what:<name$}  {now:>value$}  {then:>before$}  {spread:<range$}  {remark}");
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}
