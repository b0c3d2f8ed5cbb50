//! How values of this library stand in JSON: an object with names of one letter.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// What an object has: a value, what has deadlines of its own, and flashes. It has no other members,
/// as what is no such object must not be read as an empty one.
pub(super) struct Members<V, T, F> {
    pub(super) v: Option<V>,
    pub(super) t: Option<T>,
    pub(super) f: Option<F>,
}

impl<'de, V, T, F> Deserialize<'de> for Members<V, T, F>
where
    V: Deserialize<'de>,
    T: Deserialize<'de>,
    F: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<V, T, F>, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

struct Object<V, T, F>(PhantomData<(V, T, F)>);

impl<'de, V, T, F> Visitor<'de> for Object<V, T, F>
where
    V: Deserialize<'de>,
    T: Deserialize<'de>,
    F: Deserialize<'de>,
{
    type Value = Members<V, T, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<V, T, F>, A::Error> {
        let (mut v, mut t, mut f) = (None, None, None);
        while let Some(name) = map.next_key()? {
            match name {
                'v' if v.is_none() => v = Some(map.next_value()?),
                't' if t.is_none() => t = Some(map.next_value()?),
                'f' if f.is_none() => f = Some(map.next_value()?),
                _ => return Err(A::Error::custom("a member twice, or one of another name")),
            }
        }
        Ok(Members { v, t, f })
    }
}
