//! Namespaced trees against the vectors that the Python twin writes, and at the edges of the numbers.

mod common;

use common::Outcome;
use common::vectors::{bytes, forms, groups, judged, number, of, text};
use serde_json::Value;
use tallystick_proof::codec::Namespaced;
use tallystick_proof::frame::Places;
use tallystick_proof::hash::{HashError, builtin};
use tallystick_proof::head::{HeadError, TreeHead};
use tallystick_proof::proof::{AbsenceProof, InclusionProof, NamespaceProof, ProofError};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_proof::verify::{Refusal, verify_absent, verify_namespace, verify_namespaced};

fn celestia() -> Result<Scheme, Box<dyn std::error::Error>> {
    Ok(Scheme::of_family("celestia", builtin("sha256").ok_or("a hash")?)?)
}

fn verdict(test: &Value) -> Result<Result<(), Refusal>, Box<dyn std::error::Error>> {
    let Namespaced(head) = of::<Namespaced<TreeHead>>(test, "head")?;
    let namespace = bytes(&test["namespace"])?;
    Ok(match text(&test["claim"])? {
        "included" => {
            let Namespaced(proof) = of::<Namespaced<InclusionProof>>(test, "proof")?;
            let (index, leaf) = (number(&test["index"])?, bytes(&test["leaf"])?);
            verify_namespaced(&head, index, &namespace, &leaf, proof.digests())
        }
        "whole" => {
            let leaves = test["leaves"].as_array().ok_or("leaves")?.iter().map(bytes).collect::<Result<Vec<_>, _>>()?;
            let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
            verify_namespace(&head, &namespace, &leaves, &of(test, "proof")?)
        }
        _ => verify_absent(&head, &namespace, &of(test, "proof")?),
    })
}

#[test]
fn claims() -> Outcome {
    let (accepted, refused) = judged("namespaced.json", "claim", verdict)?;
    assert!(accepted > 80 && refused > 80, "{accepted} {refused}");
    Ok(())
}

#[test]
fn three_forms() -> Outcome {
    let mut count = 0;
    for group in groups("namespaced_encodings.json")? {
        count += match text(&group["object"])? {
            "scheme" => forms::<Scheme>(&group)?,
            "namespaced-head" => forms::<Namespaced<TreeHead>>(&group)?,
            "namespaced-inclusion-proof" => forms::<Namespaced<InclusionProof>>(&group)?,
            "namespace-proof" => forms::<NamespaceProof>(&group)?,
            "absence-proof" => forms::<AbsenceProof>(&group)?,
            other => return Err(format!("no object {other}").into()),
        };
    }
    assert!(count > 500, "{count}");
    Ok(())
}

#[test]
fn the_scheme_as_a_value() -> Outcome {
    let scheme = celestia()?;
    assert_eq!((scheme.kind(), scheme.width(), scheme.record()), (Kind::Namespaced, 90, Record::namespaced(32, 29)));
    assert!(scheme.separates_leaves() && scheme.binds_index() && scheme.appendable() && !scheme.binds_size());
    assert!(scheme.with_context(vec![1]).is_err());
    let hash = || builtin("sha256").ok_or("a hash");
    assert_eq!(Scheme::of_family("namespaced(8)", hash()?)?.width(), 48);
    assert_eq!(Scheme::of_family("namespaced(255)", hash()?)?.width(), 542);
    for wrong in ["namespaced", "namespaced()", "namespaced(0)", "namespaced(256)", "namespaced(08)", "celestia(29)"] {
        assert!(Scheme::of_family(wrong, hash()?).is_err(), "{wrong}");
    }
    Ok(())
}

