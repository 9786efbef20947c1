//! A known statement, and the receipts of its customers.

use std::sync::LazyLock;

use tallystick_proof::codec::Summed;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{
    Draft, Equivocation, HASH, Receipt, ReceiptAsset, ReceiptPart, SignatureLine, SignedStatement, Statement,
    StatementAsset, context, leaf_data,
};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::tree::DenseTree;

use crate::{Form, encode, run};

/// Codes and groups, ascending.
pub const ASSETS: [(&str, &str); 4] = [("BTC", ""), ("ETH", "eu"), ("ETH", "us"), ("USD", "")];
/// Customers, each of whom holds some of the assets, and some of these in parts.
pub const CUSTOMERS: usize = 9;

/// A statement with everybody's id and receipt.
pub struct Owed {
    pub statement: Statement,
    pub customers: Vec<(Vec<u8>, Receipt)>,
}

pub static OWED: LazyLock<Owed> = LazyLock::new(|| owed(0, [0; HASH]));
/// Another one of the same holdings.
pub static LATER: LazyLock<Owed> = LazyLock::new(|| owed(1, *OWED.statement.digest()));

fn id(customer: usize) -> Vec<u8> {
    format!("customer {customer}").into_bytes()
}

/// In how many parts a customer holds an asset.
fn parts(asset: usize, customer: usize) -> u16 {
    [1, 0, 2, 1, 0, 3, 1][(3 * asset + customer) % 7] + u16::from(asset == customer % ASSETS.len()) * 2
}

fn owed(sequence: u64, previous: [u8; HASH]) -> Owed {
    let scheme = Scheme::of_family("native_sum", builtin("blake3").expect("a hash")).expect("a scheme");
    let snapshot_id = format!("day {sequence}");
    let mut assets = Vec::new();
    let mut held: Vec<Vec<ReceiptAsset>> = vec![Vec::new(); CUSTOMERS];
    for (place, (code, group)) in ASSETS.into_iter().enumerate() {
        let (mut rows, mut amounts, mut salts) = (Vec::new(), Vec::new(), Vec::new());
        for customer in 0..CUSTOMERS {
            let parts = parts(place, customer);
            for part in 0..parts {
                let salt = [16 * place as u8 + customer as u8, part as u8].repeat(8).try_into().expect("16 bytes");
                let amount = 1_u128 << (19 * (place + customer) % 120);
                let data = leaf_data(&salt, part, parts, &id(customer)).expect("a leaf");
                rows.push([&amount.to_le_bytes(), &data[..]].concat());
                amounts.push(amount);
                salts.push(salt);
            }
        }
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let about = context("exchange.example", &snapshot_id, code, group, 8);
        let scheme = scheme.with_context(about).expect("a context");
        let tree = DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, run()).expect("a tree");
        let head = tree.head().expect("a head");
        let mut index = 0;
        for (customer, held) in held.iter_mut().enumerate() {
            let mut own = Vec::new();
            for _ in 0..parts(place, customer) {
                let proof = Summed(tree.prove(index, None).expect("a proof"));
                let (amount, salt) = (amounts[index as usize], salts[index as usize]);
                own.push(ReceiptPart { index, amount, salt, proof });
                index += 1;
            }
            if !own.is_empty() {
                held.push(ReceiptAsset { code: code.into(), group: group.into(), parts: own });
            }
        }
        assets.push(StatementAsset {
            code: code.into(),
            group: group.into(),
            decimals: 8,
            leaves: head.size(),
            holders: None,
            total: head.total(),
            root: head.root().try_into().expect("32 bytes"),
        });
    }
    let origin = "exchange.example".into();
    let statement =
        Statement::new(Draft { origin, sequence, snapshot_id, time: 5 + sequence, previous, scheme, assets });
    let statement = statement.expect("a statement");
    let receipt = |assets| Receipt::new(*statement.digest(), assets).expect("a receipt");
    let customers = held.into_iter().enumerate().map(|(customer, assets)| (id(customer), receipt(assets))).collect();
    Owed { statement, customers }
}

/// An honest encoding of a statement, a receipt or an equivocation.
pub(crate) fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let owed = if number & 1 == 0 { &OWED } else { &LATER };
    match object {
        12 => encode(form, &owed.statement),
        13 => encode(form, &owed.customers[usize::from(number / 2) % CUSTOMERS].1),
        _ => {
            let note = |of: u8| format!("note of {of}\n").into_bytes();
            encode(form, &Equivocation { first: note(number), second: note(number / 2) })
        }
    }
}

/// A note of one of the statements, with some signature lines.
pub fn note(number: u64) -> String {
    let line = SignatureLine::new("exchange.example", [1, 2, 3, 4], vec![5; 64]).expect("a line");
    let statement = if number % 2 == 0 { &OWED } else { &LATER }.statement.clone();
    SignedStatement { statement, signatures: vec![line; number as usize / 2 % 3] }.note().expect("a note")
}

/// Whatever is read as a note is written as the same text.
pub fn check_note(bytes: &[u8]) {
    match SignedStatement::read(bytes, &builtin) {
        Err(error) => drop(error.to_string()),
        Ok(signed) => assert!(signed.note().expect("what was read is written").as_bytes() == bytes, "another text"),
    }
}
