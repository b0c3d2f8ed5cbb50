//! A fleet in a bucket, of a server that speaks S3: moto (<https://docs.getmoto.org>), where it is installed.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
};

use haversack_fleet::{Bucket, Fleet};
use object_store::aws::AmazonS3Builder;

use super::{ids, tells_nothing_secret};
use crate::support::{Folder, Ran, key_text, texts};

#[test]
fn a_fleet_in_a_bucket_is_operated() {
    let Some(moto) = Moto::start() else {
        // Past the capture of tests: it is to be seen.
        let _ = writeln!(
            io::stderr(),
            "LEFT OUT: a fleet in a bucket, as there is no moto_server; install moto[s3,server]"
        );
        return;
    };
    moto.make_bucket();
    let folder = Folder::new();
    folder.file("master", &texts(&[1]));
    let run = |args: &[&str]| {
        let place = ["--bucket=s3://shop/some/keys", "--keys=master"];
        moto.run(&folder, &[args, &place].concat())
    };

    // Nobody has begun one.
    let said = run(&["fleet", "status"]).misused();
    assert!(said.contains("there is no fleet in it"), "{said}");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let master = key_text(1).parse().unwrap();
    let fleet = runtime.block_on(Fleet::new(moto.bucket(), master).open());
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

struct Moto {
    child: Child,
    address: String,
}

impl Moto {
    /// On a port that is free, which it tells itself.
    fn start() -> Option<Moto> {
        let of_tools = std::env::var("FLEET_TOOLS").map(|tools| tools + "/py/bin/moto_server");
        let programs = of_tools.into_iter().chain(["moto_server".to_owned()]);
        let mut child = programs.into_iter().find_map(|program| {
            Command::new(program)
                .args(["-H", "127.0.0.1", "-p", "0"])
                .env("PYTHONUNBUFFERED", "1")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .ok()
        })?;
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "moto_server ended");
            if let Some((_, address)) = line.split_once("Running on ") {
                break address.trim().to_owned();
            }
        };
        // It is not to wait for a reader.
        thread::spawn(move || io::copy(&mut log, &mut io::sink()));
        Some(Moto { child, address })
    }

    fn make_bucket(&self) {
        let place = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(place).unwrap();
        let request = format!(
            "PUT /shop HTTP/1.1\r\nhost: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// As a worker has it.
    fn bucket(&self) -> Bucket {
        let engine = AmazonS3Builder::new()
            .with_endpoint(&self.address)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_bucket_name("shop")
            .with_access_key_id("test")
            .with_secret_access_key("hunter2");
        Bucket::new(engine.build().unwrap(), "some/keys")
    }

    /// As an operator has it: all in the environment.
    fn run(&self, folder: &Folder, args: &[&str]) -> Ran {
        let output = folder
            .command(args)
            .env("AWS_ENDPOINT_URL", &self.address)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "hunter2")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let ran = Ran::from(output);
        assert!(
            !ran.out.contains("hunter2") && !ran.err.contains("hunter2"),
            "{ran:?}"
        );
        ran
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
