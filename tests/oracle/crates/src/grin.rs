//! grin_core: its PMMR, in memory, over elements of any bytes.

use grin_core::core::hash::{DefaultHashable, Hash};
use grin_core::core::merkle_proof::MerkleProof;
use grin_core::core::pmmr::{PMMR, ReadablePMMR, VecBackend, insertion_to_pmmr_index};
use grin_core::ser::{self, PMMRable, Readable, Reader, Writeable, Writer};
use serde::Deserialize;
use serde_json::json;

use crate::bytes::{Bytes, Bytes32};
use crate::{Answer, said};

/// Leaf data, which grin hashes as they are written.
#[derive(Clone, Debug)]
struct Element(Vec<u8>);

impl DefaultHashable for Element {}

impl Writeable for Element {
    fn write<W: Writer>(&self, writer: &mut W) -> Result<(), ser::Error> {
        writer.write_fixed_bytes(&self.0)
    }
}

impl Readable for Element {
    fn read<R: Reader>(_: &mut R) -> Result<Self, ser::Error> {
        Err(ser::Error::CorruptedData)
    }
}

impl PMMRable for Element {
    type E = Self;

    fn as_elmt(&self) -> Self {
        self.clone()
    }

    fn elmt_size() -> Option<u16> {
        None
    }
}

#[derive(Deserialize)]
pub struct Range {
    leaves: Vec<Bytes>,
    indices: Vec<u64>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes32,
    index: u64,
    leaf: Bytes,
    proof: String,
}

pub fn tree(asked: Range) -> Answer {
    let mut backend = VecBackend::new();
    let mut range = PMMR::new(&mut backend);
    for leaf in asked.leaves {
        range.push(&Element(leaf.0))?;
    }
    let mut proofs = Vec::new();
    for index in asked.indices {
        proofs.push(range.merkle_proof(insertion_to_pmmr_index(index))?.to_hex());
    }
    let root = Bytes(range.root()?.to_vec());
    Ok(json!({ "root": root, "mmr_size": range.unpruned_size(), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let proof = MerkleProof::from_hex(&claim.proof).map_err(said)?;
    let position = insertion_to_pmmr_index(claim.index);
    let root = Hash::from_vec(&claim.root.0);
    let found = proof.verify(root, &Element(claim.leaf.0), position);
    Ok(json!({ "valid": found.is_ok() }))
}
