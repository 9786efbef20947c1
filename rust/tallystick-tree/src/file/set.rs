//! Files of adjacent leaves, served as one tree.
//!
//! A node whose leaves lie in one file is read from it. A node that spans a seam is made when the files are opened: at most
//! one a level and seam, each from its two children.

use std::collections::BTreeMap;

use tallystick_proof::frame::Places;
use tallystick_proof::geometry::{NodeId, full_nodes};
use tallystick_proof::scheme::Scheme;

use super::map::MappedFile;
use crate::error::TreeError;
use crate::pool::Run;

/// One file or more, from leaf 0 on without a gap.
#[derive(Debug)]
pub struct FileSet {
    files: Vec<MappedFile>,
    seams: BTreeMap<(u32, u64), Vec<u8>>,
}

impl FileSet {
    /// The files in the order of their leaves, of one scheme and one lowest level.
    pub fn new(files: Vec<MappedFile>) -> Result<Self, TreeError> {
        let first = files.first().ok_or(TreeError::NoFiles)?;
        let mut next = 0;
        for (place, file) in files.iter().enumerate() {
            let path = || file.path().display().to_string();
            if file.scheme() != first.scheme() || file.lowest() != first.lowest() {
                return Err(TreeError::OtherFile { path: path(), first: first.path().display().to_string() });
            }
            if file.range().start != next {
                let before = place.checked_sub(1).and_then(|place| files.get(place));
                let before = before.map(|file| file.path().display().to_string());
                return Err(TreeError::FileNotAdjacent { path: path(), begin: file.range().start, before, next });
            }
            next = file.range().end;
        }
        let mut set = Self { files, seams: BTreeMap::new() };
        set.make_seams()?;
        Ok(set)
    }

    fn make_seams(&mut self) -> Result<(), TreeError> {
        let borders: Vec<u64> = self.files.iter().map(|file| file.range().end).collect();
        for level in 1..u64::BITS {
            for &border in &borders {
                let index = full_nodes(border, level);
                let (spans, full) = (index << level != border, index < full_nodes(self.size(), level));
                if !spans || !full || self.seams.contains_key(&(level, index)) {
                    continue;
                }
                let mut children = Vec::with_capacity(2 * self.scheme().width());
                for index in [2 * index, 2 * index + 1] {
                    // A block with a seam inside is partial on both sides, so no row of it is missing.
                    let child = self.digest(NodeId { level: level - 1, index })?;
                    children.extend_from_slice(child.ok_or(TreeError::Defect("a node on a seam has both children"))?);
                }
                let mut digest = vec![0; self.scheme().width()];
                self.scheme().nodes(level, Places::From(index), &children, &mut digest)?;
                self.seams.insert((level, index), digest);
            }
        }
        Ok(())
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        self.files[0].scheme()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.files.last().map_or(0, |file| file.range().end)
    }

    /// The lowest level that whole blocks keep.
    pub fn lowest(&self) -> u32 {
        self.files[0].lowest()
    }

    /// Checks every page of every file.
    pub(crate) fn check(&self, run: Run<'_>) -> Result<(), TreeError> {
        self.files.iter().try_for_each(|file| file.check(run))
    }

    /// The digest of a full node; `None` for one that the files do not keep.
    pub(crate) fn digest(&self, node: NodeId) -> Result<Option<&[u8]>, TreeError> {
        self.digests(node, 1)
    }

    /// As [`MappedFile::digests`].
    pub(crate) fn digests(&self, node: NodeId, most: u64) -> Result<Option<&[u8]>, TreeError> {
        let file = match self.files.as_slice() {
            [file] => file,
            files => {
                let begin = node.index << node.level;
                let place = files.partition_point(|file| file.range().end <= begin);
                let Some(file) = files.get(place) else { return Ok(None) };
                if node.index >= full_nodes(file.range().end, node.level) {
                    return Ok(self.seams.get(&(node.level, node.index)).map(Vec::as_slice));
                }
                file
            }
        };
        Ok(file.digests(node, most)?)
    }
}
