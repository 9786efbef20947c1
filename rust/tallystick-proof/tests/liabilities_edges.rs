//! Liabilities where vectors do not reach: the most parts, values that no encoding can hold, and what errors say.

mod common;

use std::error::Error;

use common::Outcome;
use tallystick_proof::codec::{DecodeError, Summed, Wire};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::liabilities::{
    ChainError, Draft, Equivocation, Expected, NameError, Receipt, ReceiptAsset, ReceiptPart, Statement,
    StatementAsset, StatementError, context, leaf_data, verify, verify_chain,
};
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::scheme::Scheme;

type Fallible<T> = Result<T, Box<dyn Error>>;

const ID: &[u8] = b"customer";

fn scheme(family: &str) -> Fallible<Scheme> {
    Ok(Scheme::of_family(family, builtin("blake3").ok_or("a hash")?)?)
}

fn draft(assets: Vec<StatementAsset>) -> Fallible<Draft> {
    let (origin, snapshot_id) = ("exchange.example".into(), "day 1".into());
    let scheme = scheme("native_sum")?;
    Ok(Draft { origin, sequence: 0, snapshot_id, time: 7, previous: [0; 32], scheme, assets })
}

fn asset(code: &str, group: &str, leaves: u64, holders: Option<u64>, total: u128) -> StatementAsset {
    StatementAsset { code: code.into(), group: group.into(), decimals: 8, leaves, holders, total, root: [7; 32] }
}

/// A statement and a receipt of one customer, who has all leaves of one asset, each of this amount.
fn alone(parts: u16, amount: u128) -> Fallible<(Statement, Receipt)> {
    let plain = draft(Vec::new())?;
    let scheme = plain.scheme.with_context(context(&plain.origin, &plain.snapshot_id, "BTC", "", 8))?;
    let (record, width) = (scheme.record(), scheme.width());
    let salt = |part: u16| (u128::from(part) + 1).to_be_bytes();
    let rows: Fallible<Vec<Vec<u8>>> = (0..parts)
        .map(|part| Ok([&amount.to_le_bytes(), &leaf_data(&salt(part), part, parts, ID)?[..]].concat()))
        .collect();
    let rows = rows?;
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let mut levels = vec![vec![0; rows.len() * width]];
    scheme.leaves(Places::From(0), &rows, &mut levels[0])?;
    while let Some(below) = levels.last().filter(|level| level.len() > width) {
        let pairs = below.len() / width / 2;
        let (paired, alone) = below.split_at(pairs * 2 * width);
        let mut above = vec![0; pairs * width];
        scheme.nodes(1, Places::From(0), paired, &mut above)?;
        above.extend_from_slice(alone);
        levels.push(above);
    }
    let head = TreeHead::of_top(scheme, u64::from(parts), levels.last().map(Vec::as_slice))?;
    let mut own = Vec::new();
    for part in 0..parts {
        let mut place = usize::from(part);
        let mut path = Vec::new();
        for level in &levels {
            path.extend_from_slice(level.get((place ^ 1) * width..(place ^ 1) * width + width).unwrap_or_default());
            place /= 2;
        }
        let proof = Summed(InclusionProof::new(record, path)?);
        own.push(ReceiptPart { index: u64::from(part), amount, salt: salt(part), proof });
    }
    let mut row = asset("BTC", "", u64::from(parts), Some(1), head.total());
    row.root = head.root().try_into()?;
    let statement = Statement::new(draft(vec![row])?)?;
    let receipt =
        Receipt::new(*statement.digest(), vec![ReceiptAsset { code: "BTC".into(), group: String::new(), parts: own }])?;
    Ok((statement, receipt))
}

#[test]
fn as_many_parts_as_there_can_be() -> Outcome {
    for parts in [1, 2, 3, 1000, u16::MAX] {
        let (statement, receipt) = alone(parts, 3)?;
        let expected = Expected::from([("BTC".into(), Some(3 * u128::from(parts))), ("ETH".into(), Some(0))]);
        assert_eq!(verify(&statement, &receipt, ID, Some(&expected))?["BTC"], 3 * u128::from(parts));
        assert_eq!(Receipt::decode(&receipt.encode(), &builtin)?, receipt);
        assert_eq!(Receipt::from_json(&receipt.to_json(), &builtin)?, receipt);
        assert_eq!(Receipt::from_protobuf(&receipt.to_protobuf(), &builtin)?, receipt);
    }
    Ok(())
}

