//! The objects of namespaced trees: nodes are whole records, a range and a digest.

use alloc::vec::Vec;

use super::objects::{take_head, take_scheme};
use super::{DecodeError, Resolve, Sink, Source, Wire};
use crate::head::TreeHead;
use crate::proof::{AbsenceProof, Digests, InclusionProof, NamespaceProof};
use crate::record::Record;
use crate::scheme::Kind;

/// An object of a namespaced tree. Its encodings are other ones than those of the same object of a dense tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespaced<T>(pub T);

impl Wire for Namespaced<TreeHead> {
    const NAME: &'static str = "namespaced-head";
    const MAGIC: [u8; 4] = *b"tlyN";

    fn put(&self, out: &mut impl Sink) {
        out.object("scheme", self.0.scheme());
        out.number("size", self.0.size());
        out.digest("root", self.0.root());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let scheme = take_scheme(input, Self::NAME, Kind::Namespaced, resolve)?;
        let size = input.number("size")?;
        let root = input.digest("root", scheme.width())?;
        take_head(scheme, size, root, 0).map(Self)
    }
}

fn put_sizes(out: &mut impl Sink, record: Record) {
    // Namespaces have at most 255 bytes, digests at most 64.
    out.small("namespace_size", record.namespace_size().unwrap_or(0) as u8);
    out.small("digest_size", record.digest_size() as u8);
}

fn take_sizes<'a>(input: &mut impl Source<'a>) -> Result<Record, DecodeError> {
    let namespace_size = input.small("namespace_size")?;
    Ok(Record::namespaced(input.small("digest_size")?.into(), namespace_size))
}

fn put_nodes(out: &mut impl Sink, nodes: Digests<'_>) {
    out.digests("nodes", nodes.record().width(), nodes.bytes());
}

fn take_nodes<'a>(input: &mut impl Source<'a>, record: Record) -> Result<Vec<u8>, DecodeError> {
    input.digests("nodes", record.width())
}

impl Wire for Namespaced<InclusionProof> {
    const NAME: &'static str = "namespaced-inclusion-proof";
    const MAGIC: [u8; 4] = *b"tlyn";

    fn put(&self, out: &mut impl Sink) {
        put_sizes(out, self.0.digests().record());
        put_nodes(out, self.0.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let record = take_sizes(input)?;
        Ok(Self(InclusionProof::new(record, take_nodes(input, record)?)?))
    }
}

macro_rules! place_and_nodes {
    ($($proof:ident: $name:literal $magic:literal),*) => {$(
        impl Wire for $proof {
            const NAME: &'static str = $name;
            const MAGIC: [u8; 4] = *$magic;

            fn put(&self, out: &mut impl Sink) {
                put_sizes(out, self.nodes().record());
                out.number("start", self.start());
                put_nodes(out, self.nodes());
            }

            fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
                let record = take_sizes(input)?;
                let start = input.number("start")?;
                Ok(Self::new(record, start, take_nodes(input, record)?)?)
            }
        }
    )*};
}

place_and_nodes! {
    NamespaceProof: "namespace-proof" b"tlyw",
    AbsenceProof: "absence-proof" b"tlya"
}
