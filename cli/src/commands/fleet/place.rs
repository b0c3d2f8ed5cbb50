//! The fleet that is meant, in its folder or its bucket.

use std::path::Path;

use haversack_fleet::{Fleet, FleetBuilder, Folder, Store};

use crate::{
    args::{FleetArgs, FleetPlace},
    failure::Failure,
    output::visible_line,
};

/// The fleet there, with the workers' settings: to be joined or looked at, as an operator comes after the first worker.
pub(super) fn find(args: &FleetArgs) -> Result<FleetBuilder, Failure> {
    let FleetPlace {
        folder,
        bucket: url,
    } = &args.place;
    match (folder, url) {
        (Some(path), _) => settings(folder_at(path)?, args),
        (None, Some(url)) => settings(bucket(url)?, args),
        (None, None) => Err(Failure::misuse("name its place with --folder or --bucket")),
    }
}

fn folder_at(path: &Path) -> Result<Folder, Failure> {
    let shown = visible_line(&path.display().to_string());
    // Opening one makes it.
    if !path.is_dir() {
        return Err(Failure::misuse(format!(
            "{shown} is no folder; name the place that its workers use"
        )));
    }
    Folder::open(path).map_err(|error| {
        let error = visible_line(&error.to_string());
        Failure::misuse(format!("{shown} cannot be opened: {error}"))
    })
}

/// The bucket of this URL. What is wrong with one is said without it: it may have a secret in it.
#[cfg(feature = "bucket")]
fn bucket(url: &str) -> Result<haversack_fleet::Bucket, Failure> {
    use haversack_fleet::Bucket;
    use object_store::{
        ObjectStoreScheme, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder,
        gcp::GoogleCloudStorageBuilder,
    };

    let no_bucket = || {
        Failure::misuse(
            "--bucket is not the URL of a bucket; write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or \
             az://CONTAINER/PREFIX",
        )
    };
    let parsed = url::Url::parse(url).map_err(|_| no_bucket())?;
    let (scheme, prefix) = ObjectStoreScheme::parse(&parsed).map_err(|_| no_bucket())?;
    let bucket = match scheme {
        ObjectStoreScheme::AmazonS3 => {
            let engine = AmazonS3Builder::from_env().with_url(url).build();
            engine.map(|engine| Bucket::new(engine, prefix.as_ref()))
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            let engine = GoogleCloudStorageBuilder::from_env().with_url(url).build();
            engine.map(|engine| Bucket::new(engine, prefix.as_ref()))
        }
        ObjectStoreScheme::MicrosoftAzure => {
            let engine = MicrosoftAzureBuilder::from_env().with_url(url).build();
            engine.map(|engine| Bucket::new(engine, prefix.as_ref()))
        }
        _ => return Err(no_bucket()),
    };
    bucket.map_err(|error| {
        let error = visible_line(&error.to_string());
        Failure::misuse(format!(
            "the bucket cannot be used: {error}; check the variables of the environment for it"
        ))
    })
}

#[cfg(not(feature = "bucket"))]
fn bucket(_: &str) -> Result<Folder, Failure> {
    Err(Failure::misuse(
        "this program was built without buckets; build it with `cargo install haversack-cli --features bucket`",
    ))
}

fn settings(store: impl Store, args: &FleetArgs) -> Result<FleetBuilder, Failure> {
    let master = args.master().read()?.ring()?;
    let mut builder = Fleet::new(store, master);
    if let Some(name) = &args.fleet {
        builder = builder.name(name);
    }
    if let Some(period) = args.rotate_every {
        builder = builder.rotate_every(period);
    }
    if let Some(lifetime) = args.longest_lifetime {
        builder = builder.longest_lifetime(lifetime);
    }
    if let Some(outage) = args.tolerates_outage {
        builder = builder.tolerates_outage(outage);
    }
    if let Some(interval) = args.poll_every {
        builder = builder.poll_every(interval);
    }
    if let Some(skew) = args.skew {
        builder = builder.skew(skew);
    }
    Ok(builder)
}
