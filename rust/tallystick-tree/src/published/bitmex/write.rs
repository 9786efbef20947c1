//! Writing the file: leaves are dealt and hashed, levels follow, text goes out while the next text is made.

use std::io::Write as _;

use super::deal::{NOBODY, Part, deal, subkey};
use super::hashes::{Hashes, Key, LeafRow};
use super::text::{HEIGHT, LONGEST, print};
use super::{BitmexError, CHUNK, HASH, Node, RECORD, records};
use crate::error::TreeError;
use crate::file::Target;
use crate::file::disk::{Buffer, Disk};
use crate::file::temporary::Temporary;
use crate::memory::{reserved, zeroed};
use crate::pool::Run;

/// Bytes of text that are written at once.
const BATCH: usize = 8 << 20;
/// Nodes whose text is made at once: it fits a batch.
const GROUP: usize = BATCH / LONGEST / CHUNK * CHUNK;

/// What is owed to whom.
#[derive(Clone, Copy, Debug)]
pub struct Holdings<'a> {
    /// Numbers of accounts, each once.
    pub accounts: &'a [u64],
    /// What each is owed, in satoshis.
    pub amounts: &'a [u64],
    /// The nonce of each; made from the key where there are none.
    pub nonces: Option<&'a [[u8; HASH]]>,
}

/// How balances become leaves.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Every balance is cut into so many leaves at least, as far as it has satoshis, and the tree is filled by cutting
    /// further. `None`: one leaf each, and the tree is filled with leaves of amount 0.
    pub split: Option<u32>,
    /// Whether the leaves are put in an order by chance.
    pub shuffle: bool,
}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The root.
    pub root: Node,
    /// Number of leaves.
    pub leaves: u64,
    /// The nonce of each account, one behind the other.
    pub nonces: Vec<u8>,
    /// Where each account's leaves begin in `indices`, and their number at the end.
    pub offsets: Vec<u64>,
    /// Indices of leaves, account by account, ascending.
    pub indices: Vec<u64>,
}

/// Writes the file of these holdings, beside its place, synced and renamed. All chance comes from `key`.
///
/// Memory: 80 bytes a leaf, 16 more until they are hashed, 40 an account, and three buffers.
pub fn write(
    target: Target,
    height: u64,
    holdings: Holdings<'_>,
    order: Order,
    key: &[u8; 32],
    run: Run<'_>,
) -> Result<Written, BitmexError> {
    check(holdings)?;
    let (temporary, file) = Temporary::new(target)?;
    let hashes = Hashes::new()?;
    let nonces = nonces(holdings, height, key, run)?;
    let parts = deal(holdings.amounts, order, key)?;
    let own = nonces.as_chunks::<HASH>().0;
    let mut levels = vec![leaf_level(&hashes, height, holdings.accounts, own, &parts, key, run)?];
    let (offsets, indices) = places(holdings.accounts.len(), &parts)?;
    let leaves = parts.len() as u64;
    drop(parts);
    while let Some(below) = levels.last().filter(|level| level.len() > RECORD) {
        let above = level_above(&hashes, below, run)?;
        levels.push(above);
    }
    let root = levels.last().and_then(|level| Node::of(level)).ok_or(TreeError::Defect("a tree has a root"))?;
    text(file, height, &levels, run)?;
    temporary.persist()?;
    Ok(Written { root, leaves, nonces, offsets, indices })
}

/// Refuses holdings that no file can have.
fn check(holdings: Holdings<'_>) -> Result<(), BitmexError> {
    let accounts = holdings.accounts.len();
    let lengths = [("amounts", holdings.amounts.len()), ("nonces", holdings.nonces.map_or(accounts, <[_]>::len))];
    for (what, other) in lengths {
        if other != accounts {
            return Err(BitmexError::Lengths { accounts, other, what });
        }
    }
    if accounts >= NOBODY as usize {
        return Err(BitmexError::TooMany);
    }
    holdings.amounts.iter().try_fold(0_u64, |sum, amount| sum.checked_add(*amount)).ok_or(BitmexError::Overflow)?;
    let mut sorted = reserved(accounts)?;
    sorted.extend_from_slice(holdings.accounts);
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    let Some((account, _)) = pairs.into_iter().find(|(left, right)| left == right) else { return Ok(()) };
    let mut places =
        holdings.accounts.iter().enumerate().filter(|(_, found)| *found == account).map(|(place, _)| place);
    let (first, second) = (places.next().unwrap_or(0), places.next().unwrap_or(0));
    Err(BitmexError::Duplicate { account: *account, first, second })
}

/// The nonce of each account. One made here is another for each key, height and account.
fn nonces(holdings: Holdings<'_>, height: u64, key: &[u8; 32], run: Run<'_>) -> Result<Vec<u8>, BitmexError> {
    let mut nonces = zeroed(holdings.accounts.len() * HASH)?;
    if let Some(given) = holdings.nonces {
        nonces.copy_from_slice(given.as_flattened());
        return Ok(nonces);
    }
    let key = subkey(key, "tallystick bitmex nonces");
    let tasks = nonces.chunks_mut(CHUNK * HASH).zip(holdings.accounts.chunks(CHUNK));
    run.each(tasks, |(nonces, accounts)| {
        for (nonce, account) in nonces.as_chunks_mut::<HASH>().0.iter_mut().zip(accounts) {
            let mut message = [0; 16];
            message[..8].copy_from_slice(&height.to_le_bytes());
            message[8..].copy_from_slice(&account.to_le_bytes());
            *nonce = blake3::keyed_hash(&key, &message).into();
        }
        Ok::<_, BitmexError>(())
    })?;
    Ok(nonces)
}

