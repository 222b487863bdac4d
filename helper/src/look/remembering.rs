//! A transport that remembers: the verdict after a rebuild is about the very block and code that were rebuilt, and is
//! given without asking again.

use std::collections::HashMap;
use std::sync::Mutex;

use provenear_shared::deployment::{Stored, Transport, TransportError};
use provenear_shared::rpc::Reply;

type Replies = HashMap<(String, Vec<u8>), Result<Reply, TransportError>>;
type Files = HashMap<(String, String), Result<Stored, TransportError>>;

/// Asks `inner` once for each thing.
#[derive(Debug)]
pub struct Remembering<T> {
    inner: T,
    replies: Mutex<Replies>,
    files: Mutex<Files>,
}

impl<T> Remembering<T> {
    /// Around another transport.
    pub fn new(inner: T) -> Remembering<T> {
        Remembering { inner, replies: Mutex::default(), files: Mutex::default() }
    }
}

impl<T: Transport> Transport for Remembering<T> {
    async fn post(&self, url: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let key = (url.to_owned(), body);
        if let Some(known) = self.replies.lock().ok().and_then(|map| map.get(&key).cloned()) {
            return known;
        }
        let reply = self.inner.post(url, key.1.clone()).await;
        if let Ok(mut map) = self.replies.lock() {
            map.insert(key, reply.clone());
        }
        reply
    }

    async fn load(&self, store: &str, name: &str) -> Result<Stored, TransportError> {
        let key = (store.to_owned(), name.to_owned());
        if let Some(known) = self.files.lock().ok().and_then(|map| map.get(&key).cloned()) {
            return known;
        }
        let text = self.inner.load(store, name).await;
        if let Ok(mut map) = self.files.lock() {
            map.insert(key, text.clone());
        }
        text
    }
}
