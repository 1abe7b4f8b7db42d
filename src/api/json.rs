//! Reading JSON by need: an object as its members, an array as its elements, each still raw.
//!
//! A derived reader for every shape of answer would cost 15 kB of wasm; and a member that nobody asks for, or of
//! another type than documented, must not spoil those that are right.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A piece of JSON.
pub(crate) type Raw<'a> = &'a RawValue;

/// The members of a JSON object.
pub(super) struct Object<'a>(Vec<(Text<'a>, Raw<'a>)>);

/// A string, borrowed where nothing in it is escaped.
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// What it says.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, on its own.
    pub(super) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl<'a> Object<'a> {
    /// Reads an object; anything else is none.
    pub(super) fn read(json: &'a str) -> Option<Object<'a>> {
        serde_json::from_str(json).ok()
    }

    /// A member; of several with one name the last.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let mut members = self.0.iter().rev();
        members
            .find(|(known, _)| known.as_str() == name)
            .map(|(_, raw)| *raw)
    }

    /// A member that is a string.
    pub(super) fn text(&self, name: &str) -> Option<Text<'a>> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// The same, on its own.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        Some(self.text(name)?.into_string())
    }

    /// All of them, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), *raw))
    }
}

/// The elements of a JSON array; anything else is none.
pub(crate) fn array<'a>(json: Raw<'a>) -> Option<Vec<Raw<'a>>> {
    serde_json::from_str(json.get()).ok()
}

/// The elements of a JSON array, each as an object where it is one; anything else is none.
pub(super) fn objects(json: Raw<'_>) -> Option<Vec<Option<Object<'_>>>> {
    // As they are where the API is right: to look at each element first takes as long again.
    if let Ok(objects) = serde_json::from_str::<Vec<Object<'_>>>(json.get()) {
        return Some(objects.into_iter().map(Some).collect());
    }
    let objects = array(json)?.into_iter();
    Some(objects.map(|object| Object::read(object.get())).collect())
}

/// A JSON string; anything else is none.
pub(crate) fn string(json: Raw<'_>) -> Option<String> {
    let text: Text<'_> = serde_json::from_str(json.get()).ok()?;
    Some(text.into_string())
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Characters<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Characters<'a> {
            type Value = Text<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Characters(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Members<'a> {
            type Value = Object<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}
