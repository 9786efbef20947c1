//! Sum trees: the vectors that the Python twin writes, one overflow among many proofs, and kinds that do not mix.

mod common;

use std::error::Error;

use common::vectors::{bytes, forms, groups, number, scheme, tests, text};
use common::{Oracle, Outcome, schemes_of};
use serde_json::Value;
use tallystick_proof::codec::{DecodeError, Summed, Wire};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::{HashError, builtin};
use tallystick_proof::head::{HeadError, TreeHead};
use tallystick_proof::proof::{InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_proof::verify::{
    Claim, Refusal, Rows, check_each, extract, merge, verify_extends, verify_inclusion, verify_leaf_digest, verify_many,
};

/// A leaf as schemes take it.
fn row(amount: u128, data: &[u8]) -> Vec<u8> {
    [&amount.to_le_bytes(), data].concat()
}

/// An amount; nothing for an integer that is none.
fn amount(value: &Value) -> Result<Option<u128>, Box<dyn Error>> {
    let text = text(value)?;
    let known = text.parse().ok();
    // What is no amount is an integer all the same.
    assert!(known.is_some() || text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    Ok(known)
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Result<T, Box<dyn Error>>) -> Result<Vec<T>, Box<dyn Error>> {
    value.as_array().ok_or("no list")?.iter().map(read).collect()
}

type Records = (Record, Vec<u8>);

/// The records of a proof; nothing if no proof has these.
fn records(test: &Value) -> Result<Option<Records>, Box<dyn Error>> {
    let record = Record::summed(usize::try_from(test["digest_size"].as_u64().unwrap_or(32))?);
    let sums: Option<Vec<u128>> = list(&test["sums"], amount)?.into_iter().collect();
    let joined = sums.and_then(|sums| record.join(&bytes(&test["proof"]).unwrap_or_default(), &sums));
    Ok(joined.map(|records| (record, records)))
}

fn head(test: &Value, scheme: &Scheme) -> Result<TreeHead, Box<dyn Error>> {
    let total = amount(&test["total"])?.ok_or("a total")?;
    Ok(TreeHead::with_total(scheme.clone(), number(&test["size"])?, bytes(&test["root"])?, total)?)
}

/// That head and proof are those of the test's JSON texts, where it has them.
fn check_json<W: Clone>(test: &Value, head: &TreeHead, proof: &W) -> Outcome
where
    Summed<W>: Wire + PartialEq + std::fmt::Debug,
{
    if let Some(own) = test.get("head_json") {
        assert_eq!(Summed::<TreeHead>::from_json(text(own)?, &builtin)?.0, *head, "{}", test["id"]);
        let read = Summed::<W>::from_json(text(&test["proof_json"])?, &builtin)?;
        assert_eq!(read, Summed(proof.clone()), "{}", test["id"]);
    }
    Ok(())
}

/// That a verdict is what the test says.
fn check(test: &Value, verdict: Result<(), Refusal>) -> Outcome {
    let found = verdict.err().map(|refusal| refusal.reason());
    let expected = if test["result"] == "valid" { None } else { Some(text(&test["reason"])?) };
    assert_eq!(found, expected, "{}", test["id"]);
    Ok(())
}

/// Leaf i has (37 i) mod 101 bytes, byte j of which is (i + j) mod 256, and the amount of the rule.
fn ruled_leaf(index: u64) -> Vec<u8> {
    (0..37 * index % 101).map(|byte| (index + byte) as u8).collect()
}

fn ruled_amount(index: u64) -> u128 {
    if index % 5 == 4 { 0 } else { u128::from(index + 1) * (1 << (7 * index % 61)) - 1 }
}

fn tree(scheme: &Scheme, amounts: &[u128]) -> Oracle {
    let rows = (0_u64..).zip(amounts).map(|(index, amount)| row(*amount, &ruled_leaf(index))).collect();
    Oracle { scheme: scheme.clone(), leaves: rows }
}

#[test]
fn trees_of_the_vectors() -> Outcome {
    let (mut made, mut refused) = (0, 0);
    for group in groups("sums.json")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let id = &test["id"];
            if test.get("index").is_some() {
                let (index, amount) = (number(&test["index"])?, amount(&test["amount"])?.ok_or("an amount")?);
                let mut out = vec![0; scheme.width()];
                scheme.leaves(Places::From(0), &[&row(amount, &ruled_leaf(index))], &mut out)?;
                assert_eq!(scheme.record().split(&out), (&bytes(&test["digest"])?[..], amount), "{id}");
                continue;
            }
            let size = number(&test["size"])?;
            let amounts = match test.get("amounts") {
                Some(amounts) => list(amounts, |value| amount(value)?.ok_or_else(|| "an amount".into()))?,
                None => (0..size).map(ruled_amount).collect(),
            };
            let head = tree(&scheme, &amounts).head(size);
            if test["result"] == "valid" {
                let head = head?;
                assert_eq!(head.root(), bytes(&test["root"])?, "{id}");
                assert_eq!(Some(head.total()), amount(&test["total"])?, "{id}");
                made += 1;
            } else {
                assert!(matches!(head, Err(HashError::SumOverflow)), "{id}");
                refused += 1;
            }
        }
    }
    assert!(made > 200 && refused > 50, "{made} {refused}");
    Ok(())
}

