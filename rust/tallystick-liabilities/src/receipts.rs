//! Receipts of a snapshot: one as a value, many as bytes.

use std::ops::Range;

use tallystick_proof::codec::{Summed, Wire, put_lp};
use tallystick_proof::liabilities::{HASH, KEY, LeafKeys, Receipt, ReceiptAsset, ReceiptPart, SALT, StatementAsset};
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::record::AMOUNT;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::Anchor;

use crate::customers::Customers;
use crate::error::LiabilityError;
use crate::snapshot::{AssetTree, Snapshot};

/// Customers whose receipts one task makes, where the caller has no other wish.
pub const PIECE: u32 = 512;

/// Encoded receipts one behind the other.
#[derive(Debug, Default)]
pub struct Encoded {
    /// Whose they are, ascending.
    pub customers: Vec<u32>,
    /// Where each ends in `data`.
    pub ends: Vec<usize>,
    /// Their bytes.
    pub data: Vec<u8>,
}

impl Encoded {
    /// Leaves out the receipts of customers who were erased since they were made.
    pub fn forget(&mut self, snapshot: &Snapshot) {
        let customers = snapshot.customers.read();
        if self.customers.iter().all(|customer| customers.key(*customer).is_some()) {
            return;
        }
        let (mut kept, mut begin) = (Self::default(), 0);
        for (&customer, &end) in self.customers.iter().zip(&self.ends) {
            if customers.key(customer).is_some() {
                kept.data.extend_from_slice(&self.data[begin..end]);
                kept.ends.push(kept.data.len());
                kept.customers.push(customer);
            }
            begin = end;
        }
        *self = kept;
    }
}

/// A customer's leaves in one tree.
struct Held {
    indices: Vec<u64>,
    amounts: Vec<u128>,
    keys: Vec<LeafKeys>,
}

impl AssetTree {
    /// The leaves from `first` to before `end`, in the order of owners.
    fn held(&self, range: Range<usize>, customers: &Customers) -> Result<Held, LiabilityError> {
        let indices: Vec<u64> = range.clone().map(|leaf| self.indices.u32(leaf).into()).collect();
        if let Some(index) = indices.iter().find(|index| **index >= self.len() as u64) {
            let why = format!("a leaf has the index {index}, of {} leaves: audit the snapshot", self.len());
            return Err(LiabilityError::Damaged { file: "a file of holdings".to_owned(), why });
        }
        let mut last = (None, 0_u16);
        let mut parts = Vec::with_capacity(range.len());
        for leaf in range {
            let owner = self.owners.u32(leaf);
            last = (Some(owner), if last.0 == Some(owner) { last.1 + 1 } else { 0 });
            // Leaves of erased customers are skipped later.
            parts.push((customers.key(owner).unwrap_or(&[0; KEY]), last.1));
        }
        Ok(Held { amounts: self.tree.amounts(&indices)?, keys: self.derivation.leaves(parts)?, indices })
    }
}

impl Snapshot {
    /// The receipt of an id; `None` if it holds nothing, or is not there. Costs a copy of some siblings for each leaf.
    pub fn receipt(&self, id: &[u8]) -> Result<Option<Receipt>, LiabilityError> {
        let Some(customer) = self.find(id) else { return Ok(None) };
        let customers = self.customers.read();
        if customers.key(customer).is_none() {
            return Ok(None);
        }
        let mut assets = Vec::new();
        for (tree, about) in self.trees.iter().zip(&self.statement.assets) {
            let range = tree.first_of(customer)..customer.checked_add(1).map_or(tree.len(), |next| tree.first_of(next));
            let held = tree.held(range, &customers)?;
            let mut parts = Vec::with_capacity(held.indices.len());
            for ((&index, &amount), keys) in held.indices.iter().zip(&held.amounts).zip(&held.keys) {
                let proof = Summed(tree.tree.prove(index, None)?);
                parts.push(ReceiptPart { index, amount, salt: keys.salt, proof });
            }
            if !parts.is_empty() {
                assets.push(ReceiptAsset { code: about.code.clone(), group: about.group.clone(), parts });
            }
        }
        if assets.is_empty() {
            return Ok(None);
        }
        let made = Receipt::new(*self.statement.digest(), assets);
        made.map(Some).map_err(|_| LiabilityError::Defect("a receipt has the assets of its statement"))
    }

    /// The encoded receipts of all customers of `range` who hold anything and are not erased, in pieces of so many customers
    /// each, at least one. Each piece is made by one thread.
    pub fn encoded(&self, range: Range<u32>, piece: u32, run: Run<'_>) -> Result<Vec<Encoded>, LiabilityError> {
        let range = range.start..range.end.min(self.customers());
        let anchors = self.trees.iter().map(|tree| tree.tree.anchor(None)).collect::<Result<Vec<_>, _>>()?;
        let piece = piece.max(1);
        let tasks = range.len().div_ceil(piece as usize);
        let mut made: Vec<Encoded> = Vec::new();
        made.resize_with(tasks, Encoded::default);
        let run = run.for_hash(self.statement.scheme.hash());
        run.each(made.iter_mut().enumerate(), |(task, out)| {
            let begin = range.start + task as u32 * piece;
            self.encode(begin..range.end.min(begin.saturating_add(piece)), &anchors, out)
        })?;
        Ok(made)
    }

