//! How many leaves trees of a scheme may have.

use core::fmt;

/// What is needed of a number of leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// At least so many.
    pub least: u64,
    /// At most so many.
    pub most: u64,
    /// A power of this number.
    pub power_of: Option<u64>,
}

impl Sizes {
    /// Whether a tree may have so many leaves.
    pub fn take(self, size: u64) -> bool {
        (self.least..=self.most).contains(&size) && self.power_of.is_none_or(|base| is_power(size, base))
    }
}

fn is_power(size: u64, base: u64) -> bool {
    let mut power = 1_u64;
    while power < size {
        let Some(next) = power.checked_mul(base) else { return false };
        power = next;
    }
    power == size
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most, power_of } = self;
        match power_of {
            Some(base) => write!(f, "a power of {base} leaves"),
            None if least == most => write!(f, "exactly {most} leaves"),
            None if *most < u64::MAX => write!(f, "{least} to {most} leaves"),
            None => write!(f, "at least one leaf"), // no shape asks for more
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn sizes_say_what_they_take() {
        let of = |least, most, power_of| Sizes { least, most, power_of };
        let eights = of(1, u64::MAX, Some(8));
        assert!([1, 8, 64, 1 << 63].into_iter().all(|size| eights.take(size)));
        assert!(![0, 2, 4, 16, 65, 1 << 62, u64::MAX].into_iter().any(|size| eights.take(size)));
        assert_eq!(eights.to_string(), "a power of 8 leaves");
        assert_eq!(of(3, 3, None).to_string(), "exactly 3 leaves");
        assert_eq!(of(0, 3, None).to_string(), "0 to 3 leaves");
        assert_eq!(of(1, u64::MAX, None).to_string(), "at least one leaf");
        assert!(of(0, 3, None).take(3) && !of(0, 3, None).take(4) && !of(1, 3, None).take(0));
    }
}
