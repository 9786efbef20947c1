//! Claims about trees of huge sizes, with small proofs.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MAX_PATH, MultiProof};
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_proof::verify::{Claim, verify_extends, verify_inclusion, verify_many};
use tallystick_tree::kernels::accelerated;

use super::{SMALL, measure};
use crate::sparse::costly;
use crate::tally::{Fault, Tally};

/// Sizes at the edges of what fits.
const SIZES: [u64; 8] = [1, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX];

pub(super) fn run(tally: &mut Tally) -> Result<(), Fault> {
    for family in families() {
        let scheme = Scheme::of_family(family, accelerated("sha256").ok_or("a hash")?)?;
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
    for (what, length, refused) in costly(SMALL)? {
        measure(&what, length, tally, refused);
    }
    Ok(())
}
