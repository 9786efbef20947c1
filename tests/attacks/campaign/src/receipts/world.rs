//! Operators with customers: statements, and an honest receipt for everybody.

use std::collections::BTreeMap;

use tallystick_proof::codec::Summed;
use tallystick_proof::frame::Places;
use tallystick_proof::liabilities::{
    Derivation, Draft, Expected, HASH, Place, Proven, Receipt, ReceiptAsset, ReceiptPart, Statement, StatementAsset,
    context, customer_key, leaf_data,
};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::objects::{FORMS, Form, encode};
use crate::rng::Rng;
use crate::subjects::alone;
use crate::tally::Fault;

/// Code, group and decimals of what is owed.
pub(super) const ASSETS: [(&str, &str, u8); 6] =
    [("BTC", "", 8), ("ETH", "", 18), ("ETH", "eu", 18), ("ETH", "us", 18), ("USD-T.1", "", 2), ("X", "all", 0)];

/// What each customer holds of each asset, in parts; nothing for nothing.
pub(super) struct Holdings {
    pub(super) ids: Vec<Vec<u8>>,
    parts: Vec<[Vec<u128>; ASSETS.len()]>,
    secret: [u8; 32],
}

impl Holdings {
    pub(super) fn new(rng: &mut Rng) -> Result<Self, Fault> {
        let customers = 2 + rng.place(30);
        let mut holdings = Self {
            ids: (0..customers).map(|customer| id(customer, rng)).collect(),
            parts: Vec::new(),
            secret: rng.bytes(32).try_into().map_err(|_| "32 bytes")?,
        };
        for _ in 0..customers {
            let always = rng.place(ASSETS.len());
            holdings.parts.push(std::array::from_fn(|asset| {
                let parts = if asset == always || rng.below(2) == 0 { 1 + rng.below(9) / 6 * rng.below(3) } else { 0 };
                (0..parts).map(|_| amount(rng)).collect()
            }));
        }
        Ok(holdings)
    }
}

/// An id, another for each customer; some begin with all of another's.
fn id(customer: usize, rng: &mut Rng) -> Vec<u8> {
    match rng.below(3) {
        0 => format!("user-{customer}").into_bytes(),
        1 => [vec![b'u'; 1 + customer], b"@example".to_vec()].concat(),
        _ => [rng.bytes(16), vec![customer as u8]].concat(),
    }
}

/// At least 1. Some hundred of them are below 2^128, and some go beyond 2^64.
fn amount(rng: &mut Rng) -> u128 {
    let wide = u128::from(rng.next()) << 64 | u128::from(rng.next());
    (wide >> (9 + rng.below(119))).max(1)
}

/// One leaf, with the receipt's entry for it.
pub(super) struct Held {
    pub(super) customer: usize,
    pub(super) number: u16,
    pub(super) parts: u16,
    pub(super) part: ReceiptPart,
}

/// A customer's receipt, as it is and encoded.
pub(super) struct Customer {
    pub(super) id: Vec<u8>,
    pub(super) receipt: Receipt,
    pub(super) proven: Proven,
    pub(super) encoded: [Vec<u8>; FORMS.len()],
}

impl Customer {
    /// What the customer says to have.
    pub(super) fn expected(&self) -> Expected {
        self.proven.iter().map(|(code, amount)| (code.clone(), Some(*amount))).collect()
    }
}

/// A statement, and everybody's receipt for it.
pub(super) struct Snapshot {
    pub(super) statement: Statement,
    pub(super) encoded: [Vec<u8>; FORMS.len()],
    pub(super) customers: Vec<Customer>,
    /// The leaves of each asset, in their order.
    pub(super) leaves: Vec<Vec<Held>>,
}

/// Who owes, and when.
pub(super) struct When<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) origin: &'a str,
    pub(super) snapshot_id: &'a str,
    /// The snapshot of which the customers' keys are.
    pub(super) keys: &'a str,
    pub(super) previous: Option<&'a Statement>,
}

/// Publishes the holdings.
pub(super) fn publish(holdings: &Holdings, when: &When<'_>) -> Result<Snapshot, Fault> {
    let mut assets = Vec::new();
    let mut leaves = Vec::new();
    for place in 0..ASSETS.len() {
        let (asset, held) = one_asset(holdings, when, place)?;
        assets.push(asset);
        leaves.push(held);
    }
    let statement = Statement::new(Draft {
        origin: when.origin.into(),
        sequence: when.previous.map_or(0, |previous| previous.sequence + 1),
        snapshot_id: when.snapshot_id.into(),
        time: 1_767_312_000,
        previous: when.previous.map_or([0; HASH], |previous| *previous.digest()),
        scheme: when.scheme.clone(),
        assets,
    })?;
    let customers = (0..holdings.ids.len()).map(|customer| one_customer(holdings, &statement, &leaves, customer));
    let customers = customers.collect::<Result<_, _>>()?;
    Ok(Snapshot { encoded: forms(|form| encode(form, &statement)), statement, customers, leaves })
}

