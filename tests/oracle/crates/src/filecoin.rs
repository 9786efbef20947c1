//! merkletree, Filecoin's: leaves as they are, a node the hash of its 2, 4 or 8 children.
//!
//! The crate's own rules put a byte before leaves and children; those who use it write their own, as here.

use std::hash::Hasher;

use merkletree::hash::Algorithm;
use merkletree::merkle::MerkleTree;
use merkletree::proof::Proof;
use merkletree::store::VecStore;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use typenum::{U0, U2, U4, U8, Unsigned};

use crate::bytes::{Bytes32, rows, written};
use crate::{Answer, said};

#[derive(Clone, Default)]
struct Plain(Sha256);

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("trees ask for whole digests")
    }
}

impl Algorithm<[u8; 32]> for Plain {
    fn hash(&mut self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }

    fn leaf(&mut self, leaf: [u8; 32]) -> [u8; 32] {
        leaf
    }

    fn node(&mut self, left: [u8; 32], right: [u8; 32], height: usize) -> [u8; 32] {
        self.multi_node(&[left, right], height)
    }

    fn multi_node(&mut self, nodes: &[[u8; 32]], _height: usize) -> [u8; 32] {
        nodes.iter().for_each(|node| self.write(node));
        self.hash()
    }
}

#[derive(Deserialize)]
pub struct Tree {
    arity: usize,
    leaves: Vec<Bytes32>,
    indices: Vec<usize>,
}

#[derive(Deserialize)]
pub struct Claim {
    arity: usize,
    /// The leaf, siblings from below, the root.
    lemma: Vec<Bytes32>,
    path: Vec<usize>,
}

pub fn tree(asked: Tree) -> Answer {
    match asked.arity {
        2 => built::<U2>(asked),
        4 => built::<U4>(asked),
        8 => built::<U8>(asked),
        arity => Err(format!("no arity {arity}")),
    }
}

pub fn verify(claim: Claim) -> Answer {
    match claim.arity {
        2 => verified::<U2>(claim),
        4 => verified::<U4>(claim),
        8 => verified::<U8>(claim),
        arity => Err(format!("no arity {arity}")),
    }
}

fn built<U: Unsigned>(asked: Tree) -> Answer {
    let leaves = rows(&asked.leaves);
    let tree = MerkleTree::<[u8; 32], Plain, VecStore<[u8; 32]>, U, U0, U0>::new(leaves).map_err(said)?;
    let proof = |&index: &usize| -> Result<Value, String> {
        let found = tree.gen_proof(index).map_err(said)?;
        Ok(json!({ "lemma": written(found.lemma()), "path": found.path() }))
    };
    let proofs = asked.indices.iter().map(proof).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "root": Bytes32(tree.root()), "proofs": proofs }))
}

fn verified<U: Unsigned>(claim: Claim) -> Answer {
    let proof = Proof::<_, U>::new::<U0, U0>(None, rows(&claim.lemma), claim.path).map_err(said)?;
    let valid = proof.validate::<Plain>().map_err(said)?;
    Ok(json!({ "valid": valid }))
}
