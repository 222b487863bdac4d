//! The parts that a view is made of: each function draws one plain value of `shared` and decides nothing.
//! Foreign text goes into text nodes only, isolated by `<bdi>`; links are made by us and lead to https alone.

pub(crate) mod banner;
pub(crate) mod block;
pub(crate) mod chain;
pub(crate) mod claim;
pub(crate) mod command;
pub(crate) mod deployment;
pub(crate) mod element;
pub(crate) mod gradually;
pub(crate) mod hash;
pub(crate) mod intake;
pub(crate) mod left_out;
pub(crate) mod linked;
pub(crate) mod manifests;
pub(crate) mod recipe;
pub(crate) mod text;
