//! Notes of statements, their signature lines, and records of two of them: the vectors, and what those leave out.

mod common;

use std::error::Error;

use common::Outcome;
use common::vectors::{bytes, groups, tests, text};
use serde_json::Value;
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::liabilities::{
    Clash, Draft, Equivocation, NoteError, SignatureError, SignatureLine, SignedStatement, Statement, StatementAsset,
    ed25519_key_id, recorded_clash,
};
use tallystick_proof::scheme::Scheme;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The tests of the file's one group about this, with the group.
fn about(what: &str) -> Fallible<(Value, Vec<Value>)> {
    let group = groups("liability_statement.json")?.into_iter().find(|group| group["what"] == what);
    let group = group.ok_or("no such group")?;
    let tests = tests(&group).cloned().collect();
    Ok((group, tests))
}

#[test]
fn notes_of_the_vectors() -> Outcome {
    let (mut read, mut refused) = (0, 0);
    for test in about("notes")?.1 {
        let id = &test["id"];
        let note = bytes(&test["note"])?;
        let found = SignedStatement::read(&note, &builtin);
        if test["result"] == "valid" {
            let signed = found?;
            let statement = Statement::decode(&bytes(&test["statement"])?, &builtin)?;
            assert_eq!(signed.statement, statement, "{id}");
            assert!(signed.signatures.is_empty(), "{id}");
            assert_eq!(signed.note()?.as_bytes(), note, "{id}");
            assert_eq!(format!("{}\n", statement.body()?).as_bytes(), note, "{id}");
            read += 1;
        } else {
            let said = found.err().ok_or("refused")?.to_string();
            assert!((10..400).contains(&said.len()), "{id}: {said}");
            refused += 1;
        }
    }
    assert_eq!((read, refused), (16, 70));
    Ok(())
}

/// Whether they are right is for who has an implementation of the signature.
#[test]
fn signature_lines_of_the_vectors() -> Outcome {
    let (group, tests) = about("signatures")?;
    let name = text(&group["key"]["name"])?;
    let public_key: [u8; 32] = bytes(&group["key"]["public_key"])?.try_into().map_err(|_| "32 bytes")?;
    let key_id = ed25519_key_id(name, &public_key);
    assert_eq!(key_id[..], bytes(&group["key"]["key_id"])?);
    let mut own = 0;
    for test in &tests {
        let note = bytes(&test["note"])?;
        let signed = SignedStatement::read(&note, &builtin)?;
        assert_eq!(signed.note()?.as_bytes(), note, "{}", test["id"]);
        own += signed.signatures.iter().filter(|line| line.is_of(name, &key_id)).count();
        assert!(signed.signatures.iter().all(|line| !line.is_of(name, &[]) && !line.signature().is_empty()));
    }
    assert_eq!((tests.len(), own), (10, 8));
    Ok(())
}

#[test]
fn equivocations_of_the_vectors() -> Outcome {
    let mut recorded = 0;
    for test in about("equivocation")?.1 {
        let unsigned = |name: &str| -> Fallible<SignedStatement> {
            let statement = Statement::decode(&bytes(&test[name])?, &builtin)?;
            Ok(SignedStatement { statement, signatures: Vec::new() })
        };
        let (a, b) = (unsigned("a")?, unsigned("b")?);
        let record = Equivocation::new(&a, &b)?;
        assert_eq!(record, Equivocation::new(&b, &a)?, "{}", test["id"]);
        assert_eq!(record.is_some(), test["clash"].is_string(), "{}", test["id"]);
        let Some(record) = record else { continue };
        let [first, second] = record.statements(&builtin)?;
        assert!(first.statement.digest() < second.statement.digest());
        let both = [first, second];
        assert_eq!(recorded_clash(&both).map(Clash::name), test["clash"].as_str(), "{}", test["id"]);
        let [first, second] = both;
        assert_eq!(recorded_clash(&[second, first.clone()]), None);
        assert_eq!(recorded_clash(&[first.clone(), first]), None);
        recorded += 1;
    }
    assert_eq!(recorded, 6);
    Ok(())
}

#[test]
fn records_of_no_notes() {
    for (first, second) in [(&b""[..], &b""[..]), (b"\xff\n", b"\n")] {
        let record = Equivocation { first: first.to_vec(), second: second.to_vec() };
        assert!(record.statements(&builtin).is_err());
    }
}

fn signed(assets: Vec<StatementAsset>) -> Fallible<SignedStatement> {
    let scheme = Scheme::of_family("native_sum", builtin("blake3").ok_or("a hash")?)?;
    let (origin, snapshot_id) = ("exchange.example".into(), "day 1".into());
    let draft = Draft { origin, sequence: 0, snapshot_id, time: 7, previous: [0; 32], scheme, assets };
    Ok(SignedStatement { statement: Statement::new(draft)?, signatures: Vec::new() })
}

fn assets(count: u32, group_length: usize) -> Vec<StatementAsset> {
    let asset = |number: u32| StatementAsset {
        code: "A".into(),
        group: format!("{number:0group_length$}"),
        decimals: 0,
        leaves: 0,
        holders: None,
        total: 0,
        root: [0; 32],
    };
    (0..count).map(asset).collect()
}

