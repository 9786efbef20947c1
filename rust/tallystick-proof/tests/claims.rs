//! The verifiers against a tree by the definition, and the forgeries that others let pass (numbers of the catalogue).

mod common;

use common::{Oracle, Outcome, schemes, subsets};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{
    Claim, OnTheSpot, Refusal, Rows, Verified, check_each, extract, merge, verify_extends, verify_inclusion,
    verify_leaf_digest, verify_many,
};

fn reason(verdict: &Result<(), Refusal>) -> &'static str {
    verdict.as_ref().err().map_or("ACCEPTED", Refusal::reason)
}

fn single(scheme: &Scheme, bytes: &[u8]) -> Result<InclusionProof, Box<dyn std::error::Error>> {
    Ok(InclusionProof::new(scheme.digest_size(), bytes.to_vec())?)
}

fn multi(scheme: &Scheme, bytes: &[u8]) -> Result<MultiProof, Box<dyn std::error::Error>> {
    Ok(MultiProof::new(scheme.digest_size(), bytes.to_vec())?)
}

#[test]
fn every_leaf_of_every_size() -> Outcome {
    for scheme in schemes()? {
        let tree = Oracle::new(scheme.clone(), 21);
        for size in 1..=21 {
            let head = tree.head(size)?;
            for index in 0..size {
                let path = tree.path(index, size)?;
                let proof = single(&scheme, &path)?;
                verify_inclusion(&head, index, tree.row(index), proof.digests())?;
                verify_leaf_digest(&head, index, &tree.leaf(index)?, proof.digests())?;
                let digest = vec![0; scheme.digest_size()];
                assert_eq!(reason(&verify_leaf_digest(&head, index, &digest, proof.digests())), "ROOT_MISMATCH");
                assert_eq!(reason(&verify_leaf_digest(&head, index, &digest[1..], proof.digests())), "DIGEST_SIZE");
                assert_eq!(reason(&verify_leaf_digest(&head, size, &digest, proof.digests())), "INDEX_OUT_OF_RANGE");
                let longer = single(&scheme, &[&path[..], &digest].concat())?;
                assert_eq!(reason(&verify_leaf_digest(&head, index, &digest, longer.digests())), "DIGEST_COUNT");
                assert_eq!(reason(&verify_inclusion(&head, index, tree.row(index), longer.digests())), "DIGEST_COUNT");
                assert_eq!(reason(&verify_inclusion(&head, index, b"x", proof.digests())), "ROOT_MISMATCH");
                assert_eq!(reason(&verify_inclusion(&head, size, b"x", proof.digests())), "INDEX_OUT_OF_RANGE");
                for other in (0..size).filter(|other| *other != index) {
                    assert!(verify_inclusion(&head, other, tree.row(index), proof.digests()).is_err());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn reasons_come_in_order_and_carry_numbers() -> Outcome {
    let scheme = schemes()?.remove(0);
    let tree = Oracle::new(scheme.clone(), 7);
    let head = tree.head(7)?;
    let other = InclusionProof::new(48, vec![0; 48])?;
    let refused = verify_inclusion(&head, 7, b"", other.digests());
    assert!(matches!(refused, Err(Refusal::IndexOutOfRange { index: 7, size: 7 })));
    let refused = verify_inclusion(&head, 6, b"", other.digests());
    assert!(matches!(refused, Err(Refusal::DigestSize { found: 48, expected: 32 })));
    let short = single(&scheme, &[0; 32])?;
    let refused = verify_inclusion(&head, 6, b"", short.digests());
    assert!(matches!(refused, Err(Refusal::DigestCount { found: 1, expected: 2, size: 7 })));
    let forged = single(&scheme, &[0; 64])?;
    match verify_inclusion(&head, 6, b"", forged.digests()) {
        Err(Refusal::RootMismatch { of, expected, computed }) => {
            assert_eq!((of, expected.as_slice()), ("the head", head.root()));
            assert_ne!(computed, expected);
        }
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

/// A13, A14: nothing is in an empty tree, and nothing is shown to grow from it.
#[test]
fn the_empty_tree() -> Outcome {
    for scheme in schemes()? {
        let tree = Oracle::new(scheme.clone(), 2);
        let (empty, two) = (tree.head(0)?, tree.head(2)?);
        let nothing = single(&scheme, &[])?;
        assert_eq!(reason(&verify_inclusion(&empty, 0, b"", nothing.digests())), "INDEX_OUT_OF_RANGE");
        let claim = Claim { indices: &[], leaves: &[] };
        assert_eq!(reason(&verify_many(&empty, claim, nothing.digests())), "EMPTY_CLAIM");
        assert_eq!(reason(&verify_many(&two, claim, nothing.digests())), "EMPTY_CLAIM");
        for newer in [&empty, &two] {
            assert_eq!(reason(&verify_extends(newer, &empty, nothing.digests())), "NOT_LARGER");
        }
    }
    Ok(())
}

#[test]
fn every_subset_cut_and_joined() -> Outcome {
    for scheme in schemes()? {
        let tree = Oracle::new(scheme.clone(), 7);
        for size in 1..=7 {
            let head = tree.head(size)?;
            for mut indices in subsets(size) {
                let proof = multi(&scheme, &tree.proof(&indices, size)?)?;
                // In any order, as long as each leaf stands at the place of its index.
                let places = size as usize % indices.len();
                indices.rotate_left(places);
                let rows = tree.rows(&indices);
                let claim = Claim { indices: &indices, leaves: &rows };
                verify_many(&head, claim, proof.digests())?;
                let verified = Verified::new(&OnTheSpot, &head, claim, proof.digests())?;
                let each = verified.extract_each(&indices)?;
                for (place, index) in indices.iter().enumerate() {
                    assert_eq!(each.proof(place), Some(single(&scheme, &tree.path(*index, size)?)?));
                }
                assert!(matches!(verified.extract_each(&[indices[0], size]), Err(Refusal::NotClaimed(_))));
                assert!(verified.extract_each(&[])?.is_empty());
                for index in 0..size {
                    let cut = extract(&head, claim, proof.digests(), index);
                    if indices.contains(&index) {
                        assert_eq!(cut?, single(&scheme, &tree.path(index, size)?)?);
                    } else {
                        assert!(matches!(cut, Err(Refusal::NotClaimed(asked)) if asked == index));
                    }
                    let own = single(&scheme, &tree.path(index, size)?)?;
                    let one = (Claim { indices: &[index], leaves: &[tree.row(index)] }, own.digests());
                    let joined = merge(&head, one, (claim, proof.digests()))?;
                    let mut all = [&indices[..], &[index]].concat();
                    all.sort_unstable();
                    assert_eq!(joined, multi(&scheme, &tree.proof(&all, size)?)?);
                    assert_eq!(merge(&head, (claim, proof.digests()), one)?, joined);
                }
            }
        }
    }
    Ok(())
}

/// Verdicts on many claims at once are those on each alone, for true and false ones mixed.
#[test]
fn each_is_judged_as_if_alone() -> Outcome {
    for scheme in schemes()? {
        let (tree, width) = (Oracle::new(scheme.clone(), 33), scheme.digest_size());
        for size in (1..=17).chain([31, 32, 33]) {
            let head = tree.head(size)?;
            let (mut indices, mut rows) = (Vec::new(), Vec::new());
            let (mut digests, mut offsets) = (Vec::new(), vec![0]);
            let mut claim = |index: u64, row: u64, path: Vec<u8>| {
                indices.push(index);
                rows.push(tree.row(row));
                digests.extend(path);
                offsets.push((digests.len() / width) as u64);
            };
            for index in 0..size {
                let path = tree.path(index, size)?;
                claim(index, index, path.clone());
                claim(index, (index + 1) % 33, path.clone());
                claim(index ^ 1, index, path.clone());
                claim(index + size, index, path.clone());
                // Of the last leaf: where a node that moved up would be mistaken for it.
                claim(index + 1, index, path.clone());
                claim(u64::MAX, index, path.clone());
                claim(index, index, [&path[..], &[0; 64][..width]].concat());
                if let Some(shorter) = path.len().checked_sub(width) {
                    claim(index, index, path[..shorter].to_vec());
                    claim(index, index, path.iter().rev().copied().collect());
                }
            }
            let proofs = ProofBatch::new(width, digests, offsets)?;
            let mut verdicts = vec![false; indices.len()];
            check_each(&head, &indices, Rows::Ragged(&rows), &proofs, 0, &mut verdicts)?;
            for (place, verdict) in verdicts.iter().enumerate() {
                let path = proofs.path(place).ok_or("a proof")?;
                let alone = verify_inclusion(&head, indices[place], rows[place], path);
                assert_eq!(alone.is_ok(), *verdict, "{scheme:?} {size} {place}: {alone:?}");
            }
            assert!(verdicts.iter().filter(|verdict| **verdict).count() >= size as usize);
            // From the middle on, and digests of another size.
            let (middle, mut rest) = (verdicts.len() / 2, vec![true; verdicts.len() / 2]);
            let some = middle..middle + rest.len();
            check_each(&head, &indices[some.clone()], Rows::Ragged(&rows[some.clone()]), &proofs, middle, &mut rest)?;
            assert_eq!(rest, verdicts[some]);
            let other = ProofBatch::new(if width == 32 { 48 } else { 32 }, Vec::new(), vec![0; indices.len() + 1])?;
            check_each(&head, &indices, Rows::Ragged(&rows), &other, 0, &mut verdicts)?;
            assert!(!verdicts.contains(&true));
        }
    }
    Ok(())
}

/// A4, A5, A6: leaves that enter no hash, and digests that are left over.
#[test]
fn many_leaves_forged() -> Outcome {
    for scheme in schemes()? {
        let (tree, width) = (Oracle::new(scheme.clone(), 7), scheme.digest_size());
        let head = tree.head(7)?;
        let honest = multi(&scheme, &tree.proof(&[0, 1, 6], 7)?)?;
        let rows = tree.rows(&[0, 1, 6]);
        let check = |indices: &[u64], leaves: &[&[u8]], proof: &MultiProof| {
            let claim = Claim { indices, leaves };
            let verdict = verify_many(&head, claim, proof.digests());
            let whole = (Claim { indices: &[0, 1, 6], leaves: &rows }, honest.digests());
            assert_eq!(verdict.is_ok(), extract(&head, claim, proof.digests(), 0).is_ok());
            assert_eq!(verdict.is_ok(), merge(&head, (claim, proof.digests()), whole).is_ok());
            assert_eq!(verdict.is_ok(), merge(&head, whole, (claim, proof.digests())).is_ok());
            reason(&verdict)
        };
        let [zero, one, six] = rows[..] else { return Err("three rows".into()) };
        assert_eq!(check(&[6, 0, 1], &[six, zero, one], &honest), "ACCEPTED");
        assert_eq!(check(&[0, 1, 6], &[zero, six, one], &honest), "ROOT_MISMATCH");
        assert_eq!(check(&[0, 1, 1, 6], &[zero, one, b"FAKE", six], &honest), "DUPLICATE_INDEX");
        assert_eq!(check(&[0, 1, 1, 6], &[zero, one, one, six], &honest), "DUPLICATE_INDEX");
        assert_eq!(check(&[0, 0], &[zero, zero], &honest), "DUPLICATE_INDEX");
        assert_eq!(check(&[0, 1, 7], &[zero, one, six], &honest), "INDEX_OUT_OF_RANGE");
        assert_eq!(check(&[0, 1, u64::MAX], &[zero, one, six], &honest), "INDEX_OUT_OF_RANGE");
        assert_eq!(check(&[0, 1, 6], &[zero, one], &honest), "LENGTH_MISMATCH");
        assert_eq!(check(&[0, 1], &[zero, one, six], &honest), "LENGTH_MISMATCH");
        assert_eq!(check(&[0, 1], &[zero, one], &honest), "ROOT_MISMATCH"); // as many digests, another tree
        assert_eq!(check(&[0, 6], &[zero, six], &honest), "DIGEST_COUNT");
        assert_eq!(check(&[0, 1, 5], &[zero, one, six], &honest), "DIGEST_COUNT");
        let bytes = honest.digests().bytes();
        assert_eq!(check(&[0, 1, 6], &rows, &multi(&scheme, &[bytes, &vec![0; width]].concat())?), "DIGEST_COUNT");
        assert_eq!(check(&[0, 1, 6], &rows, &multi(&scheme, &bytes[width..])?), "DIGEST_COUNT");
        let swapped = [&bytes[width..], &bytes[..width]].concat();
        assert_eq!(check(&[0, 1, 6], &rows, &multi(&scheme, &swapped)?), "ROOT_MISMATCH");
        let narrow = if width == 48 { MultiProof::new(32, vec![0; 64])? } else { MultiProof::new(48, vec![0; 96])? };
        assert_eq!(check(&[0, 1, 6], &rows, &narrow), "DIGEST_SIZE");
    }
    // A4's own input: one leaf, a zero digest, two malicious leaves.
    let scheme = schemes()?.remove(3);
    let tree = Oracle::new(scheme.clone(), 1);
    let (head, leaf) = (tree.head(1)?, tree.leaf(0)?);
    let proof = multi(&scheme, &[leaf.clone(), leaf].concat())?;
    let claim = Claim { indices: &[0, 1], leaves: &[b"malicious", b"malicious too"] };
    assert_eq!(reason(&verify_many(&head, claim, proof.digests())), "INDEX_OUT_OF_RANGE");
    Ok(())
}

#[test]
fn growth_between_all_sizes() -> Outcome {
    for scheme in schemes()? {
        let (tree, width) = (Oracle::new(scheme.clone(), 20), scheme.digest_size());
        for (older, newer) in (1..=20).flat_map(|newer| (1..=newer).map(move |older| (older, newer))) {
            let (old, new) = (tree.head(older)?, tree.head(newer)?);
            let bytes = if older == newer { vec![] } else { tree.growth(older, newer, scheme.binds_size())? };
            let proof = ConsistencyProof::new(width, bytes.clone())?;
            verify_extends(&new, &old, proof.digests())?;
            let longer = ConsistencyProof::new(width, [&bytes[..], &vec![0; width]].concat())?;
            assert_eq!(reason(&verify_extends(&new, &old, longer.digests())), "DIGEST_COUNT");
            if older < newer {
                assert_eq!(reason(&verify_extends(&old, &new, proof.digests())), "NOT_LARGER");
            }
            // Each root alone decides, too.
            let zeros = |size| TreeHead::new(scheme.clone(), size, vec![0; width]);
            assert_eq!(reason(&verify_extends(&zeros(newer)?, &old, proof.digests())), "ROOT_MISMATCH");
            assert_eq!(reason(&verify_extends(&new, &zeros(older)?, proof.digests())), "ROOT_MISMATCH");
            for place in 0..bytes.len() / width {
                let mut forged = bytes.clone();
                forged[place * width] ^= 1;
                let forged = ConsistencyProof::new(width, forged)?;
                assert_eq!(reason(&verify_extends(&new, &old, forged.digests())), "ROOT_MISMATCH");
            }
        }
    }
    Ok(())
}

#[test]
fn growth_is_of_one_scheme() -> Outcome {
    let schemes = schemes()?;
    let heads: Vec<TreeHead> =
        schemes.iter().map(|scheme| Oracle::new(scheme.clone(), 2).head(2)).collect::<Result<_, _>>()?;
    let none = ConsistencyProof::new(32, vec![])?;
    for (left, right) in heads.iter().flat_map(|left| heads.iter().map(move |right| (left, right))) {
        let verdict = verify_extends(left, right, none.digests());
        let expected = match (left == right, left.scheme().digest_size()) {
            (false, _) => "OTHER_SCHEME",
            (true, 48) => "DIGEST_SIZE",
            (true, _) => "ACCEPTED",
        };
        assert_eq!(reason(&verdict), expected);
    }
    Ok(())
}

/// A12: a native root binds the size and the context; the proof of one head does not hold for another.
#[test]
fn relabelled_heads() -> Outcome {
    for scheme in schemes()?.into_iter().filter(Scheme::binds_size) {
        let tree = Oracle::new(scheme.clone(), 12);
        for size in 1..=12 {
            let head = tree.head(size)?;
            let other = scheme.with_context(b"another".to_vec())?;
            let elsewhere = TreeHead::new(other, size, head.root().to_vec())?;
            for index in 0..size {
                let proof = single(&scheme, &tree.path(index, size)?)?;
                let refused = verify_inclusion(&elsewhere, index, tree.row(index), proof.digests());
                assert_eq!(reason(&refused), "ROOT_MISMATCH");
                for other in (1..=30).filter(|other| *other != size) {
                    let relabelled = TreeHead::new(scheme.clone(), other, head.root().to_vec())?;
                    assert!(verify_inclusion(&relabelled, index, tree.row(index), proof.digests()).is_err());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn reasons_have_texts_with_numbers() -> Outcome {
    let scheme = schemes()?.remove(0);
    let tree = Oracle::new(scheme.clone(), 3);
    let (head, none) = (tree.head(3)?, single(&scheme, &[])?);
    let text = |verdict: Result<(), Refusal>| verdict.err().map(|refusal| refusal.to_string()).unwrap_or_default();
    assert_eq!(text(verify_inclusion(&head, 5, b"", none.digests())), "index 5 is not below the size, 3");
    assert_eq!(
        text(verify_inclusion(&head, 0, b"", none.digests())),
        "the proof has 0 digests; this claim about a tree of 3 leaves takes 2"
    );
    let claim = Claim { indices: &[1, 0, 1], leaves: &[b"a", b"b", b"c"] };
    assert_eq!(text(verify_many(&head, claim, none.digests())), "index 1 is claimed twice");
    let not_claimed = extract(&head, Claim { indices: &[0, 1, 2], leaves: &tree.rows(&[0, 1, 2]) }, none.digests(), 9);
    match not_claimed {
        Err(refusal @ Refusal::NotClaimed(9)) => {
            assert_eq!(
                (refusal.reason(), refusal.to_string().as_str()),
                ("NOT_CLAIMED", "index 9 is not among the claimed ones")
            );
        }
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}
