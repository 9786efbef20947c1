//! Claims about trees of huge sizes, with small proofs.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MAX_PATH, MultiProof};
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_proof::sparse::{KEY_SIZE, SparseMultiProof, SparseProof};
use tallystick_proof::verify::{
    Claim, KeyClaims, verify_extends, verify_inclusion, verify_key, verify_key_absent, verify_keys, verify_many,
};
use tallystick_tree::kernels::accelerated;

use super::{SMALL, measure};
use crate::tally::{Fault, Tally};

/// Sizes at the edges of what fits.
const SIZES: [u64; 8] = [1, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX];

pub(super) fn run(tally: &mut Tally) -> Result<(), Fault> {
    for family in families() {
        let scheme = Scheme::of_family(family, accelerated("sha256").ok_or("a hash")?)?;
        if scheme.kind() == Kind::Sparse {
            keyed(&scheme, tally)?;
        }
        if scheme.kind() != Kind::Dense {
            continue;
        }
        let heads: Vec<TreeHead> = SIZES
            .iter()
            .filter(|size| scheme.sizes().take(**size))
            .map(|size| TreeHead::new(scheme.clone(), *size, vec![9; 32]))
            .collect::<Result<_, _>>()?;
        for (head, count) in heads.iter().flat_map(|head| [0, 1, 63, 64, 127].map(|count| (head, count))) {
            let what = format!("{family} of {} leaves, {count} digests", head.size());
            let bytes = vec![9; 32 * count];
            let (single, multi) = (InclusionProof::new(32, bytes.clone())?, MultiProof::new(32, bytes.clone())?);
            let growth = ConsistencyProof::new(32, bytes.clone())?;
            for index in [0, 1, head.size() / 2, head.size() - 1, head.size(), u64::MAX] {
                measure(&format!("single, {what}"), bytes.len(), tally, || {
                    verify_inclusion(head, index, b"", single.digests()).is_err()
                });
                // As many claims as fit in a small input.
                let indices: Vec<u64> = (0..SMALL as u64 / 8).map(|place| index.wrapping_add(place * place)).collect();
                let leaves: Vec<&[u8]> = vec![b""; indices.len()];
                measure(&format!("multi, {what}"), SMALL + bytes.len(), tally, || {
                    verify_many(head, Claim { indices: &indices, leaves: &leaves }, multi.digests()).is_err()
                });
            }
            for older in heads.iter().filter(|older| older.size() != head.size() || count > 0) {
                measure(&format!("growth from {}, {what}", older.size()), bytes.len(), tally, || {
                    verify_extends(head, older, growth.digests()).is_err()
                });
            }
        }
        tally.forged(InclusionProof::new(32, vec![0; 32 * (MAX_PATH + 1)]).is_ok(), || "a path too long".into());
    }
    Ok(())
}

/// As many claimed keys as fit in a small input, with shapes that lead each as far down as can be; paths of all levels.
fn keyed(scheme: &Scheme, tally: &mut Tally) -> Result<(), Fault> {
    let keys: Vec<[u8; KEY_SIZE]> =
        (0..(SMALL / KEY_SIZE) as u8).map(|first| [first.wrapping_mul(151); KEY_SIZE]).collect();
    let claimed: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let values: Vec<&[u8]> = vec![b""; claimed.len()];
    for size in [0, 1, 2, 1 << 32, u64::MAX] {
        let head = TreeHead::new(scheme.clone(), size, vec![9; 32])?;
        for shape in [0x00, 0xff, 0xaa, 0x55, 0x92].map(|byte| vec![byte; SMALL]) {
            for count in [0, 1, 128, 8 * SMALL] {
                let proof = SparseMultiProof::new(32, shape.clone(), Vec::new(), vec![9; 32 * count])?;
                for (present, absent) in [(claimed.len(), 0), (0, claimed.len()), (1, claimed.len() - 1)] {
                    let claims = KeyClaims {
                        present: &claimed[..present],
                        values: &values[..present],
                        prehashed: false,
                        absent: &claimed[claimed.len() - absent..],
                    };
                    let what = format!("{} of {size} keys, {present} present, {count} digests", scheme.name());
                    measure(&what, 2 * SMALL + 32 * count, tally, || verify_keys(&head, claims, &proof).is_err());
                }
            }
        }
        for (end, depth) in [(0, 256), (1, 255), (1, 256), (2, 255), (0, 0), (1, 0), (2, 0)] {
            let bytes = usize::from(depth).div_ceil(8);
            let mut bitmap = vec![255; bytes];
            if let Some(last) = bitmap.last_mut().filter(|_| depth % 8 > 0) {
                *last <<= 8 - depth % 8;
            }
            let witness = if end == 2 { vec![9; 64] } else { Vec::new() };
            let digests = vec![9; 32 * usize::from(depth)];
            let proof = SparseProof::new(32, end, depth, bitmap, digests, witness)?;
            measure(&format!("{} of {size}, depth {depth}", scheme.name()), 32 * 300, tally, || {
                verify_key(&head, &keys[0], b"", &proof).is_err() && verify_key_absent(&head, &keys[0], &proof).is_err()
            });
        }
    }
    Ok(())
}
