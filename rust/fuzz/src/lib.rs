//! What the targets share: known trees, edits of honest inputs, and what must hold for whatever is accepted.

pub mod namespaced;
pub mod owed;
pub mod patricia;
pub mod sparse;
pub mod sums;

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use tallystick_proof::codec::{DecodeError, Namespaced, Summed, Wire};
use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::liabilities::{Equivocation, Receipt, Statement};
use tallystick_proof::patricia::{PatriciaHead, PatriciaProof};
use tallystick_proof::proof::{AbsenceProof, ConsistencyProof, InclusionProof, MultiProof, NamespaceProof, ProofBatch};
use tallystick_proof::scheme::Scheme;
use tallystick_proof::sparse::{Sparse, SparseMultiProof, SparseProof};
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::pool::Run;
use tallystick_tree::pool::{Pool, never};
use tallystick_tree::shard::{Shard, SumShard};
use tallystick_tree::tree::{DenseTree, Wanted};

/// Leaves of the known trees.
pub const LEAVES: usize = 70;

static SERIAL: Pool = Pool::serial();

/// The caller alone, uninterrupted.
pub fn run() -> Run<'static> {
    Run { pool: &SERIAL, interrupt: &never }
}

/// A scheme with a tree of known leaves.
pub struct Known {
    pub scheme: Scheme,
    pub leaves: Vec<Vec<u8>>,
    pub tree: DenseTree,
}

impl Known {
    fn new(scheme: Scheme) -> Self {
        let leaves: Vec<Vec<u8>> = (0..LEAVES).map(|index| format!("leaf {index}").into_bytes()).collect();
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, run()).expect("a tree");
        Self { scheme, leaves, tree }
    }

    pub fn work(&self) -> Work<'_> {
        Work::new(&self.scheme, run())
    }

    pub fn head(&self, size: u64) -> TreeHead {
        self.tree.head_at(size).expect("a size of the tree")
    }
}

/// Trees in schemes that differ in family, mode and context.
pub static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let scheme = |family, hash| Scheme::of_family(family, builtin(hash).expect("a hash")).expect("a scheme");
    vec![
        Known::new(scheme("native", "blake3")),
        Known::new(scheme("rfc6962", "blake3")),
        Known::new(scheme("native", "sha256").with_context(b"day 1".to_vec()).expect("a context")),
        Known::new(scheme("rfc6962", "sha256")),
    ]
});

/// The known tree of this number.
pub fn known(number: u8) -> &'static Known {
    &KNOWN[usize::from(number) % KNOWN.len()]
}

