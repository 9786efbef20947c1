//! Receipts that were changed: of everything that is not the operator's own receipt, nothing is proven.
//!
//! The same holdings are published three times: in two snapshots of one operator, and by a rival, who has the keys of the
//! first snapshot too, so that nothing but what roots bind tells their leaves and nodes apart. An attempt changes one customer's
//! receipt, or the statement, the id or the expectations, and is refused, if not by a decoder then by the verifier.

mod claims;
mod encoded;
mod forged;
mod lists;
mod parts;
mod stated;
mod world;

use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::{Equivocation, Expected, HASH, Receipt, ReceiptAsset, Statement, verify};
use tallystick_proof::scheme::Kind;
use tallystick_proof::verify::Refusal;

use crate::objects::{Codec, codecs_of};
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::schemes;
use crate::tally::{Fault, Tally, spread};
use world::{Customer, Holdings, Snapshot, When, publish};

/// Attempts in all.
const ATTEMPTS: u64 = 10_000_000;
const TASKS: u64 = 200;
/// Attempts with the same holdings.
const EACH: u64 = 2000;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let schemes = schemes(options, Kind::Sum)?;
    let tasks: Vec<u64> = (0..TASKS).collect();
    spread(&tasks, options, |task, tally| {
        let mut rng = Rng::new(options.seed, *task);
        let (mut left, mut number) = (options.share(ATTEMPTS / TASKS), *task as usize);
        while left > 0 {
            let scheme = &schemes[number % schemes.len()];
            let holdings = Holdings::new(&mut rng)?;
            let when = |origin, snapshot_id, keys| When { scheme, origin, snapshot_id, keys, previous: None };
            let first = publish(&holdings, &when("exchange.example", "2026-01-01", "2026-01-01"))?;
            let next =
                When { previous: Some(&first.statement), ..when("exchange.example", "2026-01-02", "2026-01-02") };
            let second = publish(&holdings, &next)?;
            let rival = publish(&holdings, &when("exchange2.example", "2026-01-01", "2026-01-01"))?;
            let world = World { snapshots: [&first, &second, &rival] };
            world.honest(tally);
            let attempts = EACH.min(left);
            for _ in 0..attempts {
                world.attempt(&mut rng, tally)?;
            }
            left -= attempts;
            number += 1;
        }
        Ok(())
    })
}

/// A decoder for statements, receipts and equivocations, and each form.
pub(crate) fn codecs(options: &Options) -> Result<impl Iterator<Item = Codec>, Fault> {
    let mut rng = Rng::new(options.seed, 0);
    let (mut statements, mut receipts) = (Vec::new(), Vec::new());
    for scheme in &schemes(options, Kind::Sum)? {
        let holdings = Holdings::new(&mut rng)?;
        let when = |snapshot_id| When { scheme, origin: "exchange.example", snapshot_id, keys: "keys", previous: None };
        let first = publish(&holdings, &when("2026-01-01"))?;
        let second = publish(&holdings, &When { previous: Some(&first.statement), ..when("zwölf Uhr") })?;
        receipts.extend(first.customers.into_iter().take(3).map(|customer| customer.receipt));
        statements.extend([first.statement, second.statement]);
    }
    receipts.push(Receipt::new([0; HASH], Vec::new())?);
    let nothing = ReceiptAsset { code: "BTC".into(), group: String::new(), parts: Vec::new() };
    receipts.push(Receipt::new([7; HASH], vec![nothing])?);
    let two = Equivocation { first: b"a note\n".to_vec(), second: (0..=255).collect() };
    let equivocations = [two, Equivocation { first: Vec::new(), second: Vec::new() }];
    let all = codecs_of(&statements).chain(codecs_of(&receipts)).chain(codecs_of(&equivocations));
    Ok(all.collect::<Vec<_>>().into_iter())
}

/// The same customers in three statements.
struct World<'a> {
    snapshots: [&'a Snapshot; 3],
}

/// What is attacked: one customer's receipt, with all that the attacker has besides.
struct Target<'a> {
    world: &'a World<'a>,
    snapshot: &'a Snapshot,
    customer: &'a Customer,
}

/// What the verifier is given, not all of it as the operator made it.
struct Attempt {
    digest: [u8; HASH],
    assets: Vec<ReceiptAsset>,
    /// `None`: the snapshot's own.
    statement: Option<Statement>,
    id: Vec<u8>,
    expected: Option<Expected>,
}

