//! `actix-session` with its cookie store, in an app of `actix-web`.

use std::rc::Rc;

use actix_http::Request;
use actix_session::config::CookieContentSecurity;
use actix_web::{
    App, Error,
    body::MessageBody,
    cookie::Key,
    dev::{Service, ServiceResponse},
    http::header,
    test,
};
use haversack_benches::{
    apps::{
        actix::{middleware, routes},
        bare,
    },
    carried::{LIMIT, pair, request_cookies},
    compared::{Kind, Size, Use},
    values::Value,
};

use crate::{
    measure::{Contender, Group, Unable, Work, repeat_on},
    requests::ready,
};

pub(crate) const NO_MIDDLEWARE: &str = "actix-web, no middleware";

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let routes = routes(value);
    let wrapped = |security| middleware(Key::generate(), security);
    let private = App::new()
        .wrap(wrapped(CookieContentSecurity::Private))
        .configure(&routes);
    let signed = App::new()
        .wrap(wrapped(CookieContentSecurity::Signed))
        .configure(&routes);
    let bare = App::new().configure(bare::actix);
    let uses = [Use::Empty, Use::Read, Use::Change, Use::Ignore];
    let mut all = Vec::new();
    let app = Rc::new(ready(test::init_service(private)));
    all.extend(of_app(
        &app,
        ("actix-session, private", Kind::Encrypts),
        size,
        &uses,
    ));
    let app = Rc::new(ready(test::init_service(signed)));
    all.extend(of_app(
        &app,
        ("actix-session, signed", Kind::Signs),
        size,
        &uses,
    ));
    let app = Rc::new(ready(test::init_service(bare)));
    let uses = [Use::Empty, Use::Ignore];
    all.extend(of_app(&app, (NO_MIDDLEWARE, Kind::Neither), size, &uses));
    all
}

fn of_app<B: MessageBody + 'static>(
    app: &Rc<impl Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static>,
    (name, kind): (&'static str, Kind),
    size: Size,
    uses: &[Use],
) -> Vec<Contender> {
    let started = ready(app.call(request("/starts", None))).ok();
    let set_cookie = started.and_then(|response| {
        let value = response.headers().get(header::SET_COOKIE)?;
        Some(pair(value.to_str().ok()?).to_owned())
    });
    let own = match kind {
        Kind::Neither => Some("__Host-Http-session=nothing".into()),
        _ => set_cookie.filter(|own| own.len() <= LIMIT),
    };
    let contender = |used: &Use| Contender {
        group: Group::Request(*used),
        name,
        kind,
        size,
        octets: None,
        work: match &own {
            Some(own) => Ok(work(Rc::clone(app), *used, &request_cookies(own))),
            None => Err(Unable::TooLarge),
        },
    };
    uses.iter().map(contender).collect()
}

fn work<B: MessageBody + 'static>(
    app: Rc<impl Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static>,
    used: Use,
    cookie: &str,
) -> Work {
    let path = used.path();
    let cookie = (used != Use::Empty).then(|| cookie.to_owned());
    let response = ready(app.call(request(path, cookie.as_deref()))).expect("a response");
    let writes = response.headers().contains_key(header::SET_COOKIE);
    let body = ready(test::read_body(response));
    let expected: &[u8] = if used == Use::Empty { b"out" } else { b"in" };
    assert!(
        body == expected && writes == (used == Use::Change),
        "{used:?}: {body:?}, writes: {writes}"
    );
    repeat_on(
        move || request(path, cookie.as_deref()),
        move |request| ready(app.call(request)),
    )
}

fn request(path: &str, cookie: Option<&str>) -> Request {
    let request = test::TestRequest::get()
        .uri(path)
        .insert_header((header::HOST, "example.com"))
        .insert_header((header::ACCEPT, "text/html"));
    match cookie {
        Some(cookie) => request.insert_header((header::COOKIE, cookie)),
        None => request,
    }
    .to_request()
}
