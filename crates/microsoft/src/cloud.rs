//! A cloud profile: where Partner Center, the login authority, Graph and Azure answer, and which audiences their tokens carry.
//! Hosts are configuration, never constants elsewhere. What is asked there lives with each resource.

/// The three hosts that answer with data; each has its own audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Partner Center REST.
    PartnerCenter,
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

/// The audience (`resource`) that a token for each role is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audiences {
    /// Audience of Partner Center.
    pub partner_center: String,
    /// Audience of Graph.
    pub graph: String,
    /// Audience of Azure Resource Manager.
    pub arm: String,
}

/// Where the certificate of a webhook may be fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateSource {
    /// `https` only; each entry is a host and a path prefix (`host.example/cert/`); a leading dot allows any host below it.
    Https(Vec<String>),
    /// The sandbox: plain HTTP on loopback, below this URL prefix.
    Loopback(String),
}

/// One cloud: base URLs without a trailing slash, audiences, and what is pinned for webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// Base URL of Partner Center; `/v1/...` and `/webhooks/v1/...` follow.
    pub partner_center: String,
    /// Base URL of the login authority; `/{tenant}/oauth2/token` follows.
    pub login: String,
    /// Base URL of Graph; `/beta/...` and `/v1.0/...` follow.
    pub graph: String,
    /// Base URL of Azure Resource Manager; `/subscriptions...` follows.
    pub arm: String,
    /// Audiences of the tokens.
    pub audiences: Audiences,
    /// Allow-list for webhook certificates.
    pub certificate_hosts: CertificateSource,
    /// The subject common name that a webhook certificate must carry.
    pub certificate_subject: String,
}

const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";
const WEBHOOK_CERTIFICATES: &str = "3psostorageacct.blob.core.windows.net/cert/";
const WEBHOOK_SUBJECT: &str = "pcnotifications-dispatch.microsoft.com";

impl Cloud {
    /// Microsoft's public cloud.
    #[must_use]
    pub fn public() -> Self {
        Self {
            partner_center: PARTNER_CENTER.to_owned(),
            login: "https://login.microsoftonline.com".to_owned(),
            graph: "https://graph.microsoft.com".to_owned(),
            arm: "https://management.azure.com".to_owned(),
            audiences: Audiences {
                partner_center: PARTNER_CENTER.to_owned(),
                graph: "https://graph.microsoft.com".to_owned(),
                arm: "https://management.azure.com/".to_owned(),
            },
            certificate_hosts: CertificateSource::Https(vec![WEBHOOK_CERTIFICATES.to_owned()]),
            certificate_subject: WEBHOOK_SUBJECT.to_owned(),
        }
    }

    /// Microsoft's US Government cloud: Partner Center keeps its public host, login, Graph and Azure have their own.
    #[must_use]
    pub fn us_government() -> Self {
        let graph = "https://graph.microsoft.us".to_owned();
        let arm = "https://management.usgovcloudapi.net".to_owned();
        Self {
            login: "https://login.microsoftonline.us".to_owned(),
            audiences: Audiences {
                partner_center: PARTNER_CENTER.to_owned(),
                graph: graph.clone(),
                arm: format!("{arm}/"),
            },
            graph,
            arm,
            ..Self::public()
        }
    }

    /// A simulated Microsoft that serves every role under one origin (`http://127.0.0.1:PORT`), with the real audiences.
    #[must_use]
    pub fn sandbox(base: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self {
            partner_center: format!("{base}/partnercenter"),
            login: format!("{base}/login"),
            graph: format!("{base}/graph"),
            arm: format!("{base}/arm"),
            certificate_hosts: CertificateSource::Loopback(format!("{base}/cert/")),
            ..Self::public()
        }
    }

    /// Tells whether this is a simulated Microsoft, the only one reached by plain HTTP.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        matches!(self.certificate_hosts, CertificateSource::Loopback(_))
    }

    pub(crate) fn base(&self, role: Role) -> &str {
        let base = match role {
            Role::PartnerCenter => &self.partner_center,
            Role::Graph => &self.graph,
            Role::Arm => &self.arm,
        };
        base.trim_end_matches('/')
    }

    pub(crate) fn audience(&self, role: Role) -> &str {
        match role {
            Role::PartnerCenter => &self.audiences.partner_center,
            Role::Graph => &self.audiences.graph,
            Role::Arm => &self.audiences.arm,
        }
    }

    pub(crate) fn url(&self, role: Role, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.base(role))
    }

    pub(crate) fn token_url(&self, tenant: &str) -> String {
        format!("{}/{tenant}/oauth2/token", self.login.trim_end_matches('/'))
    }
}
