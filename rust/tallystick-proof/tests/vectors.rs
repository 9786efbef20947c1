//! The verifying crate against the vectors that the Python twin writes.

use std::error::Error;
use std::path::Path;

use serde_json::Value;
use tallystick_proof::codec::{DecodeError, Wire};
use tallystick_proof::geometry::{NodeId, plan};
use tallystick_proof::hash::{Prefix, builtin, builtin_names};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{Refusal, verify_inclusion};

type Outcome = Result<(), Box<dyn Error>>;

fn groups(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1").join(file);
    let mut vectors: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(vectors["groups"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

fn tests(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().into_iter().flatten()
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("no text: {value}"))
}

fn number(value: &Value) -> Result<u64, Box<dyn Error>> {
    Ok(text(value)?.parse()?)
}

fn bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let hex = text(value)?;
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}

fn scheme(value: &Value) -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::decode(&bytes(&value["encoding"])?, &builtin)?)
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
            assert_eq!(plan(number(&test["size"])?, indices), valid.then_some(expected), "{}", test["id"]);
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
fn encodings() -> Outcome {
    let mut invalid = 0;
    for group in groups("encodings.json")? {
        for test in tests(&group) {
            let encoding = bytes(&test["encoding"])?;
            let again: Result<Vec<u8>, DecodeError> = match text(&group["object"])? {
                "scheme" => Scheme::decode(&encoding, &builtin).map(|scheme| scheme.encode()),
                "head" => TreeHead::decode(&encoding, &builtin).map(|head| head.encode()),
                "inclusion" => InclusionProof::decode(&encoding, &builtin).map(|proof| proof.encode()),
                "batch" => ProofBatch::decode(&encoding, &builtin).map(|batch| batch.encode()),
                other => return Err(format!("no such object: {other}").into()),
            };
            if text(&test["result"])? == "valid" {
                assert_eq!(again?, encoding, "{}", test["id"]);
            } else {
                assert!(again.is_err(), "{}", test["id"]);
                invalid += 1;
            }
        }
    }
    assert!(invalid > 100, "{invalid}");
    Ok(())
}
