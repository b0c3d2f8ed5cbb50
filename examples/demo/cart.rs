//! A second session, which has nothing to do with the login.

use std::time::Duration;

use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use haversack::{Active, Session};
use serde::Deserialize;
use serde_json::json;

use crate::{
    pages::{self, Json},
    sessions::Cart,
};

#[derive(Deserialize)]
pub(crate) struct Item {
    item: String,
}

pub(crate) async fn cart(cart: Option<Active<Cart>>) -> Json {
    Json(json!({ "items": cart.map_or(Vec::new(), |cart| cart.items.clone()) }))
}

pub(crate) async fn add(session: Session<Cart>, Form(Item { item }): Form<Item>) -> Response {
    let item = match pages::line("item", &item, 40) {
        Ok(item) => item,
        Err(problem) => return problem.into_response(),
    };
    // A cookie has 4096 octets, and a session that does not fit is a 500.
    let is_full = session.update_or_start(Cart::default(), |cart| {
        let is_full = cart.items.len() >= MOST;
        if !is_full {
            cart.items.push(item.to_owned());
        }
        is_full
    });
    if is_full {
        return pages::refuse("item: the cart is full").into_response();
    }
    Redirect::to("/").into_response()
}

/// As `add`, with an answer that takes its time: what happens if the cart is emptied meanwhile?
pub(crate) async fn add_slowly(session: Session<Cart>, form: Form<Item>) -> Response {
    let response = add(session, form).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    response
}

pub(crate) async fn empty(session: Session<Cart>) -> Redirect {
    session.end();
    Redirect::to("/")
}

/// Items in a cart.
const MOST: usize = 20;
