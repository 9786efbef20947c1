//! Reading a tree file through a map; each page is checked before its first use.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;
use tallystick_proof::codec::Resolve;
use tallystick_proof::head::TreeHead;

use super::FileError;
use super::format::{Layout, PAGE, SUM, decode};
use crate::edge::top;
use crate::error::TreeError;
use crate::pool::Run;

/// A tree file, mapped.
#[derive(Debug)]
pub struct MappedTree {
    map: Mmap,
    head: TreeHead,
    layout: Layout,
    /// A bit a page: whether its hash was found right.
    checked: Vec<AtomicU64>,
}

impl MappedTree {
    /// Maps a file. Checks its length, header and page sums, and that its peaks lead to its root.
    pub fn open(path: &Path, resolve: Resolve<'_>) -> Result<Self, TreeError> {
        // Asked before opening: opening a pipe waits for a writer.
        let found = std::fs::metadata(path).map_err(FileError::from)?;
        if found.is_dir() {
            return Err(FileError::from(io::Error::from(io::ErrorKind::IsADirectory)).into());
        }
        if !found.is_file() {
            return Err(FileError::Damaged("it is not a regular file").into());
        }
        let file = File::open(path).map_err(FileError::from)?;
        let map = map(&file).map_err(FileError::from)?;
        let (head, layout, sums_hash) = decode(&map, resolve)?;
        let sums = map.get(layout.sums as usize..).unwrap_or_default();
        if blake3::hash(sums) != sums_hash {
            return Err(FileError::Damaged("its page sums do not match their hash").into());
        }
        let checked = (0..layout.pages().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let tree = Self { map, head, layout, checked };
        let scheme = tree.head.scheme();
        let top = top(scheme, tree.head.size(), |node| Ok(tree.digests(node.level, node.index, 1)?))?;
        if TreeHead::of_top(scheme.clone(), tree.head.size(), top.as_deref())? != tree.head {
            return Err(FileError::Damaged("its rows do not lead to its root").into());
        }
        Ok(tree)
    }

    /// The head that the file states and its peaks lead to.
    pub fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Checks every page.
    pub fn check(&self, run: Run<'_>) -> Result<(), TreeError> {
        run.each((0..self.layout.pages()).step_by(64), |first| {
            for page in first..self.layout.pages().min(first + 64) {
                self.check_page(page)?;
            }
            Ok(())
        })
    }

    /// The digests of `count` full nodes of a level, from `first` on.
    pub(crate) fn digests(&self, level: u32, first: u64, count: u64) -> Result<&[u8], FileError> {
        let missing = || FileError::Damaged("a node is missing");
        let width = self.head.scheme().digest_size() as u64;
        let section = self.layout.sections.get(level as usize).ok_or_else(missing)?;
        let within =
            |index: u64| index.checked_mul(width).filter(|offset| *offset <= section.length).ok_or_else(missing);
        let end = section.offset + within(first.checked_add(count).ok_or_else(missing)?)?;
        let begin = section.offset + within(first)?;
        let pages = (begin - self.layout.data) / PAGE..(end - self.layout.data).div_ceil(PAGE);
        for page in pages {
            self.check_page(page)?;
        }
        self.map.get(begin as usize..end as usize).ok_or_else(missing)
    }

    fn check_page(&self, page: u64) -> Result<(), FileError> {
        let Some(checked) = self.checked.get((page / 64) as usize) else { return Err(FileError::Page(page)) };
        let bit = 1 << (page % 64);
        if checked.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        let begin = self.layout.data + page * PAGE;
        let end = (begin + PAGE).min(self.layout.sums);
        let sum = self.layout.sums + page * SUM;
        let found = self.map.get(begin as usize..end as usize).map(blake3::hash);
        let stated = self.map.get(sum as usize..(sum + SUM) as usize);
        match (found, stated) {
            (Some(found), Some(stated)) if found.as_bytes() == stated => {
                checked.fetch_or(bit, Ordering::Relaxed);
                Ok(())
            }
            _ => Err(FileError::Page(page)),
        }
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: a mapped file must not change under us. Tree files are written beside their place and renamed, so no
    // writer of ours ever changes one; docs/spec/tree-file.md asks the same of everybody else.
    unsafe { Mmap::map(file) }
}
