//! Sparse trees against the vectors that the Python twin writes, and what makes no proof.

mod common;

use common::Outcome;
use common::vectors::{bytes, forms, groups, judged, of, tests, text};
use serde_json::Value;
use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ProofError;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::sparse::{Sparse, SparseMultiProof, SparseProof};
use tallystick_proof::verify::{KeyClaims, Refusal, verify_key, verify_key_absent, verify_key_digest, verify_keys};

fn verdict(test: &Value) -> Result<Result<(), Refusal>, Box<dyn std::error::Error>> {
    let Sparse(head) = of::<Sparse<TreeHead>>(test, "head")?;
    Ok(match text(&test["claim"])? {
        "present" => {
            let (key, value) = (bytes(&test["key"])?, bytes(&test["value"])?);
            let proof = of(test, "proof")?;
            let verdict = verify_key(&head, &key, &value, &proof);
            let mut digest = vec![0; head.scheme().digest_size()];
            head.scheme().values(&[&value], &mut digest)?;
            let again = verify_key_digest(&head, &key, &digest, &proof);
            let reason = |verdict: &Result<(), Refusal>| verdict.as_ref().err().map(Refusal::reason);
            assert_eq!(reason(&verdict), reason(&again), "{}", test["id"]);
            verdict
        }
        "absent" => verify_key_absent(&head, &bytes(&test["key"])?, &of(test, "proof")?),
        _ => {
            let list =
                |field: &str| Ok::<_, Box<dyn std::error::Error>>(test[field].as_array().ok_or("a list")?.iter());
            let part = |place: usize| list("present")?.map(|pair| bytes(&pair[place])).collect::<Result<Vec<_>, _>>();
            let (present, values) = (part(0)?, part(1)?);
            let absent = list("absent")?.map(bytes).collect::<Result<Vec<_>, _>>()?;
            let [present, values, absent] =
                [&present, &values, &absent].map(|rows| rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let claims = KeyClaims { present: &present, values: &values, prehashed: false, absent: &absent };
            verify_keys(&head, claims, &of::<SparseMultiProof>(test, "proof")?)
        }
    })
}

#[test]
fn claims() -> Outcome {
    let (accepted, refused) = judged("sparse.json", "claim", verdict)?;
    assert!(accepted > 300 && refused > 200, "{accepted} {refused}");
    Ok(())
}

#[test]
fn three_forms() -> Outcome {
    let mut count = 0;
    for group in groups("sparse_encodings.json")? {
        count += match text(&group["object"])? {
            "scheme" => forms::<Scheme>(&group)?,
            "sparse-head" => forms::<Sparse<TreeHead>>(&group)?,
            "sparse-proof" => forms::<SparseProof>(&group)?,
            "sparse-multi-proof" => forms::<SparseMultiProof>(&group)?,
            other => return Err(format!("no object {other}").into()),
        };
    }
    assert!(count > 300, "{count}");
    Ok(())
}

fn head(family: &str, size: u64) -> Result<TreeHead, Box<dyn std::error::Error>> {
    let scheme = Scheme::of_family(family, builtin("sha256").ok_or("a hash")?)?;
    let top = scheme.empty_subtree(0).to_vec();
    Ok(TreeHead::of_top(scheme, size, Some(&top))?)
}

#[test]
fn what_makes_no_proof() {
    let proof = |size, end, depth, bitmap: &[u8], digests: usize, witness: usize| {
        SparseProof::new(size, end, depth, bitmap.to_vec(), vec![1; digests], vec![2; witness])
    };
    assert!(proof(32, 2, 9, &[1, 128], 64, 64).is_ok());
    let refused = [
        (proof(31, 0, 0, &[], 0, 0), ProofError::DigestSize(31)),
        (proof(65, 0, 0, &[], 0, 0), ProofError::DigestSize(65)),
        (proof(32, 4, 0, &[], 0, 0), ProofError::End(4)),
        (proof(32, 0, 257, &[0; 33], 0, 0), ProofError::Depth { depth: 257, most: 256 }),
        (proof(32, 2, 256, &[0; 32], 0, 64), ProofError::Depth { depth: 256, most: 255 }),
        (proof(32, 3, 255, &[0; 32], 0, 64), ProofError::Depth { depth: 255, most: 254 }),
        (proof(32, 0, 8, &[0; 2], 0, 0), ProofError::BitmapSize { found: 2, expected: 1 }),
        (proof(32, 0, 9, &[0; 1], 0, 0), ProofError::BitmapSize { found: 1, expected: 2 }),
        (proof(32, 0, 9, &[0, 64], 32, 0), ProofError::SpareBits),
        (proof(32, 0, 9, &[0, 128], 64, 0), ProofError::Siblings { found: 2, expected: 1 }),
        (proof(32, 0, 9, &[0, 128], 33, 0), ProofError::Ragged { length: 33, width: 32 }),
        (proof(32, 2, 0, &[], 0, 0), ProofError::WitnessSize { found: 0, expected: 64 }),
        (proof(32, 3, 0, &[], 0, 0), ProofError::WitnessSize { found: 0, expected: 64 }),
        (proof(32, 1, 0, &[], 0, 64), ProofError::WitnessSize { found: 64, expected: 0 }),
    ];
    for (made, error) in refused {
        assert_eq!(made, Err(error));
    }
    let many =
        |shape, witnesses, digests| SparseMultiProof::new(32, vec![0; shape], vec![0; witnesses], vec![0; digests]);
    assert!(many(300, 128, 96).is_ok());
    assert_eq!(many(0, 65, 0), Err(ProofError::WitnessSize { found: 65, expected: 64 }));
    assert_eq!(many(0, 0, 31), Err(ProofError::Ragged { length: 31, width: 32 }));
    assert_eq!(SparseMultiProof::new(16, vec![], vec![], vec![]), Err(ProofError::DigestSize(16)));
}

#[test]
fn heads_of_other_trees_have_no_keys() -> Outcome {
    let head = head("rfc6962", 1)?;
    let proof = SparseProof::new(32, 1, 0, vec![], vec![], vec![])?;
    for key in [&[0; 32][..], &[]] {
        assert_eq!(verify_key_absent(&head, key, &proof).err().map(|no| no.reason()), Some("KEY_SIZE"));
        let many = SparseMultiProof::new(32, vec![], vec![], vec![])?;
        let claims = KeyClaims { present: &[], values: &[], prehashed: false, absent: &[key] };
        assert_eq!(verify_keys(&head, claims, &many).err().map(|no| no.reason()), Some("KEY_SIZE"));
    }
    Ok(())
}

#[test]
fn a_digest_that_stands_for_no_value_is_none() -> Outcome {
    // The leaf of no key is zeros, and so is the root that they lead to.
    let head = head("sparse_256", 1)?;
    let proof = SparseProof::new(32, 0, 256, vec![0; 32], vec![], vec![])?;
    let no = verify_key_digest(&head, &[7; 32], &[0; 32], &proof).err();
    assert_eq!(no.map(|no| no.reason()), Some("EMPTY_SIBLING"));
    let no = verify_key_digest(&head, &[7; 32], &[1; 31], &proof).err();
    assert_eq!(no.map(|no| no.reason()), Some("DIGEST_SIZE"));
    let no = verify_key_digest(&head, &[7; 32], &[1; 32], &proof).err();
    assert_eq!(no.map(|no| no.reason()), Some("ROOT_MISMATCH"));
    Ok(())
}

#[test]
fn as_many_keys_as_values() -> Outcome {
    let claims = KeyClaims { present: &[&[0; 32]], values: &[], prehashed: false, absent: &[] };
    let proof = SparseMultiProof::new(32, vec![], vec![], vec![])?;
    let no = verify_keys(&head("ics23_smt", 1)?, claims, &proof).err();
    assert_eq!(no.map(|no| no.reason()), Some("LENGTH_MISMATCH"));
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[test]
fn every_bit_of_an_honest_proof_matters() -> Outcome {
    let mut changed = 0;
    for group in groups("sparse.json")? {
        let honest = |test: &&Value| test.get("claim").is_some() && test["result"] == "valid";
        // Paths of 256 levels take long.
        let short = |test: &&Value| !test["id"].as_str().unwrap_or_default().starts_with("sparse_256");
        for test in tests(&group).filter(honest).filter(short) {
            let proof = bytes(&test["proof"])?;
            for bit in (40..proof.len() * 8).step_by(11) {
                let mut other = proof.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                let mut test = test.clone();
                test["proof"] = hex(&other).into();
                // It is no proof, or one of something else.
                if let Ok(verdict) = verdict(&test) {
                    assert!(verdict.is_err(), "{} {bit}", test["id"]);
                }
                changed += 1;
            }
        }
    }
    assert!(changed > 20_000, "{changed}");
    Ok(())
}
