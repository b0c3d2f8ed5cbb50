//! Stores of some 40 lines each, to copy: in PostgreSQL, Redis (or Valkey) and etcd.

pub mod etcd;
pub mod postgres;
pub mod redis;
