//! Whose sessions are cut off.

/// What a session is of, such as the number or the email address of a user: a text, a number or octets.
///
/// A number is the same subject as the text of its decimal digits, so `7` and `"7"` are one.
pub trait Subject {
    /// Gives its octets: those of a text, or a number's decimal digits.
    fn with_octets<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R;
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Subject for $number {
            fn with_octets<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
                take(itoa::Buffer::new().format(*self).as_bytes())
            }
        })+
    };
}

macro_rules! octets {
    ($($octets:ty),+) => {
        $(impl Subject for $octets {
            fn with_octets<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
                take(self.as_ref())
            }
        })+
    };
}

numbers!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);
octets!(str, String, [u8], Vec<u8>);

impl<const N: usize> Subject for [u8; N] {
    fn with_octets<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        take(self)
    }
}

impl<S: Subject + ?Sized> Subject for &S {
    fn with_octets<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        (**self).with_octets(take)
    }
}