#[test]
fn inclusion() -> Outcome {
    let (mut accepted, mut refused) = (0, 0);
    for group in groups("sum_inclusion.json")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let amount = amount(&test["amount"])?;
            let (Some((record, records)), Some(amount)) = (records(test)?, amount) else {
                assert_ne!(test["result"], "valid", "{}", test["id"]);
                continue;
            };
            let (head, proof) = (head(test, &scheme)?, InclusionProof::new(record, records.clone())?);
            check_json(test, &head, &proof)?;
            let (index, leaf) = (number(&test["index"])?, row(amount, &bytes(&test["leaf"])?));
            let verdict = verify_inclusion(&head, index, &leaf, proof.digests());
            // Alone in a batch it is judged the same.
            let batch = ProofBatch::new(record, records, vec![0, proof.digests().count() as u64])?;
            let mut verdicts = [false];
            check_each(&head, &[index], Rows::Ragged(&[&leaf]), &batch, 0, &mut verdicts)?;
            assert_eq!(verdicts, [verdict.is_ok()], "{}", test["id"]);
            *if verdict.is_ok() { &mut accepted } else { &mut refused } += 1;
            check(test, verdict)?;
        }
    }
    assert!(accepted > 100 && refused > 150, "{accepted} {refused}");
    Ok(())
}

/// Indices, leaves and proof of a test; nothing where amounts are none.
struct Claimed {
    indices: Vec<u64>,
    leaves: Vec<Vec<u8>>,
    proof: MultiProof,
}

impl Claimed {
    fn read(test: &Value) -> Result<Option<Self>, Box<dyn Error>> {
        let amounts: Option<Vec<u128>> = list(&test["amounts"], amount)?.into_iter().collect();
        let (Some((record, records)), Some(amounts)) = (records(test)?, amounts) else { return Ok(None) };
        let leaves = list(&test["leaves"], bytes)?;
        if leaves.len() != amounts.len() {
            return Ok(None); // No such rows can be made.
        }
        let leaves = leaves.iter().zip(amounts).map(|(leaf, amount)| row(amount, leaf)).collect();
        let indices = list(&test["indices"], number)?;
        Ok(Some(Self { indices, leaves, proof: MultiProof::new(record, records)? }))
    }

    fn rows(&self) -> Vec<&[u8]> {
        self.leaves.iter().map(Vec::as_slice).collect()
    }
}

#[test]
fn multi() -> Outcome {
    let (mut accepted, mut refused) = (0, 0);
    for group in groups("sum_multi.json")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let Some(claimed) = Claimed::read(test)? else {
                assert_ne!(test["result"], "valid", "{}", test["id"]);
                continue;
            };
            let (head, rows) = (head(test, &scheme)?, claimed.rows());
            check_json(test, &head, &claimed.proof)?;
            let claim = Claim { indices: &claimed.indices, leaves: &rows };
            let verdict = verify_many(&head, claim, claimed.proof.digests());
            *if verdict.is_ok() { &mut accepted } else { &mut refused } += 1;
            check(test, verdict)?;
            let made = |value: &Value| Ok::<_, Box<dyn Error>>(records(value)?.ok_or("records")?.1);
            for (index, expected) in claimed.indices.iter().zip(test["extracted"].as_array().into_iter().flatten()) {
                let extracted = extract(&head, claim, claimed.proof.digests(), *index)?;
                let expected = Record::summed(scheme.digest_size()).join(
                    &bytes(&expected["proof"])?,
                    &list(&expected["sums"], |sum| Ok(amount(sum)?.ok_or("a sum")?))?,
                );
                assert_eq!(Some(extracted.digests().bytes()), expected.as_deref(), "{}", test["id"]);
            }
            if let Some(other) = test.get("other").map(Claimed::read).transpose()?.flatten() {
                let other_rows = other.rows();
                let others = (Claim { indices: &other.indices, leaves: &other_rows }, other.proof.digests());
                let merged = merge(&head, (claim, claimed.proof.digests()), others)?;
                let mut expected = test["merged"].clone();
                expected["digest_size"] = test["digest_size"].clone();
                assert_eq!(merged.digests().bytes(), made(&expected)?, "{}", test["id"]);
            }
        }
    }
    assert!(accepted > 15 && refused > 50, "{accepted} {refused}");
    Ok(())
}

#[test]
fn encodings() -> Outcome {
    let mut refused = 0;
    for group in groups("sum_encodings.json")? {
        refused += match text(&group["object"])? {
            "scheme" => forms::<Scheme>(&group)?,
            "sum-head" => forms::<Summed<TreeHead>>(&group)?,
            "sum-inclusion-proof" => forms::<Summed<InclusionProof>>(&group)?,
            "sum-multi-proof" => forms::<Summed<MultiProof>>(&group)?,
            "sum-proof-batch" => forms::<Summed<ProofBatch>>(&group)?,
            // Shards belong to the crate above, and are tested there.
            "sum-shard" => 0,
            other => return Err(format!("no such object: {other}").into()),
        };
    }
    assert!(refused > 1000, "{refused}");
    Ok(())
}

