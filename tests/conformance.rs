//! Cases that the real systems produced, read from `../shared/conformance`; where that folder is absent, each test says
//! so and passes.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "conformance/adapters.rs"]
mod adapters;
#[path = "conformance/artifact.rs"]
mod artifact;
#[path = "conformance/coerce.rs"]
mod coerce;
#[path = "conformance/compact.rs"]
mod compact;
#[path = "conformance/data.rs"]
mod data;
#[path = "conformance/differential.rs"]
mod differential;
#[path = "conformance/display.rs"]
mod display;
#[path = "conformance/lenient.rs"]
mod lenient;
#[path = "conformance/metrics.rs"]
mod metrics;
#[path = "conformance/never_panics.rs"]
mod never_panics;
#[path = "conformance/python_types.rs"]
mod python_types;
#[path = "conformance/random.rs"]
mod random;
#[path = "conformance/replies.rs"]
mod replies;
#[path = "syntax/seed.rs"]
mod seed;
#[path = "conformance/signature.rs"]
mod signature;

#[path = "conformance/modules.rs"]
mod modules;
