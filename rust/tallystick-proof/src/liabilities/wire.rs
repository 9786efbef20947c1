//! The fields of statements, receipts and equivocations.

use alloc::string::String;

use super::equivocation::Equivocation;
use super::name::check_asset;
use super::receipt::{Receipt, ReceiptAsset, ReceiptPart};
use super::statement::{Draft, Statement, StatementAsset};
use crate::codec::{DecodeError, Item, Resolve, Sink, Source, Wire, take_scheme};
use crate::scheme::Kind;

/// Holders that are not stated.
const NOT_STATED: u64 = u64::MAX;

impl Wire for Statement {
    const NAME: &'static str = "statement";
    const MAGIC: [u8; 4] = *b"tlyt";

    fn put(&self, out: &mut impl Sink) {
        out.text("origin", &self.origin);
        out.number("sequence", self.sequence);
        out.text("snapshot_id", &self.snapshot_id);
        out.number("time", self.time);
        out.digest("previous", &self.previous);
        out.object("scheme", &self.scheme);
        out.items("assets", &self.assets);
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        Ok(Self::new(Draft {
            origin: String::from(input.text("origin")?),
            sequence: input.number("sequence")?,
            snapshot_id: String::from(input.text("snapshot_id")?),
            time: input.number("time")?,
            previous: input.fixed("previous")?,
            scheme: take_scheme(input, Self::NAME, Kind::Sum, resolve)?,
            assets: input.items("assets", resolve)?,
        })?)
    }
}

impl Item for StatementAsset {
    fn put(&self, out: &mut impl Sink) {
        out.name("code", &self.code);
        out.text("group", &self.group);
        out.small("decimals", self.decimals);
        out.number("leaves", self.leaves);
        out.number("holders", self.holders.unwrap_or(NOT_STATED));
        out.total("total", self.total);
        out.digest("root", &self.root);
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            code: String::from(input.name("code")?),
            group: String::from(input.text("group")?),
            decimals: input.small("decimals")?,
            leaves: input.number("leaves")?,
            holders: Some(input.number("holders")?).filter(|holders| *holders != NOT_STATED),
            total: input.total("total")?,
            root: input.fixed("root")?,
        })
    }
}

impl Wire for Receipt {
    const NAME: &'static str = "receipt";
    const MAGIC: [u8; 4] = *b"tlyp";

    fn put(&self, out: &mut impl Sink) {
        out.digest("statement", self.statement());
        out.items("assets", self.assets());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        Self::new(input.fixed("statement")?, input.items("assets", resolve)?)
    }
}

impl Item for ReceiptAsset {
    fn put(&self, out: &mut impl Sink) {
        out.name("code", &self.code);
        out.text("group", &self.group);
        out.items("parts", &self.parts);
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let (code, group) = (input.name("code")?, input.text("group")?);
        // Here already: an asset without a code would be paid for by two bytes of input.
        check_asset(code, group)?;
        Ok(Self { code: code.into(), group: group.into(), parts: input.items("parts", resolve)? })
    }
}

impl Item for ReceiptPart {
    fn put(&self, out: &mut impl Sink) {
        out.number("index", self.index);
        out.amount("amount", self.amount);
        out.digest("salt", &self.salt);
        out.object("proof", &self.proof);
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            index: input.number("index")?,
            amount: input.amount("amount")?,
            salt: input.fixed("salt")?,
            proof: input.object("proof", resolve)?,
        })
    }
}

impl Wire for Equivocation {
    const NAME: &'static str = "equivocation";
    const MAGIC: [u8; 4] = *b"tlye";

    fn put(&self, out: &mut impl Sink) {
        out.bytes("first", &self.first);
        out.bytes("second", &self.second);
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        Ok(Self { first: input.bytes("first")?.into_owned(), second: input.bytes("second")?.into_owned() })
    }
}
