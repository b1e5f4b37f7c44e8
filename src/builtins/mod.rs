//! The bodies of the library's natives, one file for each file of `stdlib/`.

pub mod metrics;
