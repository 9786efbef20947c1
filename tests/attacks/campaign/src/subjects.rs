//! What is attacked: every scheme, with a tree of known leaves.

use tallystick_proof::hash::{builtin, builtin_names};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_tree::build::LeafRule;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::pool::Run;
use tallystick_tree::pool::{Pool, never};
use tallystick_tree::tree::DenseTree;

use crate::options::Options;
use crate::rng::Rng;
use crate::tally::Fault;

/// Nobody but the caller works: tasks are spread over threads already.
pub(crate) static SERIAL: Pool = Pool::serial();

pub(crate) fn alone() -> Run<'static> {
    Run { pool: &SERIAL, interrupt: &never }
}

/// A tree and its leaves, which are all different.
pub(crate) struct Subject {
    pub(crate) scheme: Scheme,
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) tree: DenseTree,
}

impl Subject {
    fn new(scheme: Scheme, leaves: Vec<Vec<u8>>) -> Result<Self, Fault> {
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, alone())?;
        Ok(Self { scheme, leaves, tree })
    }

    pub(crate) fn leaf(&self, index: u64) -> &[u8] {
        &self.leaves[index as usize]
    }

    pub(crate) fn rows(&self, indices: &[u64]) -> Vec<&[u8]> {
        indices.iter().map(|index| self.leaf(*index)).collect()
    }

    /// A head of this root that states another size.
    pub(crate) fn relabelled(&self, head: &TreeHead, size: u64) -> Result<TreeHead, Fault> {
        Ok(TreeHead::new(self.scheme.clone(), size, head.root().to_vec())?)
    }
}

/// The families of our own and RFC 6962, of this kind, with every hash that a scheme takes, as far as the options choose it.
pub(crate) fn schemes(options: &Options, kind: Kind) -> Result<Vec<Scheme>, Fault> {
    let mut schemes = Vec::new();
    let own = ["native", "native_sum", "rfc6962"];
    for family in own.into_iter().filter(|family| options.family.as_deref().is_none_or(|chosen| chosen == *family)) {
        for name in builtin_names().filter(|name| options.hash.as_deref().is_none_or(|chosen| chosen == *name)) {
            let found = if options.portable { builtin(name) } else { accelerated(name) };
            let hash = found.ok_or("a built-in hash has a name")?;
            if !hash.info().cryptographic {
                continue;
            }
            let scheme = Scheme::of_family(family, hash)?;
            if scheme.kind() == kind {
                schemes.push(scheme);
            }
        }
    }
    if schemes.is_empty() {
        return Err("no scheme has this hash and family".into());
    }
    Ok(schemes)
}

/// Trees of `size` leaves in every scheme; `length` says how long a leaf is.
pub(crate) fn subjects(
    options: &Options,
    size: u64,
    length: impl Fn(&mut Rng) -> usize,
) -> Result<Vec<Subject>, Fault> {
    let mut rng = Rng::new(options.seed, 0);
    let leaves: Vec<Vec<u8>> = (0..size)
        .map(|index| {
            let length = length(&mut rng);
            let mut leaf = rng.bytes(length);
            // The first bytes keep leaves apart, however short.
            leaf.iter_mut().zip(index.to_le_bytes()).take(2).for_each(|(byte, number)| *byte = number);
            leaf
        })
        .collect();
    schemes(options, Kind::Dense)?.into_iter().map(|scheme| Subject::new(scheme, leaves.clone())).collect()
}

/// Every subject with every size from 1 on, large sizes first: they take longest.
pub(crate) fn by_size(subjects: &[Subject], most: u64) -> Vec<(&Subject, u64)> {
    (1..=most).rev().flat_map(|size| subjects.iter().map(move |subject| (subject, size))).collect()
}
