//! The bytes of rules that are not built in: `docs/spec/encodings.md`. One encoding each.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::SchemeError;
use super::rules::{Edge, Empty, Keys, Kind, Leaf, Lone, Pairs, Root, Rules, Shape, Zeros};
use crate::codec::{Reader, put_lp};
use crate::frame::{Frame, Int, Number, Part};

const VERSION: u8 = 1;

const fn malformed(what: &'static str) -> SchemeError {
    SchemeError::Malformed(what)
}

/// Writes rules. Those of native schemes are not read again.
pub(super) fn encode(rules: &Rules) -> Vec<u8> {
    let mut out = Vec::from([VERSION]);
    match &rules.leaf {
        Leaf::Bare => out.push(0),
        Leaf::Hashed(frame) => put_hashed(&mut out, frame),
    }
    put_hashed(&mut out, &rules.node);
    out.push(u8::from(rules.pairs == Pairs::Sorted));
    match &rules.shape {
        Shape::Queue => out.extend([2, 5, 1]),
        // Built in, so not read again.
        Shape::Keys(Keys { size, value, empty, lone }) => {
            let rule = match lone {
                Lone::MovesUp => 0,
                Lone::Full => 1,
                Lone::Runs { .. } => 2,
            };
            out.extend([2, 6, rule, *size]);
            put_hashed(&mut out, value);
            put_lp(&mut out, empty.as_ref().map_or(&[], |empty| empty.as_slice()));
            if let Lone::Runs { base, run } = lone {
                put_hashed(&mut out, base);
                put_hashed(&mut out, run);
            }
        }
        Shape::Rows { arity, edge } => {
            out.push(*arity);
            match edge {
                Edge::MovesUp => out.push(0),
                Edge::Duplicate => out.push(1),
                Edge::Zeros(Zeros { height, limit, exactly, zero }) => {
                    out.extend([2, *height]);
                    out.extend(limit.to_le_bytes());
                    out.push(u8::from(*exactly));
                    put_lp(&mut out, zero);
                }
                Edge::Exact => out.push(3),
                Edge::Bag { frame, swap } => {
                    out.extend([4, u8::from(*swap)]);
                    put_frame(&mut out, frame);
                }
            }
        }
    }
    out.push(u8::from(rules.empty == Empty::HashOfNothing));
    match &rules.root {
        Root::Top => out.push(0),
        Root::Framed(frame) => {
            out.push(1);
            put_frame(&mut out, frame);
        }
        // Of native schemes, whose rules are in no encoding.
        Root::Bound { .. } => out.push(2),
    }
    out
}

fn put_hashed(out: &mut Vec<u8>, frame: &Frame) {
    out.push(if frame.is_twice() { 2 } else { 1 });
    put_frame(out, frame);
}

fn put_frame(out: &mut Vec<u8>, frame: &Frame) {
    out.push(u8::try_from(frame.parts().len()).unwrap_or(u8::MAX));
    for part in frame.parts() {
        match part {
            Part::Lit(bytes) => {
                out.push(0);
                put_lp(out, bytes);
            }
            Part::Tag(label) => {
                out.push(1);
                put_lp(out, label.as_bytes());
            }
            Part::Body => out.push(2),
            Part::Number(number, int) => {
                out.push(3_u8.saturating_add(place(&Number::ALL, number)));
                out.push(place(&Int::ALL, int));
            }
            Part::Params => out.push(u8::MAX),
            Part::Top => out.push(8),
        }
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    let place = all.iter().position(|other| other == one).unwrap_or(all.len());
    u8::try_from(place).unwrap_or(u8::MAX)
}

/// Reads rules, which [`encode`] writes as they are.
pub(super) fn decode(bytes: &[u8]) -> Result<Rules, SchemeError> {
    let mut input = Input(Reader::new(bytes));
    if input.small()? != VERSION {
        return Err(malformed("another version"));
    }
    let leaf = match input.small()? {
        0 => Leaf::Bare,
        hashed => Leaf::Hashed(input.hashed(hashed)?),
    };
    let hashed = input.small()?;
    let node = input.hashed(hashed)?;
    let pairs = if input.flag()? { Pairs::Sorted } else { Pairs::Given };
    let arity = input.small()?;
    let shape = input.shape(arity)?;
    let empty = if input.flag()? { Empty::HashOfNothing } else { Empty::Zeros };
    let root = if input.flag()? { Root::Framed(input.frame()?) } else { Root::Top };
    let rules = Rules { kind: Kind::Dense, namespace: 0, leaf, node, pairs, shape, empty, root };
    // What was read is all there is, and written as it is written.
    if encode(&rules) == bytes { Ok(rules) } else { Err(malformed("not in their one form")) }
}

struct Input<'a>(Reader<'a>);