/// A change of some bytes.
#[derive(Arbitrary, Debug)]
pub enum Edit<'a> {
    Flip { at: u16, bit: u8 },
    Put { at: u16, bytes: &'a [u8] },
    Insert { at: u16, bytes: &'a [u8] },
    Delete { at: u16, length: u8 },
    Repeat { at: u16, length: u8 },
}

/// Applies edits, within the bytes that there are.
pub fn edit(bytes: &mut Vec<u8>, edits: &[Edit<'_>]) {
    for change in edits {
        let (Edit::Flip { at, .. }
        | Edit::Put { at, .. }
        | Edit::Insert { at, .. }
        | Edit::Delete { at, .. }
        | Edit::Repeat { at, .. }) = change;
        let at = usize::from(*at) % (bytes.len() + 1);
        let until = |length: usize| bytes.len().min(at + length);
        match change {
            Edit::Flip { bit, .. } => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Edit::Put { bytes: new, .. } => {
                let end = until(new.len());
                bytes.splice(at..end, new.iter().copied());
            }
            Edit::Insert { bytes: new, .. } => {
                bytes.splice(at..at, new.iter().copied());
            }
            Edit::Delete { length, .. } => {
                let end = until(usize::from(*length));
                bytes.drain(at..end);
            }
            Edit::Repeat { length, .. } => {
                let end = until(usize::from(*length));
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
}

/// What a decoder is given: bytes, or an honest encoding with edits.
#[derive(Arbitrary, Debug)]
pub enum Encoded<'a> {
    Raw { object: u8, bytes: &'a [u8] },
    Edited { object: u8, example: u8, edits: Vec<Edit<'a>> },
}

/// One of the three encodings.
#[derive(Clone, Copy)]
pub enum Form {
    Binary,
    Json,
    Protobuf,
}

pub(crate) fn encode<W: Wire>(form: Form, object: &W) -> Vec<u8> {
    match form {
        Form::Binary => object.encode(),
        Form::Json => object.to_json().into_bytes(),
        Form::Protobuf => object.to_protobuf(),
    }
}

fn decode<W: Wire>(form: Form, bytes: &[u8]) -> Option<Result<W, DecodeError>> {
    Some(match form {
        Form::Binary => W::decode(bytes, &builtin),
        Form::Json => W::from_json(std::str::from_utf8(bytes).ok()?, &builtin),
        Form::Protobuf => W::from_protobuf(bytes, &builtin),
    })
}

/// Whatever is accepted encodes to the same bytes and survives every form.
fn check<W: Wire + PartialEq>(form: Form, bytes: &[u8]) {
    match decode::<W>(form, bytes) {
        None => {}
        Some(Err(error)) => drop(error.to_string()),
        Some(Ok(object)) => {
            assert!(encode(form, &object) == bytes, "not canonical");
            for other in [Form::Binary, Form::Json, Form::Protobuf] {
                let again = decode::<W>(other, &encode(other, &object));
                assert!(matches!(again, Some(Ok(again)) if again == object), "lost on the way");
            }
        }
    }
}

/// An honest encoding.
fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let known = known(number);
    let size = 1 + u64::from(number) % LEAVES as u64;
    let (tree, head) = (&known.tree, known.head(size));
    match object {
        0 => encode(form, &known.scheme),
        1 => encode(form, &head),
        2 => encode(form, &tree.prove(size - 1, Some(&head)).expect("a proof")),
        3 => encode(
            form,
            &tree
                .prove_many(vec![0, size / 2, size], None)
                .or_else(|_| tree.prove_many(vec![0], None))
                .expect("a proof"),
        ),
        4 => encode(form, &tree.prove_extends(size, None).expect("a proof")),
        5 => encode(form, &tree.prove_each(Wanted::All, Some(&known.head(size % 5)), run()).expect("a batch")),
        6 => {
            let begin = size as usize / 2;
            let rows: Vec<&[u8]> = known.leaves[begin..size as usize].iter().map(Vec::as_slice).collect();
            encode(form, &Shard::of_leaves(known.work(), begin as u64, &RaggedRows(&rows)).expect("a shard"))
        }
        7..12 => sums::example(form, object, number),
        15..19 => namespaced::example(form, object, number),
        19..22 => sparse::example(form, object, number),
        22..24 => patricia::example(form, object, number),
        _ => owed::example(form, object, number),
    }
}

/// Objects that are read.
const OBJECTS: u8 = 24;

/// Reads an input as one of the objects.
pub fn check_decoder(form: Form, input: Encoded<'_>) {
    let (object, bytes) = match input {
        Encoded::Raw { object, bytes } => (object % OBJECTS, bytes.to_vec()),
        Encoded::Edited { object, example: number, edits } => {
            let mut bytes = example(form, object % OBJECTS, number);
            edit(&mut bytes, &edits);
            (object % OBJECTS, bytes)
        }
    };
    match object {
        0 => check::<Scheme>(form, &bytes),
        1 => check::<TreeHead>(form, &bytes),
        2 => check::<InclusionProof>(form, &bytes),
        3 => check::<MultiProof>(form, &bytes),
        4 => check::<ConsistencyProof>(form, &bytes),
        5 => check::<ProofBatch>(form, &bytes),
        6 => check::<Shard>(form, &bytes),
        7 => check::<Summed<TreeHead>>(form, &bytes),
        8 => check::<Summed<InclusionProof>>(form, &bytes),
        9 => check::<Summed<MultiProof>>(form, &bytes),
        10 => check::<Summed<ProofBatch>>(form, &bytes),
        11 => check::<SumShard>(form, &bytes),
        12 => check::<Statement>(form, &bytes),
        13 => check::<Receipt>(form, &bytes),
        14 => check::<Equivocation>(form, &bytes),
        15 => check::<Namespaced<TreeHead>>(form, &bytes),
        16 => check::<Namespaced<InclusionProof>>(form, &bytes),
        17 => check::<NamespaceProof>(form, &bytes),
        18 => check::<AbsenceProof>(form, &bytes),
        19 => check::<Sparse<TreeHead>>(form, &bytes),
        20 => check::<SparseProof>(form, &bytes),
        21 => check::<SparseMultiProof>(form, &bytes),
        22 => check::<PatriciaHead>(form, &bytes),
        _ => check::<PatriciaProof>(form, &bytes),
    }
}
