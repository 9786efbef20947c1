//! Bytes as hex in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Bytes of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes32(pub [u8; 32]);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text).map(Bytes).map_err(D::Error::custom)
    }
}

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Bytes::deserialize(deserializer)?.0;
        match found.try_into() {
            Ok(row) => Ok(Self(row)),
            Err(row) => Err(D::Error::custom(format!("{} bytes, not 32", row.len()))),
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The arrays inside.
pub fn rows(found: &[Bytes32]) -> Vec<[u8; 32]> {
    found.iter().map(|row| row.0).collect()
}

/// Arrays as they are written.
pub fn written(found: &[[u8; 32]]) -> Vec<Bytes32> {
    found.iter().copied().map(Bytes32).collect()
}
