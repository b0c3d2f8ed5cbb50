//! What an adapter must be able to read of a request and to write to a response.

/// The head of a request, as far as sessions must know it. Names of headers are in lower case, and match
/// whatever the case of the request's.
pub trait RequestHead {
    /// The values of all headers of this name, in their order, as they came.
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]>;
}

/// A request that a [guard](crate::Codec::required) looks at.
pub trait GuardedRequest: RequestHead {
    /// The method, such as `GET`.
    fn method(&self) -> &str;

    /// The path and the query as they came, such as `/orders?page=2`.
    fn path_and_query(&self) -> &str;
}

/// The headers of a response, to be read and written. Names that are given are in lower case, and match
/// whatever the case of those that are there.
pub trait ResponseHead {
    /// The names of all headers, in any case; more than once or not.
    fn names(&self) -> impl Iterator<Item = &str>;

    /// The values of all headers of this name, in their order.
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]>;

    /// Adds a header to those of the same name. Its value is printable ASCII, but for members of a list
    /// that were there before.
    fn append(&mut self, name: &str, value: Vec<u8>);

    /// Removes all headers of this name for whose value this holds.
    fn remove_if(&mut self, name: &str, remove: impl Fn(&[u8]) -> bool);

    /// Removes all headers of this name.
    fn remove(&mut self, name: &str) {
        self.remove_if(name, |_| true);
    }

    /// Puts a header in the place of all of this name.
    fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.append(name, value.into());
    }

    /// Adds a header whose value is a secret: one that must not get into an index of HTTP/2 (RFC 7541,
    /// section 7.1.3), if the server can say so.
    fn append_secret(&mut self, name: &str, value: Vec<u8>) {
        self.append(name, value);
    }
}

/// Headers as names and values, for servers that have no type of their own for them.
pub type Headers = Vec<(String, String)>;

impl RequestHead for Headers {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        ResponseHead::values(self, name)
    }
}

impl ResponseHead for Headers {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name.as_str())
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        let of_that_name = self
            .iter()
            .filter(move |(there, _)| there.eq_ignore_ascii_case(name));
        of_that_name.map(|(_, value)| value.as_bytes())
    }

    fn append(&mut self, name: &str, value: Vec<u8>) {
        let value = String::from_utf8_lossy(&value).into_owned();
        self.push((name.into(), value));
    }

    fn remove_if(&mut self, name: &str, remove: impl Fn(&[u8]) -> bool) {
        self.retain(|(there, value)| {
            !there.eq_ignore_ascii_case(name) || !remove(value.as_bytes())
        });
    }
}
