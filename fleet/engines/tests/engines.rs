//! Real engines, started here on ports of their own, through the suite of what a store must do; then fifty workers
//! that start at once on each.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use engines::{etcd::Etcd, postgres::Postgres, redis::Redis};
use haversack_fleet::{Bucket, Fleet, Store, testing::conforms};
use object_store::{aws::AmazonS3Builder, azure::MicrosoftAzureBuilder};
use tempfile::TempDir;
use tokio_postgres::error::SqlState;

/// A process that ends with its test.
struct Engine {
    child: Child,
    scratch: TempDir,
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Where `.ci/fleet` put what Debian does not have.
fn tool(name: &str) -> String {
    let folder =
        std::env::var("FLEET_TOOLS").expect("run .ci/fleet, which says where the engines are");
    format!("{folder}/{name}")
}

/// Starts a program and waits until it listens.
fn start(port: u16, command: impl FnOnce(&Path) -> Command) -> Engine {
    let scratch = TempDir::new().unwrap();
    let mut command = command(scratch.path());
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("run .ci/fleet, which installs it");
    let mut engine = Engine { child, scratch };
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            engine.child.try_wait().unwrap().is_none(),
            "{command:?} ended"
        );
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{command:?} does not listen"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    engine
}

/// What a store must do, and what fifty workers that start at once must have: one key.
async fn prove<S: Store>(open: impl AsyncFn() -> S) {
    conforms(&open().await, &open().await).await.unwrap();
    let master = master();
    let mut starting = Vec::new();
    for _ in 0..50 {
        let builder = Fleet::new(open().await, master.clone());
        starting.push(tokio::spawn(async move { builder.open().await.unwrap() }));
    }
    let mut ids = Vec::new();
    for started in starting {
        ids.push(
            started
                .await
                .unwrap()
                .status()
                .keys
                .iter()
                .map(|key| key.key_id.clone())
                .collect::<Vec<_>>(),
        );
    }
    assert!(
        ids.iter().all(|own| own.len() == 1 && *own == ids[0]),
        "{ids:?}"
    );
}

fn master() -> haversack::KeyRing {
    haversack::KeyRing::new(haversack::Key::generate().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_in_moto() {
    let port = free_port();
    let _engine = start(port, |_| {
        let mut moto = Command::new(tool("py/bin/moto_server"));
        moto.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        moto
    });
    let address = format!("http://127.0.0.1:{port}");
    let made = reqwest::Client::new()
        .put(format!("{address}/shop"))
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{}", made.status());
    prove(async || {
        let engine = AmazonS3Builder::new()
            .with_endpoint(&address)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_bucket_name("shop")
            .with_access_key_id("test")
            .with_secret_access_key("test");
        Bucket::new(engine.build().unwrap(), "keys")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_in_azurite() {
    // Where `object_store` looks for it, too.
    let address =
        std::env::var("AZURITE_BLOB_STORAGE_URL").unwrap_or("http://127.0.0.1:10000".into());
    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    let _engine = start(port, |scratch| {
        let mut azurite = Command::new(tool("npm/node_modules/.bin/azurite-blob"));
        azurite.args([
            "--silent",
            "--skipApiVersionCheck",
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            &port.to_string(),
        ]);
        azurite.arg("--location").arg(scratch);
        azurite
    });
    let engine = || {
        MicrosoftAzureBuilder::new()
            .with_use_emulator(true)
            .with_allow_http(true)
            .with_container_name("shop")
            .build()
            .unwrap()
    };
    make_container(port);
    prove(async || Bucket::new(engine(), "keys")).await;
}

/// `object_store` makes no containers.
fn make_container(port: u16) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("container.py");
    let made = Command::new("python3")
        .arg(script)
        .arg(port.to_string())
        .status()
        .unwrap();
    assert!(made.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    let port = free_port();
    let version = std::fs::read_dir("/usr/lib/postgresql")
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let bin = version.join("bin");
    let engine = start(port, |scratch| {
        // It does not run as root.
        let script = format!(
            "chown postgres {0} && cd {0} && runuser -u postgres -- {1}/initdb -D {0}/data -A trust -U postgres \
             && exec setpriv --reuid postgres --regid postgres --init-groups {1}/postgres -D {0}/data -p {port} -k {0} -h 127.0.0.1",
            scratch.display(),
            bin.display()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]);
        shell
    });
    prove(async || {
        let settings = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        // It listens before it is ready.
        let (client, connection) = loop {
            match tokio_postgres::connect(&settings, tokio_postgres::NoTls).await {
                Ok(connected) => break connected,
                Err(error) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error}"),
            }
        };
        tokio::spawn(connection);
        Postgres::open(client).await.unwrap()
    })
    .await;
    drop(engine);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_server() {
    let port = free_port();
    let _engine = start(port, |scratch| {
        let mut redis = Command::new("redis-server");
        redis
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--appendonly",
                "yes",
                "--dir",
            ])
            .arg(scratch);
        redis
    });
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
    prove(async || Redis {
        connection: client.get_multiplexed_async_connection().await.unwrap(),
        prefix: "shop".into(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn etcd_server() {
    let (port, peers) = (free_port(), free_port());
    let engine = start(port, |scratch| {
        let (client, peer) = (
            format!("http://127.0.0.1:{port}"),
            format!("http://127.0.0.1:{peers}"),
        );
        let mut etcd = Command::new("etcd");
        etcd.args([
            "--listen-client-urls",
            &client,
            "--advertise-client-urls",
            &client,
        ]);
        etcd.args([
            "--listen-peer-urls",
            &peer,
            "--initial-advertise-peer-urls",
            &peer,
        ]);
        etcd.args([
            "--initial-cluster",
            &format!("default={peer}"),
            "--data-dir",
        ])
        .arg(scratch.join("data"));
        etcd
    });
    assert!(engine.scratch.path().exists());
    prove(async || Etcd {
        client: reqwest::Client::new(),
        address: format!("http://127.0.0.1:{port}"),
        prefix: "shop".into(),
    })
    .await;
}
