//! Why two modules differ: sections, imports, exports, data, and which function of one is which of the other.
//! Explains, never decides: no verdict is softened by it. What was found is plain values (`report`, `picture`,
//! `side_by_side`), which anyone may read; what finds it is behind the feature `pipeline`.
//! Not here: running an export to get claim and ABI (the caller may, and pass them in), drawing.

mod cause;
#[cfg(feature = "pipeline")]
mod compare;
mod picture;
mod report;
mod side_by_side;
mod stage;

pub use cause::{Cause, CauseKind};
#[cfg(feature = "pipeline")]
pub use compare::{Budget, Known, causes, diff, diff_watched, functions, picture, side_by_side};
pub use picture::{Picture, Run, RunKind, Stretch};
pub use report::{
    Class, Counts, DataChange, DataKind, DiffReport, FunctionChange, FunctionSide, ItemChange, ItemKind, Pair, Schema,
    SectionChange, Status,
};
pub use side_by_side::{Cell, Row, RowKind, SideBySide};
pub use stage::Stage;
