//! What is hashed, written out from `docs/spec/sums.md`, `liabilities.md` and `schemes.md` a second time. Nothing here is shared
//! with the builder but the hash functions, without their kernels.

use std::sync::Arc;

use tallystick_proof::hash::{Hash, HashError, Seeded, builtin};
use tallystick_proof::liabilities::{Draft, HASH, KEY, SALT, StatementAsset};
use tallystick_proof::record::AMOUNT;

/// Bytes of a stored leaf or node: a digest and a sum.
pub(crate) const RECORD: usize = HASH + AMOUNT;

/// Digests of one tree, one by one.
pub(crate) struct Preimages {
    derive: Arc<dyn Seeded>,
    leaf: Arc<dyn Seeded>,
    node: Arc<dyn Seeded>,
    params: Arc<dyn Seeded>,
    head: Arc<dyn Seeded>,
    /// Bytes that a tag puts before a message.
    prefix: u16,
    context: Vec<u8>,
    /// How each message that salts come from ends.
    tail: Vec<u8>,
}

/// The hash as the proof crate has it, one row at a time.
fn plain(hash: &Hash) -> Hash {
    builtin(&hash.info().name).filter(|plain| plain == hash).unwrap_or_else(|| hash.clone())
}

/// Appends a length of four bytes and what is so long.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// What a tree is about.
pub(crate) fn context(draft: &Draft, asset: &StatementAsset) -> Vec<u8> {
    let mut context = Vec::new();
    for text in [&draft.origin, &draft.snapshot_id, &asset.code, &asset.group] {
        put(&mut context, text.as_bytes());
    }
    context.push(asset.decimals);
    context
}

fn once(hash: &dyn Seeded, message: &[u8]) -> Result<[u8; HASH], HashError> {
    let mut digest = [0; HASH];
    hash.ragged(&[message], &mut digest)?;
    Ok(digest)
}

/// The digest and the sum of a record.
pub(crate) fn split(record: &[u8; RECORD]) -> (&[u8], u128) {
    let (digest, sum) = record.split_at(HASH);
    (digest, sum.first_chunk().map_or(0, |sum| u128::from_le_bytes(*sum)))
}

impl Preimages {
    pub(crate) fn new(draft: &Draft, asset: &StatementAsset) -> Result<Self, HashError> {
        let hash = plain(draft.scheme.hash());
        let seeded = |label| hash.seed(&hash.tag(label)?);
        let mut tail = Vec::new();
        put(&mut tail, asset.group.as_bytes());
        put(&mut tail, asset.code.as_bytes());
        Ok(Self {
            derive: seeded("tallystick/v1/liability")?,
            leaf: seeded("tallystick/v1/sum-leaf")?,
            node: seeded("tallystick/v1/sum-node")?,
            params: seeded("tallystick/v1/params")?,
            head: seeded("tallystick/v1/head")?,
            prefix: hash.tag_length() as u16,
            context: context(draft, asset),
            tail,
        })
    }

    /// The salt and the order key of a part, from the key of its customer. `message` is room to write in.
    pub(crate) fn derive(
        &self,
        key: &[u8; KEY],
        part: u16,
        message: &mut Vec<u8>,
    ) -> Result<([u8; SALT], [u8; SALT]), HashError> {
        message.clear();
        message.extend_from_slice(key);
        message.extend(part.to_le_bytes());
        message.extend_from_slice(&self.tail);
        let digest = once(&*self.derive, message)?;
        let (salt, order) = digest.split_at(SALT);
        let half = |bytes: &[u8]| bytes.first_chunk().copied().unwrap_or_default();
        Ok((half(salt), half(order)))
    }

    /// The digest of a leaf.
    pub(crate) fn leaf(
        &self,
        amount: u128,
        salt: &[u8; SALT],
        (part, parts): (u16, u16),
        id: &[u8],
        message: &mut Vec<u8>,
    ) -> Result<[u8; HASH], HashError> {
        message.clear();
        message.extend(amount.to_le_bytes());
        message.extend(salt);
        message.extend(part.to_le_bytes());
        message.extend(parts.to_le_bytes());
        message.extend_from_slice(id);
        once(&*self.leaf, message)
    }

    /// The record of a node over two; `None` if their sums add to 2^128 or more.
    pub(crate) fn node(&self, left: &[u8; RECORD], right: &[u8; RECORD]) -> Result<Option<[u8; RECORD]>, HashError> {
        let ((left, left_sum), (right, right_sum)) = (split(left), split(right));
        let Some(sum) = left_sum.checked_add(right_sum) else { return Ok(None) };
        let mut message = [0; 2 * RECORD];
        let pieces: [&[u8]; 4] = [left, right, &left_sum.to_le_bytes(), &right_sum.to_le_bytes()];
        let mut rest = &mut message[..];
        for piece in pieces {
            let (own, behind) = rest.split_at_mut(piece.len());
            own.copy_from_slice(piece);
            rest = behind;
        }
        Ok(Some(record(once(&*self.node, &message)?, sum)))
    }

    /// The root over the topmost node; none if there are no leaves.
    pub(crate) fn root(&self, leaves: u64, top: Option<&[u8; RECORD]>) -> Result<[u8; HASH], HashError> {
        let (digest, total) = top.map_or((&[0; HASH][..], 0), split);
        let mut message = vec![1, 2];
        message.extend(self.prefix.to_le_bytes());
        message.extend((HASH as u16).to_le_bytes());
        put(&mut message, &[]);
        put(&mut message, &self.context);
        message.extend(leaves.to_le_bytes());
        message.extend(total.to_le_bytes());
        let params = once(&*self.params, &message)?;
        once(&*self.head, &[&params, digest].concat())
    }
}

/// A record of this digest and sum.
pub(crate) fn record(digest: [u8; HASH], sum: u128) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    let (own, rest) = record.split_at_mut(HASH);
    own.copy_from_slice(&digest);
    rest.copy_from_slice(&sum.to_le_bytes());
    record
}
