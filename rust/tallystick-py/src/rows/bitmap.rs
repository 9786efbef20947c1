//! Arrow bitmaps: one bit a row, least significant bit first.

/// A bitmap that starts at some bit; no bitmap at all means that every bit is set.
#[derive(Clone, Copy)]
pub(crate) struct Bitmap<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Bitmap<'a> {
    /// The bits from `offset` on of `bytes`.
    pub(crate) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// The bits from `count` on.
    pub(crate) fn skip(self, count: usize) -> Self {
        Self { offset: self.offset + count, ..self }
    }

    /// Bit `index`.
    pub(crate) fn bit(&self, index: usize) -> bool {
        let at = self.offset + index;
        (self.bytes[at / 8] >> (at % 8)) & 1 == 1
    }

    /// The first of `len` bits that is not set.
    pub(crate) fn first_unset(&self, len: usize) -> Option<usize> {
        let mut index = 0;
        while index < len {
            let at = self.offset + index;
            if at.is_multiple_of(8) && index + 8 <= len && self.bytes[at / 8] == 0xff {
                index += 8;
            } else if self.bit(index) {
                index += 1;
            } else {
                return Some(index);
            }
        }
        None
    }
}
