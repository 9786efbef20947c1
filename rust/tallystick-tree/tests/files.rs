//! Tree files against the vectors that the Python twin writes, and against trees in memory.

use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tallystick_proof::codec::Wire;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::{FileBuilder, FileSet, MappedFile, Target};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{Block, FixedRows, Leaves, RaggedRows};
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::tree::{DenseTree, Wanted};

type Outcome = Result<(), Box<dyn Error>>;

/// The leaves of the vectors: leaf i has (37 i) mod 101 bytes, byte j of which is (i + j) mod 256.
fn vector_leaves(size: usize) -> Vec<Vec<u8>> {
    (0..size).map(|i| (0..37 * i % 101).map(|j| ((i + j) % 256) as u8).collect()).collect()
}

fn bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let hex = value.as_str().ok_or("no text")?;
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}

fn number(value: &Value) -> Result<usize, Box<dyn Error>> {
    Ok(value.as_str().ok_or("no number")?.parse()?)
}

fn alone(pool: &Pool) -> Run<'_> {
    Run { pool, interrupt: &never }
}

fn to(path: &Path) -> Target {
    Target { path: path.to_path_buf(), overwrite: true }
}

fn opened(paths: &[PathBuf], leaves: Option<Box<dyn Leaves + Send + Sync>>) -> Result<DenseTree, TreeError> {
    let files = paths.iter().map(|path| MappedFile::open(path, &accelerated)).collect::<Result<_, _>>()?;
    DenseTree::of_files(FileSet::new(files)?, leaves)
}

fn native() -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::of_family("native", accelerated("blake3").ok_or("blake3")?)?)
}

#[test]
fn files_of_the_vectors() -> Outcome {
    let pool = Pool::new(2)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tree");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1/tree_files.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let leaves = vector_leaves(12_289);
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let (mut built, mut damaged) = (0, 0);
    for group in vectors["groups"].as_array().into_iter().flatten() {
        let scheme = Scheme::decode(&bytes(&group["scheme"]["encoding"])?, &accelerated)?;
        for test in group["tests"].as_array().into_iter().flatten() {
            if test["result"] != "valid" {
                std::fs::write(&path, bytes(&test["file"])?)?;
                let tree = opened(std::slice::from_ref(&path), None);
                assert!(matches!(tree, Err(TreeError::File(_))), "{}: {tree:?}", test["id"]);
                damaged += 1;
                continue;
            }
            let (begin, end) = (number(&test["begin"])?, number(&test["end"])?);
            let lowest = test["lowest"].as_u64().ok_or("no level")? as u32;
            for piece in [end - begin + 1, 1 + (end - begin) / 3, 4096] {
                let mut builder = FileBuilder::new(to(&path), &scheme, begin as u64, lowest)?;
                for piece in rows[begin..end].chunks(piece) {
                    builder.push(&RaggedRows(piece), alone(&pool))?;
                }
                let head = builder.finish(alone(&pool))?;
                let file = std::fs::read(&path)?;
                assert_eq!(file.len(), number(&test["length"])?, "{}", test["id"]);
                if let Some(expected) = test.get("file") {
                    assert_eq!(file, bytes(expected)?, "{}", test["id"]);
                }
                let hash = accelerated("sha256").ok_or("sha256")?;
                let mut digest = vec![0; 32];
                hash.unseeded()?.ragged(&[&file], &mut digest)?;
                assert_eq!(digest, bytes(&test["sha256"])?, "{}", test["id"]);
                assert_eq!(head.is_some(), begin == 0);
                built += 1;
            }
            if begin == 0 && lowest == 0 {
                let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows[..end]), LeafRule::Hashed, alone(&pool))?;
                let file = std::fs::read(&path)?;
                let mapped = opened(std::slice::from_ref(&path), None)?;
                mapped.check(alone(&pool))?;
                assert_eq!(mapped.head()?, tree.head()?);
                let all = |tree: &DenseTree| tree.prove_each(Wanted::All, None, alone(&pool));
                assert_eq!(all(&mapped)?, all(&tree)?);
                for tree in [&tree, &mapped] {
                    tree.save(to(&path), alone(&pool))?;
                    assert_eq!(std::fs::read(&path)?, file, "{}", test["id"]);
                }
                assert!(tree.save(Target { path: path.clone(), overwrite: false }, alone(&pool)).is_err());
                assert!(matches!(mapped.extend(&RaggedRows(&[b"x"]), alone(&pool)), Err(TreeError::ReadOnly)));
            }
        }
    }
    assert!(built > 100 && damaged > 30, "{built} {damaged}");
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 1, "nothing is left beside the file");
    Ok(())
}

