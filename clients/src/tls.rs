//! A certificate authority of the test's own.

use std::{path::PathBuf, sync::Arc};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use crate::process::{folder, write};

/// An authority that nobody knows but who is told of it, and files for programs that read such.
#[derive(Debug)]
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Result<Authority> {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let name = &mut parameters.distinguished_name;
        name.push(DnType::CommonName, "haversack clients");
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        let folder = folder()?;
        write(folder.path(), "authority.pem", &issuer.pem())?;
        Ok(Authority { issuer, folder })
    }

    /// Its own certificate in PEM.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// A certificate for these names and addresses.
    pub(crate) fn certificate(&self, names: &[&str]) -> Result<Certificate> {
        let names = names.iter().map(|name| (*name).to_owned());
        let mut parameters = CertificateParams::new(names.collect::<Vec<_>>())?;
        parameters.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(Certificate {
            certificate: certificate.der().clone(),
            pem: format!("{}{}", certificate.pem(), key.serialize_pem()),
            key,
        })
    }
}

/// A server's certificate and its key.
#[derive(Debug)]
pub(crate) struct Certificate {
    certificate: CertificateDer<'static>,
    key: KeyPair,
    /// Both in one file, as HAProxy and nginx read it.
    #[expect(dead_code, reason = "no part speaks TLS with a proxy yet")]
    pub(crate) pem: String,
}

impl Certificate {
    /// For a server that offers these protocols, such as `h2` and `http/1.1`.
    pub(crate) fn acceptor(&self, protocols: &[&str]) -> Result<TlsAcceptor> {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).map_err(anyhow::Error::msg)?;
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)?;
        let protocols = protocols
            .iter()
            .map(|protocol| protocol.as_bytes().to_vec());
        config.alpn_protocols = protocols.collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
