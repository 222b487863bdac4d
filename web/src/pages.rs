//! One file per route. A view reads the session and puts components together.

pub(crate) mod about;
pub(crate) mod cards;
pub(crate) mod compare;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod inside;
pub(crate) mod inspection;
pub(crate) mod known;
pub(crate) mod proposal;
pub(crate) mod records;
pub(crate) mod settings;
pub(crate) mod source;
