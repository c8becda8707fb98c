//! TLS before a database on this machine, so that a function opens its connection as it does in the cloud.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// A proxy that ends TLS. It stops when dropped.
pub(super) struct TlsProxy {
    pub(super) address: SocketAddr,
    /// The certificate (PEM) of the authority that its own was signed by.
    pub(super) authority: String,
    _server: JoinSet<()>,
}

impl TlsProxy {
    /// Listens on 127.0.0.1 and passes on to `target`. Its certificates are made anew each time.
    pub(super) async fn start(target: SocketAddr) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let own = CertificateParams::new([address.ip().to_string()])?.signed_by(&key, &authority)?;
        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], private)
            .context("a certificate of our own")?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mut server = JoinSet::new();
        server.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(acceptor.clone(), stream, target));
            }
        });
        Ok(Self { address, authority: authority.pem(), _server: server })
    }
}

/// A connection that breaks is the client's to notice.
async fn pass(acceptor: TlsAcceptor, stream: TcpStream, target: SocketAddr) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = acceptor.accept(stream).await?;
    let mut server = TcpStream::connect(target).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use runtime::{ClientOptions, dynamodb_client};

    use super::*;
    use crate::emulator::Emulator;

    #[tokio::test]
    async fn only_who_is_given_the_certificate_trusts_it() {
        let emulator = Emulator::start(None).await.unwrap();
        let proxy = TlsProxy::start(emulator.address()).await.unwrap();
        let local = ClientOptions::local(&format!("https://{}", proxy.address));
        let trusting = ClientOptions { certificate: Some(proxy.authority.clone().into_bytes()), ..local.clone() };
        assert!(dynamodb_client(&trusting).list_tables().send().await.is_ok());
        assert!(dynamodb_client(&local).list_tables().send().await.is_err());
    }
}
