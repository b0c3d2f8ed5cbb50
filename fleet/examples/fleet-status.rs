//! The keys of a fleet in a folder, as a table and without a secret, and how it is.
//!
//! ```console
//! $ FLEET_MASTER=... cargo run --example fleet-status -- /var/lib/shop/keys
//! ```
//!
//! It joins the fleet as one more worker: it makes the key that is due, as any other would.

use std::{env, error::Error};

use haversack::KeyRing;
use haversack_fleet::{Fleet, Folder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name the fleet's folder")?;
    let master: KeyRing = env::var("FLEET_MASTER")?.parse()?;
    let mut fleet = Fleet::new(Folder::open(path)?, master);
    if let Ok(name) = env::var("FLEET_NAME") {
        fleet = fleet.name(&name);
    }
    let fleet = fleet.open().await?;
    println!("{}\n{}", fleet.status(), fleet.health());
    Ok(())
}
