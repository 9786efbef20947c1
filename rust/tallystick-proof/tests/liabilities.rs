//! Liabilities: the vectors that the Python twin writes, and snapshots rebuilt from them.

mod common;

use std::collections::BTreeMap;
use std::error::Error;

use common::vectors::{bytes, forms, groups, number, scheme, tests, text};
use common::{Oracle, Outcome};
use serde_json::Value;
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{
    Clash, Derivation, Equivocation, Expected, Place, Proven, Receipt, ReceiptAsset, ReceiptPart, SALT, Statement,
    StatementAsset, clash, context, customer_key, leaf_data, verify, verify_chain,
};
use tallystick_proof::proof::InclusionProof;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The groups of a file that are about this.
fn about(file: &str, what: &str) -> Fallible<Vec<Value>> {
    let found: Vec<Value> = groups(file)?.into_iter().filter(|group| group["what"] == what).collect();
    if found.is_empty() { Err(format!("no group {what:?}").into()) } else { Ok(found) }
}

fn array<const N: usize>(value: &Value) -> Fallible<[u8; N]> {
    bytes(value)?.try_into().map_err(|_| format!("not {N} bytes: {value}").into())
}

fn small<N: TryFrom<u64>>(value: &Value) -> Fallible<N> {
    N::try_from(number(value)?).map_err(|_| "a small number".into())
}

fn object<W: Wire>(value: &Value) -> Fallible<W> {
    Ok(W::decode(&bytes(value)?, &builtin)?)
}

/// Amounts by code; nothing for what no amount can be.
fn balances(value: &Value) -> Fallible<Expected> {
    let fields = value.as_object().ok_or("no balances")?;
    fields.iter().map(|(code, amount)| Ok((code.clone(), text(amount)?.parse().ok()))).collect()
}

#[test]
fn encodings_of_statements_receipts_and_equivocations() -> Outcome {
    let (mut read, mut refused) = (0, 0);
    for file in ["liability_statement.json", "liability_receipt.json"] {
        for group in about(file, "encodings")? {
            read += tests(&group).count();
            refused += match text(&group["object"])? {
                "statement" => forms::<Statement>(&group)?,
                "receipt" => forms::<Receipt>(&group)?,
                "equivocation" => forms::<Equivocation>(&group)?,
                other => return Err(format!("no such object: {other}").into()),
            };
        }
    }
    assert!(refused > 900 && read > refused + 25, "{refused} of {read} refused");
    Ok(())
}

#[test]
fn digests_of_statements() -> Outcome {
    let mut read = 0;
    for group in about("liability_statement.json", "notes")? {
        for test in tests(&group).filter(|test| test["result"] == "valid") {
            let statement: Statement = object(&test["statement"])?;
            assert_eq!(*statement.digest(), array(&test["digest"])?, "{}", test["id"]);
            read += 1;
        }
    }
    assert!(read > 10, "{read}");
    Ok(())
}

#[test]
fn the_next_statement() -> Outcome {
    for group in about("liability_statement.json", "chain")? {
        for test in tests(&group) {
            let (older, newer): (Statement, Statement) = (object(&test["older"])?, object(&test["newer"])?);
            let found = newer.follows(&older).err().map(|error| error.reason());
            assert_eq!(found, test["reason"].as_str(), "{}", test["id"]);
            assert_eq!(verify_chain(&[older, newer]).err().map(|error| error.reason()), found, "{}", test["id"]);
        }
    }
    Ok(())
}

#[test]
fn statements_that_clash() -> Outcome {
    for group in about("liability_statement.json", "equivocation")? {
        for test in tests(&group) {
            let (a, b): (Statement, Statement) = (object(&test["a"])?, object(&test["b"])?);
            for (a, b) in [(&a, &b), (&b, &a)] {
                assert_eq!(clash(a, b).map(Clash::name), test["clash"].as_str(), "{}", test["id"]);
            }
        }
    }
    Ok(())
}

