//! A number and a refusal as JavaScript sees them: `Phone` and `PhoneRefusal` of `index.d.ts`.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Phone, Refusal};

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut phone = serializer.serialize_struct("Phone", 7)?;
        phone.serialize_field("ok", &true)?;
        phone.serialize_field("e164", self.e164())?;
        phone.serialize_field("callingCode", self.calling_code())?;
        phone.serialize_field("nationalNumber", self.national_number())?;
        match self.country() {
            Some(country) => phone.serialize_field("country", country)?,
            None => phone.skip_field("country")?,
        }
        phone.serialize_field("kind", self.kind().as_str())?;
        phone.serialize_field("normalized", &self.normalized())?;
        phone.end()
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut refusal = serializer.serialize_struct("Refusal", 4)?;
        refusal.serialize_field("ok", &false)?;
        refusal.serialize_field("reason", self.reason.as_str())?;
        refusal.serialize_field("hint", &self.hint)?;
        match &self.index {
            Some(index) => refusal.serialize_field("index", index)?,
            None => refusal.skip_field("index")?,
        }
        refusal.end()
    }
}
