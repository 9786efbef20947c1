//! Changes of encodings: of the receipt's, and of the statement's.

use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::{Receipt, ReceiptAsset, Statement, verify};
use tallystick_proof::verify::Refusal;

use super::Target;
use crate::mutate::mutate;
use crate::objects::{FORMS, Form, decode, encode};
use crate::rng::Rng;
use crate::tally::Tally;

impl Target<'_> {
    /// Mutates one encoding. Says whether anything was tried.
    pub(super) fn bytes(&self, rng: &mut Rng, tally: &mut Tally) -> bool {
        let place = rng.place(FORMS.len());
        if rng.below(16) == 0 {
            let other = self.elsewhere_encoded(place, rng);
            return self.statement_bytes(FORMS[place], &self.snapshot.encoded[place], other, rng, tally);
        }
        let other = &self.other(rng).encoded[place];
        self.receipt_bytes(FORMS[place], &self.customer.encoded[place], other, rng, tally)
    }

    fn elsewhere_encoded(&self, place: usize, rng: &mut Rng) -> &[u8] {
        let snapshots = &self.world.snapshots;
        &snapshots[rng.place(snapshots.len())].encoded[place]
    }

    fn receipt_bytes(&self, form: Form, own: &[u8], other: &[u8], rng: &mut Rng, tally: &mut Tally) -> bool {
        let Some((bytes, decoded)) = mutant::<Receipt>(form, own, other, rng) else { return false };
        let Some(receipt) = decoded else { return refused("not decoded", tally) };
        let what = || format!("{form:?} {bytes:02x?}");
        let customer = self.customer;
        if receipt == customer.receipt || encode(form, &receipt) != bytes {
            tally.note("another encoding", 1);
            tally.forged(true, what);
            return true;
        }
        let expected = (rng.below(2) == 0).then(|| customer.expected());
        let verdict = verify(&self.snapshot.statement, &receipt, &customer.id, expected.as_ref());
        match verdict {
            Err(refusal) => refused(refusal.reason(), tally),
            Ok(proven) => {
                // Without expectations, an asset left out is unproven, and everything else is as it was.
                let less = expected.is_none() && proven != customer.proven;
                if less && is_part(receipt.assets(), customer.receipt.assets()) {
                    tally.note("left out where nothing is expected", 1);
                    return false;
                }
                tally.note("accepted", 1);
                tally.forged(true, what);
                true
            }
        }
    }

    fn statement_bytes(&self, form: Form, own: &[u8], other: &[u8], rng: &mut Rng, tally: &mut Tally) -> bool {
        let Some((bytes, decoded)) = mutant::<Statement>(form, own, other, rng) else { return false };
        let Some(statement) = decoded else { return refused("not decoded", tally) };
        let what = || format!("{form:?} {bytes:02x?}");
        let verdict = verify(&statement, &self.customer.receipt, &self.customer.id, None);
        tally.note(verdict.as_ref().err().map_or("accepted", Refusal::reason), 1);
        tally.forged(verdict.is_ok() || encode(form, &statement) != bytes, what);
        true
    }
}

/// Other bytes, and what is decoded from them. `None` if they are the same, or no text where it takes one.
fn mutant<W: Wire>(form: Form, own: &[u8], other: &[u8], rng: &mut Rng) -> Option<(Vec<u8>, Option<W>)> {
    let mut bytes = own.to_vec();
    mutate(form, &mut bytes, other, rng);
    let decoded = decode(form, &bytes)?.ok();
    (bytes != own).then_some((bytes, decoded))
}

fn refused(why: &'static str, tally: &mut Tally) -> bool {
    tally.note(why, 1);
    tally.forged(false, String::new);
    true
}

/// Whether these are some of the others, each as it is, in their order.
fn is_part(some: &[ReceiptAsset], all: &[ReceiptAsset]) -> bool {
    let mut all = all.iter();
    some.len() < all.len() && some.iter().all(|asset| all.any(|other| other == asset))
}