fn forms(encoded: impl Fn(Form) -> Vec<u8>) -> [Vec<u8>; FORMS.len()] {
    FORMS.map(encoded)
}

/// A leaf before it has a place.
struct Loose {
    order: [u8; 16],
    digest: Vec<u8>,
    row: Vec<u8>,
    held: Held,
}

fn one_asset(holdings: &Holdings, when: &When<'_>, place: usize) -> Result<(StatementAsset, Vec<Held>), Fault> {
    let (code, group, decimals) = ASSETS[place];
    let about = context(when.origin, when.snapshot_id, code, group, decimals);
    let scheme = when.scheme.with_context(about)?;
    let derivation = Derivation::new(scheme.hash(), code, group)?;
    let empty = Summed(tallystick_proof::proof::InclusionProof::new(scheme.record(), Vec::new())?);
    let mut leaves = Vec::new();
    for (customer, (id, parts)) in holdings.ids.iter().zip(&holdings.parts).enumerate() {
        let key = customer_key(&holdings.secret, when.keys, id);
        let parts = &parts[place];
        for (number, amount) in (0_u16..).zip(parts) {
            let (keys, parts) = (derivation.leaf(&key, number)?, parts.len() as u16);
            let row = [&amount.to_le_bytes(), &leaf_data(&keys.salt, number, parts, id)?[..]].concat();
            let mut record = vec![0; scheme.width()];
            scheme.leaves(Places::From(0), &[&row], &mut record)?;
            let digest = scheme.record().split(&record).0.to_vec();
            let part = ReceiptPart { index: 0, amount: *amount, salt: keys.salt, proof: empty.clone() };
            leaves.push(Loose { order: keys.order, digest, row, held: Held { customer, number, parts, part } });
        }
    }
    leaves.sort_by(|left, right| {
        let place = |leaf: &Loose| (leaf.order, leaf.digest.clone());
        debug_assert_eq!(
            Place { order: left.order, digest: &left.digest }.cmp(&Place { order: right.order, digest: &right.digest }),
            place(left).cmp(&place(right))
        );
        place(left).cmp(&place(right))
    });
    let rows: Vec<&[u8]> = leaves.iter().map(|leaf| leaf.row.as_slice()).collect();
    let tree = DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, alone())?;
    let head = tree.head()?;
    let batch = tree.prove_each(Wanted::These(Selection::Range(0..head.size())), None, alone())?;
    let mut held: Vec<Held> = leaves.into_iter().map(|leaf| leaf.held).collect();
    for (index, leaf) in held.iter_mut().enumerate() {
        leaf.part.index = index as u64;
        leaf.part.proof = Summed(batch.proof(index).ok_or("a proof a leaf")?);
    }
    let holders = holdings.parts.iter().filter(|parts| !parts[place].is_empty()).count() as u64;
    let asset = StatementAsset {
        code: code.into(),
        group: group.into(),
        decimals,
        leaves: head.size(),
        holders: Some(holders),
        total: head.total(),
        root: head.root().try_into()?,
    };
    Ok((asset, held))
}

fn one_customer(
    holdings: &Holdings,
    statement: &Statement,
    leaves: &[Vec<Held>],
    customer: usize,
) -> Result<Customer, Fault> {
    let (mut assets, mut proven) = (Vec::new(), BTreeMap::new());
    for ((code, group, _), leaves) in ASSETS.iter().zip(leaves) {
        let mut own: Vec<&Held> = leaves.iter().filter(|leaf| leaf.customer == customer).collect();
        own.sort_by_key(|leaf| leaf.number);
        if own.is_empty() {
            continue;
        }
        let amount: u128 = own.iter().map(|leaf| leaf.part.amount).sum();
        *proven.entry(String::from(*code)).or_default() += amount;
        let parts = own.iter().map(|leaf| leaf.part.clone()).collect();
        assets.push(ReceiptAsset { code: (*code).into(), group: (*group).into(), parts });
    }
    let receipt = Receipt::new(*statement.digest(), assets)?;
    let encoded = forms(|form| encode(form, &receipt));
    Ok(Customer { id: holdings.ids[customer].clone(), receipt, proven, encoded })
}
