//! As much of a browser as the round trip takes: a jar of cookies, and forms.

use std::{cell::RefCell, collections::BTreeMap};

use openidconnect::{
    reqwest::{Client, RequestBuilder, Response, redirect::Policy},
    url::Url,
};

pub(crate) struct Browser {
    client: Client,
    /// By name and path; those of the shop and of the provider have no name in common.
    cookies: RefCell<BTreeMap<(String, String), Cookie>>,
}

#[derive(Clone)]
struct Cookie {
    value: String,
    /// Whether forms of other sites send it.
    cross_site: bool,
}

pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) status: u16,
    /// Where it redirects to, in full.
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new() -> Browser {
        Browser {
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            cookies: RefCell::default(),
        }
    }

    pub(crate) async fn get(&self, url: &str) -> Page {
        self.send(
            self.client.get(url).header("accept", "text/html"),
            url,
            false,
        )
        .await
    }

    pub(crate) async fn post(&self, url: &str, fields: &[(String, String)]) -> Page {
        self.send(self.client.post(url).form(fields), url, false)
            .await
    }

    /// As the page of another site does it: without cookies that are `SameSite=Lax`.
    pub(crate) async fn post_from_another_site(
        &self,
        url: &str,
        fields: &[(String, String)],
    ) -> Page {
        let request = self.client.post(url).form(fields);
        let request = request
            .header("sec-fetch-site", "cross-site")
            .header("origin", "http://provider.example");
        self.send(request, url, true).await
    }

    async fn send(&self, request: RequestBuilder, url: &str, cross_site: bool) -> Page {
        let url = Url::parse(url).unwrap();
        let cookies: Vec<_> = self
            .cookies
            .borrow()
            .iter()
            .filter(|((_, path), cookie)| {
                url.path().starts_with(path.as_str()) && (cookie.cross_site || !cross_site)
            })
            .map(|((name, _), cookie)| format!("{name}={}", cookie.value))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .send()
            .await
            .unwrap();
        self.keep(&response);
        let location = response.headers().get("location");
        let location = location.map(|location| {
            let location = url.join(location.to_str().unwrap()).unwrap();
            location.to_string()
        });
        Page {
            url: url.to_string(),
            status: response.status().as_u16(),
            location,
            text: response.text().await.unwrap(),
        }
    }

    fn keep(&self, response: &Response) {
        for cookie in response.headers().get_all("set-cookie") {
            let mut parts = cookie.to_str().unwrap().split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let (mut path, mut cross_site) = ("/", false);
            for attribute in parts {
                match attribute.to_ascii_lowercase().split_once('=') {
                    Some(("path", _)) => path = &attribute["path=".len()..],
                    Some(("samesite", mode)) => cross_site = mode == "none",
                    _ => {}
                }
            }
            let value = value.to_owned();
            let key = (name.to_owned(), path.to_owned());
            let cookie = Cookie { value, cross_site };
            match cookie.value.is_empty() {
                true => drop(self.cookies.borrow_mut().remove(&key)),
                false => drop(self.cookies.borrow_mut().insert(key, cookie)),
            }
        }
    }

    /// As a browser keeps what responses of several tabs set, the last of a name.
    pub(crate) fn take_cookies_of(&self, other: &Browser) {
        let others = other.cookies.borrow().clone();
        self.cookies.borrow_mut().extend(others);
    }

    pub(crate) fn cookies_named(&self, ending: &str) -> usize {
        let cookies = self.cookies.borrow();
        let names = cookies.keys().filter(|(name, _)| name.ends_with(ending));
        names.count()
    }
}

impl Page {
    /// Whether the provider asks something.
    pub(crate) fn is_of_provider(&self) -> bool {
        self.text.contains(r#"name="prompt""#)
    }

    /// The action of its form, and its hidden fields.
    pub(crate) fn form(&self) -> (String, Vec<(String, String)>) {
        let between = |text: &str, start: &str| {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once('"')?.0.replace("&amp;", "&"))
        };
        let action = between(&self.text, "action=\"").expect(&self.text);
        let action = Url::parse(&self.url).unwrap().join(&action).unwrap();
        let inputs = self.text.split("<input").skip(1);
        let fields = inputs.filter_map(|input| {
            let (tag, _) = input.split_once('>')?;
            Some((between(tag, "name=\"")?, between(tag, "value=\"")?))
        });
        (action.to_string(), fields.collect())
    }
}
