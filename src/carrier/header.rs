//! A token in a header: read strictly, written as it is.

/// A header that carries a token.
#[derive(Debug)]
pub(crate) struct Header {
    pub(super) name: String,
    pub(super) bearer: bool,
}

impl Header {
    pub(crate) fn request_name(&self) -> &str {
        if self.bearer {
            "authorization"
        } else {
            &self.name
        }
    }

    pub(crate) fn response_name(&self) -> &str {
        &self.name
    }

    /// The request header's value for a token.
    pub(crate) fn answer(&self, token: &str) -> String {
        let scheme = if self.bearer { "Bearer " } else { "" };
        format!("{scheme}{token}")
    }

    /// The token in the header's value; none in an empty value, and none under a scheme other than
    /// `Bearer` (RFC 6750, section 2.1; the scheme's case does not matter, RFC 9110, section 11.1).
    pub(crate) fn token<'h>(&self, value: &'h [u8]) -> Option<&'h [u8]> {
        let token = if self.bearer {
            let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
            let mut rest = scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)?;
            while let [b' ', more @ ..] = rest {
                rest = more;
            }
            rest
        } else {
            value
        };
        (!token.is_empty()).then_some(token)
    }
}

const SCHEME: &[u8] = b"Bearer ";
