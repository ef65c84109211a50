//! What went wrong, whose it is and whether to try again. Knows no transport: `api/errors.rs` gives each reason its
//! gRPC code and HTTP status.

use std::{fmt, time::Duration};

use crate::pb::{Blame, ErrorDetail, Usage};

pub use crate::pb::ErrorReason as Reason;

/// Why a request was refused or failed. Small, because every `Result` of the request path carries one.
#[derive(Clone)]
pub struct Error(Box<Fault>);

/// What an [`Error`] holds.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for the caller, and what to do about it. Never holds a secret or a prompt.
    pub message: String,
    /// Path of the field at fault.
    pub field: Option<String>,
    /// Nearby names that would have been understood.
    pub suggestions: Vec<String>,
    /// Name of the limit or budget that refused, such as `key.requests_per_minute`.
    pub quota: Option<String>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// Overrides what the reason says about trying again.
    pub retryable: Option<bool>,
    /// The provider that failed.
    pub provider: Option<String>,
    /// The provider's HTTP status.
    pub provider_status: Option<u16>,
    /// The generation that failed.
    pub generation_id: Option<String>,
    /// What was used until then.
    pub usage: Option<Usage>,
    /// What that cost, in USD.
    pub cost_usd: Option<f64>,
    /// What the gateway itself took until then, where a generation had begun.
    pub overhead: Option<Duration>,
    /// For the log alone.
    pub context: Option<String>,
}

impl Error {
    /// An error with a reason and words that tell the caller what to do.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Fault { reason, message: message.into(), ..Fault::default() }))
    }

    /// A field has a value that cannot be used.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Reason::InvalidRequest, message).with_field(field)
    }

    /// A fault of ours; what happened goes to the log, not to the caller.
    pub fn internal(context: impl fmt::Display) -> Self {
        Self::new(Reason::Internal, "the gateway failed; the log has the details under this request's id")
            .with_context(context)
    }

    /// The books cannot be read or written.
    pub fn books(context: impl fmt::Display) -> Self {
        Self::new(Reason::BooksUnavailable, "the gateway's database does not answer; try again shortly")
            .with_context(context)
            .with_retry_after(Duration::from_secs(1))
    }

    /// Names the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Offers names that would have been understood.
    #[must_use]
    pub fn with_suggestions(mut self, suggestions: Vec<String>) -> Self {
        self.0.suggestions = suggestions;
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Names the provider that failed and its HTTP status.
    #[must_use]
    pub fn with_provider(mut self, name: impl Into<String>, status: Option<u16>) -> Self {
        self.0.provider = Some(name.into());
        self.0.provider_status = status.or(self.0.provider_status);
        self
    }

    /// Names the generation that failed.
    #[must_use]
    pub fn with_generation(mut self, id: impl Into<String>) -> Self {
        self.0.generation_id = Some(id.into());
        self
    }

    /// Adds what only the log may hold.
    #[must_use]
    pub fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.0.context = Some(context.to_string());
        self
    }

    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        self.retryable.unwrap_or(matches!(
            self.reason,
            Reason::LimitExceeded
                | Reason::ShuttingDown
                | Reason::BooksUnavailable
                | Reason::ProviderRateLimited
                | Reason::ProviderOverloaded
                | Reason::ProviderTimeout
                | Reason::ProviderError
                | Reason::ProviderMalformedResponse
                | Reason::ProviderStreamTruncated
                | Reason::ProviderUnreachable
        ))
    }

    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self.reason {
            Reason::Unspecified
            | Reason::Internal
            | Reason::ShuttingDown
            | Reason::BooksUnavailable
            | Reason::ProviderNotConfigured
            | Reason::ProviderAuthentication
            | Reason::ProviderPermissionDenied
            | Reason::ProviderInsufficientFunds => Blame::Gateway,
            Reason::ProviderRateLimited
            | Reason::ProviderOverloaded
            | Reason::ProviderTimeout
            | Reason::ProviderError
            | Reason::ProviderMalformedResponse
            | Reason::ProviderStreamTruncated
            | Reason::ProviderUnreachable => Blame::Provider,
            _ => Blame::Caller,
        }
    }

    /// The error as the native doors tell it; `code` is theirs to fill in.
    pub fn detail(&self) -> ErrorDetail {
        ErrorDetail {
            code: String::new(),
            reason: self.reason.into(),
            message: self.message.clone(),
            blame: self.blame().into(),
            retryable: self.retryable(),
            retry_after_ms: self.retry_after.map(|wait| u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)),
            field: self.field.clone().unwrap_or_default(),
            suggestions: self.suggestions.clone(),
            provider: self.provider.clone().unwrap_or_default(),
            provider_status: self.provider_status.map(u32::from),
            usage: self.usage,
            cost_usd: self.cost_usd,
            generation_id: self.generation_id.clone().unwrap_or_default(),
        }
    }
}

impl std::ops::Deref for Error {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl std::ops::DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Fault {
        &mut self.0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
