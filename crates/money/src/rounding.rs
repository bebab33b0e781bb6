//! The one place where amounts are rounded, each way by its name.

/// How a remainder is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half goes away from zero: 2.5 is 3, -2.5 is -3.
    HalfAwayFromZero,
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
}

/// `numerator / denominator`, rounded; nothing when the denominator is not positive.
#[must_use]
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let quotient = numerator.div_euclid(denominator);
    let remainder = numerator.rem_euclid(denominator);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => remainder > 0,
        Rounding::HalfAwayFromZero => {
            let twice = remainder.checked_mul(2)?;
            twice > denominator || (twice == denominator && numerator >= 0)
        }
    };
    quotient.checked_add(i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_rounding_does_what_its_name_says() {
        let cases = [
            (5, 2, Rounding::HalfAwayFromZero, 3),
            (-5, 2, Rounding::HalfAwayFromZero, -3),
            (4, 3, Rounding::HalfAwayFromZero, 1),
            (-4, 3, Rounding::Up, -1),
            (-4, 3, Rounding::Down, -2),
            (4, 3, Rounding::Up, 2),
            (6, 3, Rounding::Up, 2),
        ];
        for (numerator, denominator, rounding, expected) in cases {
            assert_eq!(divide(numerator, denominator, rounding), Some(expected));
        }
        assert_eq!(divide(1, 0, Rounding::Up), None);
    }
}
