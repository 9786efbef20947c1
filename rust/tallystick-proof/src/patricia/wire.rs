//! The fields of head and proof, for all forms.

use alloc::string::ToString;

use super::{DIGEST, PatriciaHead, PatriciaProof};
use crate::codec::{DecodeError, Resolve, Sink, Source, Wire};

impl Wire for PatriciaHead {
    const NAME: &'static str = "patricia-head";
    const MAGIC: [u8; 4] = *b"tlyP";

    fn put(&self, out: &mut impl Sink) {
        out.small("secure", self.secure().into());
        out.digest("root", self.root());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let secure = match input.small("secure")? {
            0 => false,
            1 => true,
            value => return Err(DecodeError::Unknown { field: "secure", value: value.to_string() }),
        };
        Ok(Self::new(input.fixed::<DIGEST>("root")?, secure))
    }
}

impl Wire for PatriciaProof {
    const NAME: &'static str = "patricia-proof";
    const MAGIC: [u8; 4] = *b"tlyE";

    fn put(&self, out: &mut impl Sink) {
        out.strings("nodes", self.nodes());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new(input.strings("nodes")?)?)
    }
}
