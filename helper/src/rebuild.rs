//! A rebuild, from a recipe to signed files. Not here: the source (`source`), the dependencies (`fetch`), the container
//! (`engine`), keys (`signer`), what comes of it (`shared`).

pub mod build;
pub mod bundle;
pub mod job;
pub mod options;
pub mod ready;
pub mod script;
pub mod signed;
pub mod statement;
pub mod store;
pub mod times;
