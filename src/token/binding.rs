//! What a token is bound to: it is part of what seals or signs it, and nothing in the token chooses
//! it.

use crate::error::ConfigError;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Session,
    /// The mark of a sign-out.
    End,
    /// A token of one purpose outside of sessions.
    Ticket,
}

impl Kind {
    /// The word that tokens are bound to.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Session => "session",
            Kind::End => "end",
            Kind::Ticket => "ticket",
        }
    }
}

/// What a token is bound to and does not choose itself.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) kind: Kind,
    /// The session's name.
    pub(crate) name: String,
    /// The application's own context.
    pub(crate) context: Option<String>,
    /// The `iss` of a JWT.
    #[cfg(feature = "jwt")]
    pub(crate) issuer: Option<String>,
}

impl Binding {
    /// Checks what a token of sealing or signing keys is to be bound to, but for the name.
    pub(crate) fn check(&self, signed: bool) -> Result<(), ConfigError> {
        if let Some(context) = &self.context {
            check_length("context", context, signed)?;
        }
        #[cfg(feature = "jwt")]
        if let Some(issuer) = &self.issuer {
            if !signed {
                let problem = "a sealed token has no issuer";
                return Err(ConfigError::new("issuer", problem, "use .context(..)"));
            }
            check_length("issuer", issuer, signed)?;
        }
        Ok(())
    }
}

/// Checks the length of a text that tokens are bound to; in a signed one it stands as JSON, whose
/// escapes may be six times as long.
pub(crate) fn check_length(
    setting: &'static str,
    text: &str,
    signed: bool,
) -> Result<(), ConfigError> {
    let octets = if signed {
        serde_json::to_string(text).map_or(0, |json| json.len() - r#""""#.len())
    } else {
        text.len()
    };
    if (1..=256).contains(&octets) {
        return Ok(());
    }
    let problem = if octets == text.len() {
        format!("it has {octets} octets")
    } else {
        format!("it has {octets} octets as JSON writes it")
    };
    let fix = "use 1 to 256 octets of text";
    Err(ConfigError::new(setting, problem, fix))
}
