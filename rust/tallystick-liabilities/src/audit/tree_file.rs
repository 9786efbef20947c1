//! The bytes of a tree file, read from `docs/spec/tree-file.md` a second time. A snapshot's tree files begin at leaf 0 and keep
//! every level, so all of their header but a hash follows from the statement.

use std::borrow::Cow;

use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::{Draft, StatementAsset};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::pool::Run;

use super::finding::{Findings, Kind, Place};
use super::preimages::{RECORD, context};
use crate::error::LiabilityError;

/// Leaves of a whole block, and the level above all of its rows.
pub(crate) const BLOCK: u64 = 1 << BLOCK_LEVEL;
pub(crate) const BLOCK_LEVEL: u32 = 12;
const PAGE: usize = 16_384;
const SUM: usize = 32;
const ALIGN: usize = 64;
/// Pages that one task hashes.
const TOGETHER: usize = 64;

/// Where the nodes of a tree of so many leaves lie behind the header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    leaves: u64,
}

impl Layout {
    pub(crate) fn new(leaves: u64) -> Self {
        Self { leaves }
    }

    /// Records of the rows below `level` in the last block, which is not whole.
    fn partial(self, level: u32) -> u64 {
        (0..level.min(BLOCK_LEVEL)).map(|below| (self.leaves % BLOCK) >> below).sum()
    }

    /// Records of the rows from level 12 on, below `level`.
    fn upper(self, level: u32) -> u64 {
        (BLOCK_LEVEL..level).map(|below| self.leaves >> below).sum()
    }

    /// Records that the file has, the two of zeros behind each whole block among them. The levels of a tree of fewer than
    /// 2^32 leaves end below 32.
    fn records(self) -> u64 {
        self.leaves / BLOCK * 2 * BLOCK + self.partial(BLOCK_LEVEL) + self.upper(u32::BITS)
    }

    /// Bytes behind the header and before the page sums.
    fn data(self) -> usize {
        self.records() as usize * RECORD
    }

    /// The record of a node, counted from the first. Up to level 12, nodes that follow in a block follow here.
    fn place(self, level: u32, index: u64) -> u64 {
        let blocks = self.leaves / BLOCK;
        if level >= BLOCK_LEVEL {
            return blocks * 2 * BLOCK + self.partial(BLOCK_LEVEL) + self.upper(level) + index;
        }
        let block = index >> (BLOCK_LEVEL - level);
        let row = if block < blocks { 2 * BLOCK - ((2 * BLOCK) >> level) } else { self.partial(level) };
        block * 2 * BLOCK + row + (index - (block << (BLOCK_LEVEL - level)))
    }
}

/// The nodes of a tree file.
pub(crate) struct TreeFile<'a> {
    data: &'a [u8],
    layout: Layout,
}

