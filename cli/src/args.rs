//! The command line.

mod fleet;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use self::fleet::{FleetArgs, FleetCommand, FleetPlace};
use crate::clock::{Limits, parse_duration, parse_time};

/// Keys of sessions, and why a token opens or does not.
///
/// Exit status: 0; 1 if a token or a step is refused; 2 if it was asked in a way that cannot work.
#[derive(Parser)]
#[command(name = "haversack", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) color: colorchoice_clap::Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a new key, ready to paste for the place it goes to.
    Key(KeyArgs),
    /// Show the keys of a ring, or replace one in three steps: add, promote, drop.
    #[command(subcommand)]
    Ring(RingCommand),
    /// Say what a token is and why it opens or does not.
    Inspect(Box<InspectArgs>),
    /// Print the public halves of signing keys as a JWK Set, for services that verify.
    Jwks(JwksArgs),
    /// Show, replace or revoke the keys that many workers share, or cut sessions off.
    ///
    /// `status` makes and deletes no object. The others join the fleet as one more worker, so they make what is due, too.
    /// Give each the workers' settings, if they have any.
    #[command(subcommand)]
    Fleet(FleetCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual, or write a page for each command.
    Man {
        /// A folder for all pages.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(ClapArgs)]
pub(crate) struct KeyArgs {
    /// As a line of a file with environment variables.
    #[arg(long, value_name = "NAME", value_parser = variable_name, group = "place")]
    pub(crate) env: Option<String>,
    /// As a Secret of Kubernetes with this name.
    #[arg(long, value_name = "NAME", value_parser = secret_name, group = "place")]
    pub(crate) kubernetes: Option<String>,
    /// A JSON Web Key for signed sessions, rather than a key for sealed ones.
    #[arg(long, value_name = "ALG", num_args = 0..=1, default_missing_value = "Ed25519", group = "place")]
    pub(crate) jwk: Option<Algorithm>,
    /// Into a new file that only its owner can read.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum RingCommand {
    /// Show ids and roles, and no secret unless asked.
    Show {
        #[command(flatten)]
        keys: KeysArgs,
        /// Show the text of each key, too: whoever reads it can make any session.
        #[arg(long)]
        secrets: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Step 1: add a key that only opens, so that every worker knows it before any seals with it.
    Add {
        #[command(flatten)]
        keys: KeysArgs,
        /// The file with the key to add; a new key of the same kind unless given.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        #[command(flatten)]
        out: OutArgs,
    },
    /// Step 2: have a key seal that every worker knows.
    Promote {
        #[command(flatten)]
        keys: KeysArgs,
        /// The id of the key, or how it begins; needed if there are more than two keys.
        id: Option<String>,
        /// The lifetime of the sessions with these keys, "8h", or idle and absolute limit, "30min,8h"; the longest,
        /// tickets included. With it the time of the next step is shown.
        #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
        lifetime: Option<Limits>,
        #[command(flatten)]
        out: OutArgs,
    },
    /// Step 3: remove a key that sealed nothing that still lives.
    Drop {
        #[command(flatten)]
        keys: KeysArgs,
        /// The id of the key, or how it begins; needed if there are more than two keys.
        id: Option<String>,
        /// When the last worker got the ring of step 2; with --lifetime a drop before its time is refused.
        #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "lifetime", allow_hyphen_values = true)]
        promoted: Option<u64>,
        /// The lifetime of the sessions with these keys, as for `promote`.
        #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
        lifetime: Option<Limits>,
        /// The key was stolen: drop it at once, also if it seals. Who has a session of it signs in again.
        #[arg(long, conflicts_with_all = ["promoted", "lifetime"])]
        stolen: bool,
        #[command(flatten)]
        out: OutArgs,
    },
}

/// Where a ring is written.
#[derive(ClapArgs)]
pub(crate) struct OutArgs {
    /// Into a new file that only its owner can read, and not to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Where keys are read.
#[derive(ClapArgs)]
pub(crate) struct KeysArgs {
    /// The file with the keys: "seals,opens,opens", JSON Web Keys, or PEM; `-` is standard input, which
    /// is also read if nothing is given.
    #[arg(long, value_name = "FILE", group = "keys-place")]
    pub(crate) keys: Option<PathBuf>,
    /// The environment variable with the keys.
    #[arg(long, value_name = "NAME", group = "keys-place")]
    pub(crate) keys_env: Option<OsString>,
    /// Which sessions the keys are for, where their text does not show it.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// The algorithm of a key in PEM; needed for RSA.
    #[arg(long, value_name = "ALG")]
    pub(crate) alg: Option<Algorithm>,
}

#[derive(ClapArgs)]
pub(crate) struct InspectArgs {
    /// A token, a cookie, a `Cookie` or `Set-Cookie` line, the pieces of a large session, or what `curl -v`
    /// printed; `-` is standard input, which is also read if nothing is given, and which other users of the
    /// machine do not see.
    pub(crate) token: Option<OsString>,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    /// The session's name; further ones are tried if the token is not authentic for the first.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// The context; further ones are tried if the token is not authentic in the first.
    #[arg(long, value_name = "TEXT")]
    pub(crate) context: Vec<String>,
    /// The `iss` that a JWT must have.
    #[arg(long, value_name = "TEXT")]
    pub(crate) issuer: Option<String>,
    /// The cookie to look at, where its name is not the session's with a prefix.
    #[arg(long, value_name = "NAME")]
    pub(crate) cookie: Option<String>,
    /// Look at this time, and not now: seconds since 1970, 2027-01-15T08:00:00Z, a local time, +2h, -30min.
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_hyphen_values = true)]
    pub(crate) at: Option<u64>,
    /// The lifetime that the server is set to: "8h", or idle and absolute limit, "30min,8h". Without it
    /// the token's own deadlines count.
    #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
    pub(crate) lifetime: Option<Limits>,
    /// The lifetime of remembered sessions, if it is another one.
    #[arg(long, value_name = "LIMITS", value_parser = Limits::parse)]
    pub(crate) remembered: Option<Limits>,
    /// How far in the future a token may have been issued.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "60s")]
    pub(crate) skew: Duration,
    /// The time before which no session may have started (`started_since`).
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_hyphen_values = true)]
    pub(crate) since: Option<u64>,
    /// Sessions may be cut into several cookies, and tokens be as long as that.
    #[arg(long)]
    pub(crate) chunked: bool,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct JwksArgs {
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
}

/// Which sessions keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Sealed ones, which only the server can read.
    Sealed,
    /// Signed ones.
    Jwt,
}

/// What a JWT is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "verbatim")]
pub(crate) enum Algorithm {
    HS256,
    HS384,
    HS512,
    #[value(alias = "EdDSA")]
    Ed25519,
    ES256,
    ES384,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
}

/// The name of an environment variable as those of programs are (POSIX, Base Definitions, section 8.1),
/// which no key is.
fn variable_name(text: &str) -> Result<String, String> {
    let is_first = |c: char| c.is_ascii_uppercase() || c == '_';
    let is_other = |c: char| is_first(c) || c.is_ascii_digit();
    match text.starts_with(is_first) && text.chars().all(is_other) {
        true => Ok(text.to_owned()),
        false => Err("use upper-case letters, digits and _, as in SESSION_KEYS".into()),
    }
}

/// The name of an object of Kubernetes (RFC 1123, section 2.1).
fn secret_name(text: &str) -> Result<String, String> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = text.starts_with(is_edge) && text.ends_with(is_edge) && text.chars().all(is_inner);
    match fits && text.len() <= 253 {
        true => Ok(text.to_owned()),
        false => Err("use lower-case letters, digits, - and ., as in session-keys".into()),
    }
}