/// Leaves of eight bytes that a tree can hold on to.
struct Own(Vec<u8>);

impl Leaves for Own {
    fn len(&self) -> usize {
        self.0.len() / 8
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        Block::Fixed { data: (&self.0[8 * range.start..8 * range.end]).into(), width: 8 }
    }
}

/// A tree of files that are cut anywhere and keep any rows is the tree in memory.
#[test]
fn files_cut_anywhere_are_one_tree() -> Outcome {
    let (pool, scheme, folder) = (Pool::new(2)?, native()?, tempfile::tempdir()?);
    let size = 12_290;
    let data: Vec<u8> = (0..8 * size as u32).map(|byte| (byte % 251) as u8).collect();
    let rows = |begin: usize, end: usize| FixedRows::new(&data[8 * begin..8 * end], 8).ok_or("rows");
    let tree = DenseTree::new(scheme.clone(), &rows(0, size)?, LeafRule::Hashed, alone(&pool))?;
    let whole = folder.path().join("whole");
    let all = tree.prove_each(Wanted::All, None, alone(&pool))?;
    for cuts in
        [vec![], vec![1], vec![4096], vec![0, 4095, 4097, 4099], vec![5, 6, 8192], vec![8200, 8200, 12_289, 12_290]]
    {
        for lowest in [0, 1, 7, 12] {
            let mut paths = Vec::new();
            let mut begin = 0;
            for end in cuts.iter().copied().chain([size]) {
                let path = folder.path().join(format!("part {}", paths.len()));
                let mut builder = FileBuilder::new(to(&path), &scheme, begin as u64, lowest)?;
                for piece in (begin..end).step_by(999) {
                    builder.push(&rows(piece, end.min(piece + 999))?, alone(&pool))?;
                }
                assert_eq!(builder.finish(alone(&pool))?.is_some(), begin == 0);
                paths.push(path);
                begin = end;
            }
            let bare = opened(&paths, None)?;
            bare.check(alone(&pool))?;
            assert_eq!(bare.head()?, tree.head()?, "{cuts:?} {lowest}");
            // The leaf's block is whole unless a cut goes through it.
            if lowest > 0 && !cuts.contains(&4099) {
                assert!(matches!(bare.prove(5000, None), Err(TreeError::NoLeaves(_))));
            }
            let mut builder = FileBuilder::new(to(&whole), &scheme, 0, lowest)?;
            builder.push(&rows(0, size)?, alone(&pool))?;
            builder.finish(alone(&pool))?;
            let expected = std::fs::read(&whole)?;
            bare.save(to(&whole), alone(&pool))?;
            assert!(std::fs::read(&whole)? == expected, "{cuts:?} {lowest}");
            let served = opened(&paths, Some(Box::new(Own(data.clone()))))?;
            assert_eq!(served.prove_each(Wanted::All, None, alone(&pool))?, all, "{cuts:?} {lowest}");
            assert_eq!(served.leaf_digests()?, tree.leaf_digests()?);
            for part in [1, 4095, 4096, 5000, 8191, 12_289] {
                assert_eq!(served.head_at(part)?, tree.head_at(part)?);
                let extends = |tree: &DenseTree| tree.prove_extends(part, None);
                assert_eq!(extends(&served)?, extends(&tree)?);
            }
            assert!(matches!(opened(&paths, Some(Box::new(Own(vec![0; 8])))), Err(TreeError::LeafCount { .. })));
            if lowest > 0 && cuts.is_empty() {
                let mut other = data.clone();
                other[8 * 5000] ^= 1;
                let served = opened(&paths, Some(Box::new(Own(other))))?;
                assert_eq!(served.prove(9, None)?, tree.prove(9, None)?);
                assert!(matches!(served.prove(5000, None), Err(TreeError::OtherLeaves(_))));
            }
        }
    }
    Ok(())
}
