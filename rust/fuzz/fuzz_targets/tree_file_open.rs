//! Tree files: edited ones of known trees, dense and of sums, with header hash and length put right on wish.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{Edit, edit, known, run, sums};
use tallystick_proof::hash::builtin;
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::file::{FileBuilder, FileSet, MappedFile, Target};
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::tree::DenseTree;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Raw { bytes: &'a [u8] },
    Edited { tree: u8, size: u8, edits: Vec<Edit<'a>>, repair: bool, copy: bool, asked: u64 },
}

/// A folder of this process.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("tree-file-open-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
});

/// Files of every known tree at some sizes.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let path = FOLDER.join("honest");
    let mut files = Vec::new();
    for (tree, size) in (0..6).flat_map(|tree| [0, 1, 2, 3, 6, 21].map(|size| (tree, size))) {
        // In sum trees, leaves as they are hashed: behind their amounts.
        let (scheme, leaves) = if tree < 4 {
            (&known(tree).scheme, known(tree).leaves[..size].to_vec())
        } else {
            (&sums::known(tree).scheme, (0..size).map(|index| sums::known(tree).row(index)).collect())
        };
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let builder = FileBuilder::new(to(&path), scheme, 0, (size % 13) as u32);
        let built = builder.and_then(|mut builder| {
            builder.push(&RaggedRows(&rows), run())?;
            builder.finish(run())
        });
        built.expect("a file");
        files.push(std::fs::read(&path).expect("a file"));
    }
    files
});

fn to(path: &Path) -> Target {
    Target { path: path.to_path_buf(), overwrite: true }
}

/// Puts right what a forger would: file length and header hash.
fn repair(file: &mut [u8]) -> Option<()> {
    let length = file.len() as u64;
    file.get_mut(8..16)?.copy_from_slice(&length.to_le_bytes());
    let scheme = u32::from_le_bytes(file.get(32..36)?.try_into().ok()?) as usize;
    let end = 36_usize.checked_add(scheme)?.checked_add(32 + 8 + 32)?;
    let mut hash = [0; 32];
    builtin("blake3")?.unseeded().ok()?.ragged(&[file.get(..end)?], &mut hash).ok()?;
    file.get_mut(end..end + 32)?.copy_from_slice(&hash);
    Some(())
}

fuzz_target!(|input: Input<'_>| {
    let path = FOLDER.join("tree");
    let (file, honest, copy, asked) = match input {
        Input::Raw { bytes } => (bytes.to_vec(), None, false, 0),
        Input::Edited { tree, size, edits, repair: wanted, copy, asked } => {
            let honest = &FILES[usize::from(tree % 6) * 6 + usize::from(size % 6)];
            let mut file = honest.clone();
            edit(&mut file, &edits);
            if wanted {
                let _ = repair(&mut file);
            }
            (file, Some(honest), copy, asked)
        }
    };
    std::fs::write(&path, &file).expect("a scratch file");
    let opened = MappedFile::open(&path, &builtin)
        .and_then(|file| FileSet::new(vec![file]))
        .and_then(|files| DenseTree::of_files(files, None));
    if honest == Some(&file) {
        assert!(opened.is_ok(), "an honest file is refused");
    }
    let Ok(tree) = opened else { return };
    let sound = tree.check(run()).is_ok();
    let head = tree.head().expect("a head");
    let proof = tree.prove(asked % head.size().max(1), None);
    if let Ok(proof) = &proof {
        // Whatever the file says, a proof made from it fails for a leaf that nobody has.
        assert!(verify_inclusion(&head, asked % head.size(), b"nobody's leaf, nothing owed", proof.digests()).is_err());
    }
    if sound {
        assert_eq!(proof.is_ok(), head.size() > 0);
        if copy {
            let again = FOLDER.join("again");
            tree.save(to(&again), run()).expect("a copy");
            assert!(std::fs::read(&again).expect("a copy") == file, "two files of one tree");
        }
    }
});
