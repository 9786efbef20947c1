//! Tree files that declare much.

use std::path::{Path, PathBuf};

use tallystick_proof::codec::Wire;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::{FileSet, MappedFile, Target};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::tree::DenseTree;

use super::{SMALL, measure};
use crate::subjects::alone;
use crate::tally::{Fault, Tally};

/// A file that is gone when its owner is.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(super) fn run(tally: &mut Tally) -> Result<(), Fault> {
    let scratch = Scratch(std::env::temp_dir().join(format!("attack-campaign-{}", std::process::id())));
    let scheme = Scheme::of_family("native", accelerated("blake3").ok_or("a hash")?)?;
    let rows: [&[u8]; 5] = [b"a", b"b", b"c", b"d", b"e"];
    let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, alone())?;
    tree.save(Target { path: scratch.0.clone(), overwrite: true }, alone())?;
    let file = std::fs::read(&scratch.0)?;
    tally.honest(open(&scratch.0).is_ok(), || "the tree file as it is".into());

    let mut bombs: Vec<(String, Vec<u8>)> =
        vec![("nothing".into(), Vec::new()), ("magic".into(), b"tlyf\x01".to_vec())];
    // Huge ranges of leaves: the blocks that they require are larger than any file.
    let scheme = scheme.encode();
    for (begin, end) in [(0, u64::MAX), (5, u64::MAX), (0, 1 << 63), (0, 1 << 58), (4096, 1 << 40), (0, 1 << 32)] {
        for lowest in [0, 12] {
            let mut bomb = vec![b't', b'l', b'y', b'f', 1, lowest, 0, 0];
            bomb.extend([SMALL as u64, begin, end].iter().flat_map(|number| number.to_le_bytes()));
            bomb.extend((scheme.len() as u32).to_le_bytes());
            bomb.extend(&scheme);
            bomb.resize(SMALL, 255);
            bombs.push((format!("leaves {begin} to {end}, rows from {lowest}"), bomb));
        }
    }
    for place in (8..file.len().min(400)).step_by(4) {
        let mut bomb = file.clone();
        bomb[place..place + 4].fill(255);
        bombs.push((format!("2^32 - 1 at {place}"), bomb));
        bombs.push((format!("cut at {place}"), file[..place].to_vec()));
    }
    for (name, bomb) in bombs {
        if bomb == file {
            continue;
        }
        std::fs::write(&scratch.0, &bomb)?;
        measure(&format!("tree file: {name}"), bomb.len(), tally, || open(&scratch.0).is_err());
    }
    Ok(())
}

fn open(path: &Path) -> Result<DenseTree, TreeError> {
    DenseTree::of_files(FileSet::new(vec![MappedFile::open(path, &accelerated)?])?, None)
}
