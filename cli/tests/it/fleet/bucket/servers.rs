//! moto (<https://docs.getmoto.org>) and Azurite (<https://github.com/Azure/Azurite>).

use std::{
    io::{self, BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
};

use haversack_fleet::Bucket;
use object_store::{aws::AmazonS3Builder, azure::MicrosoftAzureBuilder};
use tempfile::TempDir;

use crate::support::{Folder, Ran};

pub(super) struct Server {
    child: Child,
    /// Where it keeps what it is given, if not in memory.
    _scratch: TempDir,
    place: &'static str,
    /// What the program must know of it beside the secret.
    variables: Vec<(&'static str, String)>,
    secret: (&'static str, &'static str),
}

impl Server {
    /// S3, with the bucket `shop`.
    pub(super) fn moto() -> Option<(Server, Bucket)> {
        let scratch = TempDir::new().unwrap();
        let mut command = installed("py/bin", "moto_server")?;
        command
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let address = told(child.stderr.take().unwrap(), "Running on ");
        make_bucket(address.strip_prefix("http://").unwrap());
        let engine = AmazonS3Builder::new()
            .with_endpoint(&address)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_bucket_name("shop")
            .with_access_key_id("test")
            .with_secret_access_key("hunter2");
        let server = Server {
            child,
            _scratch: scratch,
            place: "--bucket=s3://shop/some/keys",
            variables: vec![
                ("AWS_ENDPOINT_URL", address),
                ("AWS_ALLOW_HTTP", "true".into()),
                ("AWS_REGION", "us-east-1".into()),
                ("AWS_ACCESS_KEY_ID", "test".into()),
            ],
            secret: ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        };
        Some((server, Bucket::new(engine.build().unwrap(), "some/keys")))
    }

    /// Azure, with the container `shop`.
    pub(super) fn azurite() -> Option<(Server, Bucket)> {
        let scratch = TempDir::new().unwrap();
        let mut command = installed("npm/node_modules/.bin", "azurite-blob")?;
        command
            .args(["--skipApiVersionCheck", "--disableTelemetry"])
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--location"])
            .arg(scratch.path())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let address = told(child.stdout.take().unwrap(), "successfully listens on ");
        make_container(address.rsplit_once(':').unwrap().1);
        let endpoint = format!("{address}/{ACCOUNT}");
        let engine = MicrosoftAzureBuilder::new()
            .with_endpoint(endpoint.clone())
            .with_allow_http(true)
            .with_account(ACCOUNT)
            .with_access_key(ACCOUNT_KEY)
            .with_container_name("shop");
        let server = Server {
            child,
            _scratch: scratch,
            place: "--bucket=az://shop/some/keys",
            variables: vec![
                ("AZURE_STORAGE_ENDPOINT", endpoint),
                ("AZURE_ALLOW_HTTP", "true".into()),
                ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.into()),
            ],
            secret: ("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT_KEY),
        };
        Some((server, Bucket::new(engine.build().unwrap(), "some/keys")))
    }

    /// The program as an operator runs it.
    pub(super) fn run(&self, folder: &Folder, args: &[&str]) -> Ran {
        let output = folder
            .command(args)
            .args([self.place, "--keys=master"])
            .envs(self.variables.clone())
            .envs([self.secret])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let ran = Ran::from(output);
        let (_, secret) = self.secret;
        assert!(
            !ran.out.contains(secret) && !ran.err.contains(secret),
            "{ran:?}"
        );
        ran
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program of a server, among the tools that `.ci/fleet` installed or on the machine.
fn installed(folder: &str, program: &str) -> Option<Command> {
    let of_tools = std::env::var("FLEET_TOOLS").map(|tools| format!("{tools}/{folder}/{program}"));
    let mut places = of_tools.into_iter().chain([program.to_owned()]);
    let found = places.find(|place| {
        let mut command = Command::new(place);
        command.arg("--version").stdin(Stdio::null());
        let tried = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok()
    });
    let Some(found) = found else {
        // Past the capture of tests: it is to be seen.
        let _ = writeln!(
            io::stderr(),
            "LEFT OUT: a fleet in a bucket, as there is no {program}"
        );
        return None;
    };
    let mut command = Command::new(found);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Some(command)
}

/// What a server says behind these words: its address, with a port that was free.
fn told(output: impl Read + Send + 'static, words: &str) -> String {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the server ended");
        if let Some((_, address)) = line.split_once(words) {
            break address.trim().to_owned();
        }
    };
    // It is not to wait for a reader.
    thread::spawn(move || io::copy(&mut output, &mut io::sink()));
    address
}

fn make_bucket(place: &str) {
    let mut stream = TcpStream::connect(place).unwrap();
    let request = format!(
        "PUT /shop HTTP/1.1\r\nhost: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Azure wants it signed.
fn make_container(port: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../fleet/engines/container.py");
    let made = Command::new("python3").args([script, port]).status();
    assert!(made.unwrap().success());
}

/// Azurite's own, which it documents.
const ACCOUNT: &str = "devstoreaccount1";
const ACCOUNT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
