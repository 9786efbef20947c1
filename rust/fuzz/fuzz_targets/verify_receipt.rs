//! Receipts of a known statement, edited as bytes and changed as values.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::owed::{ASSETS, CUSTOMERS, LATER, OWED};
use tallystick_fuzz::{Edit, edit};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{Expected, Proven, Receipt, ReceiptAsset, ReceiptPart, verify};
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::record::Record;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    customer: u8,
    later: bool,
    digest: Option<(u8, u8)>,
    changes: Vec<Change<'a>>,
    edits: Vec<Edit<'a>>,
    id: Id<'a>,
    expected: Option<Vec<(u8, Option<u128>)>>,
    against_later: bool,
}

#[derive(Arbitrary, Debug)]
enum Id<'a> {
    Own,
    Other(u8),
    Any(&'a [u8]),
}

/// A change of the list of assets, or of one of its parts.
#[derive(Arbitrary, Debug)]
enum Change<'a> {
    DropAsset { at: u8 },
    RepeatAsset { at: u8 },
    SwapAssets { at: u8, with: u8 },
    TakeAsset { of: u8, at: u8 },
    Rename { at: u8, to: u8 },
    Sort,
    DropPart { at: u8 },
    RepeatPart { at: u8 },
    SwapParts { at: u8, with: u8 },
    TakePart { of: u8, at: u8 },
    Index { at: u8, to: u64 },
    Amount { at: u8, to: u128 },
    Salt { at: u8, byte: u8, to: u8 },
    Sum { at: u8, level: u8, to: u128 },
    Records { at: u8, edits: Vec<Edit<'a>> },
}

/// Part `at`, counted through all assets: the asset's place and the part's.
fn part(assets: &[ReceiptAsset], at: u8) -> Option<(usize, usize)> {
    let all: Vec<(usize, usize)> = assets
        .iter()
        .enumerate()
        .flat_map(|(asset, held)| (0..held.parts.len()).map(move |part| (asset, part)))
        .collect();
    (!all.is_empty()).then(|| all[usize::from(at) % all.len()])
}

fn change(assets: &mut Vec<ReceiptAsset>, change: &Change<'_>) {
    let other = |of: u8| OWED.customers[usize::from(of) % CUSTOMERS].1.assets();
    let count = assets.len();
    let place = |at: u8| usize::from(at) % count.max(1);
    match change {
        Change::Sort => assets.sort_by(|left, right| left.key().cmp(&right.key())),
        Change::TakeAsset { of, at } => assets.push(other(*of)[usize::from(*at) % other(*of).len()].clone()),
        _ if count == 0 => {}
        Change::DropAsset { at } => {
            assets.remove(place(*at));
        }
        Change::RepeatAsset { at } => assets.insert(place(*at), assets[place(*at)].clone()),
        Change::SwapAssets { at, with } => assets.swap(place(*at), place(*with)),
        Change::Rename { at, to } => {
            let (code, group) = ASSETS[usize::from(*to) % ASSETS.len()];
            let asset = &mut assets[place(*at)];
            (asset.code, asset.group) = (code.into(), group.into());
        }
        Change::DropPart { at } => {
            let Some((asset, part)) = part(assets, *at) else { return };
            assets[asset].parts.remove(part);
        }
        Change::RepeatPart { at } => {
            let Some((asset, part)) = part(assets, *at) else { return };
            let again = assets[asset].parts[part].clone();
            assets[asset].parts.push(again);
        }
        Change::SwapParts { at, with } => {
            let Some((asset, part)) = part(assets, *at) else { return };
            let parts = &mut assets[asset].parts;
            let with = usize::from(*with) % parts.len();
            parts.swap(part, with);
        }
        Change::TakePart { of, at } => {
            let Some((asset, index)) = part(other(*of), *at) else { return };
            let taken = other(*of)[asset].parts[index].clone();
            assets[place(*at)].parts.push(taken);
        }
        Change::Index { at, .. }
        | Change::Amount { at, .. }
        | Change::Salt { at, .. }
        | Change::Sum { at, .. }
        | Change::Records { at, .. } => {
            let Some((asset, index)) = part(assets, *at) else { return };
            change_part(&mut assets[asset].parts[index], change);
        }
    }
}

fn change_part(part: &mut ReceiptPart, change: &Change<'_>) {
    let mut bytes = part.proof.0.digests().bytes().to_vec();
    match change {
        Change::Index { to, .. } => part.index = *to,
        Change::Amount { to, .. } => part.amount = *to,
        Change::Salt { byte, to, .. } => part.salt[usize::from(byte % 16)] = *to,
        Change::Sum { level, to, .. } if !bytes.is_empty() => {
            let begin = usize::from(*level) % (bytes.len() / 48) * 48 + 32;
            bytes[begin..begin + 16].copy_from_slice(&to.to_le_bytes());
        }
        Change::Records { edits, .. } => edit(&mut bytes, edits),
        _ => {}
    }
    if let Ok(proof) = InclusionProof::new(Record::summed(32), bytes) {
        part.proof = Summed(proof);
    }
}

fuzz_target!(|input: Input<'_>| {
    let owed = |later: bool| if later { &*LATER } else { &*OWED };
    let (mine, world) = (owed(input.later), owed(input.against_later));
    let (own_id, own) = &mine.customers[usize::from(input.customer) % CUSTOMERS];
    let mut assets = own.assets().to_vec();
    for one in &input.changes {
        change(&mut assets, one);
    }
    let mut digest = *own.statement();
    if let Some((byte, to)) = input.digest {
        digest[usize::from(byte % 32)] = to;
    }
    let Ok(receipt) = Receipt::new(digest, assets) else { return };
    let mut bytes = receipt.encode();
    edit(&mut bytes, &input.edits);
    let Ok(receipt) = Receipt::decode(&bytes, &builtin) else { return };
    assert!(receipt.encode() == bytes, "not canonical");

    let id = match input.id {
        Id::Own => own_id.as_slice(),
        Id::Other(of) => &world.customers[usize::from(of) % CUSTOMERS].0,
        Id::Any(id) => id,
    };
    let expected: Option<Expected> = input.expected.map(|expected| {
        expected.into_iter().map(|(code, amount)| (ASSETS[usize::from(code) % ASSETS.len()].0.into(), amount)).collect()
    });

    // What is proven is entries of this customer's own receipt, each as it is, in their order.
    let theirs = world.customers.iter().find(|(theirs, _)| theirs == id).map(|(_, receipt)| receipt);
    let genuine = theirs.is_some_and(|theirs| {
        let mut all = theirs.assets().iter();
        *receipt.statement() == *world.statement.digest()
            && !receipt.assets().is_empty()
            && receipt.assets().iter().all(|asset| all.any(|own| own == asset))
    });
    let mut sums: Proven = BTreeMap::new();
    if genuine {
        for asset in receipt.assets() {
            *sums.entry(asset.code.clone()).or_default() += asset.parts.iter().map(|part| part.amount).sum::<u128>();
        }
    }
    let stated: BTreeMap<String, Option<u128>> = sums.iter().map(|(code, sum)| (code.clone(), Some(*sum))).collect();
    let agrees = expected.as_ref().is_none_or(|expected| {
        let mut expected = expected.clone();
        expected.retain(|_, amount| *amount != Some(0));
        expected == stated
    });
    let found = verify(&world.statement, &receipt, id, expected.as_ref());
    assert_eq!(found.ok(), (genuine && agrees).then_some(sums));
    // As much as was proven may be expected, and nothing else.
    if genuine {
        assert!(verify(&world.statement, &receipt, id, Some(&stated)).is_ok());
    }
});
