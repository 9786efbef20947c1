//! Small inputs that declare much: every decoder refuses them in little time and memory.

mod binary;
mod json;
mod protobuf;
mod treefile;
mod verifiers;

use std::time::Duration;

use tallystick_proof::codec::Wire;
use tallystick_proof::sparse::SparseMultiProof;

use crate::clock::worked;
use crate::memory::most_held;
use crate::objects::{Codec, Form, codecs};
use crate::options::Options;
use crate::tally::{Fault, Tally};

/// Bytes of a small bomb.
const SMALL: usize = 4096;
/// Bytes of memory that any input may take, and how many more for each of its bytes.
const FREE: usize = 1 << 20;
const FOR_EACH: usize = 16;
/// Time for any input, and as much again for each MiB of it.
const TIME: Duration = Duration::from_millis(5);
/// A slow run is repeated: only a decoder that is slow each time is slow.
const RUNS: usize = 5;

/// An input and what it tries.
type Bomb = (&'static str, Vec<u8>);

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    for codec in &codecs(options)? {
        let bombs = match codec.form {
            Form::Binary => binary::bombs(),
            Form::Json => json::bombs(codec),
            Form::Protobuf => protobuf::bombs(),
        };
        for (name, bomb) in &bombs {
            throw(codec, name, bomb, &mut tally);
        }
    }
    treefile::run(&mut tally)?;
    verifiers::run(&mut tally)?;
    let kinds = binary::bombs().len() + protobuf::bombs().len() + json::count();
    tally.note("kinds of bombs", kinds as u64);
    Ok(tally)
}

fn throw(codec: &Codec, name: &str, bomb: &[u8], tally: &mut Tally) {
    let is_shape =
        codec.name == SparseMultiProof::NAME && codec.form == Form::Protobuf && protobuf::SHAPES.contains(&name);
    measure(&format!("{} {:?}: {name}", codec.name, codec.form), bomb.len(), tally, || {
        (codec.refusal)(codec.form, bomb).is_some() || is_shape
    });
}

/// Runs something that must be refused, within the budget for an input of this length.
fn measure(what: &str, length: usize, tally: &mut Tally, refused: impl Fn() -> bool) {
    let budget = FREE + FOR_EACH * length;
    let time = TIME + TIME * (length >> 10) as u32 / 1024;
    let (mut fastest, mut held, mut outcome) = (Duration::MAX, 0, false);
    for _ in 0..RUNS {
        let begin = worked();
        (outcome, held) = most_held(&refused);
        fastest = fastest.min(worked().saturating_sub(begin));
        if fastest <= time / 2 {
            break;
        }
    }
    if length <= SMALL {
        tally.most("most bytes held for 4 KiB", held as u64);
        tally.most("most microseconds for 4 KiB", fastest.as_micros() as u64);
    } else {
        tally.most("most microseconds for larger ones", fastest.as_micros() as u64);
        tally.most("most bytes held for a byte of larger ones", (held.saturating_sub(FREE) / length) as u64);
    }
    tally.forged(!outcome, || format!("{what}: accepted"));
    tally.forged(held > budget, || format!("{what}: {length} bytes took {held} bytes of memory, not {budget}"));
    tally.forged(fastest > time, || format!("{what}: {length} bytes took {fastest:?}, not {time:?}"));
}
