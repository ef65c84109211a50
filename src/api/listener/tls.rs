//! TLS from PEM files.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_rustls::TlsAcceptor;

use crate::config::Server;

/// None where no certificate is configured.
pub(super) fn acceptor(server: &Server) -> anyhow::Result<Option<TlsAcceptor>> {
    match (&server.tls_certificate, &server.tls_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(load(certificate, key)?)),
        _ => bail!("set both server.tls_certificate and server.tls_key, or neither"),
    }
}

fn load(certificate: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read server.tls_certificate {}", certificate.display()))?;
    let secret =
        PrivateKeyDer::from_pem_file(key).with_context(|| format!("cannot read server.tls_key {}", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .context("server.tls_certificate and server.tls_key do not fit together")?;
    // gRPC clients insist on h2; browsers prefer it.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
