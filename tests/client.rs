//! The host, outside calls and models, from outside: a fake host with a simulated clock, and a real local server.

#![allow(clippy::unwrap_used)]

#[path = "client/budget.rs"]
mod budget;
#[path = "client/cache.rs"]
mod cache;
#[path = "client/clock.rs"]
mod clock;
#[path = "client/dummy.rs"]
mod dummy;
#[path = "client/embedding.rs"]
mod embedding;
#[path = "client/exchanges.rs"]
mod exchanges;
#[path = "client/faults.rs"]
mod faults;
#[path = "client/faulty.rs"]
mod faulty;
#[path = "client/files.rs"]
mod files;
#[path = "client/history.rs"]
mod history;
#[path = "client/killed.rs"]
mod killed;
#[path = "client/limits.rs"]
mod limits;
#[path = "client/live.rs"]
mod live;
#[path = "client/live_model.rs"]
mod live_model;
#[path = "client/options.rs"]
mod options;
#[path = "client/order.rs"]
mod order;
#[path = "client/permission.rs"]
mod permission;
#[path = "client/provider.rs"]
mod provider;
#[path = "client/recording.rs"]
mod recording;
#[path = "client/refusal.rs"]
mod refusal;
#[path = "client/secure.rs"]
mod secure;
#[path = "client/server.rs"]
mod server;
#[path = "client/setup.rs"]
mod setup;
#[path = "client/several.rs"]
mod several;
#[path = "client/shared.rs"]
mod shared;
#[path = "client/stream.rs"]
mod stream;
#[path = "client/told.rs"]
mod told;