#[test]
fn nodes_are_refused_before_they_are_hashed() -> Outcome {
    let scheme = Scheme::of_family("namespaced(1)", builtin("sha256").ok_or("a hash")?)?;
    let node = |min: u8, max: u8| [vec![min, max], vec![7; 32]].concat();
    let joined = |left: (u8, u8), right: (u8, u8)| {
        let mut out = vec![0; 34];
        let children = [node(left.0, left.1), node(right.0, right.1)].concat();
        scheme.nodes(1, Places::From(0), &children, &mut out).map(|()| (out[0], out[1]))
    };
    assert_eq!(joined((1, 2), (2, 5))?, (1, 5));
    // The highest namespace is left out, but where nothing else is below the node.
    assert_eq!(joined((1, 2), (255, 255))?, (1, 2));
    assert_eq!(joined((255, 255), (255, 255))?, (255, 255));
    assert_eq!(joined((1, 2), (9, 255))?, (1, 255));
    for (left, right) in [((2, 1), (3, 3)), ((1, 3), (2, 4)), ((1, 2), (4, 3)), ((255, 255), (1, 1))] {
        assert!(matches!(joined(left, right), Err(HashError::NamespaceOrder)), "{left:?} {right:?}");
    }
    let mut out = vec![0; 34];
    assert!(matches!(scheme.leaves(Places::From(0), &[b""], &mut out), Err(HashError::NoNamespace(1))));
    assert!(scheme.nodes(1, Places::From(0), &[0; 67], &mut out).is_err());
    // More than are hashed together.
    let (leaves, mut rows): (Vec<u8>, _) = ((0..200).collect(), vec![0; 200 * 34]);
    scheme.leaf_rows(Places::From(0), &leaves, 1, &mut rows)?;
    let mut parents = vec![0; 100 * 34];
    scheme.nodes(1, Places::From(0), &rows, &mut parents)?;
    for (place, parent) in parents.chunks_exact(34).enumerate() {
        let mut alone = vec![0; 34];
        scheme.nodes(1, Places::From(0), &rows[place * 68..][..68], &mut alone)?;
        assert_eq!(parent, alone);
        assert_eq!(usize::from(parent[1]), 2 * place + 1);
    }
    Ok(())
}

#[test]
fn heads_and_proofs_that_cannot_be() -> Outcome {
    let scheme = celestia()?;
    assert!(matches!(TreeHead::new(scheme.clone(), 1, vec![0; 32]), Err(HeadError::RootSize { expected: 90, .. })));
    let upside_down = [vec![1; 29], vec![0; 61]].concat();
    assert!(matches!(TreeHead::new(scheme.clone(), 1, upside_down), Err(HeadError::Range)));
    let record = scheme.record();
    assert!(matches!(AbsenceProof::new(record, 1, vec![]), Err(ProofError::StartWithoutNodes(1))));
    assert!(matches!(NamespaceProof::new(record, 0, vec![0; 89]), Err(ProofError::Ragged { length: 89, width: 90 })));
    assert!(matches!(NamespaceProof::new(Record::namespaced(32, 0), 0, vec![]), Err(ProofError::NamespaceSize)));
    assert!(matches!(NamespaceProof::new(record, 0, vec![0; 256 * 90]), Err(ProofError::TooLong(256))));
    Ok(())
}

#[test]
fn sizes_and_places_near_the_end_of_64_bits() -> Outcome {
    let scheme = celestia()?;
    let root = [vec![0; 29], vec![9; 29], vec![0; 32]].concat();
    let head = TreeHead::new(scheme.clone(), u64::MAX, root)?;
    let (namespace, record) = ([1; 29], scheme.record());
    let leaves: [&[u8]; 2] = [b"a", b"b"];
    for start in [u64::MAX - 1, u64::MAX] {
        let proof = NamespaceProof::new(record, start, vec![0; 90 * 64])?;
        let refusal = verify_namespace(&head, &namespace, &leaves, &proof).err();
        assert_eq!(refusal.as_ref().map(Refusal::reason), Some("INDEX_OUT_OF_RANGE"));
        let proof = AbsenceProof::new(record, start, vec![0; 90 * 63])?;
        let expected = if start == u64::MAX { "INDEX_OUT_OF_RANGE" } else { "DIGEST_COUNT" };
        assert_eq!(verify_absent(&head, &namespace, &proof).err().map(|refusal| refusal.reason()), Some(expected));
    }
    let proof = NamespaceProof::new(record, u64::MAX - 2, vec![0; 90])?;
    let refusal = verify_namespace(&head, &namespace, &leaves, &proof).err();
    assert_eq!(refusal.map(|refusal| refusal.reason()), Some("DIGEST_COUNT"));
    Ok(())
}
