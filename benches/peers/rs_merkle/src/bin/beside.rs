//! rs_merkle beside tallystick, with a hasher that makes its trees those of RFC 6962, so that the roots can be compared.
//!
//! Its nodes of two children are hashed without the vectors that the default of the trait makes.

use harness::{Leaf, Outcome, Peer, Work, serve};
use rs_merkle::{Hasher, MerkleProof, MerkleTree};
use sha2::{Digest, Sha256};

#[derive(Clone)]
struct Rfc6962;

impl Hasher for Rfc6962 {
    type Hash = Leaf;

    fn hash(data: &[u8]) -> Leaf {
        Sha256::new().chain_update([0]).chain_update(data).finalize().into()
    }

    fn concat_and_hash(left: &Leaf, right: Option<&Leaf>) -> Leaf {
        // Without a sibling a node moves up as it is.
        right.map_or(*left, |right| {
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        })
    }
}

#[derive(Default)]
struct RsMerkle {
    tree: Option<MerkleTree<Rfc6962>>,
    proofs: Vec<MerkleProof<Rfc6962>>,
    multi: Option<MerkleProof<Rfc6962>>,
}

impl RsMerkle {
    fn tree(&self) -> Result<&MerkleTree<Rfc6962>, Box<dyn std::error::Error>> {
        self.tree.as_ref().ok_or_else(|| "no tree".into())
    }
}

impl Peer for RsMerkle {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn build(&mut self, work: &Work) -> Outcome {
        let digests: Vec<Leaf> = work.leaves.iter().map(|leaf| Rfc6962::hash(leaf)).collect();
        self.tree = Some(MerkleTree::from_leaves(&digests));
        Ok(())
    }

    fn root(&self) -> Result<Leaf, Box<dyn std::error::Error>> {
        Ok(self.tree()?.root().ok_or("no leaves")?)
    }

    fn prove(&mut self, work: &Work) -> Outcome {
        let tree = self.tree()?;
        self.proofs = work.indices.iter().map(|index| tree.proof(&[*index])).collect();
        Ok(())
    }

    fn verify(&mut self, work: &Work) -> Outcome {
        let root = self.root()?;
        for (index, proof) in work.indices.iter().zip(&self.proofs) {
            if !proof.verify(root, &[*index], &[Rfc6962::hash(&work.leaves[*index])], work.leaves.len()) {
                return Err("a proof is wrong".into());
            }
        }
        Ok(())
    }

    fn multi(&mut self, work: &Work) -> Outcome {
        self.multi = Some(self.tree()?.proof(&work.chosen));
        Ok(())
    }

    fn verify_multi(&mut self, work: &Work) -> Outcome {
        let claimed: Vec<Leaf> = work.chosen.iter().map(|index| Rfc6962::hash(&work.leaves[*index])).collect();
        let proof = self.multi.as_ref().ok_or("no proof")?;
        let verified = proof.verify(self.root()?, &work.chosen, &claimed, work.leaves.len());
        if verified { Ok(()) } else { Err("the proof is wrong".into()) }
    }

    fn append(&mut self, work: &Work) -> Outcome {
        let tree = self.tree.as_mut().ok_or("no tree")?;
        tree.append(&mut work.more.iter().map(|leaf| Rfc6962::hash(leaf)).collect()).commit();
        tree.root().ok_or("no leaves")?;
        Ok(())
    }
}

fn main() -> Outcome {
    serve(RsMerkle::default())
}
