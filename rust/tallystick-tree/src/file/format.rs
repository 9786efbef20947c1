//! Where things lie in a tree file, and the bytes of its header.

use tallystick_proof::codec::{Reader, Resolve, Wire, put_lp};
use tallystick_proof::geometry::full_nodes;
use tallystick_proof::head::TreeHead;

use super::FileError;

const MAGIC: [u8; 4] = *b"tlyf";
/// Sections and the data begin at multiples of this.
const ALIGN: u64 = 64;
/// Bytes of data behind one page sum.
pub(super) const PAGE: u64 = 16_384;
/// Bytes of a page sum.
pub(super) const SUM: u64 = 32;
/// A section of digests.
const DIGESTS: u8 = 1;

/// The digests of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) level: u8,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Where everything lies. It follows from the head alone, and a file that states otherwise is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) sections: Vec<Section>,
    pub(super) data: u64,
    pub(super) sums: u64,
    pub(super) length: u64,
}

impl Layout {
    pub(super) fn of(head: &TreeHead) -> Option<Self> {
        let width = head.scheme().digest_size() as u64;
        let counts: Vec<u64> =
            (0..u64::BITS).map(|level| full_nodes(head.size(), level)).take_while(|count| *count > 0).collect();
        let fixed = 4 + 1 + 1 + 2 + 8 + 8 + 4 + 8 + 8 + 32 + 1 + 32;
        let header = fixed + head.encode().len() as u64 + 18 * counts.len() as u64;
        let data = header.checked_next_multiple_of(ALIGN)?;
        let (mut sections, mut end) = (Vec::with_capacity(counts.len()), data);
        for (level, count) in counts.into_iter().enumerate() {
            let section = Section {
                level: level as u8,
                offset: end.checked_next_multiple_of(ALIGN)?,
                length: count.checked_mul(width)?,
            };
            end = section.offset.checked_add(section.length)?;
            sections.push(section);
        }
        let length = (end - data).div_ceil(PAGE).checked_mul(SUM)?.checked_add(end)?;
        Some(Self { sections, data, sums: end, length })
    }

    pub(super) fn pages(&self) -> u64 {
        (self.sums - self.data).div_ceil(PAGE)
    }
}

/// The header's bytes, with the zeros up to the data.
pub(super) fn encode(head: &TreeHead, layout: &Layout, sums_hash: [u8; 32]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend([1, 0, 0, 0]); // version, lowest level, reserved
    out.extend(layout.length.to_le_bytes());
    out.extend(0_u64.to_le_bytes()); // begin
    put_lp(&mut out, &head.encode());
    out.extend(layout.data.to_le_bytes());
    out.extend(layout.sums.to_le_bytes());
    out.extend(sums_hash);
    out.push(layout.sections.len() as u8);
    for section in &layout.sections {
        out.extend([DIGESTS, section.level]);
        out.extend(section.offset.to_le_bytes());
        out.extend(section.length.to_le_bytes());
    }
    let hash = blake3::hash(&out);
    out.extend(hash.as_bytes());
    out.resize(layout.data as usize, 0);
    out
}

/// Reads the header of a file. Whatever it states must be what [`encode`] writes for its head.
pub(super) fn decode(file: &[u8], resolve: Resolve<'_>) -> Result<(TreeHead, Layout, [u8; 32]), FileError> {
    let mut reader = Reader::new(file);
    reader.begin("tree file", MAGIC)?;
    reader.take("flags", 3)?;
    let stated = reader.u64("file length")?;
    if stated != file.len() as u64 {
        return Err(FileError::Length { found: file.len() as u64, stated });
    }
    reader.u64("begin")?;
    let head = TreeHead::decode(reader.lp("head")?, resolve)?;
    reader.take("offsets", 16)?;
    let sums_hash = reader.array("page sums hash")?;
    let layout = Layout::of(&head).ok_or(FileError::TooLarge)?;
    // One comparison covers every field read or skipped above, the section table and the header's own hash.
    if file.get(..layout.data as usize) != Some(&encode(&head, &layout, sums_hash)) {
        return Err(FileError::Damaged("its header is not the one that its head has"));
    }
    if layout.length != stated {
        return Err(FileError::Damaged("its length is not the one that its head has"));
    }
    Ok((head, layout, sums_hash))
}
