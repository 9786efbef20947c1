//! Patricia tries against the vectors that the Python twin writes, and every short node against its own reading.

mod common;

use common::Outcome;
use common::vectors::{bytes, forms, groups, judged, text};
use serde_json::Value;
use tallystick_proof::codec::{Strings, Wire};
use tallystick_proof::hash::{HashError, builtin};
use tallystick_proof::patricia::node::{Keys, read_at};
use tallystick_proof::patricia::{
    EMPTY_ROOT, KeyClaim, PatriciaHead, PatriciaProof, keccak256, on_the_spot, verify, verify_by,
};
use tallystick_proof::verify::Refusal;

fn verdict(test: &Value) -> Result<Result<(), Refusal>, Box<dyn std::error::Error>> {
    let head = PatriciaHead::decode(&bytes(&test["head"])?, &builtin)?;
    let proof = PatriciaProof::decode(&bytes(&test["proof"])?, &builtin)?;
    let list = |field: &str| test[field].as_array().cloned().unwrap_or_default();
    let pair = |pair: &Value| Ok::<_, Box<dyn std::error::Error>>((bytes(&pair[0])?, bytes(&pair[1])?));
    let present = list("present").iter().map(pair).collect::<Result<Vec<_>, _>>()?;
    let absent = list("absent").iter().map(bytes).collect::<Result<Vec<_>, _>>()?;
    let present = present.iter().map(|(key, value)| KeyClaim { key, value: Some(value) });
    let claims: Vec<_> = present.chain(absent.iter().map(|key| KeyClaim { key, value: None })).collect();
    Ok(verify(&head, &claims, &proof))
}

#[test]
fn claims() -> Outcome {
    let (accepted, refused) = judged("patricia.json", "proof", verdict)?;
    assert!(accepted > 150 && refused > 500, "{accepted} {refused}");
    Ok(())
}

#[test]
fn three_forms() -> Outcome {
    let mut count = 0;
    for group in groups("patricia_encodings.json")? {
        count += match text(&group["object"])? {
            "patricia-head" => forms::<PatriciaHead>(&group)?,
            "patricia-proof" => forms::<PatriciaProof>(&group)?,
            other => return Err(format!("no object of Patricia tries: {other}").into()),
        };
    }
    assert!(count > 300, "{count}");
    Ok(())
}

#[test]
fn the_empty_root_is_the_digest_of_an_empty_string() -> Outcome {
    assert_eq!(keccak256()?.digest(&[0x80])?, EMPTY_ROOT);
    Ok(())
}

/// Of all short byte strings over what RLP is made of: whatever is read as a node shows one thing about a key, and no
/// other byte string with the same root could (the root is its digest). Nothing panics.
#[test]
fn short_nodes() {
    const BYTES: [u8; 12] = [0x00, 0x20, 0x31, 0x76, 0x80, 0x81, 0x82, 0xb8, 0xc0, 0xc2, 0xc3, 0xf8];
    let mut read = 0;
    for length in 0..=5_u32 {
        for number in 0..BYTES.len().pow(length) {
            let node: Vec<u8> = (0..length).map(|at| BYTES[number / BYTES.len().pow(at) % BYTES.len()]).collect();
            for keys in [Keys::Plain, Keys::Hashed] {
                read += usize::from(read_at(&node, 0, keys).is_some());
            }
        }
    }
    assert!(read > 5, "{read}");
}

#[test]
fn an_interrupted_hash_is_no_verdict() -> Outcome {
    let node = [0xc2, 0x20, 0x76];
    let root = <[u8; 32]>::try_from(keccak256()?.digest(&node)?).map_err(|_| "32 bytes")?;
    let (head, claim) = (PatriciaHead::new(root, false), [KeyClaim { key: &[], value: Some(b"v") }]);
    let proof = PatriciaProof::new([&node[..]].into_iter().collect::<Strings>())?;
    assert!(verify(&head, &claim, &proof).is_ok());
    let stop = |_: &[&[u8]]| Err(HashError::Interrupted);
    assert!(matches!(verify_by(&stop, &head, &claim, &proof), Err(Refusal::Hash(HashError::Interrupted))));
    // Fewer digests than rows are a fault of whoever hashes, and no verdict.
    let none = |_: &[&[u8]]| Ok(Vec::new());
    assert!(verify_by(&none, &head, &claim, &proof).is_err());
    assert_eq!(on_the_spot(&[&node])?, root);
    Ok(())
}
