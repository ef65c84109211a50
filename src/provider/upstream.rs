//! The only file that talks to the network.
//!
//! A call costs no task and no channel: whoever polls the answer polls the connection, and whoever drops it cancels
//! the call.

use std::{
    collections::BTreeMap,
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, future::try_join_all};
use reqwest::{
    Client, Method, Request, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Pieces, Provider, Transport,
    answer::{self, Answering, Broken, Chunks, Wait},
    sandbox::{self, Sandbox},
};
use crate::{
    dialect::{Embedded, OutgoingChat, OutgoingEmbed},
    error::Error,
    pb,
};

/// Largest body that is read whole: a few generated images, or a long list of models.
const BODY_LIMIT: usize = 64 << 20;

/// Most of an error's body that is read, and how long that may take.
const ERROR_LIMIT: usize = 1 << 20;
const ERROR_PATIENCE: Duration = Duration::from_secs(5);

/// How long a list of models may take.
const LIST_PATIENCE: Duration = Duration::from_secs(30);

/// One HTTP/2 connection carries about a hundred calls at once, so calls are spread over several.
const CONNECTIONS_TO_A_TLS_HOST: usize = 4;

/// The way to providers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Upstream {
    sandbox: Arc<Sandbox>,
}

/// The answer to a chat, whose content has begun.
pub struct Answer {
    /// The provider's HTTP status.
    pub status: u16,
    /// What was adapted or left out on the way to the provider.
    pub warnings: Vec<pb::Warning>,
    /// What it says, from its beginning. Dropping it cancels the call.
    pub pieces: Pieces,
}

impl Upstream {
    /// Asks for a chat, showing the provider's credential of that number. Returns when the first content is there (a
    /// 200 alone is no success yet), so whatever fails before that is an error that may be tried again.
    ///
    /// The request is written at once and sent when the future is polled, which holds on to nothing of the caller's: a
    /// call may outlive whoever made it.
    pub fn chat(
        &self,
        provider: &Arc<Provider>,
        credential: usize,
        outgoing: OutgoingChat<'_>,
        deadline: Option<Instant>,
    ) -> impl Future<Output = Result<Answer, Error>> + Send + use<> {
        let (upstream, provider, streamed) = (self.clone(), provider.clone(), outgoing.stream);
        let written = provider.dialect.write_chat(outgoing);
        async move {
            let written = written?;
            let call = Call { method: Method::POST, path: &written.path, body: Some(written.body), credential };
            let reply = upstream.send(&provider, call, deadline).await?;
            let (status, wait) = (reply.status, Wait::new(provider.idle_timeout, deadline));
            let mut answering = Answering::new(provider, status, reply.chunks, streamed, wait);
            answering.content_begun().await?;
            Ok(Answer { status, warnings: written.warnings, pieces: answering.boxed() })
        }
    }

    /// Asks for embeddings, showing the provider's credential of that number. Returns the HTTP status, what was adapted, and the answer.
    pub async fn embed(
        &self,
        provider: &Arc<Provider>,
        credential: usize,
        outgoing: OutgoingEmbed<'_>,
        deadline: Option<Instant>,
    ) -> Result<(u16, Vec<pb::Warning>, Embedded), Error> {
        let written = provider.dialect.write_embeddings(outgoing)?;
        let call = Call { method: Method::POST, path: &written.path, body: Some(written.body), credential };
        let reply = self.send(provider, call, deadline).await?;
        let status = reply.status;
        let mut wait = Wait::new(provider.idle_timeout, deadline);
        let embedded = match answer::collect(reply.chunks, BODY_LIMIT, &mut wait).await {
            Ok(body) => provider.dialect.read_embeddings(body),
            Err(broken) => Err(broken.into_error(&provider.name)),
        };
        Ok((status, written.warnings, embedded.map_err(|error| answer::by(provider, status, error))?))
    }

    /// Asks which models there are.
    pub async fn models(&self, provider: &Arc<Provider>) -> Result<Vec<pb::Model>, Error> {
        if let Transport::Sandbox = provider.transport {
            return Ok(sandbox::models());
        }
        let lists = provider.model_lists.iter().enumerate().map(|(at, path)| self.list(provider, path, at > 0));
        Ok(try_join_all(lists).await?.concat())
    }

    /// One list of models; where it `may_lack`, a 404 is an empty one.
    async fn list(&self, provider: &Arc<Provider>, path: &str, may_lack: bool) -> Result<Vec<pb::Model>, Error> {
        let deadline = Instant::now() + LIST_PATIENCE;
        let call = Call { method: Method::GET, path, body: None, credential: 0 };
        let reply = match self.send(provider, call, Some(deadline)).await {
            Err(error) if may_lack && error.provider_status == Some(404) => return Ok(Vec::new()),
            reply => reply?,
        };
        let status = reply.status;
        let mut wait = Wait::new(provider.idle_timeout, Some(deadline));
        let models = match answer::collect(reply.chunks, BODY_LIMIT, &mut wait).await {
            Ok(body) => provider.dialect.read_models(&body),
            Err(broken) => Err(broken.into_error(&provider.name)),
        };
        models.map_err(|error| answer::by(provider, status, error))
    }

