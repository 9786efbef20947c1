//! Proofs as values: what can be one, and what it holds.

mod common;

use common::Outcome;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MAX_PATH, MultiProof, ProofBatch, ProofError};

#[test]
fn lists_of_digests() -> Outcome {
    for size in [0, 1, 31, 65, 256] {
        assert_eq!(InclusionProof::new(size, vec![]), Err(ProofError::DigestSize(size)));
        assert_eq!(ProofBatch::new(size, vec![], vec![0]), Err(ProofError::DigestSize(size)));
    }
    for size in [32, 48, 64] {
        let bytes: Vec<u8> = (0..3 * size).map(|byte| byte as u8).collect();
        let proof = MultiProof::new(size, bytes.clone())?;
        let digests = proof.digests();
        assert_eq!((digests.digest_size(), digests.bytes(), digests.count()), (size, &bytes[..], 3));
        assert_eq!(MultiProof::new(size, vec![])?.digests().count(), 0);
        let ragged = ProofError::Ragged { length: 3 * size - 1, width: size };
        assert_eq!(MultiProof::new(size, bytes[1..].to_vec()), Err(ragged));
        assert_eq!(ConsistencyProof::new(size, bytes[1..].to_vec()), Err(ragged));
        for count in [MAX_PATH - 1, MAX_PATH, MAX_PATH + 1] {
            let bytes = vec![0; count * size];
            let long = ProofError::TooLong(count as u64);
            let fits = count <= MAX_PATH;
            assert_eq!(InclusionProof::new(size, bytes.clone()).err(), (!fits).then_some(long));
            assert_eq!(ConsistencyProof::new(size, bytes.clone()).err(), (!fits).then_some(long));
            assert!(MultiProof::new(size, bytes).is_ok());
        }
    }
    Ok(())
}

#[test]
fn batches() -> Outcome {
    let bytes: Vec<u8> = (0..3 * 48).collect();
    let batch = ProofBatch::new(48, bytes.clone(), vec![0, 1, 1, 3])?;
    assert_eq!((batch.len(), batch.is_empty(), batch.digest_size()), (3, false, 48));
    assert_eq!((batch.digests(), batch.offsets()), (&bytes[..], &[0, 1, 1, 3][..]));
    let path = |place| batch.path(place).map(|path| (path.digest_size(), path.bytes(), path.count()));
    assert_eq!(path(0), Some((48, &bytes[..48], 1)));
    assert_eq!(path(1), Some((48, &[][..], 0)));
    assert_eq!(path(2), Some((48, &bytes[48..], 2)));
    assert_eq!((path(3), path(usize::MAX), batch.proof(3)), (None, None, None));
    assert_eq!(batch.proof(2), Some(InclusionProof::new(48, bytes[48..].to_vec())?));
    assert_eq!(batch.clone().into_parts(), (bytes.clone(), vec![0, 1, 1, 3]));
    let empty = ProofBatch::new(32, vec![], vec![0])?;
    assert_eq!((empty.len(), empty.is_empty(), empty.digest_size(), empty.offsets()), (0, true, 32, &[0][..]));
    for offsets in [vec![], vec![1, 3], vec![0, 2], vec![0, 2, 1, 3], vec![0, 4], vec![0, 3, 4], vec![0]] {
        assert_eq!(ProofBatch::new(48, bytes.clone(), offsets), Err(ProofError::Offsets(3)));
    }
    let long = vec![0; (MAX_PATH + 1) * 32];
    assert_eq!(ProofBatch::new(32, long.clone(), vec![0, 256]), Err(ProofError::TooLong(256)));
    assert_eq!(ProofBatch::new(32, long.clone(), vec![0, 255, 256])?.len(), 2);
    assert_eq!(ProofBatch::new(32, long[1..].to_vec(), vec![0]), Err(ProofError::Ragged { length: 8191, width: 32 }));
    Ok(())
}
