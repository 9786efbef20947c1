//! Trees and proofs of other crates: a JSON document of requests in, one of answers out. README.md has the forms.

mod bytes;
mod commonware;
mod ct;
mod filecoin;
mod grin;
mod namespaced;
mod nervos;
mod nervos_smt;
mod promoted;
mod sparse;
mod tendermint_simple;

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a request gives: an answer, or why there is none.
type Answer = Result<Value, String>;

#[derive(Deserialize)]
struct Document {
    requests: Vec<Value>,
}

#[derive(Serialize)]
struct Answers {
    answers: Vec<Value>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let document: Document = serde_json::from_str(&text)?;
    // Some verifiers panic at malformed proofs: that is an answer, not a message.
    std::panic::set_hook(Box::new(|_| {}));
    let answers = document.requests.into_iter().map(answered).collect();
    let written = serde_json::to_string(&Answers { answers })?;
    std::io::stdout().write_all(written.as_bytes())?;
    Ok(())
}

fn answered(request: Value) -> Value {
    match catch_unwind(AssertUnwindSafe(|| answer(request))) {
        Ok(Ok(found)) => found,
        Ok(Err(why)) => json!({ "error": why }),
        Err(_) => json!({ "error": "panic" }),
    }
}

fn answer(request: Value) -> Answer {
    let call = request["call"].as_str().unwrap_or_default().to_owned();
    match call.as_str() {
        "rs_merkle" => promoted::tree(parsed(request)?),
        "rs_merkle_verify" => promoted::verify(parsed(request)?),
        "filecoin" => filecoin::tree(parsed(request)?),
        "filecoin_verify" => filecoin::verify(parsed(request)?),
        "nervos" => nervos::tree(parsed(request)?),
        "nervos_verify" => nervos::verify(parsed(request)?),
        "nervos_smt" => nervos_smt::tree(parsed(request)?),
        "nervos_smt_verify" => nervos_smt::verify(parsed(request)?),
        "grin" => grin::tree(parsed(request)?),
        "grin_verify" => grin::verify(parsed(request)?),
        "tendermint" => tendermint_simple::tree(parsed(request)?),
        "tendermint_verify" => tendermint_simple::verify(parsed(request)?),
        "tendermint_proof" => tendermint_simple::proof(parsed(request)?),
        "ct_merkle" => ct::tree(parsed(request)?),
        "ct_merkle_verify" => ct::verify(parsed(request)?),
        "commonware_bmt" => commonware::bmt(parsed(request)?),
        "commonware_bmt_verify" => commonware::bmt_verify(parsed(request)?),
        "commonware_mmr" => commonware::mmr(parsed(request)?),
        "commonware_mmr_verify" => commonware::mmr_verify(parsed(request)?),
        "nmt_root" => namespaced::root(parsed(request)?),
        "nmt_inclusion" => namespaced::inclusion(parsed(request)?),
        "nmt_namespace_proof" => namespaced::namespace_proof(parsed(request)?),
        "nmt_verify" => namespaced::verify(parsed(request)?),
        "fuel" => sparse::fuel(parsed(request)?),
        "fuel_verify" => sparse::fuel_verify(parsed(request)?),
        "jmt" => sparse::jellyfish(parsed(request)?),
        "jmt_verify" => sparse::jellyfish_verify(parsed(request)?),
        "ics23_verify" => sparse::commitment_verify(parsed(request)?),
        _ => Err(format!("no call {call:?}")),
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(request: Value) -> Result<T, String> {
    serde_json::from_value(request).map_err(said)
}

/// An error of any crate as a text.
fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
