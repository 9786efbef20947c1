//! The verifying crate against the vectors that the Python twin writes.

mod common;

use std::error::Error;

use common::Outcome;
use common::vectors::{bytes, forms, groups, number, scheme, tests, text};
use serde_json::Value;
use tallystick_proof::codec::Wire;
use tallystick_proof::geometry::{Grid, NodeId};
use tallystick_proof::hash::{Prefix, builtin, builtin_names};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{Claim, Refusal, extract, merge, verify_extends, verify_inclusion, verify_many};

/// That head and proof are those of the test's JSON texts, where it has them.
fn check_json<W: Wire + PartialEq + std::fmt::Debug>(test: &Value, head: &TreeHead, proof: &W) -> Outcome {
    if let Some(own) = test.get("head_json") {
        assert_eq!(&TreeHead::from_json(text(own)?, &builtin)?, head, "{}", test["id"]);
        assert_eq!(&W::from_json(text(&test["proof_json"])?, &builtin)?, proof, "{}", test["id"]);
    }
    Ok(())
}

#[test]
fn hashes() -> Outcome {
    let mut names = Vec::new();
    for group in groups("hashes.json")? {
        let name = text(&group["hash"])?.to_owned();
        let hash = builtin(&name).ok_or("no such hash")?;
        for test in tests(&group) {
            let message = bytes(&test["message"])?;
            let digest = match test.get("label") {
                None => hash.digest(&message)?,
                Some(label) => {
                    let mut digest = vec![0; hash.digest_size()];
                    hash.seed(&hash.tag(text(label)?)?)?.ragged(&[&message], &mut digest)?;
                    digest
                }
            };
            assert_eq!(digest, bytes(&test["digest"])?, "{}", test["id"]);
        }
        names.push(name);
    }
    assert_eq!(names.len(), builtin_names().count());
    Ok(())
}

#[test]
fn rows_are_ragged_rows_of_one_width() -> Outcome {
    let data: Vec<u8> = (0..=255).cycle().take(4800 * 3).collect();
    for name in builtin_names() {
        let hash = builtin(name).ok_or("no such hash")?;
        let prefixes = [Prefix::Bytes(vec![]), Prefix::Bytes(vec![1]), hash.tag("any")?];
        for (prefix, width) in prefixes.iter().flat_map(|prefix| [1, 32, 60, 64, 300].map(|width| (prefix, width))) {
            let seeded = hash.seed(prefix)?;
            let rows: Vec<_> = data.chunks_exact(width).collect();
            let (mut fixed, mut ragged) =
                (vec![0; rows.len() * hash.digest_size()], vec![1; rows.len() * hash.digest_size()]);
            seeded.rows(&data, width, &mut fixed)?;
            seeded.ragged(&rows, &mut ragged)?;
            assert_eq!(fixed, ragged, "{name} {width}");
            assert!(seeded.rows(&data[1..], width, &mut fixed).is_err() || width == 1);
            assert!(seeded.rows(&data, width, &mut fixed[1..]).is_err());
        }
    }
    Ok(())
}

#[test]
fn plans() -> Outcome {
    for group in groups("plans.json")? {
        for test in tests(&group) {
            let indices = test["indices"].as_array().ok_or("indices")?.iter().map(number).collect::<Result<_, _>>()?;
            let expected = test["plan"].as_array().into_iter().flatten().map(|node| {
                let level = node[0].as_u64().ok_or("level")?;
                Ok(NodeId { level: u32::try_from(level)?, index: number(&node[1])? })
            });
            let expected: Vec<_> = expected.collect::<Result<_, Box<dyn Error>>>()?;
            let valid = text(&test["result"])? == "valid";
            assert_eq!(Grid::BINARY.plan(number(&test["size"])?, indices), valid.then_some(expected), "{}", test["id"]);
        }
    }
    Ok(())
}

#[test]
fn inclusion() -> Outcome {
    let (mut accepted, mut refused) = (0, 0);
    for group in groups("inclusion.json")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let id = &test["id"];
            let digest_size = usize::try_from(test["digest_size"].as_u64().ok_or("digest size")?)?;
            let Ok(proof) = InclusionProof::new(digest_size, bytes(&test["proof"])?) else {
                assert_eq!(text(&test["result"])?, "invalid", "{id}");
                continue;
            };
            let head = TreeHead::new(scheme.clone(), number(&test["size"])?, bytes(&test["root"])?)?;
            check_json(test, &head, &proof)?;
            let verdict = verify_inclusion(&head, number(&test["index"])?, &bytes(&test["leaf"])?, proof.digests());
            let reason = verdict.as_ref().err().map(Refusal::reason);
            match text(&test["result"])? {
                "valid" => assert_eq!(reason, None, "{id}"),
                _ => assert_eq!(reason, Some(text(&test["reason"])?), "{id}"),
            }
            *if reason.is_none() { &mut accepted } else { &mut refused } += 1;
        }
    }
    assert!(accepted > 100 && refused > 500, "{accepted} {refused}");
    Ok(())
}