#[test]
fn keys_from_a_secret() -> Outcome {
    for group in about("liability_receipt.json", "keys")? {
        for test in tests(&group) {
            let key = customer_key(&array(&test["secret"])?, text(&test["snapshot_id"])?, &bytes(&test["user_id"])?);
            assert_eq!(key, array(&test["key"])?, "{}", test["id"]);
        }
    }
    Ok(())
}

#[test]
fn leaves_of_the_vectors() -> Outcome {
    for group in about("liability_receipt.json", "leaves")? {
        let scheme = scheme(&group["scheme"])?;
        for test in tests(&group) {
            let id = &test["id"];
            let (code, asset_group) = (text(&test["code"])?, text(&test["group"])?);
            let (part, parts) = (small(&test["part"])?, small(&test["parts"])?);
            let keys = Derivation::new(scheme.hash(), code, asset_group)?.leaf(&array(&test["key"])?, part)?;
            assert_eq!((keys.salt, keys.order), (array(&test["salt"])?, array(&test["order"])?), "{id}");
            let data = leaf_data(&keys.salt, part, parts, &bytes(&test["user_id"])?)?;
            assert_eq!(data, bytes(&test["data"])?, "{id}");
            let amount: u128 = text(&test["amount"])?.parse()?;
            let mut record = vec![0; scheme.width()];
            scheme.leaves(Places::From(0), &[&[&amount.to_le_bytes(), &data[..]].concat()], &mut record)?;
            assert_eq!(scheme.record().split(&record), (&bytes(&test["digest"])?[..], amount), "{id}");
            let about = context("exchange.example", "2026-01-01", code, asset_group, 8);
            assert_eq!(about, bytes(&test["context"])?, "{id}");
        }
    }
    Ok(())
}

/// One leaf as the operator knows it.
#[derive(Clone)]
struct Made {
    order: [u8; SALT],
    digest: Vec<u8>,
    row: Vec<u8>,
    id: Vec<u8>,
    part: u16,
    amount: u128,
    salt: [u8; SALT],
}

/// The leaves of an asset by the holdings of the vectors, in their order.
fn made(group: &Value, statement: &Statement, asset: &StatementAsset) -> Fallible<Vec<Made>> {
    let secret = array(&group["secret"])?;
    let derivation = Derivation::new(statement.scheme.hash(), &asset.code, &asset.group)?;
    let mut leaves = Vec::new();
    for holding in group["holdings"].as_array().into_iter().flatten() {
        if (text(&holding["code"])?, text(&holding["group"])?) != asset.key() {
            continue;
        }
        let id = bytes(&holding["user_id"])?;
        let key = customer_key(&secret, &statement.snapshot_id, &id);
        let parts = holding["amounts"].as_array().ok_or("amounts")?;
        let count = u16::try_from(parts.len())?;
        for ((amount, part), keys) in parts.iter().zip(0..).zip(derivation.leaves((0..count).map(|part| (&key, part)))?)
        {
            let amount: u128 = text(amount)?.parse()?;
            let row = [&amount.to_le_bytes(), &leaf_data(&keys.salt, part, count, &id)?[..]].concat();
            let mut record = vec![0; statement.scheme.width()];
            statement.scheme.leaves(Places::From(0), &[&row], &mut record)?;
            let digest = statement.scheme.record().split(&record).0.to_vec();
            leaves.push(Made { order: keys.order, digest, row, id: id.clone(), part, amount, salt: keys.salt });
        }
    }
    leaves.sort_by(|left, right| {
        let place = |leaf: &'_ Made| (leaf.order, leaf.digest.clone());
        let own = |leaf: &Made, other: &Made| {
            Place { order: leaf.order, digest: &leaf.digest }.cmp(&Place { order: other.order, digest: &other.digest })
        };
        assert_eq!(own(left, right), place(left).cmp(&place(right)));
        own(left, right)
    });
    Ok(leaves)
}

