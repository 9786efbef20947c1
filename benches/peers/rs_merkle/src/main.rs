//! Times rs_merkle with SHA-256 on leaves and indices from files, one round for every line of standard input.
//!
//! ```text
//! peer-rs-merkle LEAVES WIDTH INDICES REPEATS
//! ```
//!
//! INDICES are u64, little-endian, ascending: rs_merkle wants them sorted. First it prints the seconds of the build and
//! the bytes of the proof; then for each round the seconds of one proof, of verifying it from leaf data, and of
//! verifying it from leaf digests that are there already: means of REPEATS.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdin, stdout};
use std::time::Instant;

use rs_merkle::algorithms::Sha256;
use rs_merkle::{Hasher, MerkleTree};

fn seconds<T>(repeats: u32, mut call: impl FnMut() -> T) -> f64 {
    let begin = Instant::now();
    for _ in 0..repeats {
        black_box(call());
    }
    begin.elapsed().as_secs_f64() / f64::from(repeats)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [leaves, width, indices, repeats] = words.as_slice() else {
        return Err("LEAVES WIDTH INDICES REPEATS".into());
    };
    let data = std::fs::read(leaves)?;
    let leaves: Vec<&[u8]> = data.chunks_exact(width.parse()?).collect();
    let repeats: u32 = repeats.parse()?;
    let mut chosen = Vec::new();
    for index in std::fs::read(indices)?.chunks_exact(8) {
        chosen.push(usize::try_from(u64::from_le_bytes(index.try_into()?))?);
    }

    let begin = Instant::now();
    let digests: Vec<[u8; 32]> = leaves.iter().map(|leaf| Sha256::hash(leaf)).collect();
    let tree = MerkleTree::<Sha256>::from_leaves(&digests);
    let root = tree.root().ok_or("no leaves")?;
    println!("{} {}", begin.elapsed().as_secs_f64(), tree.proof(&chosen).to_bytes().len());
    stdout().flush()?;

    let proof = tree.proof(&chosen);
    let claimed: Vec<[u8; 32]> = chosen.iter().map(|index| digests[*index]).collect();
    for line in stdin().lines() {
        line?;
        let prove = seconds(repeats, || tree.proof(&chosen));
        let verify = seconds(repeats, || {
            let hashed: Vec<[u8; 32]> = chosen.iter().map(|index| Sha256::hash(leaves[*index])).collect();
            assert!(proof.verify(root, &chosen, &hashed, leaves.len()));
        });
        let bare = seconds(repeats, || assert!(proof.verify(root, &chosen, &claimed, leaves.len())));
        println!("{prove} {verify} {bare}");
        stdout().flush()?;
    }
    Ok(())
}
