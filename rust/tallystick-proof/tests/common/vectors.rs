//! Reading the vectors that the Python twin writes.

use std::error::Error;
use std::path::Path;

use serde_json::Value;
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::Refusal;

pub(crate) fn groups(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/v1").join(file);
    let mut vectors: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(vectors["groups"].as_array_mut().map(std::mem::take).ok_or("no groups")?)
}

pub(crate) fn tests(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().into_iter().flatten()
}

pub(crate) fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("no text: {value}"))
}

pub(crate) fn number(value: &Value) -> Result<u64, Box<dyn Error>> {
    Ok(text(value)?.parse()?)
}

pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let hex = text(value)?;
    (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
}

pub(crate) fn scheme(value: &Value) -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::decode(&bytes(&value["encoding"])?, &builtin)?)
}

/// An encoding that is written out, or in pieces that are repeated.
fn encoding(test: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
    let json = test["form"] == "json";
    let piece = |value: &Value| if json { Ok(text(value)?.as_bytes().to_vec()) } else { bytes(value) };
    if let Some(pieces) = test["pieces"].as_array() {
        let repeated =
            |pair: &Value| Ok::<_, Box<dyn Error>>(piece(&pair[0])?.repeat(usize::try_from(number(&pair[1])?)?));
        return Ok(pieces.iter().map(repeated).collect::<Result<Vec<_>, _>>()?.concat());
    }
    piece(test.get("text").unwrap_or(&test["encoding"]))
}

/// Holds verdicts against the claims of a file, which are the tests with this field; how many were accepted and refused.
pub(crate) fn judged(
    file: &str,
    field: &str,
    verdict: impl Fn(&Value) -> Result<Result<(), Refusal>, Box<dyn Error>>,
) -> Result<(usize, usize), Box<dyn Error>> {
    let (mut accepted, mut refused) = (0, 0);
    for group in groups(file)? {
        for test in tests(&group).filter(|test| test.get(field).is_some()) {
            let verdict = verdict(test)?;
            let reason = verdict.as_ref().err().map(Refusal::reason);
            match text(&test["result"])? {
                "valid" => assert_eq!(reason, None, "{}", test["id"]),
                _ => assert_eq!(reason, Some(text(&test["reason"])?), "{}", test["id"]),
            }
            *if reason.is_none() { &mut accepted } else { &mut refused } += 1;
        }
    }
    Ok((accepted, refused))
}

/// The object that a test has in its binary form.
pub(crate) fn of<W: Wire>(test: &Value, field: &str) -> Result<W, Box<dyn Error>> {
    Ok(W::decode(&bytes(&test[field])?, &builtin)?)
}

/// Reads and writes again in each form; how many encodings were refused.
pub(crate) fn forms<W: Wire>(group: &Value) -> Result<usize, Box<dyn Error>> {
    let mut refused = 0;
    for test in tests(group) {
        let id = &test["id"];
        if test["result"] == "valid" {
            let (binary, json) = (bytes(&test["binary"])?, text(&test["json"])?);
            let object = W::decode(&binary, &builtin)?;
            assert_eq!(object.encode(), binary, "{id}");
            assert_eq!(object.to_json(), json, "{id}");
            assert_eq!(object.to_protobuf(), bytes(&test["protobuf"])?, "{id}");
            assert_eq!(W::from_json(json, &builtin)?.encode(), binary, "{id}");
            assert_eq!(W::from_protobuf(&object.to_protobuf(), &builtin)?.encode(), binary, "{id}");
            continue;
        }
        let encoding = encoding(test)?;
        let found = match text(&test["form"])? {
            "binary" => W::decode(&encoding, &builtin).is_ok(),
            "protobuf" => W::from_protobuf(&encoding, &builtin).is_ok(),
            _ => std::str::from_utf8(&encoding).is_ok_and(|text| W::from_json(text, &builtin).is_ok()),
        };
        assert!(!found, "{id}");
        refused += 1;
    }
    Ok(refused)
}
