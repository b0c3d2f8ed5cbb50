//! Pages behind a guard: the second one asks for a fresh proof of identity.

use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use haversack::{Active, Flashes, Session};
use serde::Deserialize;

use crate::{
    pages::{self, Html, escaped},
    sessions::{Login, leave, take_flashes},
};

#[derive(Deserialize)]
pub(crate) struct Email {
    email: String,
}

pub(crate) async fn page(login: Active<Login>, flashes: Session<Flashes>) -> Html {
    let user = escaped(&login.user);
    let email = escaped(login.email.as_deref().unwrap_or("no address yet"));
    let body = format!(
        r#"<dl><dt>name</dt><dd>{user}</dd><dt>email</dt><dd>{email}</dd></dl>
<p>Without a live login this page is a redirect to the sign-in, which comes back here.</p>
<p><a href="/account/email">Change the address</a>: for that you must have proved lately who you are.</p>
<form method="post" action="/logout"><button>Sign out</button></form>"#
    );
    pages::page("Your account", &take_flashes(&flashes), &body)
}

pub(crate) async fn email_page(login: Active<Login>) -> Html {
    let email = escaped(login.email.as_deref().unwrap_or_default());
    let form = format!(
        r#"<p>You got here because you proved lately who you are.</p>
<form method="post" action="/account/email">
<label>Email address <input type="email" name="email" required maxlength="254" value="{email}"
autocomplete="email"></label>
<button>Change it</button>
</form>"#
    );
    pages::page("Your address", &[], &form)
}

pub(crate) async fn change_email(
    login: Active<Login>,
    flashes: Session<Flashes>,
    Form(Email { email }): Form<Email>,
) -> Response {
    let email = match pages::line("email", &email, 254) {
        Ok(email) if email.contains('@') => email,
        Ok(_) => return pages::refuse("email: there is no @ in it").into_response(),
        Err(problem) => return problem.into_response(),
    };
    login
        .session()
        .update(|login| login.email = Some(email.to_owned()));
    leave(&flashes, "The address is changed.");
    Redirect::to("/account").into_response()
}
