//! A fleet in a bucket, of servers that speak as S3 and as Azure do, where they are installed.

mod servers;

use haversack_fleet::{Bucket, Fleet};

use self::servers::Server;
use super::{ids, tells_nothing_secret};
use crate::support::{Folder, key_text, texts};

#[test]
fn a_fleet_in_s3_is_operated() {
    if let Some((server, bucket)) = Server::moto() {
        is_operated(&server, bucket);
    }
}

#[test]
fn a_fleet_in_azure_is_operated() {
    if let Some((server, bucket)) = Server::azurite() {
        is_operated(&server, bucket);
    }
}

#[test]
fn a_url_that_is_no_bucket_is_refused_and_not_shown() {
    let folder = Folder::new();
    folder.file("master", &texts(&[1]));
    for url in [
        "shop",
        "file:///shop",
        "https://hunter2@shop.example/keys",
        "s3:///hunter2",
        "",
    ] {
        let args = ["fleet", "status", "--bucket", url, "--keys=master"];
        let said = folder.run(&args).misused();
        assert!(said.contains("s3://BUCKET/PREFIX"), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

/// The bucket is what a worker has.
fn is_operated(server: &Server, bucket: Bucket) {
    let folder = Folder::new();
    folder.file("master", &texts(&[1]));
    let run = |args: &[&str]| server.run(&folder, args);

    // Nobody has begun one.
    let said = run(&["fleet", "status"]).misused();
    assert!(said.contains("there is no fleet in it"), "{said}");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let master = key_text(1).parse().unwrap();
    let fleet = runtime.block_on(Fleet::new(bucket, master).open());
    let fleet = fleet.unwrap();
    let before = ids(&fleet);
    let shown = run(&["fleet", "status"]).ok();
    assert!(
        shown.contains(&before[0]) && shown.contains("all is well"),
        "{shown}"
    );
    run(&["fleet", "rotate"]).ok();
    runtime.block_on(fleet.refresh()).unwrap();
    assert_eq!(ids(&fleet).len(), 2);
    assert_eq!(run(&["fleet", "revoke", &before[0]]).status, 0);
    assert_eq!(run(&["fleet", "cut-off", "7"]).status, 0);
    runtime.block_on(fleet.refresh()).unwrap();
    assert!(!ids(&fleet).contains(&before[0]));
    assert_eq!(fleet.status().cut_offs, 1);
    tells_nothing_secret(&run(&["fleet", "status", "--json"]), &fleet);
}
