//! What somebody with a cookie editor does.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header::COOKIE, header::SET_COOKIE},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{pages, sessions::Sessions};

#[derive(Deserialize)]
pub(crate) struct Which {
    session: String,
}

/// Gives the browser its own cookie back with one character changed, and with the same one changed back
/// the next time. No script of the page can: the cookie is `HttpOnly`.
pub(crate) async fn tamper(
    State(sessions): State<Arc<Sessions>>,
    headers: HeaderMap,
    Form(Which { session }): Form<Which>,
) -> Response {
    let name = match session.as_str() {
        "login" => sessions.login.cookie_name(),
        "cart" => sessions.cart.cookie_name(),
        _ => return pages::refuse("session: it is login or cart").into_response(),
    };
    let changed = name.and_then(|name| Some((name, changed(token(&headers, name)?)?)));
    let Some((name, token)) = changed else {
        return pages::refuse("session: there is no such cookie").into_response();
    };
    // The attributes that the cookie has from its codec, without an end: the token has its own.
    let secure = if name.starts_with("__") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}");
    ([(SET_COOKIE, cookie)], Redirect::to("/#tamper")).into_response()
}

fn token<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The token with the character in its middle replaced by its neighbour in the alphabet, whose neighbour
/// it is; `None` for what is no token.
fn changed(token: &str) -> Option<String> {
    let is_token = |octet: u8| ALPHABET.contains(&octet);
    if !token.bytes().all(is_token) {
        return None;
    }
    let middle = token.len() / 2;
    let (before, rest) = token.split_at(middle);
    let octet = rest.bytes().next()?;
    let place = ALPHABET.iter().position(|other| *other == octet)?;
    let other = char::from(ALPHABET[place ^ 1]);
    Some(format!("{before}{other}{}", &rest[1..]))
}

/// Of base64url (RFC 4648, section 5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
