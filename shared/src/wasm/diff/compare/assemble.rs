//! Puts a report together, in the order that is promised. Not here: its shape (`report`), the rung and its parts (`classify`).

use super::classify;
use super::context::Context;
use super::data::Compared;
use super::names::Names;
use super::report::{Class, Counts, DiffReport, FunctionChange, FunctionSide, Pair, Schema, Status};
use super::similar;
use super::verify::Both;

/// Puts the report together.
pub(super) fn assemble(both: &Both, found: Vec<(u32, u32, Status)>, data: Compared, incomplete: bool) -> DiffReport {
    let (a, b) = (both.a, both.b);
    let mut pairs: Vec<Pair> = found
        .iter()
        .map(|(x, y, status)| Pair { status: *status, a: Some(x + a.imported), b: Some(y + b.imported) })
        .collect();
    pairs.extend(both.pairs.left_a().iter().map(|x| Pair {
        status: Status::Removed,
        a: Some(x + a.imported),
        b: None,
    }));
    pairs.extend(both.pairs.left_b().iter().map(|y| Pair { status: Status::Added, a: None, b: Some(y + b.imported) }));
    let (names_a, names_b) = (Names::of(a.module), Names::of(b.module));
    let side = |context: &Context, names: &Names, index: u32| {
        let body = context.body((index - context.imported) as usize);
        FunctionSide {
            index,
            name: names.get(index).map(str::to_owned),
            size: body.as_bytes().len(),
            offset: body.range().start,
        }
    };
    let mut counts = Counts::default();
    let mut changes = Vec::new();
    for pair in &pairs {
        match pair.status {
            Status::Exact | Status::Moved | Status::Relocated => {
                counts.matched += 1;
                continue;
            }
            Status::Changed => counts.changed += 1,
            Status::Guess => counts.guessed += 1,
            Status::Added => counts.added += 1,
            Status::Removed => counts.removed += 1,
        }
        changes.push(FunctionChange {
            status: pair.status,
            a: pair.a.map(|index| side(a, &names_a, index)),
            b: pair.b.map(|index| side(b, &names_b, index)),
            similarity: pair.a.zip(pair.b).map(|(x, y)| similar::between(a, x - a.imported, b, y - b.imported)),
        });
    }
    let mut report = DiffReport {
        schema: Schema::V1,
        error: None,
        class: Class::Identical,
        message: String::new(),
        counts,
        sections: classify::sections(a.module, b.module),
        items: classify::items(a, b),
        data: classify::data(both, &data),
        data_bytes: data.bytes,
        changes,
        causes: Vec::new(),
        incomplete,
        pairs,
    };
    report.class = classify::class(both, &report);
    report.sort()
}

impl DiffReport {
    /// The same comparison seen from the other side.
    pub(super) fn mirror(mut self) -> DiffReport {
        std::mem::swap(&mut self.counts.added, &mut self.counts.removed);
        for section in &mut self.sections {
            std::mem::swap(&mut section.a, &mut section.b);
        }
        for item in &mut self.items {
            std::mem::swap(&mut item.a, &mut item.b);
        }
        for change in &mut self.data {
            std::mem::swap(&mut change.a, &mut change.b);
        }
        for change in &mut self.changes {
            std::mem::swap(&mut change.a, &mut change.b);
            change.status = change.status.mirror();
        }
        for pair in &mut self.pairs {
            std::mem::swap(&mut pair.a, &mut pair.b);
            pair.status = pair.status.mirror();
        }
        self.sort()
    }

    /// Everything in the order that is promised.
    fn sort(mut self) -> DiffReport {
        // What only one module has comes last, in the order of its indices.
        let key = |a: Option<u32>, b: Option<u32>| (a.is_none(), a, b);
        self.pairs.sort_by_key(|pair| key(pair.a, pair.b));
        self.changes.sort_by_key(|change| key(change.a.as_ref().map(|a| a.index), change.b.as_ref().map(|b| b.index)));
        self.items.sort();
        self.data.sort_by(|x, y| (x.a.is_none(), &x.a, &x.b).cmp(&(y.a.is_none(), &y.a, &y.b)));
        self.message = classify::message(&self);
        self
    }
}

impl Status {
    fn mirror(self) -> Status {
        match self {
            Status::Added => Status::Removed,
            Status::Removed => Status::Added,
            Status::Exact | Status::Moved | Status::Relocated | Status::Changed | Status::Guess => self,
        }
    }
}