#[test]
fn what_no_receipt_holds() -> Outcome {
    let (statement, receipt) = alone(1, 3)?;
    let digest = *statement.digest();
    let own = &receipt.assets()[0];
    let many = ReceiptAsset { parts: vec![own.parts[0].clone(); 65_536], ..own.clone() };
    assert!(matches!(Receipt::new(digest, vec![many]), Err(DecodeError::TooManyItems("parts"))));
    let many = vec![ReceiptAsset { parts: Vec::new(), ..own.clone() }; 65_536];
    assert!(matches!(Receipt::new(digest, many), Err(DecodeError::TooManyItems("assets"))));
    for (code, group) in [("", ""), ("btc", ""), ("BTC", "\u{7f}"), ("BTC", "\"")] {
        let asset = ReceiptAsset { code: code.into(), group: group.into(), parts: own.parts.clone() };
        assert!(matches!(Receipt::new(digest, vec![asset]), Err(DecodeError::Name(_))), "{code} {group}");
    }
    Ok(())
}

#[test]
fn proofs_of_other_trees_are_refused() -> Outcome {
    let (statement, receipt) = alone(2, 3)?;
    for record in [scheme("native")?.record(), tallystick_proof::record::Record::summed(48)] {
        let mut asset = receipt.assets()[0].clone();
        asset.parts[0].proof = Summed(InclusionProof::new(record, vec![0; record.width()])?);
        let other = Receipt::new(*statement.digest(), vec![asset])?;
        assert_eq!(verify(&statement, &other, ID, None).err().map(|refusal| refusal.reason()), Some("DIGEST_SIZE"));
    }
    Ok(())
}

#[test]
fn what_errors_say_of_receipts() -> Outcome {
    let (statement, receipt) = alone(2, 3)?;
    let said = |receipt: &Receipt, id: &[u8], expected: Option<&Expected>| {
        verify(&statement, receipt, id, expected).err().map(|refusal| refusal.to_string()).unwrap_or_default()
    };
    let given = |assets: Vec<ReceiptAsset>| Receipt::new(*statement.digest(), assets);
    let own = &receipt.assets()[0];
    assert_eq!(said(&receipt, b"", None), "no leaf of a customer: an id of 0 bytes; a customer's id has 1 to 65,535");
    let expected = Expected::from([("BTC".into(), None)]);
    assert_eq!(said(&receipt, ID, Some(&expected)), "of BTC something else is proven than expected");
    assert_eq!(
        said(&given(vec![own.clone(), own.clone()])?, ID, None),
        "BTC of group \"\" does not stand behind the asset before it"
    );
    let other = ReceiptAsset { group: "EU".into(), ..own.clone() };
    assert_eq!(said(&given(vec![other])?, ID, None), "the statement does not list BTC of group \"EU\"");
    let mut zero = own.clone();
    zero.parts[1].amount = 0;
    assert_eq!(
        said(&given(vec![zero])?, ID, None),
        "the amount of the leaf at index 1 is 0: a part is at least 1 minor unit"
    );
    Ok(())
}

