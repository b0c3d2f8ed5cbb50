//! How tokens are looked at: with which keys, for which session, at what time.

use haversack::{
    Codec, CodecBuilder, Rejected,
    inspect::{Outline, TokenFormat},
};

use super::explained::Explained;
use crate::{
    args::{Format, InspectArgs},
    clock::{self, Limits},
    failure::Failure,
    jsontext::JsonText,
    keys::KeysText,
    tokens::{Found, Pasted, Place},
};

/// How tokens are looked at.
pub(super) struct Look<'a> {
    pub(super) args: &'a InspectArgs,
    pub(super) now: u64,
    keys: Option<KeysText>,
}

impl<'a> Look<'a> {
    pub(super) fn new(args: &'a InspectArgs) -> Result<Look<'a>, Failure> {
        let needs_keys = !args.name.is_empty() || !args.context.is_empty() || args.issuer.is_some();
        if needs_keys && !args.keys.are_given() {
            return Err(Failure::misuse(
                "--name, --context and --issuer need keys to check anything; give --keys FILE or --keys-env NAME",
            ));
        }
        Ok(Look {
            args,
            now: args.at.unwrap_or_else(clock::now),
            keys: match args.keys.are_given() {
                true => Some(args.keys.read()?),
                false => None,
            },
        })
    }

    /// Whether a cookie is asked for by its name.
    pub(super) fn is_wanted(&self, cookie: &str) -> bool {
        match &self.args.cookie {
            Some(name) => name == cookie.strip_suffix(".end").unwrap_or(cookie),
            None => self.args.name.iter().any(|name| name == session_of(cookie)),
        }
    }

    /// What the keys say of a token, if there are keys.
    pub(super) fn explain(
        &self,
        found: &Found,
        pasted: &Pasted<'_>,
    ) -> Result<Option<Explained>, Failure> {
        let Some(keys) = &self.keys else {
            return Ok(None);
        };
        let (token, pieces) = match &found.token {
            Ok((token, pieces)) => (token, *pieces),
            Err(reason) => return Ok(Some(Explained::incomplete(*reason))),
        };
        let names = self.names(found, token)?;
        let contexts: Vec<_> = match self.args.context.is_empty() {
            true => vec![None],
            false => self
                .args
                .context
                .iter()
                .map(|text| Some(text.as_str()))
                .collect(),
        };
        let (name, context) = (&names[0], contexts[0]);
        let format = format(token, keys);
        let codec = self.builder(keys, format, name, context, pieces)?.build()?;
        let mut explained = Explained::new(
            codec.explain(token, pieces),
            name,
            context,
            self.args,
            self.now,
        );
        if explained.is_not_authentic() {
            // What else it is authentic for, of all that is given.
            for name in &names {
                for context in &contexts {
                    let codec = self
                        .builder(keys, format, name, *context, pieces)?
                        .build()?;
                    if codec.explain(token, pieces).facts().is_some() {
                        explained.is_authentic_as(name, *context);
                    }
                }
            }
        }
        if explained.refusal.is_none()
            && let Place::Cookie(cookie) = &found.place
            && let Some(mark) = pasted.mark_of(cookie)
        {
            let builder = self
                .builder(keys, format, name, context, 1)?
                .exact_name("s")
                .sticky_end();
            let request = [b"s=", &token[..], b"; s.end=", mark].concat();
            if builder.build()?.session([&request]).rejected() == Some(Rejected::Ended) {
                explained.is_ended(cookie);
            }
        }
        Ok(Some(explained))
    }

    /// The names of the session that a token is to be for: those that are given, or the one that its
    /// cookie or the token itself says.
    fn names(&self, found: &Found, token: &[u8]) -> Result<Vec<String>, Failure> {
        if !self.args.name.is_empty() {
            return Ok(self.args.name.clone());
        }
        let claimed = Outline::of(token).ok().and_then(|outline| {
            let claims = outline.unverified_claims?;
            let claims: serde_json::Value = serde_json::from_str(&claims).ok()?;
            Some(claims.get("ses")?.as_str()?.to_owned())
        });
        let of_cookie = match &found.place {
            Place::Cookie(name) => Some(session_of(name).to_owned()),
            Place::Text | Place::Header(_) => None,
        };
        match of_cookie.or(claimed) {
            Some(name) => Ok(vec![name]),
            None => Err(Failure::misuse(
                "say what the session is called: --name NAME",
            )),
        }
    }

    fn builder(
        &self,
        keys: &KeysText,
        format: TokenFormat,
        name: &str,
        context: Option<&str>,
        pieces: u8,
    ) -> Result<CodecBuilder<JsonText>, Failure> {
        let mut builder = match format {
            TokenFormat::Jwt => Codec::jwt(name, keys.jwt_keys()?),
            _ => Codec::sealed(name, keys.ring()?),
        };
        if let (Some(issuer), TokenFormat::Jwt) = (&self.args.issuer, format) {
            builder = builder.issuer(issuer);
        }
        if let Some(context) = context {
            builder = builder.context(context);
        }
        if let Some(remembered) = self.args.remembered {
            builder = builder.remembered(remembered.lifetime());
        }
        if let Some(since) = self.args.since {
            builder = builder.started_since(since);
        }
        if self.args.chunked || pieces > 1 {
            builder = builder.chunked();
        }
        let now = self.now;
        Ok(builder
            .lifetime(self.args.lifetime.unwrap_or(Limits::LONGEST).lifetime())
            .skew(self.args.skew)
            .clock(move || now))
    }
}

/// The format that a token is read in: that of the keys if it is known, or the one that it has itself.
fn format(token: &[u8], keys: &KeysText) -> TokenFormat {
    match keys.known_format() {
        Some(Format::Jwt) => TokenFormat::Jwt,
        None if token.contains(&b'.') => TokenFormat::Jwt,
        Some(Format::Sealed) | None => TokenFormat::Sealed,
    }
}

/// The name of the session whose cookie has this name.
fn session_of(cookie: &str) -> &str {
    let prefixes = ["__Host-Http-", "__Host-", "__Secure-", "__Http-"];
    let name = prefixes
        .iter()
        .find_map(|prefix| cookie.strip_prefix(prefix));
    let name = name.unwrap_or(cookie);
    name.strip_suffix(".end").unwrap_or(name)
}
