//! The command line of `haversack fleet`.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Subcommand};

use super::KeysArgs;
use crate::clock::parse_duration;

#[derive(Subcommand)]
pub(crate) enum FleetCommand {
    /// Show the keys, what they do and until when, and how the fleet is; status 1 if it is not well.
    Status {
        #[command(flatten)]
        fleet: FleetArgs,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a new key, which seals as soon as every worker knows it: three polls from now.
    Rotate {
        #[command(flatten)]
        fleet: FleetArgs,
    },
    /// Revoke a stolen key: what it sealed opens nowhere any more.
    Revoke {
        #[command(flatten)]
        fleet: FleetArgs,
        /// The id of the key, from `status`.
        key_id: String,
    },
    /// Cut off the sessions of a subject that started before now, or of everybody.
    CutOff {
        #[command(flatten)]
        fleet: FleetArgs,
        /// Whose sessions: what the application gives to `fleet.accepts(..)`. It is taken as text, and a
        /// number is the text of its decimal digits, so 7 is the user 7, and 07 somebody else. Letters
        /// count as they are: upper case is not lower case.
        #[arg(required_unless_present = "all", allow_negative_numbers = true)]
        subject: Option<String>,
        /// The sessions of everybody.
        #[arg(long, conflicts_with = "subject")]
        all: bool,
    },
}

/// A fleet, with the same settings as its workers.
#[derive(ClapArgs)]
#[group(skip)]
pub(crate) struct FleetArgs {
    #[command(flatten)]
    pub(crate) place: FleetPlace,
    /// The file with the master ring, "wraps,opens,opens"; `-` is standard input, which is also read if
    /// nothing is given.
    #[arg(long, value_name = "FILE", group = "keys-place")]
    keys: Option<PathBuf>,
    /// The environment variable with the master ring.
    #[arg(long, value_name = "NAME", group = "keys-place")]
    keys_env: Option<OsString>,
    /// The fleet's name, if the workers give it one.
    #[arg(long, value_name = "NAME")]
    pub(crate) fleet: Option<String>,
    /// The workers' `rotate_every`: how often the key is replaced; 30d unless given.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) rotate_every: Option<Duration>,
    /// The workers' `longest_lifetime`: the longest that a session or a ticket lives; 400d unless given.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) longest_lifetime: Option<Duration>,
    /// The workers' `tolerates_outage`: how long one may be without the store; 7d unless given.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) tolerates_outage: Option<Duration>,
    /// The workers' `poll_every`: how often they ask the store; 1min unless given.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) poll_every: Option<Duration>,
    /// The workers' `skew`: how much their clocks may differ; 5s unless given.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) skew: Option<Duration>,
}

/// Where the fleet keeps its keys.
#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct FleetPlace {
    /// The folder in which the fleet keeps its keys.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// The bucket in which it does: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX, with
    /// the credentials of the environment (AWS_.., GOOGLE_.., AZURE_STORAGE_..) or of the machine. Only
    /// in a program built with `--features bucket`.
    #[arg(long, value_name = "URL")]
    pub(crate) bucket: Option<String>,
}

impl FleetArgs {
    /// Where the master ring is.
    pub(crate) fn master(&self) -> KeysArgs {
        KeysArgs {
            keys: self.keys.clone(),
            keys_env: self.keys_env.clone(),
            format: None,
            alg: None,
        }
    }
}
