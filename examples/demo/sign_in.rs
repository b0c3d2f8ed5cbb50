//! Sign in, prove it again, sign out.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use haversack::{Active, Flashes, Session, next_path};
use serde::Deserialize;
use serde_json::json;

use crate::{
    pages::{self, Html, Json, escaped},
    sessions::{Login, Sessions, leave, take_flashes},
};

#[derive(Deserialize)]
pub(crate) struct SignIn {
    user: String,
    #[serde(default)]
    password: String,
    /// A browser sends a checkbox only if it is checked.
    remember: Option<String>,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Confirm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

pub(crate) async fn page(flashes: Session<Flashes>, Form(Next { next }): Form<Next>) -> Html {
    sign_in_page(&next, &take_flashes(&flashes))
}

pub(crate) async fn sign_in(
    State(sessions): State<Arc<Sessions>>,
    session: Session<Login>,
    Form(form): Form<SignIn>,
) -> Response {
    let user = match pages::line("user", &form.user, 64) {
        Ok(user) => user,
        Err(problem) => return problem.into_response(),
    };
    let Some(passwords) = sessions.accounts.check(user, &form.password) else {
        let page = sign_in_page(&form.next, &["That is not the password.".into()]);
        return (StatusCode::FORBIDDEN, page).into_response();
    };
    let login = Login {
        user: user.to_owned(),
        email: None,
        passwords,
    };
    if form.remember.is_some() {
        session.start_remembered(login);
    } else {
        session.start(login);
    }
    Redirect::to(next_path(&form.next)).into_response()
}

pub(crate) async fn sign_out(session: Session<Login>, flashes: Session<Flashes>) -> Redirect {
    session.end();
    leave(&flashes, "You are signed out.");
    Redirect::to("/")
}

pub(crate) async fn me(login: Active<Login>) -> Json {
    Json(json!({ "user": login.user }))
}

pub(crate) async fn confirm_page(login: Active<Login>, Form(Next { next }): Form<Next>) -> Html {
    ask_again(&login, &next, &[])
}

pub(crate) async fn confirm(
    State(sessions): State<Arc<Sessions>>,
    login: Active<Login>,
    Form(Confirm { password, next }): Form<Confirm>,
) -> Response {
    if sessions.accounts.check(&login.user, &password).is_none() {
        let page = ask_again(&login, &next, &["That is not the password.".into()]);
        return (StatusCode::FORBIDDEN, page).into_response();
    }
    login.session().confirm();
    Redirect::to(next_path(&next)).into_response()
}

fn sign_in_page(next: &str, messages: &[String]) -> Html {
    let next = escaped(next_path(next));
    let form = format!(
        r#"<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label>Your name <input name="user" required maxlength="64" autocomplete="username"></label>
<label>Password <input type="password" name="password" maxlength="128" autocomplete="current-password">
<small>Leave it empty unless you have set one with a reset link.</small></label>
<label class="check"><input type="checkbox" name="remember" value="1"> Keep me signed in</label>
<button>Sign in</button>
</form>"#
    );
    pages::page("Sign in", messages, &form)
}

fn ask_again(login: &Login, next: &str, messages: &[String]) -> Html {
    let (user, next) = (escaped(&login.user), escaped(next_path(next)));
    let form = format!(
        r#"<p>You are signed in as <strong>{user}</strong>, but it is a while since you proved it.</p>
<form method="post" action="/confirm">
<input name="user" value="{user}" autocomplete="username" readonly hidden>
<input type="hidden" name="next" value="{next}">
<label>Password <input type="password" name="password" maxlength="128" autocomplete="current-password">
<small>Leave it empty unless you have set one with a reset link.</small></label>
<button>It is me</button>
</form>"#
    );
    pages::page("Is it still you?", messages, &form)
}