/// One proof whose sums overflow, on each level of it, is refused alone: the proofs beside it keep their verdicts.
#[test]
fn an_overflow_among_good_proofs() -> Outcome {
    for scheme in schemes_of(Kind::Sum)? {
        let (record, width) = (scheme.record(), scheme.width());
        for size in [1, 2, 3, 7, 8, 11] {
            let tree = tree(&scheme, &(0..size).map(ruled_amount).collect::<Vec<_>>());
            let (head, indices) = (tree.head(size)?, (0..size).collect::<Vec<_>>());
            let paths: Vec<Vec<u8>> = indices.iter().map(|index| tree.path(*index, size)).collect::<Result<_, _>>()?;
            let rows = tree.rows(&indices);
            for (bad, path) in paths.iter().enumerate() {
                for level in 0..path.len() / width {
                    let mut forged = paths.clone();
                    forged[bad][level * width + record.digest_size()..][..16].fill(0xff);
                    let mut offsets = vec![0];
                    offsets.extend(forged.iter().scan(0, |end, path| {
                        *end += (path.len() / width) as u64;
                        Some(*end)
                    }));
                    let batch = ProofBatch::new(record, forged.concat(), offsets)?;
                    let mut verdicts = vec![false; indices.len()];
                    check_each(&head, &indices, Rows::Ragged(&rows), &batch, 0, &mut verdicts)?;
                    let expected: Vec<bool> = (0..indices.len()).map(|place| place != bad).collect();
                    assert_eq!(verdicts, expected, "{scheme:?} {size} {bad} {level}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn kinds_do_not_mix() -> Outcome {
    let sha256 = builtin("sha256").ok_or("a hash")?;
    let (dense, sum) = (Scheme::of_family("native", sha256.clone())?, Scheme::of_family("native_sum", sha256)?);
    assert_ne!(dense, sum);
    let plain = Oracle::new(dense.clone(), 3);
    let summed = tree(&sum, &[1, 2, 3]);
    let (plain_head, sum_head) = (plain.head(3)?, summed.head(3)?);
    let plain_proof = InclusionProof::new(32, plain.path(0, 3)?)?;
    let sum_proof = InclusionProof::new(sum.record(), summed.path(0, 3)?)?;
    verify_inclusion(&plain_head, 0, plain.row(0), plain_proof.digests())?;
    verify_inclusion(&sum_head, 0, summed.row(0), sum_proof.digests())?;
    for (head, leaf, proof) in [(&plain_head, plain.row(0), &sum_proof), (&sum_head, summed.row(0), &plain_proof)] {
        let digests = proof.digests();
        let claim = Claim { indices: &[0], leaves: &[leaf] };
        for verdict in [
            verify_inclusion(head, 0, leaf, digests),
            verify_leaf_digest(head, 0, &[0; 32], digests),
            verify_many(head, claim, digests),
            verify_extends(head, head, digests),
        ] {
            assert!(matches!(verdict, Err(Refusal::DigestSize { .. })), "{verdict:?}");
        }
        let batch = ProofBatch::new(digests.record(), digests.bytes().to_vec(), vec![0, 2])?;
        let mut verdicts = [true];
        check_each(head, &[0], Rows::Ragged(&[leaf]), &batch, 0, &mut verdicts)?;
        assert_eq!(verdicts, [false]);
    }
    // Each reads its own encodings only, and states a total only where there is one.
    assert!(matches!(
        Summed::<TreeHead>::decode(&plain_head.encode(), &builtin),
        Err(DecodeError::OtherKind { expected: "sum-head", .. })
    ));
    let relabelled = [b"tlyh\x01".as_slice(), &Summed(sum_head.clone()).encode()[5..]].concat();
    assert!(matches!(TreeHead::decode(&relabelled, &builtin), Err(DecodeError::SchemeKind { found: "sum", .. })));
    assert!(matches!(
        TreeHead::with_total(dense, 3, vec![0; 32], 1),
        Err(HeadError::NoSums(name)) if name == "native/sha256"
    ));
    // A leaf without room for an amount.
    let mut out = vec![0; 48];
    assert!(matches!(sum.leaves(Places::From(0), &[&[0; 15]], &mut out), Err(HashError::NoAmount)));
    Ok(())
}

#[test]
fn totals_are_part_of_a_head() -> Outcome {
    for scheme in schemes_of(Kind::Sum)? {
        let width = scheme.digest_size();
        let head = |total| TreeHead::with_total(scheme.clone(), 3, vec![1; width], total);
        assert_eq!(head(u128::MAX)?.total(), u128::MAX);
        assert_ne!(head(7)?, head(8)?);
        assert_eq!(head(7)?, head(7)?);
    }
    Ok(())
}
