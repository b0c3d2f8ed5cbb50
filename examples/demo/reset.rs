//! A link that sets a new password, and works once.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, REFERRER_POLICY},
    },
    response::{IntoResponse, Redirect, Response},
};
use haversack::{Flashes, Rejected, Session};
use serde::Deserialize;

use crate::{
    pages::{self, escaped},
    sessions::{Sessions, leave},
};

#[derive(Deserialize)]
pub(crate) struct User {
    user: String,
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    ticket: String,
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    ticket: String,
    password: String,
}

/// Shows the message that a real program sends, and then says the same whether there is such a user.
pub(crate) async fn ask(
    State(sessions): State<Arc<Sessions>>,
    Form(User { user }): Form<User>,
) -> Response {
    let user = match pages::line("user", &user, 64) {
        Ok(user) => user.to_owned(),
        Err(problem) => return problem.into_response(),
    };
    let hash = sessions.accounts.hash_of(&user);
    match sessions.reset.seal(&user, hash) {
        Ok(ticket) => {
            let body = format!(
                r#"<p>A real program sends this by mail:</p>
<p><a href="/reset?ticket={ticket}">Set a new password for {}</a></p>"#,
                escaped(&user)
            );
            guarded(pages::page("A message for you", &[], &body))
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Changes nothing, as mail scanners follow links.
pub(crate) async fn page(
    State(sessions): State<Arc<Sessions>>,
    Form(Link { ticket }): Form<Link>,
) -> Response {
    let (user, _) = match opened(&sessions, &ticket) {
        Ok(opened) => opened,
        Err(reason) => return refused(reason),
    };
    let (user, ticket) = (escaped(&user), escaped(&ticket));
    let form = format!(
        r#"<form method="post" action="/reset/password">
<input type="hidden" name="ticket" value="{ticket}">
<input name="user" value="{user}" autocomplete="username" readonly hidden>
<label>New password for {user} <input type="password" name="password" required minlength="8" maxlength="128"
autocomplete="new-password"></label>
<button>Set it</button>
</form>
<p>With the new password this link is used up, and {user} is signed out everywhere.</p>"#
    );
    guarded(pages::page("A new password", &[], &form))
}

pub(crate) async fn set_password(
    State(sessions): State<Arc<Sessions>>,
    flashes: Session<Flashes>,
    Form(NewPassword { ticket, password }): Form<NewPassword>,
) -> Response {
    if !(8..=128).contains(&password.len()) {
        return pages::refuse("password: it must have 8 to 128 octets").into_response();
    }
    let (user, hash) = match opened(&sessions, &ticket) {
        Ok(opened) => opened,
        Err(reason) => return refused(reason),
    };
    if sessions.accounts.replace(&user, &hash, &password).is_err() {
        let problem = "password: it was changed meanwhile, or there are too many accounts";
        return (StatusCode::CONFLICT, problem).into_response();
    }
    leave(&flashes, "The new password is set. Sign in with it.");
    guarded(Redirect::to("/login"))
}

/// The user of the link, and the hash that it is bound to.
fn opened(sessions: &Sessions, ticket: &str) -> Result<(String, Vec<u8>), Rejected> {
    let ticket = sessions.reset.read(ticket)?;
    let hash = sessions.accounts.hash_of(ticket.value());
    let user = ticket.bound_to(&hash)?;
    Ok((user, hash))
}

fn refused(reason: Rejected) -> Response {
    let body = format!(
        r#"<p>It is refused as <code>{}</code>: {reason}.</p><p><a href="/#reset">Ask for another one</a></p>"#,
        reason.code()
    );
    let page = pages::page("This link does not work", &[], &body);
    (StatusCode::FORBIDDEN, guarded(page)).into_response()
}

/// Whoever has the address has the ticket: it stays in no cache and goes to no other site.
fn guarded(response: impl IntoResponse) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, response).into_response()
}