/// The longest note there is, of exactly 1,000,000 characters, is read; one character more is no note.
#[test]
fn the_longest_note() -> Outcome {
    // A line is its group and 62 characters more.
    let mut rows = assets(3153, 255);
    let missing = 1_000_000 - signed(rows.clone())?.note()?.chars().count();
    let mut with_last = |group: String| {
        rows.truncate(3153);
        rows.push(StatementAsset { code: "B".into(), group, ..assets(1, 0).remove(0) });
        signed(rows.clone())
    };
    let whole = with_last("x".repeat(missing - 62))?;
    let note = whole.note()?;
    assert_eq!(note.chars().count(), 1_000_000);
    assert_eq!(SignedStatement::read(note.as_bytes(), &builtin)?, whole);
    let longer = SignedStatement::read(format!("{note}x").as_bytes(), &builtin);
    assert!(matches!(longer, Err(NoteError::TooLong(1_000_001))));
    let longer = with_last("x".repeat(missing - 61))?;
    assert!(matches!(longer.note(), Err(NoteError::TooLong(1_000_001))));
    assert!(matches!(longer.statement.body(), Err(NoteError::TooLong(1_000_001))));
    // Characters are counted, not bytes.
    let wide = with_last(format!("{}ä", "x".repeat(missing - 63)))?.note()?;
    assert_eq!((wide.chars().count(), wide.len()), (1_000_000, 1_000_001));
    SignedStatement::read(wide.as_bytes(), &builtin)?;
    Ok(())
}

#[test]
fn as_many_signatures_as_there_can_be() -> Outcome {
    let mut whole = signed(Vec::new())?;
    let line = |number: u8| SignatureLine::new(&format!("key-{number}"), [number; 4], vec![number; 64]);
    for number in 0..100 {
        whole.signatures.push(line(number)?);
    }
    let note = whole.note()?;
    assert_eq!(SignedStatement::read(note.as_bytes(), &builtin)?, whole);
    let last = note.lines().last().ok_or("a line")?;
    let more = SignedStatement::read(format!("{note}{last}\n").as_bytes(), &builtin);
    assert!(matches!(more, Err(NoteError::TooManySignatures(101))));
    whole.signatures.push(line(100)?);
    assert!(matches!(whole.note(), Err(NoteError::TooManySignatures(101))));
    Ok(())
}

#[test]
fn lines_that_are_no_signatures() -> Outcome {
    let note = signed(Vec::new())?.note()?;
    SignedStatement::read(format!("{note}\u{2014} key AAAAAAE=\n").as_bytes(), &builtin)?;
    for line in [
        "",
        "text",
        "- key AAAAAAE=",
        "\u{2014}key AAAAAAE=",
        "\u{2014} key",
        "\u{2014} key ",
        "\u{2014} key  AAAAAAE=",
        "\u{2014}  AAAAAAE=",
        "\u{2014} k+y AAAAAAE=",
        "\u{2014} k\u{a0}y AAAAAAE=",
        "\u{2014} k\u{85}y AAAAAAE=",
        "\u{2014} k\u{3000}y AAAAAAE=",
        "\u{2014} key AAAAAAE= ",
        "\u{2014} key AAAAAAE",
        "\u{2014} key AAAAAAF=",
        "\u{2014} key AAAAAA==",
        "\u{2014} key AAAA",
        "\u{2014} key AAAAAA-_",
        "\u{2014} key AAAA\u{2014}AE=",
        "\u{2014} key AAAAAAE=\r",
        "\u{2014} key AAAAAAE=\t",
    ] {
        let read = SignedStatement::read(format!("{note}{line}\n").as_bytes(), &builtin);
        assert!(read.is_err(), "{line:?}");
    }
    for name in ["", " ", "a b", "a+b", "a\nb", "\u{2028}", "a\u{1}"] {
        let refused = SignatureLine::new(name, [0; 4], vec![1]);
        assert_eq!(refused, Err(SignatureError::Name(name.into())), "{name:?}");
    }
    assert_eq!(SignatureLine::new("a", [0; 4], vec![]), Err(SignatureError::Empty));
    Ok(())
}

/// What errors quote of a note does not grow with it.
#[test]
fn errors_about_long_notes_are_short() -> Outcome {
    let note = signed(Vec::new())?.note()?;
    let long = "x".repeat(900_000);
    for changed in [
        note.replace("exchange.example", &long),
        note.replace("tallystick/v1/statement", &long),
        note.replace("time 7", &format!("time {long}")),
        note.replace("time 7", &format!("time 7\n{long}")),
        note.replace("native_sum/blake3", &format!("native_sum/{long}")),
        note.replace("native_sum/blake3", &format!("{long}/blake3")),
        note.replace("digest ", &format!("digest {long}")),
        format!("{note}{long}\n"),
        format!("{note}\u{2014} {long} AAAAAAE=+\n"),
        format!("{note}\u{2014} +{long} AAAAAAE=\n"),
    ] {
        let error = SignedStatement::read(changed.as_bytes(), &builtin).err().ok_or("refused")?;
        assert!(error.to_string().len() < 1000, "{} characters", error.to_string().len());
        assert!(format!("{error:?}").len() < 1000);
    }
    Ok(())
}
