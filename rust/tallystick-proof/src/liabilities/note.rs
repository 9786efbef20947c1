//! Notes: the text of a statement that is signed, with its signature lines. Whether a signature is right, who has the key
//! says.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::HASH;
use super::signature::{SignatureError, SignatureLine};
use super::statement::{Draft, Statement, StatementAsset, StatementError};
use crate::codec::{Resolve, excerpt};
use crate::hash::HashError;
use crate::scheme::{Scheme, SchemeError};

/// What a note says on its second line.
const LABEL: &str = "tallystick/v1/statement";

/// Most characters of a note.
pub const MAX_CHARACTERS: usize = 1_000_000;

/// Most signature lines of a note.
pub const MAX_SIGNATURES: usize = 100;

/// Lines of a note before and behind those of the assets.
const FIRST_LINES: usize = 7;

/// A text that is the note of no statement, or a statement that has none.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// It is no text.
    #[error("a note is UTF-8")]
    NotUtf8,
    /// It is too long to be read by whoever reads notes.
    #[error("a note of {0} characters; one has at most 1,000,000")]
    TooLong(usize),
    /// It has characters that no line has.
    #[error("a note has no control characters, and its lines end in a newline alone")]
    Control,
    /// The last line is not whole.
    #[error("a note ends in a newline: every line does, the last too")]
    NoNewline,
    /// The body does not end, or ends twice.
    #[error("a note has one empty line, behind its body; this has {0}")]
    EmptyLines(usize),
    /// Lines are missing.
    #[error("the body has {0} lines; that of a statement has at least 8")]
    TooFewLines(usize),
    /// It is the note of something else.
    #[error("the second line is {0:?}; that of a statement is \"tallystick/v1/statement\"")]
    OtherLabel(String),
    /// A line does not say what stands in its place.
    #[error("{found:?} is no line of the statement's {expected}")]
    Line {
        /// What the line is about.
        expected: &'static str,
        /// The line.
        found: String,
    },
    /// No such scheme.
    #[error("no such scheme: {0}")]
    Scheme(#[from] SchemeError),
    /// The lines do not go together.
    #[error("no such statement: {0}")]
    Statement(#[from] StatementError),
    /// It says what a statement can say, in another text than the statement's.
    #[error("line {number} is {found:?}; the note of this statement has {expected:?}")]
    OtherText {
        /// Number of the line, from 1.
        number: usize,
        /// The line.
        found: String,
        /// What is there in the statement's note.
        expected: String,
    },
    /// Too many signatures.
    #[error("{0} signature lines; a note has at most 100")]
    TooManySignatures(usize),
    /// A signature line is none.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// A statement with its signature lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedStatement {
    /// The statement.
    pub statement: Statement,
    /// At most [`MAX_SIGNATURES`], in the order of the note.
    pub signatures: Vec<SignatureLine>,
}

impl Statement {
    /// The text that is signed. A statement of very many assets has none: its note would be too long.
    pub fn body(&self) -> Result<String, NoteError> {
        let mut text = format!(
            "{}\n{LABEL}\nsequence {}\nsnapshot {}\ntime {}\nprevious {}\nscheme {}\n",
            self.origin,
            self.sequence,
            self.snapshot_id,
            self.time,
            STANDARD.encode(self.previous),
            self.scheme.name(),
        );
        for asset in &self.assets {
            text.push_str(&asset_line(asset));
            text.push('\n');
        }
        text.push_str("digest ");
        STANDARD.encode_string(self.digest(), &mut text);
        text.push('\n');
        // The empty line behind it is part of every note.
        check_length(text.chars().count().saturating_add(1))?;
        Ok(text)
    }
}

impl SignedStatement {
    /// The note: body, empty line, signature lines.
    pub fn note(&self) -> Result<String, NoteError> {
        if self.signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures(self.signatures.len()));
        }
        let mut text = self.statement.body()?;
        text.push('\n');
        for line in &self.signatures {
            text.push_str(&line.text());
            text.push('\n');
        }
        check_length(text.chars().count())?;
        Ok(text)
    }

    /// Reads a note and nothing else: what it says is checked as in every other form of a statement, and written again it
    /// is the same text. Signatures are not checked. Linear, and one hash of the statement.
    pub fn read(note: &[u8], resolve: Resolve<'_>) -> Result<Self, NoteError> {
        let text = core::str::from_utf8(note).map_err(|_| NoteError::NotUtf8)?;
        check_length(text.chars().count())?;
        if text.contains(|char| char < ' ' && char != '\n') {
            return Err(NoteError::Control);
        }
        let lines: Vec<&str> = text.strip_suffix('\n').ok_or(NoteError::NoNewline)?.split('\n').collect();
        let empty = lines.iter().filter(|line| line.is_empty()).count();
        let mut parts = lines.split(|line| line.is_empty());
        let (Some(body), Some(signatures), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::EmptyLines(empty));
        };
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures(signatures.len()));
        }
        let statement = read_body(body, resolve)?;
        // So the digest is right, too, and each number, and each base64.
        let written = statement.body()?;
        if let Some((number, (found, expected))) =
            (1..).zip(body.iter().zip(written.lines())).find(|(_, (found, expected))| *found != expected)
        {
            return Err(NoteError::OtherText { number, found: excerpt(found), expected: excerpt(expected) });
        }
        let signatures: Result<Vec<_>, _> = signatures.iter().map(|line| SignatureLine::read(line)).collect();
        Ok(Self { statement, signatures: signatures? })
    }
}

