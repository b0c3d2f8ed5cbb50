//! The libraries that do the same, or a part of it, each used as its documentation shows.

mod actix;
mod bare;
mod jars;
mod jwts;
mod layers;
mod tokens;

pub(crate) use self::{
    bare::{EMPTY_LAYER, NO_LAYER},
    jars::BY_HAND,
};

use haversack_benches::{compared::Size, values::Value};

use crate::measure::Contender;

pub(crate) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = Vec::new();
    all.extend(jars::contenders(size, value));
    all.extend(tokens::contenders(size, value));
    all.extend(jwts::contenders(size, value));
    all.extend(layers::contenders(size, value));
    all.extend(actix::contenders(size, value));
    all.extend(bare::contenders(size));
    all
}