    fn encode(&self, range: Range<u32>, anchors: &[Anchor], out: &mut Encoded) -> Result<(), LiabilityError> {
        let serial = Pool::serial();
        let run = Run { pool: &serial, interrupt: &never };
        let customers = self.customers.read();
        let mut slices = Vec::new();
        for ((tree, about), anchor) in self.trees.iter().zip(&self.statement.assets).zip(anchors) {
            let leaves = tree.first_of(range.start)..tree.first_of(range.end);
            if leaves.is_empty() {
                continue;
            }
            let held = tree.held(leaves.clone(), &customers)?;
            let proofs = tree.tree.prove_anchored(&Selection::These(&held.indices), anchor, None, run)?;
            slices.push(Slice { tree, begin: leaves.start, end: leaves.end, next: 0, held, proofs, about });
        }
        let most = slices.iter().map(Slice::most_bytes).sum::<usize>() + range.len() * (HASH + 8);
        out.data.reserve(most);
        for customer in range.filter(|customer| customers.key(*customer).is_some()) {
            let start = out.data.len();
            out.data.extend(Receipt::MAGIC);
            out.data.push(1);
            out.data.extend(self.statement.digest());
            let count_at = out.data.len();
            out.data.extend([0; 2]);
            let mut count = 0_u16;
            for slice in &mut slices {
                count += u16::from(slice.put(customer, &mut out.data));
            }
            if count == 0 {
                out.data.truncate(start);
                continue;
            }
            out.data[count_at..count_at + 2].copy_from_slice(&count.to_le_bytes());
            out.customers.push(customer);
            out.ends.push(out.data.len());
        }
        Ok(())
    }
}

/// The leaves that some customers have in a tree, with their proofs.
struct Slice<'a> {
    tree: &'a AssetTree,
    begin: usize,
    end: usize,
    /// The first leaf that was not written, from `begin`.
    next: usize,
    held: Held,
    proofs: ProofBatch,
    about: &'a StatementAsset,
}

impl Slice<'_> {
    /// Bytes that all of it takes at most.
    fn most_bytes(&self) -> usize {
        let names = self.about.code.len() + self.about.group.len() + 10;
        self.proofs.digests().len() + (self.end - self.begin) * (names + SALT + AMOUNT + 64) + 64
    }

    /// Writes what a customer has, in the binary form of a receipt's asset. Customers ascend from call to call. Returns whether
    /// there is any.
    fn put(&mut self, customer: u32, out: &mut Vec<u8>) -> bool {
        let owner = |leaf: usize| self.tree.owners.u32(self.begin + leaf);
        let length = self.end - self.begin;
        while self.next < length && owner(self.next) < customer {
            self.next += 1; // Of someone who was erased.
        }
        let mut end = self.next;
        while end < length && owner(end) == customer {
            end += 1;
        }
        if end == self.next {
            return false;
        }
        for text in [&self.about.code, &self.about.group] {
            put_lp(out, text.as_bytes());
        }
        out.extend(((end - self.next) as u16).to_le_bytes());
        for leaf in self.next..end {
            out.extend(self.held.indices[leaf].to_le_bytes());
            put_amount(out, self.held.amounts[leaf]);
            out.extend(self.held.keys[leaf].salt);
            self.put_proof(leaf, out);
        }
        self.next = end;
        true
    }

    /// Writes an inclusion proof behind its length. All of it is put together in one place first: appending small pieces to a
    /// vector costs several times as much as hashing them would.
    fn put_proof(&self, leaf: usize, out: &mut Vec<u8>) {
        const WIDTH: usize = HASH + AMOUNT;
        let records = self.proofs.path(leaf).map_or(&[][..], |proof| proof.bytes()).as_chunks::<WIDTH>().0;
        let mut buffer = [0; PROOF];
        buffer[4..8].copy_from_slice(&Summed::<InclusionProof>::MAGIC);
        buffer[8] = 1;
        buffer[9] = HASH as u8;
        buffer[10..18].copy_from_slice(&(records.len() as u64).to_le_bytes());
        let mut at = 18;
        for record in records {
            let amount: &[u8; AMOUNT] = record.last_chunk().unwrap_or(&[0; AMOUNT]);
            let used = bytes_of(u128::from_le_bytes(*amount));
            buffer[at] = used as u8;
            buffer[at + 1..at + 1 + AMOUNT].copy_from_slice(amount); // What is too much is written over.
            at += 1 + used;
        }
        for record in records {
            let digest: &[u8; HASH] = record.first_chunk().unwrap_or(&[0; HASH]);
            buffer[at..at + HASH].copy_from_slice(digest);
            at += HASH;
        }
        buffer[..4].copy_from_slice(&(at as u32 - 4).to_le_bytes());
        out.extend_from_slice(&buffer[..at]);
    }
}

/// Bytes of the longest proof, of a tree of 2^32 leaves, with room for an amount behind it.
const PROOF: usize = 18 + 32 * (1 + AMOUNT + HASH) + AMOUNT;

/// Bytes that an amount takes.
fn bytes_of(amount: u128) -> usize {
    (u128::BITS - amount.leading_zeros()).div_ceil(8) as usize
}

fn put_amount(out: &mut Vec<u8>, amount: u128) {
    let used = bytes_of(amount);
    out.push(used as u8);
    out.extend_from_slice(&amount.to_le_bytes()[..used]);
}
