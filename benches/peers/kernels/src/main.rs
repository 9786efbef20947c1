//! Our kernels beside the best known ones, a node at a time in bulk, all in cache: `cargo run --release`.
//!
//! What others hash differs a little from what we hash, always in their favour: hashtree has no prefix (which costs us
//! nothing in bulk), BLAKE3's own `hash_many` is given whole blocks and a key, XKCP permutes states that lie in its
//! layout already and gets no rows in or digests out. XKCP is measured if `XKCP` names a checkout of it.

use std::time::Duration;

use blake3::IncrementCounter;
use blake3::platform::Platform;
use tallystick_bench::{Way, table};
use tallystick_proof::frame::Places;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::kernels::accelerated;

const NODES: usize = 4096;
/// BLAKE3's flags of a block that begins and ends its chunk, is the root, and is keyed.
const START: u8 = 1;
const END: u8 = 2;
const ROOT: u8 = 8;
const KEYED: u8 = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: Vec<u8> = (0..NODES * 64).map(|byte| (byte * 31 % 251) as u8).collect();
    let nodes = rows.as_chunks::<64>().0;
    for rounds in 1..=3 {
        println!("\nrun {rounds} of 3");
        hashtree_rs::init();
        let mut parents = vec![0; NODES * 32];
        let theirs = Way::new("hashtree, SHA-256", NODES, || hashtree_rs::hash(&mut parents, &rows, NODES));
        compare(theirs, &["native/sha256", "rfc6962/sha256"], &rows)?;

        let platform = Platform::detect();
        let inputs: Vec<&[u8; 64]> = nodes.iter().collect();
        let mut parents = vec![0; NODES * 32];
        let theirs = Way::new("blake3's hash_many, keyed", NODES, || {
            let key = [7; 8];
            platform.hash_many(&inputs, &key, 0, IncrementCounter::No, KEYED | ROOT, START, END, &mut parents);
        });
        compare(theirs, &["native/blake3"], &rows)?;

        #[cfg(xkcp)]
        compare(xkcp::permutations(NODES), &["native/keccak256"], &rows)?;
    }
    Ok(())
}

fn compare(theirs: Way<'_>, schemes: &[&str], rows: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let mut ways = vec![theirs];
    for name in schemes {
        let (family, hash) = name.split_once('/').ok_or("family/hash")?;
        let scheme = Scheme::of_family(family, accelerated(hash).ok_or("a hash")?)?;
        let mut parents = vec![0; NODES * 32];
        ways.push(Way::new(*name, NODES, move || {
            // A built-in hash does not fail on rows that fit.
            let _ = scheme.nodes(1, Places::From(0), rows, &mut parents);
        }));
    }
    table(&mut ways, 101, Duration::from_millis(4));
    Ok(())
}

#[cfg(xkcp)]
mod xkcp {
    use tallystick_bench::Way;

    /// Eight states, word by word.
    #[repr(C, align(64))]
    struct States([u64; 200]);

    unsafe extern "C" {
        #[link_name = "KeccakP1600times8_PermuteAll_24rounds"]
        fn permute(states: *mut States);
    }

    /// As many permutations as there are nodes.
    pub fn permutations(count: usize) -> Way<'static> {
        let mut states = Box::new(States([0; 200]));
        Way::new("XKCP, eight permutations", count, move || {
            for _ in 0..count / 8 {
                // SAFETY: the states are as large and as aligned as XKCP's.
                unsafe { permute(&mut *states) };
            }
        })
    }
}
