//! Replies and values.
