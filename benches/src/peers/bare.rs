//! What a request costs before there is any session.

use haversack_benches::{
    apps::bare::router,
    compared::{Kind, Size, Use},
};
use tower::layer::util::Identity;

use crate::{measure::Contender, requests::Subject};

pub(crate) const NO_LAYER: &str = "axum, no layer";
pub(crate) const EMPTY_LAYER: &str = "axum, a layer that does nothing";

pub(super) fn contenders(size: Size) -> Vec<Contender> {
    let subject = |name, router| Subject {
        name,
        kind: Kind::Neither,
        size,
        router,
    };
    let subjects = [
        subject(NO_LAYER, router()),
        subject(EMPTY_LAYER, router().layer(Identity::new())),
    ];
    let uses = [Use::Empty, Use::Ignore];
    subjects
        .into_iter()
        .flat_map(|subject| subject.contenders(&uses))
        .collect()
}