/// An auditor's path: trees, statement and receipts follow from secret and holdings, bit by bit.
#[test]
fn snapshots_of_the_vectors() -> Outcome {
    let mut receipts_made = 0;
    for group in about("liability_receipt.json", "snapshots")? {
        for test in tests(&group) {
            let id = &test["id"];
            let statement: Statement = object(&test["statement"])?;
            assert_eq!(*statement.digest(), array(&test["digest"])?, "{id}");
            let mut receipts: BTreeMap<Vec<u8>, Vec<ReceiptAsset>> = BTreeMap::new();
            for (asset, order) in statement.assets.iter().zip(test["order"].as_array().ok_or("order")?) {
                let leaves = made(&group, &statement, asset)?;
                let found: Vec<(Vec<u8>, u16)> = leaves.iter().map(|leaf| (leaf.id.clone(), leaf.part)).collect();
                let listed = order["leaves"].as_array().into_iter().flatten();
                let listed: Fallible<Vec<(Vec<u8>, u16)>> =
                    listed.map(|pair| Ok((bytes(&pair[0])?, small(&pair[1])?))).collect();
                assert_eq!(found, listed?, "{id}");
                let head = statement.head(asset)?;
                let rows = leaves.iter().map(|leaf| leaf.row.clone()).collect();
                let tree = Oracle { scheme: head.scheme().clone(), leaves: rows };
                assert_eq!(tree.head(asset.leaves)?, head, "{id}");
                let mut own: BTreeMap<Vec<u8>, Vec<(u16, ReceiptPart)>> = BTreeMap::new();
                for (index, leaf) in (0..).zip(leaves) {
                    let proof = InclusionProof::new(head.scheme().record(), tree.path(index, asset.leaves)?)?;
                    let part = ReceiptPart { index, amount: leaf.amount, salt: leaf.salt, proof: Summed(proof) };
                    own.entry(leaf.id).or_default().push((leaf.part, part));
                }
                for (customer, mut parts) in own {
                    parts.sort_by_key(|(number, _)| *number);
                    let parts = parts.into_iter().map(|(_, part)| part).collect();
                    let (code, group) = (asset.code.clone(), asset.group.clone());
                    receipts.entry(customer).or_default().push(ReceiptAsset { code, group, parts });
                }
            }
            for pair in test["receipts"].as_array().into_iter().flatten() {
                let customer = bytes(&pair[0])?;
                let assets = receipts.remove(&customer).ok_or("a receipt")?;
                let receipt = Receipt::new(*statement.digest(), assets)?;
                assert_eq!(receipt.encode(), bytes(&pair[1])?, "{id}");
                verify(&statement, &receipt, &customer, None)?;
                receipts_made += 1;
            }
            assert!(receipts.is_empty(), "{id}");
        }
    }
    assert!(receipts_made > 20, "{receipts_made}");
    Ok(())
}

#[test]
fn receipts_and_attacks_on_them() -> Outcome {
    let (mut proven, mut refused) = (0, 0);
    for group in about("liability_receipt.json", "verify")? {
        for test in tests(&group) {
            let id = &test["id"];
            let (statement, receipt): (Statement, Receipt) = (object(&test["statement"])?, object(&test["receipt"])?);
            let expected = test.get("expected").map(balances).transpose()?;
            let found = verify(&statement, &receipt, &bytes(&test["user_id"])?, expected.as_ref());
            if test["result"] == "valid" {
                let all: Option<Proven> =
                    balances(&test["proven"])?.into_iter().map(|(code, amount)| Some((code, amount?))).collect();
                assert_eq!(Some(found?), all, "{id}");
                proven += 1;
            } else {
                assert_eq!(found.err().map(|refusal| refusal.reason()), test["reason"].as_str(), "{id}");
                refused += 1;
            }
        }
    }
    assert!(proven > 10 && refused > 60, "{proven} proven, {refused} refused");
    Ok(())
}