fn leaf_level(
    hashes: &Hashes,
    height: u64,
    accounts: &[u64],
    nonces: &[[u8; HASH]],
    parts: &[Part],
    key: &[u8; 32],
    run: Run<'_>,
) -> Result<Vec<u8>, BitmexError> {
    let nobody = subkey(key, "tallystick bitmex nobody");
    let mut level = records(parts.len())?;
    let tasks = level.chunks_mut(CHUNK * RECORD).zip(parts.chunks(CHUNK)).enumerate();
    run.each(tasks, |(task, (out, parts))| {
        let first = (task * CHUNK) as u64;
        let rows = (first..).zip(parts).map(|(index, part)| {
            let place = part.owner as usize;
            let key = match (nonces.get(place), accounts.get(place)) {
                (Some(nonce), Some(account)) => Key::Of { nonce, account: *account },
                _ => Key::Nobody(blake3::keyed_hash(&nobody, &index.to_le_bytes()).into()),
            };
            LeafRow { key, amount: part.amount, index }
        });
        hashes.leaves(height, &rows.collect::<Vec<_>>(), out)?;
        Ok::<_, BitmexError>(())
    })?;
    Ok(level)
}

fn level_above(hashes: &Hashes, below: &[u8], run: Run<'_>) -> Result<Vec<u8>, BitmexError> {
    let mut above = records(below.len() / RECORD / 2)?;
    let tasks = above.chunks_mut(CHUNK * RECORD).zip(below.chunks(2 * CHUNK * RECORD));
    run.each(tasks, |(above, below)| {
        let mut digests = vec![0; above.len() / RECORD * HASH];
        hashes.nodes(below, &mut digests)?;
        let pairs = below.as_chunks::<{ 2 * RECORD }>().0.iter().zip(digests.as_chunks::<HASH>().0);
        for (node, (pair, digest)) in above.as_chunks_mut::<RECORD>().0.iter_mut().zip(pairs) {
            let (left, right) = pair.split_at(RECORD);
            let sum = Node::of(left).zip(Node::of(right));
            let sum = sum.and_then(|(left, right)| left.amount.checked_add(right.amount));
            node.copy_from_slice(&Node { hash: *digest, amount: sum.ok_or(BitmexError::Overflow)? }.record());
        }
        Ok::<_, BitmexError>(())
    })?;
    Ok(above)
}

/// Which leaves are whose: where each account's begin, and all of them.
fn places(accounts: usize, parts: &[Part]) -> Result<(Vec<u64>, Vec<u64>), BitmexError> {
    let mut offsets = reserved(accounts + 1)?;
    offsets.resize(accounts + 1, 0_u64);
    for part in parts {
        if let Some(count) = offsets.get_mut(part.owner as usize + 1) {
            *count += 1;
        }
    }
    let mut owned = 0;
    for offset in &mut offsets {
        owned += *offset;
        *offset = owned;
    }
    let mut indices = reserved(owned as usize)?;
    indices.resize(owned as usize, 0);
    let mut next = reserved(accounts)?;
    next.extend_from_slice(&offsets[..accounts]);
    for (index, part) in (0..).zip(parts) {
        if let Some(place) = next.get_mut(part.owner as usize) {
            indices[*place as usize] = index;
            *place += 1;
        }
    }
    Ok((offsets, indices))
}

/// Prints the levels, the last one first.
fn text(mut file: std::fs::File, height: u64, levels: &[Vec<u8>], run: Run<'_>) -> Result<(), BitmexError> {
    let mut front = HEIGHT.to_vec();
    writeln!(front, "{height}")?;
    file.write_all(&front)?;
    let mut disk = Disk::new(file, BATCH)?;
    let mut buffer = Buffer::default();
    let mut texts: Vec<Vec<u8>> = (0..GROUP / CHUNK).map(|_| Vec::with_capacity(CHUNK * LONGEST)).collect();
    for group in levels.iter().rev().flat_map(|level| level.chunks(GROUP * RECORD)) {
        let used = group.len().div_ceil(CHUNK * RECORD);
        let tasks = texts.iter_mut().zip(group.chunks(CHUNK * RECORD));
        run.each(tasks, |(text, nodes)| {
            text.clear();
            for node in nodes.as_chunks::<RECORD>().0 {
                print(node, text);
            }
            Ok::<_, BitmexError>(())
        })?;
        for mut text in texts.iter().take(used).map(Vec::as_slice) {
            while !text.is_empty() {
                if buffer.bytes.is_empty() {
                    buffer = disk.buffer(run)?;
                }
                let room = buffer.rest();
                let (now, later) = text.split_at(text.len().min(room.len()));
                room[..now.len()].copy_from_slice(now);
                buffer.filled += now.len();
                text = later;
                if buffer.filled == buffer.bytes.len() {
                    disk.write(std::mem::take(&mut buffer))?;
                }
            }
        }
    }
    if buffer.filled > 0 {
        disk.write(buffer)?;
    }
    // The disk writes its front last; here it is what stands there already.
    disk.finish(Vec::new(), front, run)?;
    Ok(())
}
