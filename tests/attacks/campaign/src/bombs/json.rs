//! JSON bombs: broken anywhere in what the decoder's own examples look like.

use super::{Bomb, SMALL};
use crate::objects::Codec;

const LARGE: usize = 1 << 20;
/// How deep the deepest nesting is.
const DEEP: usize = 100_000;

/// What is put where a value or a key stands.
fn charges() -> Vec<Bomb> {
    let repeat = |piece: &str, count: usize| piece.repeat(count).into_bytes();
    vec![
        ("lists in lists", repeat("[", SMALL / 2)),
        ("objects in objects", repeat("{\"a\":", SMALL / 10)),
        ("lists in lists, 100,000 deep", repeat("[", DEEP)),
        ("objects in objects, 100,000 deep", repeat("{\"a\":", DEEP)),
        ("formats in formats, 100,000 deep", repeat("{\"format\":\"tallystick-head\",\"version\":1,\"scheme\":", DEEP)),
        ("closed lists, 100,000 deep", [repeat("[", DEEP), repeat("]", DEEP)].concat()),
        ("a long number", repeat("9", SMALL / 2)),
        ("a long number in quotes", format!("\"{}\"", "9".repeat(SMALL / 2)).into_bytes()),
        ("zeros before a number", format!("\"{}1\"", "0".repeat(SMALL / 2)).into_bytes()),
        ("an exponent", b"1e999999999".to_vec()),
        ("a string without an end", repeat("\"a", SMALL / 4)),
        ("a long hex string", format!("\"{}\"", "0a".repeat(SMALL / 4)).into_bytes()),
        ("a megabyte of hex", format!("\"{}\"", "0a".repeat(LARGE / 2)).into_bytes()),
        ("empty strings", format!("[{}\"\"]", "\"\",".repeat(SMALL / 6)).into_bytes()),
        ("zeros", format!("[{}0]", "0,".repeat(SMALL / 4)).into_bytes()),
        ("a megabyte of zeros", format!("[{}0]", "0,".repeat(LARGE / 2)).into_bytes()),
        ("a megabyte of commas", repeat(",", LARGE)),
        ("white space", repeat(" ", SMALL / 2)),
        ("escapes", format!("\"{}\"", "\\u0000".repeat(SMALL / 12)).into_bytes()),
        ("half a pair of surrogates", b"\"\\ud800\"".to_vec()),
        ("a zero character", b"\"\0\"".to_vec()),
        ("null", b"null".to_vec()),
        ("a byte order mark", "\u{feff}".repeat(SMALL / 6).into_bytes()),
        ("keys", repeat("\"a\":1,", SMALL / 12)),
        ("names", format!("\"{}\"", "n".repeat(SMALL / 2)).into_bytes()),
        ("a megabyte of name", format!("\"{}\"", "n".repeat(LARGE)).into_bytes()),
    ]
}

pub(super) fn count() -> usize {
    charges().len()
}

/// Every charge alone, at the front, and behind every colon of the decoder's largest example.
pub(super) fn bombs(codec: &Codec) -> Vec<Bomb> {
    let empty = Vec::new();
    let example = codec.examples.iter().max_by_key(|example| example.len()).unwrap_or(&empty);
    let colons: Vec<usize> = (1..example.len()).filter(|place| example[place - 1] == b':').collect();
    let mut bombs = Vec::new();
    for (name, charge) in charges() {
        bombs.push((name, charge.clone()));
        for colon in &colons {
            bombs.push((name, [&example[..*colon], &charge].concat()));
            // With something legal behind it.
            bombs.push((name, [&example[..*colon], &charge, b",", &example[*colon..]].concat()));
        }
    }
    bombs
}
