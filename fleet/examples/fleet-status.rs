//! The keys of a fleet in a folder, as a table and without a secret, and how it is.
//!
//! ```console
//! $ FLEET_MASTER=... cargo run --example fleet-status -- /var/lib/shop/keys
//! ```
//!
//! It makes and deletes no object.

use std::{env, error::Error, path::Path};

use haversack::KeyRing;
use haversack_fleet::{Fleet, Folder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("name the fleet's folder")?;
    if !Path::new(&path).is_dir() {
        return Err(format!("{path} is no folder").into());
    }
    let master: KeyRing = env::var("FLEET_MASTER")?.parse()?;
    let mut fleet = Fleet::new(Folder::open(path)?, master);
    if let Ok(name) = env::var("FLEET_NAME") {
        fleet = fleet.name(&name);
    }
    let (status, health) = fleet.look().await?;
    println!("{status}\n{health}");
    Ok(())
}
