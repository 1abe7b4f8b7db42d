//! The caller's own journal. `journal.js` keeps the protocols of iterators and promises.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::given::{member, wrong_type};
use super::host::FetchHost;
use crate::error::{Error, Field, Kind};
use crate::host::Host;
use crate::journal::Storage;

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./journal.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/journal.js"))]
extern "C" {
    #[wasm_bindgen(js_name = openJournal, catch)]
    fn open_journal(journal: &JsValue) -> Result<OpenJournal, JsValue>;

    type OpenJournal;

    #[wasm_bindgen(method)]
    fn next(this: &OpenJournal) -> Promise;

    #[wasm_bindgen(method)]
    fn append(this: &OpenJournal, line: &str) -> Promise;

    #[wasm_bindgen(method)]
    fn close(this: &OpenJournal);
}

/// A journal in JavaScript's hands; nobody else uses it until this is dropped.
pub(super) struct JsStorage(OpenJournal);

impl JsStorage {
    pub(super) fn parse(journal: &JsValue) -> Result<JsStorage, Error<JsValue>> {
        if is_journal(journal) {
            return JsStorage::open(journal);
        }
        let expected = "expected a journal, an object with the methods append and read";
        Err(wrong_type(Field::Option, expected, journal))
    }

    /// Takes a value that [`is_journal`].
    pub(super) fn open(journal: &JsValue) -> Result<JsStorage, Error<JsValue>> {
        open_journal(journal).map(JsStorage).map_err(|thrown| {
            failed(
                "journal: another campaign or reconcile uses it: wait until that has ended.",
                thrown,
            )
        })
    }
}

impl Drop for JsStorage {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Whether a value has the methods of a journal, which may be those of its class but not of `Object.prototype`.
pub(super) fn is_journal(value: &JsValue) -> bool {
    let root = Object::get_prototype_of(&Object::new());
    value.is_object()
        && ["append", "read"].iter().all(|name| {
            let method = member(value, name);
            method.is_function() && method != member(&root, name)
        })
}

impl Storage<JsValue> for JsStorage {
    async fn read(&self, each: &mut dyn FnMut(&str)) -> Result<(), Error<JsValue>> {
        loop {
            let lines = JsFuture::from(self.0.next()).await.map_err(|thrown| {
                failed(
                    "journal: it could not be read, so nothing was sent.",
                    thrown,
                )
            })?;
            match lines.as_string() {
                Some(lines) => each(&lines),
                None => return Ok(()),
            }
        }
    }

    async fn append(&self, line: &str) -> Result<(), Error<JsValue>> {
        JsFuture::from(self.0.append(line))
            .await
            .map(drop)
            .map_err(|thrown| failed("journal: it could not be written.", thrown))
    }

    fn now(&self) -> u64 {
        FetchHost::clock().now()
    }
}

fn failed(words: &str, thrown: JsValue) -> Error<JsValue> {
    Error {
        cause: Some(thrown),
        ..Error::new(Kind::Invalid, words)
    }
}
