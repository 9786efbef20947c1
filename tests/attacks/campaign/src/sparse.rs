//! Sparse trees: proofs for the decoders, and what claims about keys may cost.

use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_proof::sparse::{KEY_SIZE, Sparse, SparseMultiProof, SparseProof};
use tallystick_proof::verify::{KeyClaims, verify_key, verify_key_absent, verify_keys};
use tallystick_tree::kernels::accelerated;

use crate::objects::{Codec, codecs_of};
use crate::tally::Fault;

/// Every family of sparse trees with this hash.
fn schemes(hash: &str) -> Result<Vec<Scheme>, Fault> {
    let hash = accelerated(hash).ok_or("a hash")?;
    let all = families().map(|family| Scheme::of_family(family, hash.clone()));
    Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|scheme| scheme.kind() == Kind::Sparse).collect())
}

/// A decoder for each object and form.
pub(crate) fn codecs() -> Result<Vec<Codec>, Fault> {
    let mut heads = Vec::new();
    for scheme in schemes("sha256")? {
        for size in [0, 7, u64::MAX] {
            heads.push(Sparse(TreeHead::new(scheme.clone(), size, vec![0xab; 32])?));
        }
    }
    let singles = [
        SparseProof::new(32, 0, 0, vec![], vec![], vec![])?,
        SparseProof::new(32, 1, 9, vec![0x81, 0x80], vec![7; 96], vec![])?,
        SparseProof::new(48, 2, 3, vec![0x60], vec![7; 96], vec![9; 80])?,
        SparseProof::new(32, 0, 256, vec![255; 32], vec![5; 256 * 32], vec![])?,
    ];
    let multis = [
        SparseMultiProof::new(64, vec![], vec![], vec![])?,
        SparseMultiProof::new(32, vec![1; 9], vec![2; 3 * 64], vec![3; 5 * 32])?,
    ];
    Ok(codecs_of(&heads).chain(codecs_of(&singles)).chain(codecs_of(&multis)).collect())
}

/// What is claimed and with what, and whether it is refused.
type Case = (String, usize, Box<dyn Fn() -> bool>);

/// Shapes, witnesses and digests of so many bytes, for claims that are as large.
pub(crate) fn costly(bytes: usize) -> Result<Vec<Case>, Fault> {
    let mut cases: Vec<Case> = Vec::new();
    let count = bytes / KEY_SIZE;
    // Keys far apart, and keys that part in their last bits.
    let spread: Vec<Vec<u8>> = (0..count).map(|place| vec![(place * 37 % 256) as u8; KEY_SIZE]).collect();
    let close: Vec<Vec<u8>> =
        (0..count).map(|place| [&[0; KEY_SIZE - 2][..], &(place as u16).to_be_bytes()].concat()).collect();
    for scheme in schemes("sha256")? {
        for size in [0, 1, 2, u64::MAX] {
            let head = TreeHead::new(scheme.clone(), size, vec![9; 32])?;
            for (keys, how) in [(&spread, "far apart"), (&close, "close together")] {
                for fill in [0, 0x55, 0xaa, 0xb6, 0xff] {
                    for (present, witnesses) in [(0, 0), (0, count / 2), (count, 0)] {
                        let shape = vec![fill; bytes];
                        let proof = SparseMultiProof::new(32, shape, vec![7; witnesses * 64], vec![7; witnesses * 32])?;
                        let length = 2 * bytes + witnesses * 96;
                        let what = format!("{} of {size} keys, {present} present {how}, {fill:x}", scheme.name());
                        let (head, keys) = (head.clone(), keys.clone());
                        cases.push((
                            what,
                            length,
                            Box::new(move || {
                                let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
                                let (present, absent) = keys.split_at(present);
                                let values = vec![&b""[..]; present.len()];
                                verify_keys(&head, KeyClaims { present, values: &values, absent }, &proof).is_err()
                            }),
                        ));
                    }
                }
            }
            let path = SparseProof::new(32, 0, 256, vec![255; 32], vec![5; 256 * 32], vec![])?;
            let empty = SparseProof::new(32, 1, 256, vec![255; 32], vec![5; 256 * 32], vec![])?;
            let what = format!("{} of {size} keys, one path", scheme.name());
            cases.push((
                what,
                256 * 32,
                Box::new(move || {
                    verify_key(&head, &[3; KEY_SIZE], b"", &path).is_err()
                        && verify_key_absent(&head, &[3; KEY_SIZE], &empty).is_err()
                }),
            ));
        }
    }
    Ok(cases)
}
