//! Numbers beyond 128 bits, added digit by digit as on paper: what sums are compared with.

use std::cmp::Ordering;

/// Digits in base 2^16, the lowest first. As many as hold the sum of 2^64 amounts.
const DIGITS: usize = 12;
const BASE: u32 = 1 << 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wide([u16; DIGITS]);

impl Wide {
    pub(super) fn of(amount: u128) -> Self {
        let mut digits = [0; DIGITS];
        for (digit, two) in digits.iter_mut().zip(amount.to_le_bytes().chunks_exact(2)) {
            *digit = u16::from(two[0]) + 256 * u16::from(two[1]);
        }
        Self(digits)
    }

    /// 2^`bits`, which is below 192.
    pub(super) fn power(bits: usize) -> Self {
        let mut digits = [0; DIGITS];
        digits[bits / 16] = 1 << (bits % 16);
        Self(digits)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (mut digits, mut carry) = ([0; DIGITS], 0);
        for (place, digit) in digits.iter_mut().enumerate() {
            let sum = u32::from(self.0[place]) + u32::from(other.0[place]) + carry;
            *digit = (sum % BASE) as u16;
            carry = sum / BASE;
        }
        Self(digits)
    }

    /// Takes away a number that is not larger.
    pub(super) fn minus(self, other: Self) -> Self {
        let (mut digits, mut borrow) = ([0; DIGITS], 0);
        for (place, digit) in digits.iter_mut().enumerate() {
            let left = BASE + u32::from(self.0[place]) - u32::from(other.0[place]) - borrow;
            *digit = (left % BASE) as u16;
            borrow = 1 - left / BASE;
        }
        Self(digits)
    }

    /// The amount, unless it is 2^128 or more.
    pub(super) fn amount(self) -> Option<u128> {
        if self.0[8..].iter().any(|digit| *digit != 0) {
            return None;
        }
        let mut bytes = [0; 16];
        for (two, digit) in bytes.chunks_exact_mut(2).zip(self.0) {
            two.copy_from_slice(&[(digit % 256) as u8, (digit / 256) as u8]);
        }
        Some(u128::from_le_bytes(bytes))
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}
