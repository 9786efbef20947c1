//! The bytes of a tree file's header.

use tallystick_proof::codec::{Reader, Resolve, Wire, put_lp};
use tallystick_proof::scheme::Scheme;

use super::FileError;
use super::format::{Layout, SUM};

pub(crate) const MAGIC: [u8; 4] = *b"tlyf";
/// What the file of a store begins with, which a path may lead to by mistake.
pub(crate) const STORE: [u8; 4] = *b"tlyK";
pub(crate) const A_STORE: &str = "a store in one file, which tallystick.stores.FileStore opens";
/// The data begins at a multiple of this.
const ALIGN: u64 = 64;

/// What a file's header states, and all else follows from.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) scheme: Scheme,
    /// Zeros where the leaves do not begin at 0.
    pub(super) root: Vec<u8>,
    pub(super) sums_hash: [u8; 32],
}

/// Bytes of the header of any file of this scheme: where the data begins.
pub(super) fn header_length(scheme: &Scheme) -> u64 {
    let fields = 4 + 4 + 3 * 8 + 4 + scheme.encode().len() + scheme.record().top_size() + 8 + 32 + 32;
    (fields as u64).next_multiple_of(ALIGN)
}

impl Header {
    /// The header's bytes, with the zeros up to the data; `None` if the file would be too long.
    pub(super) fn encode(&self, layout: &Layout) -> Option<Vec<u8>> {
        let data = header_length(&self.scheme);
        let sums = data.checked_add(layout.length)?;
        let length = layout.pages().checked_mul(SUM)?.checked_add(sums)?;
        let mut out = MAGIC.to_vec();
        out.extend([1, layout.lowest as u8, 0, 0]); // version, lowest level, reserved
        out.extend(length.to_le_bytes());
        out.extend(layout.begin.to_le_bytes());
        out.extend(layout.end.to_le_bytes());
        put_lp(&mut out, &self.scheme.encode());
        out.extend(&self.root);
        out.extend(sums.to_le_bytes());
        out.extend(self.sums_hash);
        let hash = blake3::hash(&out);
        out.extend(hash.as_bytes());
        out.resize(data as usize, 0);
        Some(out)
    }

    /// Reads the header of a file. It must be the one that [`encode`](Self::encode) writes.
    pub(super) fn decode(file: &[u8], resolve: Resolve<'_>) -> Result<(Self, Layout), FileError> {
        if crate::sparse::begins_saved(file) {
            return Err(FileError::OtherKind("the file of a sparse tree, which is loaded, not opened"));
        }
        if file.starts_with(&STORE) {
            return Err(FileError::OtherKind(A_STORE));
        }
        let mut reader = Reader::new(file);
        reader.begin("tree file", MAGIC)?;
        let flags = reader.take("lowest level", 3)?;
        let lowest = flags.first().copied().map_or(0, u32::from);
        let stated = reader.u64("file length")?;
        if stated != file.len() as u64 {
            return Err(FileError::Length { found: file.len() as u64, stated });
        }
        let (begin, end) = (reader.u64("begin")?, reader.u64("end")?);
        let scheme = Scheme::decode(reader.lp("scheme")?, resolve)?;
        if scheme.grid().is_none_or(|grid| grid.arity() != 2) {
            return Err(FileError::Damaged("its scheme is none that tree files hold"));
        }
        if begin == 0 && !scheme.sizes().take(end) {
            return Err(FileError::Damaged("a tree of its scheme does not have so many leaves"));
        }
        let root = reader.take("root", scheme.record().top_size() as u64)?.to_vec();
        let sums_offset = reader.u64("page sums offset")?;
        let sums_hash = reader.array("page sums hash")?;
        let layout = Layout::of(scheme.width(), begin, end, lowest).ok_or(FileError::TooLarge)?;
        let header = Self { scheme, root, sums_hash };
        // One comparison covers every field read or skipped above and the header's own hash.
        let data = header_length(&header.scheme);
        let expected = header.encode(&layout).ok_or(FileError::TooLarge)?;
        if file.get(..data as usize) != Some(&expected) || data.checked_add(layout.length) != Some(sums_offset) {
            return Err(FileError::Damaged("its header is not the one that its leaves have"));
        }
        if begin > 0 && header.root.iter().any(|byte| *byte != 0) {
            return Err(FileError::Damaged("it begins behind leaf 0 and states a root"));
        }
        Ok((header, layout))
    }
}