#[test]
fn multi() -> Outcome {
    let mut refused = 0;
    for group in groups("multi.json")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let id = &test["id"];
            let Some(claimed) = Claimed::read(test)? else {
                assert_ne!(test["result"], "valid", "{id}");
                continue;
            };
            let head = TreeHead::new(scheme.clone(), number(&test["size"])?, bytes(&test["root"])?)?;
            check_json(test, &head, &claimed.proof)?;
            let leaves: Vec<&[u8]> = claimed.leaves.iter().map(Vec::as_slice).collect();
            let claim = Claim { indices: &claimed.indices, leaves: &leaves };
            let verdict = verify_many(&head, claim, claimed.proof.digests());
            refused += usize::from(verdict.is_err());
            check(test, verdict)?;
            for (index, expected) in claimed.indices.iter().zip(test["extracted"].as_array().into_iter().flatten()) {
                let extracted = extract(&head, claim, claimed.proof.digests(), *index)?;
                assert_eq!(extracted.digests().bytes(), bytes(expected)?, "{id}");
            }
            if let Some(other) = test.get("other").map(Claimed::read).transpose()?.flatten() {
                let other_leaves: Vec<&[u8]> = other.leaves.iter().map(Vec::as_slice).collect();
                let other_claim = Claim { indices: &other.indices, leaves: &other_leaves };
                let merged = merge(&head, (claim, claimed.proof.digests()), (other_claim, other.proof.digests()))?;
                assert_eq!(merged.digests().bytes(), bytes(&test["merged"])?);
            }
        }
    }
    assert!(refused > 100, "{refused}");
    Ok(())
}

/// Indices, leaves and proof of a test; nothing if the digests make no proof.
struct Claimed {
    indices: Vec<u64>,
    leaves: Vec<Vec<u8>>,
    proof: MultiProof,
}

impl Claimed {
    fn read(test: &Value) -> Result<Option<Self>, Box<dyn Error>> {
        let list = |name: &str| test[name].as_array().cloned().ok_or_else(|| format!("no {name}"));
        let digest_size = usize::try_from(test["digest_size"].as_u64().unwrap_or(32))?;
        let Ok(proof) = MultiProof::new(digest_size, bytes(&test["proof"])?) else { return Ok(None) };
        let indices = list("indices")?.iter().map(number).collect::<Result<_, _>>()?;
        let leaves = list("leaves")?.iter().map(bytes).collect::<Result<_, _>>()?;
        Ok(Some(Self { indices, leaves, proof }))
    }
}

/// That a verdict is what the test says.
fn check(test: &Value, verdict: Result<(), Refusal>) -> Outcome {
    let found = verdict.err().map(|refusal| refusal.reason());
    let expected = if test["result"] == "valid" { None } else { Some(text(&test["reason"])?) };
    assert_eq!(found, expected, "{}", test["id"]);
    Ok(())
}

#[test]
fn consistency() -> Outcome {
    let mut refused = 0;
    for group in groups("consistency.json")? {
        let own = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let digest_size = usize::try_from(test["digest_size"].as_u64().ok_or("digest size")?)?;
            let Ok(proof) = ConsistencyProof::new(digest_size, bytes(&test["proof"])?) else {
                assert_ne!(test["result"], "valid", "{}", test["id"]);
                continue;
            };
            let older_scheme = test.get("older_scheme").map_or_else(|| Ok(own.clone()), scheme)?;
            let older = TreeHead::new(older_scheme, number(&test["older_size"])?, bytes(&test["older_root"])?)?;
            let newer = TreeHead::new(own.clone(), number(&test["newer_size"])?, bytes(&test["newer_root"])?)?;
            refused += usize::from(test["result"] != "valid");
            check(test, verify_extends(&newer, &older, proof.digests()))?;
        }
    }
    assert!(refused > 100, "{refused}");
    Ok(())
}

#[test]
fn encodings() -> Outcome {
    let mut refused = 0;
    for group in groups("encodings.json")? {
        refused += match text(&group["object"])? {
            "scheme" => forms::<Scheme>(&group)?,
            "head" => forms::<TreeHead>(&group)?,
            "inclusion-proof" => forms::<InclusionProof>(&group)?,
            "multi-proof" => forms::<MultiProof>(&group)?,
            "consistency-proof" => forms::<ConsistencyProof>(&group)?,
            "proof-batch" => forms::<ProofBatch>(&group)?,
            // Shards belong to the crate above, and are tested there.
            "shard" => 0,
            other => return Err(format!("no such object: {other}").into()),
        };
    }
    assert!(refused > 1000, "{refused}");
    Ok(())
}
