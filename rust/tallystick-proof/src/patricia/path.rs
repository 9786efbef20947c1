//! Paths: nibbles of keys, the higher one of each byte first, and their hex-prefix form in nodes.

use alloc::vec::Vec;

/// Nibble number `at` of a key; `None` behind its last.
pub fn nibble(key: &[u8], at: usize) -> Option<u8> {
    let byte = key.get(at / 2)?;
    Some(if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

/// Number of nibbles of a key. Slices have at most 2^63 - 1 bytes.
pub fn nibbles(key: &[u8]) -> usize {
    key.len().saturating_mul(2)
}

/// How many nibbles two keys begin with alike.
pub fn common(left: &[u8], right: &[u8]) -> usize {
    let bytes = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    let halves = bytes.saturating_mul(2);
    match (nibble(left, halves), nibble(right, halves)) {
        (Some(left), Some(right)) if left == right => halves.saturating_add(1),
        _ => halves,
    }
}

/// A path as it stands in a leaf or an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    prefixed: &'a [u8],
    /// Nibbles before the path: the flag, and a zero if the path has an even number.
    skip: usize,
}

impl<'a> Path<'a> {
    /// Reads the hex-prefix form: the path, and whether it is a leaf's. `None` if it is not the one form of any.
    pub fn read(prefixed: &'a [u8]) -> Option<(Self, bool)> {
        let first = *prefixed.first()?;
        let skip = match first {
            // A flag of 0 or 2 has a zero behind it, one of 1 or 3 the first nibble of the path.
            0x00 | 0x20 => 2,
            0x10..=0x1f | 0x30..=0x3f => 1,
            _ => return None,
        };
        Some((Self { prefixed, skip }, first >= 0x20))
    }

    /// Number of nibbles.
    pub fn len(self) -> usize {
        nibbles(self.prefixed).saturating_sub(self.skip)
    }

    /// Whether it has no nibbles.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Nibble number `at`.
    pub fn nibble(self, at: usize) -> Option<u8> {
        nibble(self.prefixed, at.checked_add(self.skip)?)
    }

    /// The path without its first nibbles.
    #[must_use]
    pub fn behind(self, count: usize) -> Self {
        Self { skip: self.skip.saturating_add(count), ..self }
    }

    /// How many nibbles of the path the key has from nibble `depth` on.
    pub fn common(self, key: &[u8], depth: usize) -> usize {
        let same = |at: &usize| {
            let own = self.nibble(*at);
            own.is_some() && own == nibble(key, depth.saturating_add(*at))
        };
        (0..self.len()).take_while(same).count()
    }

    /// Whether the key goes on with the path from nibble `depth` on.
    pub fn leads(self, key: &[u8], depth: usize) -> bool {
        self.common(key, depth) == self.len()
    }

    /// Whether the key ends with the path.
    pub fn ends(self, key: &[u8], depth: usize) -> bool {
        nibbles(key).checked_sub(depth) == Some(self.len()) && self.leads(key, depth)
    }
}

/// The hex-prefix form of a path: a flag for leaf and for an odd number of nibbles, a zero if they are even, the nibbles.
pub fn hex_prefix(path: &[u8], leaf: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity((path.len() / 2).saturating_add(1));
    let flag = u8::from(leaf) << 5;
    let pairs = match path.split_first() {
        Some((first, rest)) if !path.len().is_multiple_of(2) => {
            out.push(flag | 0x10 | first);
            rest
        }
        _ => {
            out.push(flag);
            path
        }
    };
    out.extend(pairs.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_on_the_page() {
        assert_eq!(hex_prefix(&[], false), [0x00]);
        assert_eq!(hex_prefix(&[], true), [0x20]);
        assert_eq!(hex_prefix(&[1, 2, 3], false), [0x11, 0x23]);
        assert_eq!(hex_prefix(&[0, 15, 1, 12, 11, 8], true), [0x20, 0x0f, 0x1c, 0xb8]);
        for path in [&[][..], &[0], &[15], &[1, 2], &[9, 8, 7], &[0; 64]] {
            for leaf in [false, true] {
                let form = hex_prefix(path, leaf);
                let read = Path::read(&form);
                let nibbles = |path: Path<'_>| (0..path.len()).filter_map(|at| path.nibble(at)).collect::<Vec<_>>();
                assert_eq!(read.map(|(path, leaf)| (nibbles(path), leaf)), Some((path.to_vec(), leaf)));
            }
        }
        for bad in [&[][..], &[0x01], &[0x21], &[0x40], &[0xff]] {
            assert_eq!(Path::read(bad), None);
        }
    }

    #[test]
    fn common_nibbles() {
        for (left, right, expected) in [
            (&[][..], &[][..], 0),
            (&[], &[1], 0),
            (&[0x12], &[0x12], 2),
            (&[0x12], &[0x13], 1),
            (&[0x12, 0x34], &[0x12, 0x35], 3),
            (&[0x12, 0x34], &[0x12], 2),
            (&[0x12], &[0x22], 0),
        ] {
            assert_eq!(common(left, right), expected);
            assert_eq!(common(right, left), expected);
        }
    }
}
