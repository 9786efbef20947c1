//! Reading a tree file through a map; each page is checked before its first use.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;
use tallystick_proof::codec::Resolve;
use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::format::{Layout, PAGE, SUM};
use super::header::{Header, header_length};
use super::{FileError, open_regular};
use crate::edge::top;
use crate::error::TreeError;
use crate::pool::Run;

/// A tree file, mapped.
#[derive(Debug)]
pub struct MappedFile {
    path: PathBuf,
    map: Mmap,
    scheme: Scheme,
    layout: Layout,
    /// Where the data begins.
    data: usize,
    /// A bit a page: whether its hash was found right.
    checked: Vec<AtomicU64>,
}

impl MappedFile {
    /// Maps a file. Checks its length, header and page sums, and that its peaks lead to its root.
    pub fn open(path: &Path, resolve: Resolve<'_>) -> Result<Self, TreeError> {
        let file = open_regular(path)?;
        let map = map(&file).map_err(FileError::from)?;
        let (header, layout) = Header::decode(&map, resolve)?;
        let data = header_length(&header.scheme) as usize;
        let sums = map.get(data + layout.length as usize..).unwrap_or_default();
        if blake3::hash(sums) != header.sums_hash {
            return Err(FileError::Damaged("its page sums do not match their hash").into());
        }
        let checked = (0..layout.pages().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let (path, Header { scheme, root, .. }) = (path.to_path_buf(), header);
        let file = Self { path, map, scheme, layout, data, checked };
        if file.layout.begin == 0 {
            let missing = || FileError::Damaged("a node is missing");
            // A peak below level 12 lies in the last block, which is partial and keeps all rows.
            let peak = |node| Ok(file.digest(node)?.ok_or_else(missing)?.into());
            let top = top(&file.scheme, file.layout.end, peak).map_err(|error| match error {
                TreeError::SumOverflow => FileError::Damaged("its sums add to 2^128 or more").into(),
                error => error,
            })?;
            if TreeHead::of_top(file.scheme.clone(), file.layout.end, top.as_deref())?.root() != root {
                return Err(FileError::Damaged("its rows do not lead to its root").into());
            }
        }
        Ok(file)
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Its leaves.
    pub fn range(&self) -> Range<u64> {
        self.layout.begin..self.layout.end
    }

    /// The lowest level that whole blocks keep.
    pub fn lowest(&self) -> u32 {
        self.layout.lowest
    }

    /// Checks every page, and the zeros behind whole blocks.
    pub(crate) fn check(&self, run: Run<'_>) -> Result<(), TreeError> {
        run.each((0..self.layout.pages()).step_by(64), |first| {
            for page in first..self.layout.pages().min(first + 64) {
                self.check_page(page)?;
            }
            Ok::<_, TreeError>(())
        })?;
        let zeros = self.layout.blocks().filter_map(|block| self.layout.zeros(block));
        run.each(zeros, |zeros| {
            let zeros = self.map.get(self.data + zeros.start as usize..self.data + zeros.end as usize);
            if zeros.unwrap_or_default().iter().any(|byte| *byte != 0) {
                return Err(FileError::Damaged("a block does not end in zeros").into());
            }
            Ok(())
        })
    }

    /// The digest of a full node; `None` for one that the file does not keep.
    pub(crate) fn digest(&self, node: NodeId) -> Result<Option<&[u8]>, FileError> {
        self.digests(node, 1)
    }

    /// The digests of the node and of those behind it on its level, as far as they lie one behind the other, at most
    /// `most`; `None` if the file does not keep the first.
    pub(crate) fn digests(&self, node: NodeId, most: u64) -> Result<Option<&[u8]>, FileError> {
        let Some((begin, count)) = self.layout.place(node) else { return Ok(None) };
        let end = begin + count.min(most) * self.scheme.width() as u64;
        for page in begin / PAGE..end.div_ceil(PAGE) {
            self.check_page(page)?;
        }
        let bytes = self.map.get(self.data + begin as usize..self.data + end as usize);
        bytes.ok_or(FileError::Damaged("a node is missing")).map(Some)
    }

    fn check_page(&self, page: u64) -> Result<(), FileError> {
        let damaged = || FileError::Page { page, path: self.path.clone() };
        let checked = self.checked.get((page / 64) as usize).ok_or_else(damaged)?;
        let bit = 1 << (page % 64);
        if checked.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        let begin = (page * PAGE) as usize;
        let end = (page + 1).saturating_mul(PAGE).min(self.layout.length) as usize;
        let sum = self.layout.length as usize + (page * SUM) as usize;
        let data = self.map.get(self.data..).unwrap_or_default();
        let found = data.get(begin..end).map(blake3::hash);
        let stated = data.get(sum..sum + SUM as usize);
        match (found, stated) {
            (Some(found), Some(stated)) if found.as_bytes() == stated => {
                checked.fetch_or(bit, Ordering::Relaxed);
                Ok(())
            }
            _ => Err(damaged()),
        }
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: a mapped file must not change under us. Tree files are written beside their place and renamed, so no
    // writer of ours ever changes one; docs/spec/tree-file.md asks the same of everybody else.
    unsafe { Mmap::map(file) }
}
