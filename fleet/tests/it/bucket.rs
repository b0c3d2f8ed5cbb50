//! Objects in an object store. Real engines are in `fleet/engines`.

use haversack_fleet::{Bucket, Store, object_store::memory::InMemory, testing::conforms};

#[tokio::test]
async fn a_bucket_conforms_with_a_prefix_and_without() {
    for prefix in ["shop/keys", ""] {
        let bucket = Bucket::new(InMemory::new(), prefix);
        conforms(&bucket, &bucket.clone()).await.unwrap();
    }
}

#[tokio::test]
async fn fleets_in_one_bucket_do_not_see_each_other() {
    let engine = std::sync::Arc::new(InMemory::new());
    let one = Bucket::new(std::sync::Arc::clone(&engine), "shop");
    let other = Bucket::new(engine, "shop2");
    assert!(one.create("fleet", b"one").await.unwrap());
    assert!(other.create("fleet", b"other").await.unwrap());
    assert_eq!(one.read("fleet").await.unwrap().unwrap(), b"one");
    for bucket in [one, other] {
        let listed = bucket.list("").await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].name, "fleet");
    }
}

#[test]
fn debug_shows_the_place_and_no_setting() {
    let bucket = Bucket::new(InMemory::new(), "shop/keys");
    assert_eq!(
        format!("{bucket:?}"),
        r#"Bucket("bucket InMemory/shop/keys")"#
    );
}
