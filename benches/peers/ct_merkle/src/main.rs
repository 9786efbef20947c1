//! ct-merkle beside tallystick: RFC 6962 with SHA-256.

use ct_merkle::{InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use harness::{Leaf, Outcome, Peer, Work, serve};
use sha2::Sha256;

#[derive(Default)]
struct CtMerkle {
    tree: MemoryBackedTree<Sha256, Leaf>,
    root: Option<RootHash<Sha256>>,
    proofs: Vec<InclusionProof<Sha256>>,
}

impl Peer for CtMerkle {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn build(&mut self, work: &Work) -> Outcome {
        work.leaves.iter().for_each(|leaf| self.tree.push(*leaf));
        self.root = Some(self.tree.root());
        Ok(())
    }

    fn root(&self) -> Result<Leaf, Box<dyn std::error::Error>> {
        Ok(self.root.as_ref().ok_or("no tree")?.as_bytes().as_slice().try_into()?)
    }

    fn prove(&mut self, work: &Work) -> Outcome {
        self.proofs = work.indices.iter().map(|index| self.tree.prove_inclusion(*index)).collect();
        Ok(())
    }

    fn verify(&mut self, work: &Work) -> Outcome {
        let root = self.root.as_ref().ok_or("no tree")?;
        for (index, proof) in work.indices.iter().zip(&self.proofs) {
            let verified = root.verify_inclusion(&work.leaves[*index], *index as u64, proof);
            verified.map_err(|_| "a proof is wrong")?;
        }
        Ok(())
    }

    fn append(&mut self, work: &Work) -> Outcome {
        work.more.iter().for_each(|leaf| self.tree.push(*leaf));
        self.root = Some(self.tree.root());
        Ok(())
    }
}

fn main() -> Outcome {
    serve(CtMerkle::default())
}