    /// Sends a request and waits for the head of its answer. A status that is no success is an error.
    async fn send(&self, provider: &Arc<Provider>, call: Call<'_>, deadline: Option<Instant>) -> Result<Reply, Error> {
        let wait = Wait::new(provider.answer_timeout, deadline);
        let reply = match &provider.transport {
            Transport::Http(endpoint) => wait.at_most(endpoint.send(call)).await,
            Transport::Sandbox => Ok(self.sandbox.answer(call.path, &call.body.unwrap_or_default())),
        };
        let reply = reply.map_err(|broken| broken.into_error(&provider.name).with_provider(&provider.name, None))?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        let sooner = Instant::now() + ERROR_PATIENCE;
        let mut wait = Wait::new(ERROR_PATIENCE, Some(deadline.map_or(sooner, |deadline| deadline.min(sooner))));
        let body = answer::collect(reply.chunks, ERROR_LIMIT, &mut wait).await.unwrap_or_default();
        let error = provider.dialect.read_error(reply.status, &reply.headers, &body, SystemTime::now());
        Err(error.with_provider(&provider.name, Some(reply.status)))
    }
}

/// What is sent to a provider.
struct Call<'a> {
    method: Method,
    /// Below the base URL.
    path: &'a str,
    body: Option<Bytes>,
    /// Number of the credential that is shown.
    credential: usize,
}

/// The head of an answer, and its body to come.
pub(super) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, of errors alone: nothing else is decided by them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub chunks: Chunks,
}

/// Where a provider is on the network, with its connections.
pub struct Endpoint {
    clients: Box<[Client]>,
    next: AtomicUsize,
    base: Url,
    /// For each credential: the header that shows it, and what goes with every request.
    headers: Vec<HeaderMap>,
}

impl Endpoint {
    /// An endpoint whose requests carry one of `shown`, the headers with the keys, and `headers` besides. Fails where
    /// one of them cannot be used, naming the setting.
    pub fn new(
        base_url: &str,
        shown: Vec<Option<(&'static str, SecretString)>>,
        headers: &BTreeMap<String, String>,
        connect_timeout: Duration,
    ) -> anyhow::Result<Self> {
        let base = Url::parse(base_url.trim_end_matches('/')).context("base_url")?;
        let tls = match base.scheme() {
            "https" => trusting_the_platform()?,
            "http" => trusting_nobody()?,
            _ => anyhow::bail!("base_url must begin with https:// or http://"),
        };
        ensure!(base.query().is_none() && base.fragment().is_none(), "base_url must end with its path");
        let connections = if base.scheme() == "https" { CONNECTIONS_TO_A_TLS_HOST } else { 1 };
        let clients = (0..connections).map(|_| client(tls.clone(), connect_timeout)).collect::<Result<_, _>>()?;
        let headers = shown.into_iter().map(|shown| header_map(shown, headers)).collect::<Result<_, _>>()?;
        Ok(Self { clients, next: AtomicUsize::new(0), base, headers })
    }

    async fn send(&self, call: Call<'_>) -> Result<Reply, Broken> {
        let mut url = self.base.clone();
        url.set_path(&[self.base.path().trim_end_matches('/'), call.path].concat());
        let mut request = Request::new(call.method, url);
        *request.headers_mut() = self.headers[call.credential].clone();
        if let Some(body) = call.body {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(body.into());
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.clients.len();
        let response = self.clients[turn].execute(request).await.map_err(before_the_head)?;
        let status = response.status();
        let headers = if status.is_success() { Vec::new() } else { as_text(response.headers()) };
        let chunks = response.bytes_stream().map_err(|error| Broken::Cut(reasons(&error.without_url()))).boxed();
        Ok(Reply { status: status.as_u16(), headers, chunks })
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Endpoint").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

fn client(tls: rustls::ClientConfig, connect_timeout: Duration) -> anyhow::Result<Client> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("generative-gateway/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        // Only configuration says where requests go.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(60))
        .pool_idle_timeout(Duration::from_secs(90))
        // A connection that died in silence is noticed, whatever the pauses of its streams.
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(20))
        .http2_adaptive_window(true);
    client.build().context("the HTTP client cannot be built")
}

fn trusting_the_platform() -> anyhow::Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new(provider.clone())
        .context("no certificate authorities are found: install the system's ca-certificates")?;
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// For hosts without TLS, which must work where no certificate authorities are installed.
fn trusting_nobody() -> anyhow::Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn header_map(
    shown: Option<(&'static str, SecretString)>,
    headers: &BTreeMap<String, String>,
) -> anyhow::Result<HeaderMap> {
    let mut map = HeaderMap::new();
    if let Some((name, key)) = shown {
        // The key must not be told, not even by the error that refuses it.
        let value = HeaderValue::from_str(key.expose_secret().trim());
        let mut value = value.ok().context("api_key holds characters that no header may hold")?;
        value.set_sensitive(true);
        map.insert(HeaderName::from_static(name), value);
    }
    for (name, value) in headers {
        let name = HeaderName::try_from(name).with_context(|| format!("headers: {name:?} is not a header's name"))?;
        let value = HeaderValue::try_from(value).ok();
        let value = value.with_context(|| format!("headers: the value of {name} cannot be sent"))?;
        map.insert(name, value);
    }
    Ok(map)
}

/// Why there is no answer at all.
fn before_the_head(error: reqwest::Error) -> Broken {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Broken::Garbage(reasons(&error));
        }
        cause = inner.source();
    }
    if error.is_connect() { Broken::Unreachable(reasons(&error)) } else { Broken::Unanswered(reasons(&error)) }
}

/// An error with all its causes, for the log.
fn reasons(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

fn as_text(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    texts.map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
}
