//! That a newer tree begins with all leaves of an older one.

use alloc::vec;
use alloc::vec::Vec;

use super::{Refusal, check_digests, check_root};
use crate::frame::Places;
use crate::geometry::extension_plan;
use crate::head::TreeHead;
use crate::proof::Digests;

/// Checks that the tree of `newer` is that of `older` with leaves appended.
///
/// RFC 6962 section 2.1.2, in the form of `docs/spec/proofs.md`. Proves nothing about who made either head. Between heads
/// of one size it proves that they are equal. At most 128 hashes.
pub fn verify_extends(newer: &TreeHead, older: &TreeHead, proof: Digests<'_>) -> Result<(), Refusal> {
    if newer.scheme() != older.scheme() {
        return Err(Refusal::OtherScheme);
    }
    if !newer.scheme().proves_growth() {
        return Err(Refusal::NoGrowth(newer.scheme().name()));
    }
    let sizes = Refusal::NotLarger { older: older.size(), newer: newer.size() };
    if older.size() == 0 || older.size() > newer.size() {
        return Err(sizes);
    }
    if older.size() == newer.size() {
        check_digests(newer, proof, 0)?;
        return check_equal(newer, older);
    }
    let plan = extension_plan(older.size(), newer.size()).ok_or(sizes)?;
    let sent = newer.scheme().sends_start(older.size());
    check_digests(newer, proof, (plan.len() as u64).saturating_add(u64::from(sent)))?;

    let width = newer.scheme().width();
    let mut digests = proof.bytes().chunks_exact(width);
    let start = if sent { digests.next().unwrap_or_default() } else { older.root() };
    let (mut older_top, mut newer_top) = (start.to_vec(), start.to_vec());
    for ((_, in_older), sibling) in plan.iter().zip(digests) {
        if *in_older {
            older_top = node(newer, sibling, &older_top)?;
            newer_top = node(newer, sibling, &newer_top)?;
        } else {
            newer_top = node(newer, &newer_top, sibling)?;
        }
    }
    check_root("the older head", older, &older_top)?;
    check_root("the newer head", newer, &newer_top)
}

fn node(head: &TreeHead, left: &[u8], right: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut digest = vec![0; head.scheme().width()];
    // Schemes whose nodes state their place have no proofs of growth.
    head.scheme().nodes(0, Places::From(0), &[left, right].concat(), &mut digest)?;
    Ok(digest)
}

fn check_equal(newer: &TreeHead, older: &TreeHead) -> Result<(), Refusal> {
    if newer.root() == older.root() {
        return Ok(());
    }
    let of = "the older head";
    Err(Refusal::RootMismatch { of, expected: older.root().to_vec(), computed: newer.root().to_vec() })
}
