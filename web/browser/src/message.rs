//! A message as it is posted: its text, and what travels beside it. Scripts know its members and no text.
//! Not here: what texts say (`provenear-web-protocol`).

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};

/// A message of these members.
pub fn message(members: &[(&str, &JsValue)]) -> JsValue {
    let message = Object::new();
    for (name, value) in members {
        // A new object takes any member.
        let _ = Reflect::set(&message, &(*name).into(), value);
    }
    message.into()
}

/// A member, or undefined.
pub fn member(message: &JsValue, name: &str) -> JsValue {
    Reflect::get(message, &name.into()).unwrap_or_default()
}

/// Byte arrays that travelled beside a message; what was not there is left out.
pub fn bytes(beside: &Array) -> Vec<Vec<u8>> {
    beside.iter().filter_map(|bytes| bytes.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()).collect()
}
