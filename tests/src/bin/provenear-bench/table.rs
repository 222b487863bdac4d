//! What is printed: one line a measure, with its median, its range, and how it compares.

use std::fmt;

/// The lines so far.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<[String; 4]>,
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
    /// A heading.
    pub(crate) fn part(&mut self, title: &str) {
        self.lines.push([title.to_owned(), String::new(), String::new(), String::new()]);
    }

    /// A measure with a remark, such as a ratio or an aim.
    pub(crate) fn row(&mut self, name: &str, samples: &Samples, unit: &str, remark: impl Into<String>) {
        let median = format!("{:.1} {unit}", samples.median());
        self.lines.push([format!("  {name}"), median, samples.range(unit), remark.into()]);
    }

    /// A single fact.
    pub(crate) fn fact(&mut self, name: &str, value: impl Into<String>, remark: impl Into<String>) {
        self.lines.push([format!("  {name}"), value.into(), String::new(), remark.into()]);
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
        let (name, value, range) = (width(0), width(1), width(2));
        writeln!(f, "{:<name$}  {:>value$}  {:<range$}", "", "median", "least to most")?;
        for line in &self.lines {
            let text = format!("{:<name$}  {:>value$}  {:<range$}  {}", line[0], line[1], line[2], line[3]);
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}