impl World<'_> {
    /// Everybody's own receipt proves what they have.
    fn honest(&self, tally: &mut Tally) {
        for snapshot in self.snapshots {
            for customer in &snapshot.customers {
                let (receipt, id) = (&customer.receipt, &customer.id);
                for expected in [None, Some(&customer.expected())] {
                    let proven = verify(&snapshot.statement, receipt, id, expected);
                    tally.honest(proven.is_ok_and(|proven| proven == customer.proven), || format!("receipt of {id:?}"));
                }
            }
        }
    }

    /// One attempt that changes something.
    fn attempt(&self, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let snapshot = self.snapshots[rng.place(self.snapshots.len())];
        let customer = &snapshot.customers[rng.place(snapshot.customers.len())];
        let target = Target { world: self, snapshot, customer };
        loop {
            let tried = match rng.below(16) {
                0..8 => target.value(rng, tally)?,
                8..15 => target.bytes(rng, tally),
                _ => target.two_truths(rng, tally)?,
            };
            if tried {
                return Ok(());
            }
        }
    }
}

impl Target<'_> {
    /// Changes the receipt as a value, or what it is verified with. Says whether anything was tried.
    fn value(&self, rng: &mut Rng, tally: &mut Tally) -> Result<bool, Fault> {
        let receipt = &self.customer.receipt;
        let mut attempt = Attempt {
            digest: *receipt.statement(),
            assets: receipt.assets().to_vec(),
            statement: None,
            id: self.customer.id.clone(),
            expected: (rng.below(2) == 0).then(|| self.customer.expected()),
        };
        let how = match rng.below(10) {
            0..=3 => parts::change(self, &mut attempt, rng)?,
            4 | 5 => Some(lists::change(self, &mut attempt, rng)),
            6 => Some(lists::rename(&mut attempt, rng)),
            7 => claims::change(self, &mut attempt, rng),
            8 => Some(stated::elsewhere(self, &mut attempt, rng)),
            _ => stated::redrafted(self, &mut attempt, rng)?,
        };
        Ok(how.is_some_and(|how| self.judge(how, &attempt, tally)))
    }

    /// Verifies an attempt and counts it, unless it changes nothing.
    fn judge(&self, how: &str, attempt: &Attempt, tally: &mut Tally) -> bool {
        let Attempt { digest, assets, statement, id, expected } = attempt;
        let Ok(receipt) = Receipt::new(*digest, assets.clone()) else {
            tally.note("no receipt can be so", 1);
            tally.forged(false, String::new);
            return true;
        };
        let agrees = expected.as_ref().is_none_or(|expected| *expected == self.customer.expected());
        let statement = statement.as_ref().unwrap_or(&self.snapshot.statement);
        if *id == self.customer.id && agrees && self.own(statement).is_some_and(|own| own.receipt == receipt) {
            return false;
        }
        let verdict = verify(statement, &receipt, id, expected.as_ref());
        tally.note(verdict.as_ref().err().map_or("accepted", Refusal::reason), 1);
        tally.forged(verdict.is_ok(), || format!("{how}: {:02x?} for {id:02x?}, {expected:?}", receipt.encode()));
        true
    }

    /// The same customer with the receipt for a statement.
    fn own(&self, statement: &Statement) -> Option<&Customer> {
        let snapshot = self.world.snapshots.iter().find(|snapshot| snapshot.statement == *statement)?;
        snapshot.customers.iter().find(|customer| customer.id == self.customer.id)
    }

    /// Another customer of the same snapshot.
    fn other(&self, rng: &mut Rng) -> &Customer {
        let customers = &self.snapshot.customers;
        let own = customers.iter().position(|customer| customer.id == self.customer.id).unwrap_or(0);
        &customers[(own + 1 + rng.place(customers.len() - 1)) % customers.len()]
    }

    /// Another statement, and the same customer's receipt for it.
    fn elsewhere(&self, rng: &mut Rng) -> (&Statement, &Customer) {
        let digest = self.snapshot.statement.digest();
        let mut others = self.world.snapshots.iter().filter(|snapshot| snapshot.statement.digest() != digest);
        let snapshot = if rng.below(2) == 0 { others.next() } else { others.next_back() }.unwrap_or(&self.snapshot);
        (&snapshot.statement, self.own(&snapshot.statement).unwrap_or(self.customer))
    }
}
