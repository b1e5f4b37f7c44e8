//! The machine, through scripts on the fake host: what is computed, what overlaps, what waits, and in which order.

#[path = "vm/world.rs"]
mod world;

#[path = "vm/adapters.rs"]
mod adapters;
#[path = "vm/basics.rs"]
mod basics;

#[path = "vm/dataflow.rs"]
mod dataflow;

#[path = "vm/order.rs"]
mod order;

#[path = "vm/predict.rs"]
mod predict;

#[path = "vm/limits.rs"]
mod limits;

#[path = "vm/deep.rs"]
mod deep;

#[path = "vm/longest.rs"]
mod longest;

#[path = "vm/schedules.rs"]
mod schedules;

#[path = "vm/stream.rs"]
mod stream;

#[path = "vm/media.rs"]
mod media;

#[path = "vm/round_robin.rs"]
mod round_robin;

#[path = "vm/replies.rs"]
mod replies;

#[path = "vm/tools.rs"]
mod tools;
