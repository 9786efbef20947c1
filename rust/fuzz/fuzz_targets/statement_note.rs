//! Notes of statements: whatever is read is written as the same text.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::owed::{check_note, note};
use tallystick_fuzz::{Edit, edit};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Raw(&'a [u8]),
    Edited { number: u8, edits: Vec<Edit<'a>> },
}

fuzz_target!(|input: Input<'_>| {
    match input {
        Input::Raw(bytes) => check_note(bytes),
        Input::Edited { number, edits } => {
            let mut bytes = note(number.into()).into_bytes();
            edit(&mut bytes, &edits);
            check_note(&bytes);
        }
    }
});
