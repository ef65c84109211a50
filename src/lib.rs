//! One gateway between applications and every LLM provider.
//!
//! ```text
//! api → service → store
//!           └───→ routing → provider → dialect → pb
//! ```

pub mod api; // the doors: gRPC, grpc-web, REST + SSE, OpenAI-compatible
pub mod app; // wiring: configuration → gateway → listeners
pub mod cli; // the other commands, calls of the same services
pub mod config; // as typed → as meant
pub mod dialect; // vendors' wire formats, pure, both ways
pub mod error; // what went wrong, whose it is, whether to retry
pub mod events; // the stream of a chat, and its fold
pub mod pb; // the contract
pub mod provider; // providers as values, and the network
pub mod routing; // which target, in which order, how often
pub mod service; // one method per RPC
pub mod store; // the database
pub mod telemetry; // names of signals
