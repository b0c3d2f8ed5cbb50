//! What surrounds a token: the names, the attributes and the neighbours that are the same for all.

use cookie::{Cookie, SameSite, time::Duration};

/// The cookie's name for everyone.
pub const NAME: &str = "__Host-Http-session";

/// Ours among the cookies that a site of today sets.
pub fn request_cookies(own: &str) -> String {
    format!(
        "theme=dark; _ga=GA1.2.1264518362.1751882031; {own}; lang=en-GB; consent=all.2026-03-01"
    )
}

/// `name=value` of a `Set-Cookie`.
pub fn pair(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap_or_default()
}

/// The cookie that a peer writes, with the attributes that ours has.
pub fn cookie(value: String) -> Cookie<'static> {
    Cookie::build((NAME, value))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(true)
        .http_only(true)
        .max_age(Duration::days(1))
        .build()
}

/// The peers' way to one cookie of a request.
pub fn find(header: &str) -> Option<Cookie<'_>> {
    let mut cookies = Cookie::split_parse(header).flatten();
    cookies.find(|cookie| cookie.name() == NAME)
}

/// What browsers keep of name and value together (RFC 6265bis, section 5.6).
pub const LIMIT: usize = 4096;
