//! What both drawers share: elements, text, fields of forms, the reader's settings, the routes.
//! Not here: views (`provenear-web-page`, `provenear-web-later`), and nothing that could judge.

pub mod ambient;
pub mod element;
pub mod fields;
pub mod files;
pub mod recent;
pub mod route;
pub mod settings;
pub mod text;