fn check_length(characters: usize) -> Result<(), NoteError> {
    if characters > MAX_CHARACTERS { Err(NoteError::TooLong(characters)) } else { Ok(()) }
}

fn asset_line(asset: &StatementAsset) -> String {
    let holders = asset.holders.map_or_else(|| String::from("-"), |holders| holders.to_string());
    let space = if asset.group.is_empty() { "" } else { " " };
    format!(
        "asset {} {} {} {holders} {} {}{space}{}",
        asset.code,
        asset.decimals,
        asset.leaves,
        asset.total,
        STANDARD.encode(asset.root),
        asset.group,
    )
}

/// What the lines say. Whether they are the one text of it, the caller sees; they are as many.
fn read_body(lines: &[&str], resolve: Resolve<'_>) -> Result<Statement, NoteError> {
    let Some(([origin, label, sequence, snapshot, time, previous, scheme], rest)) =
        lines.split_first_chunk::<FIRST_LINES>()
    else {
        return Err(NoteError::TooFewLines(lines.len()));
    };
    let Some((_digest, assets)) = rest.split_last() else {
        return Err(NoteError::TooFewLines(lines.len()));
    };
    if *label != LABEL {
        return Err(NoteError::OtherLabel(excerpt(label)));
    }
    let assets: Result<Vec<_>, _> = assets.iter().map(|line| read_asset(line)).collect();
    Ok(Statement::new(Draft {
        origin: String::from(*origin),
        sequence: number("sequence", sequence)?,
        snapshot_id: String::from(behind("snapshot", snapshot)?),
        time: number("time", time)?,
        previous: hash(behind("previous", previous)?).ok_or_else(|| other("previous", previous))?,
        scheme: read_scheme(scheme, resolve)?,
        assets: assets?,
    })?)
}

fn other(expected: &'static str, found: &str) -> NoteError {
    NoteError::Line { expected, found: excerpt(found) }
}

fn behind<'a>(key: &'static str, line: &'a str) -> Result<&'a str, NoteError> {
    line.strip_prefix(key).and_then(|rest| rest.strip_prefix(' ')).ok_or_else(|| other(key, line))
}

fn number(key: &'static str, line: &str) -> Result<u64, NoteError> {
    behind(key, line)?.parse().map_err(|_| other(key, line))
}

fn hash(text: &str) -> Option<[u8; HASH]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn read_scheme(line: &str, resolve: Resolve<'_>) -> Result<Scheme, NoteError> {
    let unknown = || other("scheme", line);
    let (family, name) = behind("scheme", line)?.split_once('/').ok_or_else(unknown)?;
    Ok(Scheme::of_family(family, resolve(name).ok_or_else(unknown)?)?)
}

fn read_asset(line: &str) -> Result<StatementAsset, NoteError> {
    parse_asset(line).ok_or_else(|| other("assets", line))
}

fn parse_asset(line: &str) -> Option<StatementAsset> {
    // The group is the last, and may have spaces.
    let mut words = line.splitn(8, ' ');
    let (key, code) = (words.next()?, words.next()?);
    if key != "asset" {
        return None;
    }
    Some(StatementAsset {
        code: String::from(code),
        decimals: words.next()?.parse().ok()?,
        leaves: words.next()?.parse().ok()?,
        holders: match words.next()? {
            "-" => None,
            holders => Some(holders.parse().ok()?),
        },
        total: words.next()?.parse().ok()?,
        root: hash(words.next()?)?,
        group: String::from(words.next().unwrap_or_default()),
    })
}
