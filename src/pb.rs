//! The contract as Rust: generated messages and services, their JSON, and methods on messages.
//!
//! JSON is ProtoJSON with the proto's own field names and short enum values (`"user"` for `ROLE_USER`; the full
//! names are read too). Unknown fields are refused by name.

#![expect(clippy::doc_markdown, reason = "generated comments are the contract's own")]

mod content;
mod embedding;
mod enums;
mod usage;
pub mod well_known;

pub use self::enums::ShortName;
pub use self::usage::usd;
pub use self::v1::*;

/// Every file of the contract with its imports, encoded as a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same with the comments of its elements, of which the documentation is made. Apart, because reflection keeps its
/// set in memory and nobody asks that for comments.
pub const DOCUMENTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/documented.bin"));

#[expect(clippy::uninlined_format_args, reason = "generated")]
mod v1 {
    include!(concat!(env!("OUT_DIR"), "/gateway.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/gateway.v1.serde.rs"));
    include!(concat!(env!("OUT_DIR"), "/gateway.v1.enums.rs"));
}