impl<'a> Input<'a> {
    fn small(&mut self) -> Result<u8, SchemeError> {
        self.0.take("rules", 1).ok().and_then(|byte| byte.first().copied()).ok_or(malformed("cut short"))
    }

    fn flag(&mut self) -> Result<bool, SchemeError> {
        match self.small()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(malformed("a flag is 0 or 1")),
        }
    }

    fn lp(&mut self) -> Result<&'a [u8], SchemeError> {
        self.0.lp("rules").map_err(|_| malformed("cut short"))
    }

    fn hashed(&mut self, how: u8) -> Result<Frame, SchemeError> {
        match how {
            1 => self.frame(),
            2 => Ok(self.frame()?.twice()),
            _ => Err(malformed("hashed once or twice")),
        }
    }

    fn shape(&mut self, arity: u8) -> Result<Shape, SchemeError> {
        let edge = match self.small()? {
            0 => Edge::MovesUp,
            1 => Edge::Duplicate,
            2 => Edge::Zeros(Zeros {
                height: self.small()?,
                limit: self.0.u64("rules").map_err(|_| malformed("cut short"))?,
                exactly: self.flag()?,
                zero: self.lp()?.to_vec(),
            }),
            3 => Edge::Exact,
            4 => Edge::Bag { swap: self.flag()?, frame: self.frame()? },
            5 if self.small()? == 1 => return Ok(Shape::Queue),
            _ => return Err(malformed("an unknown edge")),
        };
        Ok(Shape::Rows { arity, edge })
    }

    fn frame(&mut self) -> Result<Frame, SchemeError> {
        let count = self.small()?;
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..count {
            let part = self.part()?;
            let literal = |part: Option<&Part>| matches!(part, Some(Part::Lit(_)));
            if literal(parts.last()) && literal(Some(&part)) {
                return Err(malformed("two literals side by side"));
            }
            parts.push(part);
        }
        Ok(Frame::of_parts(parts, false))
    }

    fn part(&mut self) -> Result<Part, SchemeError> {
        match self.small()? {
            0 => match self.lp()? {
                [] => Err(malformed("a literal of no bytes")),
                bytes => Ok(Part::Lit(Cow::Owned(bytes.to_vec()))),
            },
            1 => {
                let label = core::str::from_utf8(self.lp()?).ok().filter(|label| is_label(label));
                Ok(Part::Tag(Cow::Owned(String::from(label.ok_or(malformed("a label that is none"))?))))
            }
            2 => Ok(Part::Body),
            8 => Ok(Part::Top),
            code => {
                let number = code.checked_sub(3).and_then(|place| Number::ALL.get(usize::from(place)));
                let number = *number.ok_or(malformed("an unknown part"))?;
                let int = *Int::ALL.get(usize::from(self.small()?)).ok_or(malformed("an unknown integer"))?;
                Ok(Part::Number(number, int))
            }
        }
    }
}

/// Labels are printable ASCII, shorter than a digest.
fn is_label(label: &str) -> bool {
    // Those of the native schemes stay theirs.
    (1..32).contains(&label.len())
        && !label.starts_with("tallystick/")
        && label.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