fn refused(draft: Draft) -> String {
    Statement::new(draft).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_no_statement_holds() -> Outcome {
    let whole = u64::MAX;
    for holders in [None, Some(1), Some(whole - 1)] {
        assert_eq!(refused(draft(vec![asset("A", "", whole, holders, u128::MAX)])?), "");
    }
    // Every number of holders can be stated but the one that says in encodings that none is.
    let counts = "A: no tree has these leaves, holders and total";
    for (leaves, holders, total) in
        [(whole, Some(whole), u128::MAX), (2, Some(3), 2), (2, Some(0), 2), (2, None, 1), (0, None, 1), (0, Some(1), 0)]
    {
        assert_eq!(refused(draft(vec![asset("A", "", leaves, holders, total)])?), counts);
    }
    let empty = |code: &str, group: &str| asset(code, group, 0, Some(0), 0);
    assert_eq!(refused(draft(vec![empty("A", ""), empty("A", "a"), empty("A", "b"), empty("B", "")])?), "");
    let order = "A of group \"a\" does not stand behind the asset before it: they ascend by code, then by group";
    assert_eq!(refused(draft(vec![empty("A", "a"), empty("A", "a")])?), order);
    assert_eq!(refused(draft(vec![empty("A", "b"), empty("A", "a")])?), order);
    let finer = StatementAsset { decimals: 9, ..empty("A", "b") };
    assert_eq!(refused(draft(vec![empty("A", "a"), finer])?), "A has other decimals in another group");
    let many = draft(vec![empty("A", ""); 65_536])?;
    assert_eq!(refused(many), "65536 assets; a statement has at most 65,535");
    assert_eq!(
        refused(Draft { sequence: 1, ..draft(Vec::new())? }),
        "previous is zeros exactly when the sequence is 0; it is 1"
    );
    for other in [scheme("native")?, scheme("native_sum")?.with_context(b"day".to_vec())?] {
        let refusal = Statement::new(Draft { scheme: other, ..draft(Vec::new())? });
        assert!(matches!(refusal, Err(StatementError::Scheme(_))));
    }
    for origin in ["", "a\nb", "a\u{80}b", "a\"b", "a\\b", &"ä".repeat(128)] {
        let refusal = Statement::new(Draft { origin: origin.into(), ..draft(Vec::new())? });
        assert!(matches!(refusal, Err(StatementError::Name(NameError::Text { field: "origin", .. }))), "{origin}");
    }
    Ok(())
}

#[test]
fn chains_longer_than_two() -> Outcome {
    let mut chain = vec![Statement::new(draft(Vec::new())?)?];
    let after = |chain: &[Statement], snapshot_id: &str| -> Fallible<Statement> {
        let last = chain.last().ok_or("a statement")?;
        let (sequence, previous) = (last.sequence + 1, *last.digest());
        Ok(Statement::new(Draft { sequence, previous, snapshot_id: snapshot_id.into(), ..draft(Vec::new())? })?)
    };
    assert_eq!(verify_chain::<Statement>(&[]), Err(ChainError::Empty));
    for day in 2..6 {
        chain.push(after(&chain, &format!("day {day}"))?);
        verify_chain(&chain)?;
        verify_chain(&chain[1..])?;
    }
    chain.push(after(&chain, "day 2")?);
    assert_eq!(verify_chain(&chain), Err(ChainError::SameSnapshot("day 2".into())));
    assert_eq!(ChainError::Empty.reason(), "EMPTY_CLAIM");
    verify_chain(&chain[2..])?;
    // Sequences do not begin again behind the last number.
    let last = Statement::new(Draft { sequence: u64::MAX, previous: [1; 32], ..draft(Vec::new())? })?;
    assert_eq!(chain[0].follows(&last), Err(ChainError::NotNext { older: u64::MAX, newer: 0 }));
    Ok(())
}

#[test]
fn leaves_that_nobody_has() {
    assert_eq!(leaf_data(&[0; 16], 0, 1, b""), Err(NameError::Id(0)));
    assert_eq!(leaf_data(&[0; 16], 0, 1, &vec![b'i'; 65_536]), Err(NameError::Id(65_536)));
    assert!(leaf_data(&[0; 16], 65_534, 65_535, &vec![b'i'; 65_535]).is_ok_and(|data| data.len() == 65_555));
    for (part, parts) in [(0, 0), (1, 1), (65_535, 65_535)] {
        assert_eq!(leaf_data(&[0; 16], part, parts, ID), Err(NameError::Part { part, parts }));
    }
}

#[test]
fn objects_are_told_apart() {
    let said = |magic: &[u8]| Receipt::decode(magic, &builtin).err().map(|error| error.to_string());
    assert_eq!(said(b"tlyt\x01").as_deref(), Some("this is a statement in binary, and no receipt in binary"));
    let equivocation = Equivocation { first: b"{".to_vec(), second: Vec::new() };
    let said = said(&equivocation.encode());
    assert_eq!(said.as_deref(), Some("this is an equivocation in binary, and no receipt in binary"));
}
