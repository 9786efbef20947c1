//! Tree files that declare much.

use std::path::PathBuf;

use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
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
    tree.save(&scratch.0, true, alone())?;
    let file = std::fs::read(&scratch.0)?;
    tally.honest(DenseTree::open(&scratch.0, &accelerated).is_ok(), || "the tree file as it is".into());

    let mut bombs: Vec<(String, Vec<u8>)> =
        vec![("nothing".into(), Vec::new()), ("magic".into(), b"tlyf\x01".to_vec())];
    // A head of a huge tree: the sections that it requires are larger than any file.
    for size in [u64::MAX, 1 << 63, 1 << 58, 1 << 40, 1 << 32] {
        let head = TreeHead::new(scheme.clone(), size, vec![7; 32])?.encode();
        let mut bomb = b"tlyf\x01\0\0\0".to_vec();
        bomb.extend((SMALL as u64).to_le_bytes());
        bomb.extend([0; 8]);
        bomb.extend((head.len() as u32).to_le_bytes());
        bomb.extend(head);
        bomb.resize(SMALL, 255);
        bombs.push((format!("a head of size {size}"), bomb));
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
        measure(&format!("tree file: {name}"), bomb.len(), tally, || {
            DenseTree::open(&scratch.0, &accelerated).is_err()
        });
    }
    Ok(())
}