impl<'a> TreeFile<'a> {
    /// Checks everything about a tree file but its nodes. `None` if it is too long or too short to look for them.
    pub(crate) fn check(
        bytes: &'a [u8],
        number: usize,
        (draft, asset): (&Draft, &StatementAsset),
        findings: &Findings,
        run: Run<'_>,
    ) -> Result<Option<Self>, LiabilityError> {
        if u32::try_from(asset.leaves).is_err() {
            return Err(LiabilityError::TooMany("leaves of a tree"));
        }
        let [name, _] = super::folder::names(number);
        let place = |index| Place { index, ..Place::tree(number).within(&name) };
        let layout = Layout::new(asset.leaves);
        let scheme = draft.scheme.with_context(context(draft, asset));
        let scheme = scheme.map_err(|_| LiabilityError::Defect("schemes of statements take contexts"))?;
        let (begin, pages) = (header_length(&scheme), layout.data().div_ceil(PAGE));
        let (end, length) = (begin + layout.data(), begin + layout.data() + pages * SUM);
        if bytes.len() != length {
            findings.add(Kind::FileLength, place(None), || {
                format!("{name} has {} bytes; a tree of {} leaves takes {length}", bytes.len(), asset.leaves)
            });
            return Ok(None);
        }
        let ((header, rest), sums) = (bytes.split_at(begin), &bytes[end..]);
        let data = &rest[..layout.data()];
        let expected = expected_header(&scheme, asset, [length, begin, end], sums);
        if let Some((field, at)) = first_difference(header, &expected, &scheme) {
            findings.add(Kind::FileHeader, place(None), || format!("{name}: another {field}, from byte {at} on"));
        }
        let together = data.chunks(PAGE * TOGETHER).zip(sums.chunks(SUM * TOGETHER)).enumerate();
        run.each(together, |(group, (data, sums))| {
            for (page, (data, sum)) in data.chunks(PAGE).zip(sums.chunks(SUM)).enumerate() {
                if blake3::hash(data).as_bytes() != sum {
                    let page = (group * TOGETHER + page) as u64;
                    findings
                        .add(Kind::PageSum, place(Some(page)), || format!("{name}: page {page} does not have its sum"));
                }
            }
            Ok::<_, LiabilityError>(())
        })?;
        let block = 2 * BLOCK as usize * RECORD;
        for (block, bytes) in data.chunks_exact(block).take((asset.leaves / BLOCK) as usize).enumerate() {
            if bytes[bytes.len() - 2 * RECORD..].iter().any(|byte| *byte != 0) {
                findings.add(Kind::Padding, place(Some(block as u64)), || {
                    format!("{name}: block {block} does not end with zeros")
                });
            }
        }
        Ok(Some(Self { data, layout }))
    }

    /// Records of one level from `first` on. Below level 12 they lie in one block.
    pub(crate) fn records(&self, level: u32, first: u64, count: u64) -> Cow<'a, [u8]> {
        let begin = self.layout.place(level, first) as usize * RECORD;
        Cow::Borrowed(self.data.get(begin..begin + count as usize * RECORD).unwrap_or_default())
    }
}

/// Where the data begins.
fn header_length(scheme: &Scheme) -> usize {
    (4 + 4 + 3 * 8 + 4 + scheme.encode().len() + scheme.digest_size() + 8 + 32 + 32).next_multiple_of(ALIGN)
}

/// The fields of a header and where each ends.
fn fields(scheme: &Scheme) -> [(&'static str, usize); 12] {
    let mut end = 0;
    let lengths = [
        ("magic", 4),
        ("version", 1),
        ("lowest level", 1),
        ("reserved field", 2),
        ("file length", 8),
        ("begin", 8),
        ("end", 8),
        ("scheme", 4 + scheme.encode().len()),
        ("root", scheme.digest_size()),
        ("page sums offset", 8),
        ("page sums hash", 32),
        ("header hash", 32),
    ];
    lengths.map(|(name, length)| {
        end += length;
        (name, end)
    })
}

fn expected_header(scheme: &Scheme, asset: &StatementAsset, [length, begin, end]: [usize; 3], sums: &[u8]) -> Vec<u8> {
    let mut header = b"tlyf\x01\0\0\0".to_vec();
    header.extend((length as u64).to_le_bytes());
    header.extend(0_u64.to_le_bytes());
    header.extend(asset.leaves.to_le_bytes());
    let encoded = scheme.encode();
    header.extend((encoded.len() as u32).to_le_bytes());
    header.extend(encoded);
    header.extend(asset.root);
    header.extend((end as u64).to_le_bytes());
    header.extend(blake3::hash(sums).as_bytes());
    let own = blake3::hash(&header);
    header.extend(own.as_bytes());
    header.resize(begin, 0);
    header
}

/// The first field that differs, and where.
fn first_difference(found: &[u8], expected: &[u8], scheme: &Scheme) -> Option<(&'static str, usize)> {
    let at = found.iter().zip(expected).position(|(found, expected)| found != expected)?;
    let field = fields(scheme).into_iter().find(|(_, end)| at < *end);
    Some((field.map_or("padding", |(name, _)| name), at))
}
