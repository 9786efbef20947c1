//! Every object in every encoding, behind one face: what decoders are attacked through.

use tallystick_proof::codec::{DecodeError, Wire};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::Work;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::pool::{Run, never};
use tallystick_tree::prove::Selection;
use tallystick_tree::shard::Shard;
use tallystick_tree::tree::Wanted;

use crate::options::Options;
use crate::receipts;
use crate::sparse;
use crate::subjects::{SERIAL, Subject, alone, subjects};
use crate::summed;
use crate::tally::Fault;

/// One of the three encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Json,
    Protobuf,
}

pub(crate) const FORMS: [Form; 3] = [Form::Binary, Form::Json, Form::Protobuf];

/// A decoder, with encodings that it takes.
pub(crate) struct Codec {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Reads bytes; if they are taken, whether they are canonical and the object survives every form.
    pub(crate) canonical: fn(Form, &[u8]) -> Option<bool>,
    /// Reads bytes; the text of the error, if they are refused.
    pub(crate) refusal: fn(Form, &[u8]) -> Option<String>,
    pub(crate) examples: Vec<Vec<u8>>,
}

pub(crate) fn encode<W: Wire>(form: Form, object: &W) -> Vec<u8> {
    match form {
        Form::Binary => object.encode(),
        Form::Json => object.to_json().into_bytes(),
        Form::Protobuf => object.to_protobuf(),
    }
}

/// `None` if the bytes are no text, which the JSON decoder is never given.
pub(crate) fn decode<W: Wire>(form: Form, bytes: &[u8]) -> Option<Result<W, DecodeError>> {
    Some(match form {
        Form::Binary => W::decode(bytes, &accelerated),
        Form::Json => W::from_json(std::str::from_utf8(bytes).ok()?, &accelerated),
        Form::Protobuf => W::from_protobuf(bytes, &accelerated),
    })
}

fn canonical<W: Wire + PartialEq>(form: Form, bytes: &[u8]) -> Option<bool> {
    let object: W = decode(form, bytes)?.ok()?;
    let survives = |other| {
        let again: Option<Result<W, _>> = decode(other, &encode(other, &object));
        matches!(again, Some(Ok(again)) if again == object)
    };
    Some(encode(form, &object) == bytes && FORMS.into_iter().all(survives))
}

fn refusal<W: Wire>(form: Form, bytes: &[u8]) -> Option<String> {
    match decode::<W>(form, bytes) {
        Some(Ok(_)) => None,
        Some(Err(error)) => Some(error.to_string()),
        None => Some("no text".into()),
    }
}

pub(crate) fn codecs_of<W: Wire + PartialEq>(objects: &[W]) -> impl Iterator<Item = Codec> {
    FORMS.into_iter().map(move |form| Codec {
        name: W::NAME,
        form,
        canonical: canonical::<W>,
        refusal: refusal::<W>,
        examples: objects.iter().map(|object| encode(form, object)).collect(),
    })
}

/// A decoder for each object and form.
pub(crate) fn codecs(options: &Options) -> Result<Vec<Codec>, Fault> {
    let (mut schemes, mut heads, mut batches, mut shards) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut singles, mut multis, mut growths) = (Vec::new(), Vec::new(), Vec::new());
    for subject in &subjects(options, 40, |_| 9)? {
        let Subject { scheme, tree, leaves } = subject;
        schemes.push(scheme.clone());
        if scheme.binds_size() {
            schemes.push(scheme.with_context(vec![0])?);
            schemes.push(scheme.with_context((0..200).collect())?);
        }
        for size in [0, 1, 2, 7, 40] {
            heads.push(tree.head_at(size)?);
        }
        if scheme.binds_size() {
            heads.push(TreeHead::new(scheme.with_context(b"day".to_vec())?, u64::MAX, vec![0xab; 32])?);
        }
        singles.push(InclusionProof::new(64, vec![1; 128])?);
        for index in [0, 5, 39] {
            singles.push(tree.prove(index, None)?);
        }
        for indices in [vec![0], vec![3, 4, 30], (0..40).collect()] {
            multis.push(tree.prove_many(indices, None)?);
        }
        for older in [1, 13, 32, 40] {
            growths.push(tree.prove_extends(older, None)?);
        }
        batches.push(ProofBatch::new(48, Vec::new(), vec![0])?);
        for indices in [&[][..], &[7], &[39, 0, 39]] {
            batches.push(tree.prove_each(Wanted::These(Selection::These(indices)), None, alone())?);
        }
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let work = Work::new(scheme, Run { pool: &SERIAL, interrupt: &never });
        shards.push(Shard::empty(scheme.clone(), u64::MAX)?);
        for (begin, end) in [(0, 40), (3, 21), (39, 40)] {
            shards.push(Shard::of_leaves(work, begin as u64, &RaggedRows(&rows[begin..end]))?);
        }
    }
    let (sums, owed, keyed) = (summed::codecs(options)?, receipts::codecs(options)?, sparse::codecs(options)?);
    Ok(codecs_of::<Scheme>(&schemes)
        .chain(codecs_of(&heads))
        .chain(codecs_of(&singles))
        .chain(codecs_of(&multis))
        .chain(codecs_of(&growths))
        .chain(codecs_of(&batches))
        .chain(codecs_of(&shards))
        .chain(sums)
        .chain(owed)
        .chain(keyed)
        .collect())
}
