//! Writing values as serde_json does, but for those that it would not read back: numbers that are
//! none, which it writes as `null`, and what is nested deeper than it reads.

use std::fmt;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use crate::base::buffer::Buffer;

/// Appends the JSON of a value.
pub(crate) fn append<T: Serialize>(value: &T, out: &mut Buffer) -> serde_json::Result<()> {
    value.serialize(Checked {
        inner: &mut serde_json::Serializer::new(out),
        room: MOST_DEPTH,
    })
}

/// A value in JSON, which may become a part of another one.
pub(crate) fn part<V: Serialize + ?Sized>(value: &V) -> serde_json::Result<Value> {
    value.serialize(Checked {
        inner: serde_json::value::Serializer,
        room: MOST_DEPTH - AROUND,
    })
}

/// What is wrong with a value that was not written: the end of a sentence that shows nothing of it.
pub(crate) fn problem(error: &serde_json::Error) -> &'static str {
    let text = error.to_string();
    let known = [NOT_FINITE, TOO_DEEP]
        .into_iter()
        .find(|known| text == *known);
    known.unwrap_or("has no form in JSON")
}

/// A serializer, or a part of one, that counts how deep it is.
struct Checked<S> {
    inner: S,
    /// How many brackets may still be opened in each other.
    room: u8,
}

impl<S: Serializer> Checked<S> {
    /// The room in so many brackets.
    #[inline]
    fn within(&self, brackets: u8) -> Result<u8, S::Error> {
        match self.room.checked_sub(brackets) {
            Some(room) => Ok(room),
            None => Err(S::Error::custom(TOO_DEEP)),
        }
    }
}

/// A value inside of another one.
struct Inside<'v, V: ?Sized> {
    value: &'v V,
    room: u8,
}

impl<V: Serialize + ?Sized> Serialize for Inside<'_, V> {
    #[inline]
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        let room = self.room;
        self.value.serialize(Checked { inner, room })
    }
}

/// Hands these on as they are.
macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(#[inline]
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($argument),*)
        })*
    };
}

/// Opens brackets of this kind.
macro_rules! open {
    ($($method:ident -> $compound:ident, $brackets:literal, ($($argument:ident: $type:ty),*))*) => {
        $(#[inline]
        fn $method(self, $($argument: $type),*) -> Result<Self::$compound, S::Error> {
            let room = self.within($brackets)?;
            let inner = self.inner.$method($($argument),*)?;
            Ok(Checked { inner, room })
        })*
    };
}

impl<S: Serializer> Serializer for Checked<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Checked<S::SerializeSeq>;
    type SerializeTuple = Checked<S::SerializeTuple>;
    type SerializeTupleStruct = Checked<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Checked<S::SerializeTupleVariant>;
    type SerializeMap = Checked<S::SerializeMap>;
    type SerializeStruct = Checked<S::SerializeStruct>;
    type SerializeStructVariant = Checked<S::SerializeStructVariant>;

    forward! {
        serialize_bool(value: bool)
        serialize_i8(value: i8)
        serialize_i16(value: i16)
        serialize_i32(value: i32)
        serialize_i64(value: i64)
        serialize_i128(value: i128)
        serialize_u8(value: u8)
        serialize_u16(value: u16)
        serialize_u32(value: u32)
        serialize_u64(value: u64)
        serialize_u128(value: u128)
        serialize_char(value: char)
        serialize_str(value: &str)
        serialize_bytes(value: &[u8])
        serialize_none()
        serialize_unit()
        serialize_unit_struct(name: &'static str)
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str)
    }

    open! {
        serialize_seq -> SerializeSeq, 1, (length: Option<usize>)
        serialize_tuple -> SerializeTuple, 1, (length: usize)
        serialize_tuple_struct -> SerializeTupleStruct, 1, (name: &'static str, length: usize)
        serialize_tuple_variant -> SerializeTupleVariant, 2,
            (name: &'static str, index: u32, variant: &'static str, length: usize)
        serialize_map -> SerializeMap, 1, (length: Option<usize>)
        serialize_struct -> SerializeStruct, 1, (name: &'static str, length: usize)
        serialize_struct_variant -> SerializeStructVariant, 2,
            (name: &'static str, index: u32, variant: &'static str, length: usize)
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(S::Error::custom(NOT_FINITE));
        }
        self.inner.serialize_f32(value)
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(S::Error::custom(NOT_FINITE));
        }
        self.inner.serialize_f64(value)
    }

    #[inline]
    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<S::Ok, S::Error> {
        let room = self.room;
        self.inner.serialize_some(&Inside { value, room })
    }

    #[inline]
    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &V,
    ) -> Result<S::Ok, S::Error> {
        let room = self.room;
        self.inner
            .serialize_newtype_struct(name, &Inside { value, room })
    }

    #[inline]
    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<S::Ok, S::Error> {
        let room = self.within(1)?;
        self.inner
            .serialize_newtype_variant(name, index, variant, &Inside { value, room })
    }

    #[inline]
    fn collect_str<V: fmt::Display + ?Sized>(self, value: &V) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// The elements of a list, each inside of it.
macro_rules! list {
    ($($compound:ident: $method:ident)*) => {
        $(impl<S: $compound> $compound for Checked<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            #[inline]
            fn $method<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), S::Error> {
                let room = self.room;
                self.inner.$method(&Inside { value, room })
            }

            #[inline]
            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

list! {
    SerializeSeq: serialize_element
    SerializeTuple: serialize_element
    SerializeTupleStruct: serialize_field
    SerializeTupleVariant: serialize_field
}

/// The fields of a struct, each inside of it.
macro_rules! fields {
    ($($compound:ident)*) => {
        $(impl<S: $compound> $compound for Checked<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            #[inline]
            fn serialize_field<V: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &V,
            ) -> Result<(), S::Error> {
                let room = self.room;
                self.inner.serialize_field(name, &Inside { value, room })
            }

            #[inline]
            fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(name)
            }

            #[inline]
            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        })*
    };
}

fields! {
    SerializeStruct
    SerializeStructVariant
}

// serde_json refuses by itself what is no name.
impl<S: SerializeMap> SerializeMap for Checked<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), S::Error> {
        self.inner.serialize_key(key)
    }

    #[inline]
    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), S::Error> {
        let room = self.room;
        self.inner.serialize_value(&Inside { value, room })
    }

    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), S::Error> {
        let room = self.room;
        self.inner.serialize_entry(key, &Inside { value, room })
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

/// As deep as serde_json reads.
const MOST_DEPTH: u8 = 127;
/// The most brackets that entries and flashes of `Values` have around them: two objects and a list.
const AROUND: u8 = 3;

const NOT_FINITE: &str = "holds NaN or an infinity, which JSON has no number for";
const TOO_DEEP: &str = "is nested too deep to be read back; keep it flatter";
