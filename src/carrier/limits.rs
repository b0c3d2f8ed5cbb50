//! How much a carrier takes, in octets and in number.

/// The most that name and token may have together (RFC 6265bis, section 5.6).
pub(crate) const LIMIT: usize = 4096;
/// The most pieces of a token.
pub(crate) const MOST_PIECES: u8 = 4;
/// The most octets of all pieces together, names and values, unless it is raised: common servers
/// and proxies refuse a request whose `Cookie` header is longer than 8 KB.
pub(crate) const CHUNK_LIMIT: usize = 7 * 1024;
/// As far as it can be raised: no more can occur.
pub(crate) const HIGHEST_CHUNK_LIMIT: usize = MOST_PIECES as usize * LIMIT;
/// How many tokens of one name are kept for opening.
pub(crate) const MOST_CANDIDATES: usize = 8;
