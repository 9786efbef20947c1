//! nmt-rs: Celestia's namespaced tree, 29-byte namespaces, the greatest one left out of ranges.

use nmt_rs::simple_merkle::db::MemDb;
use nmt_rs::simple_merkle::proof::Proof;
use nmt_rs::{NamespaceId, NamespaceMerkleHasher, NamespaceMerkleTree, NamespaceProof};
use nmt_rs::{NamespacedHash, NamespacedSha2Hasher};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bytes::Bytes;
use crate::{Answer, said};

const WIDTH: usize = 29;

type Hasher = NamespacedSha2Hasher<WIDTH>;
type Record = NamespacedHash<WIDTH>;
type Tree = NamespaceMerkleTree<MemDb<Record>, Hasher, WIDTH>;
type AnyProof = NamespaceProof<Hasher, WIDTH>;

#[derive(Deserialize)]
pub struct Leaves {
    namespaces: Vec<Bytes>,
    leaves: Vec<Bytes>,
}

#[derive(Deserialize)]
pub struct Ranges {
    namespaces: Vec<Bytes>,
    leaves: Vec<Bytes>,
    /// Begin and end of each.
    ranges: Vec<(usize, usize)>,
}

#[derive(Deserialize)]
pub struct Queries {
    namespaces: Vec<Bytes>,
    leaves: Vec<Bytes>,
    queries: Vec<Bytes>,
}

#[derive(Deserialize)]
pub struct Claim {
    root: Bytes,
    namespace: Bytes,
    /// Leaf data that the proof is about, without namespaces.
    leaves: Vec<Bytes>,
    proof: Given,
    /// Whether they are claimed to be all of their namespace.
    complete: bool,
}

#[derive(Deserialize)]
struct Given {
    kind: String,
    start: u32,
    end: u32,
    siblings: Vec<Bytes>,
    #[serde(default)]
    leaf: Option<Bytes>,
}

pub fn root(asked: Leaves) -> Answer {
    let mut tree = built(&asked.namespaces, &asked.leaves)?;
    Ok(json!({ "root": record(&tree.root()) }))
}

pub fn inclusion(asked: Ranges) -> Answer {
    let mut tree = built(&asked.namespaces, &asked.leaves)?;
    let ranges = asked.ranges.into_iter();
    let proofs: Vec<_> = ranges.map(|(begin, end)| written(&tree.get_range_with_proof(begin..end).1)).collect();
    Ok(json!({ "root": record(&tree.root()), "proofs": proofs }))
}

pub fn namespace_proof(asked: Queries) -> Answer {
    let mut tree = built(&asked.namespaces, &asked.leaves)?;
    let mut proofs = Vec::new();
    for query in &asked.queries {
        let (leaves, proof) = tree.get_namespace_with_proof(namespace(query)?);
        let leaves: Vec<Bytes> = leaves.into_iter().map(Bytes).collect();
        proofs.push(json!({ "proof": written(&proof), "leaves": leaves }));
    }
    Ok(json!({ "root": record(&tree.root()), "proofs": proofs }))
}

pub fn verify(claim: Claim) -> Answer {
    let root = read(&claim.root)?;
    let namespace = namespace(&claim.namespace)?;
    let siblings = claim.proof.siblings.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let proof = Proof { siblings, range: claim.proof.start..claim.proof.end };
    let leaf = claim.proof.leaf.as_ref().map(read).transpose()?;
    let proof = match claim.proof.kind.as_str() {
        "presence" => AnyProof::PresenceProof { proof, ignore_max_ns: true },
        "absence" => AnyProof::AbsenceProof { proof, ignore_max_ns: true, leaf },
        kind => return Err(format!("no kind {kind:?}")),
    };
    let found = if claim.complete {
        proof.verify_complete_namespace(&root, &claim.leaves, namespace)
    } else {
        proof.verify_range(&root, &claim.leaves, namespace)
    };
    Ok(json!({ "valid": found.is_ok() }))
}

fn built(namespaces: &[Bytes], leaves: &[Bytes]) -> Result<Tree, String> {
    let mut tree = Tree::with_hasher(Hasher::with_ignore_max_ns(true));
    for (id, leaf) in namespaces.iter().zip(leaves) {
        tree.push_leaf(&leaf.0, namespace(id)?)?;
    }
    Ok(tree)
}

fn written(proof: &AnyProof) -> Value {
    let siblings: Vec<Bytes> = proof.siblings().iter().map(record).collect();
    let (start, end) = (proof.start_idx(), proof.end_idx());
    match proof {
        AnyProof::PresenceProof { .. } => {
            json!({ "kind": "presence", "start": start, "end": end, "siblings": siblings })
        }
        AnyProof::AbsenceProof { leaf, .. } => json!({
            "kind": "absence", "start": start, "end": end, "siblings": siblings, "leaf": leaf.as_ref().map(record),
        }),
    }
}

fn namespace(id: &Bytes) -> Result<NamespaceId<WIDTH>, String> {
    NamespaceId::try_from(id.as_ref()).map_err(said)
}

/// Its 90 bytes.
fn record(found: &Record) -> Bytes {
    Bytes(found.iter().collect())
}

fn read(bytes: &Bytes) -> Result<Record, String> {
    Record::try_from(bytes.as_ref()).map_err(said)
}
