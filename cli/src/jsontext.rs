//! JSON as it stands in a token: in its order, with every member.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::output::visible;

/// The text of a JSON value of any shape, written anew.
#[derive(Clone)]
pub(crate) struct JsonText(String);

impl JsonText {
    /// Reads a text, if it is JSON.
    pub(crate) fn parse(text: &str) -> Option<JsonText> {
        serde_json::from_str(text).ok()
    }

    /// Over several lines, with nothing in it that moves a cursor.
    pub(crate) fn show(&self) -> String {
        visible(&self.0)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonText, D::Error> {
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::pretty(&mut text);
        serde_transcode::transcode(deserializer, &mut serializer).map_err(D::Error::custom)?;
        String::from_utf8(text)
            .map(JsonText)
            .map_err(D::Error::custom)
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_transcode::transcode(&mut serde_json::Deserializer::from_str(&self.0), serializer)
    }
}
