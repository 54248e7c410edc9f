//! Selects a context of a kubeconfig, with its cluster and user.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Uri};
use kube_client::config::{AuthInfo, Cluster, Context, Kubeconfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use probe::{Cause, Reason};
use secrecy::ExposeSecret;

use super::Access;
use crate::credential::Credential;
use crate::exec::Plugin;
use crate::files::bytes;
use crate::options::Options;
use crate::tls::{Identity, Pem, Trust};
use crate::{proxy, text};

/// The largest certificate or key that is read, in bytes.
const LARGEST_PEM: u64 = 4 << 20;

/// The connection parameters of the selected context, or of the current one.
pub fn access(config: &Kubeconfig, file: &str, options: &Options) -> Result<Access, Reason> {
    let (name, context) = context(config, file, options.context.as_deref())?;
    let cluster_name = context.cluster.clone();
    let missing = |kind: &str, name: &str| {
        let detail = format!(
            "{kind} `{}` of context `{}` is not in it",
            text::name(name),
            text::name(&name_of(config, options))
        );
        Reason::new(Cause::Malformed, file, detail)
    };
    let clusters = config.clusters.iter().find(|named| named.name == cluster_name);
    let cluster = clusters.and_then(|named| named.cluster.clone()).ok_or_else(|| missing("cluster", &cluster_name))?;
    let user = match context.user.as_deref().filter(|user| !user.is_empty()) {
        None => AuthInfo::default(),
        Some(user) => {
            let named =
                config.auth_infos.iter().find(|named| named.name == user).ok_or_else(|| missing("user", user))?;
            named.auth_info.clone().unwrap_or_default()
        }
    };
    let user_name = context.user.clone().unwrap_or_default();
    let server = server(&cluster, &cluster_name, file)?;
    let about = About { file, context: &name, cluster: &cluster_name, user: &user_name };
    Ok(Access {
        proxy: proxy::of(&server, filled(cluster.proxy_url.as_deref()), &options.environment)?,
        trust: trust(&cluster, &about, options)?,
        server_name: filled(cluster.tls_server_name.as_deref()).map(str::to_owned),
        identity: identity(&user, &about)?,
        impersonation: impersonation(&user, &about)?,
        credential: credential(&user, &cluster, &about, options)?,
        server,
    })
}

/// The subjects of messages.
struct About<'n> {
    file: &'n str,
    context: &'n str,
    cluster: &'n str,
    user: &'n str,
}

impl About<'_> {
    fn user(&self, cause: Cause, detail: impl Into<String>) -> Reason {
        Reason::new(cause, format!("{}: user `{}`", self.file, text::name(self.user)), detail)
    }
}

fn name_of(config: &Kubeconfig, options: &Options) -> String {
    options.context.clone().or_else(|| config.current_context.clone()).unwrap_or_default()
}

fn context<'c>(config: &'c Kubeconfig, file: &str, wanted: Option<&str>) -> Result<(String, &'c Context), Reason> {
    let known = || {
        let names = text::names(config.contexts.iter().map(|named| named.name.as_str()));
        if names.is_empty() { "it has none".to_owned() } else { format!("it has {names}") }
    };
    let Some(name) = wanted.or(config.current_context.as_deref()).filter(|name| !name.is_empty()) else {
        let detail = format!("no current-context (pass --context NAME; {})", known());
        return Err(Reason::new(Cause::Malformed, file, detail));
    };
    let found = config.contexts.iter().find(|named| named.name == name).and_then(|named| named.context.as_ref());
    found
        .map(|context| (name.to_owned(), context))
        .ok_or_else(|| Reason::new(Cause::Malformed, file, format!("no context `{}` ({})", text::name(name), known())))
}

/// The server's URL: the default scheme is https, and the default path is empty.
fn server(cluster: &Cluster, name: &str, file: &str) -> Result<Uri, Reason> {
    let wrong =
        |detail: String| Reason::new(Cause::Malformed, format!("{file}: cluster `{}`", text::name(name)), detail);
    let Some(server) = filled(cluster.server.as_deref()) else { return Err(wrong("no server".into())) };
    let with_scheme = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let uri: Uri = with_scheme.parse().map_err(|_| wrong(format!("server `{}` is not a URL", text::name(server))))?;
    let plain = matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some_and(|host| !host.is_empty());
    let user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !plain || user || uri.query().is_some() {
        return Err(wrong("server must be a URL such as https://HOST:6443, without a user or a query".into()));
    }
    Ok(uri)
}

fn trust(cluster: &Cluster, about: &About<'_>, options: &Options) -> Result<Trust, Reason> {
    if options.insecure_skip_tls_verify {
        return Ok(Trust::Anything);
    }
    let subject = format!("{}: cluster `{}`", about.file, text::name(about.cluster));
    if cluster.insecure_skip_tls_verify == Some(true) {
        let detail = "insecure-skip-tls-verify is set, which is not accepted from a file (set certificate-authority instead, or \
                      pass --insecure-skip-tls-verify)";
        return Err(Reason::new(Cause::NotAllowed, subject, detail));
    }
    let data = cluster.certificate_authority_data.as_deref();
    let pem = pem(data, cluster.certificate_authority.as_deref(), &subject, "certificate-authority-data")?;
    Ok(pem.map_or(Trust::Machine, Trust::Authority))
}

fn identity(user: &AuthInfo, about: &About<'_>) -> Result<Option<Identity>, Reason> {
    let subject = format!("{}: user `{}`", about.file, text::name(about.user));
    let certificate = pem(
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
        &subject,
        "client-certificate-data",
    )?;
    let key = user.client_key_data.as_ref().map(ExposeSecret::expose_secret);
    let key = pem(key, user.client_key.as_deref(), &subject, "client-key-data")?;
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (Some(_), None) => Err(about.user(Cause::Malformed, "client-certificate without client-key")),
        (None, Some(_)) => Err(about.user(Cause::Malformed, "client-key without client-certificate")),
    }
}

/// PEM from inline data, which takes precedence, or from a file.
fn pem(data: Option<&str>, file: Option<&str>, subject: &str, key: &str) -> Result<Option<Pem>, Reason> {
    if let Some(data) = filled(data) {
        // Go's decoder ignores line breaks.
        let data: String = data.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        let bytes = STANDARD
            .decode(data)
            .map_err(|_| Reason::new(Cause::Malformed, subject, format!("{key} is not base64")))?;
        return Ok(Some(Pem { subject: format!("{subject}: {key}"), bytes }));
    }
    let Some(path) = filled(file) else { return Ok(None) };
    let bytes = bytes(Path::new(path), LARGEST_PEM)?;
    Ok(Some(Pem { subject: text::name(path), bytes }))
}

/// The credentials to send. A token takes precedence over a plugin, as in client-go.
fn credential(user: &AuthInfo, cluster: &Cluster, about: &About<'_>, options: &Options) -> Result<Credential, Reason> {
    let token = user.token.as_ref().map(ExposeSecret::expose_secret).filter(|token| !token.is_empty());
    let token_file = filled(user.token_file.as_deref());
    let name = filled(user.username.as_deref());
    if name.is_some() && (token.is_some() || token_file.is_some()) {
        return Err(about.user(Cause::Malformed, "username and token exclude each other"));
    }
    if let Some(name) = name {
        let password = user.password.as_ref().map_or("", |password| password.expose_secret());
        return Ok(Credential::basic(name, password));
    }
    if let Some(file) = token_file {
        return Credential::of_file(file.into(), token);
    }
    if let Some(token) = token {
        return Credential::of_token(token).map_err(|detail| about.user(Cause::Malformed, detail));
    }
    if let Some(exec) = &user.exec {
        let plugin = Plugin::new(exec, cluster).map_err(|detail| about.user(Cause::Malformed, detail))?;
        if !options.allow_exec {
            let detail = format!(
                "its credentials are made by `{}`, which may be any program (pass --allow-exec to run it)",
                text::name(plugin.command())
            );
            return Err(about.user(Cause::NotAllowed, detail));
        }
        let subject = format!("{}: user `{}`", about.file, text::name(about.user));
        return Ok(Credential::of_plugin(plugin, subject));
    }
    if let Some(provider) = &user.auth_provider {
        let hint = match provider.name.as_str() {
            "gcp" => "install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`",
            "azure" => "run `kubelogin convert-kubeconfig`",
            _ => "use an exec plugin such as `kubectl oidc-login`, or a token",
        };
        let detail = format!(
            "auth-provider `{}` is not supported ({hint}; context `{}`)",
            text::name(&provider.name),
            text::name(about.context)
        );
        return Err(about.user(Cause::NotAllowed, detail));
    }
    Ok(Credential::none())
}

/// The headers for the impersonated user (`as`, `as-uid`, `as-groups`, `as-user-extra`).
fn impersonation(user: &AuthInfo, about: &About<'_>) -> Result<Vec<(HeaderName, HeaderValue)>, Reason> {
    let mut headers = Vec::new();
    let mut push = |name: &str, value: &str| {
        let wrong = || about.user(Cause::Malformed, "the identity to impersonate cannot be sent in a header");
        let name = HeaderName::try_from(name).map_err(|_| wrong())?;
        headers.push((name, HeaderValue::from_str(value).map_err(|_| wrong())?));
        Ok(())
    };
    if let Some(name) = filled(user.impersonate.as_deref()) {
        push("impersonate-user", name)?;
    }
    if let Some(uid) = filled(user.impersonate_uid.as_deref()) {
        push("impersonate-uid", uid)?;
    }
    for group in user.impersonate_groups.iter().flatten() {
        push("impersonate-group", group)?;
    }
    for (key, values) in user.impersonate_user_extra.iter().flatten() {
        for value in values {
            push(&format!("impersonate-extra-{}", utf8_percent_encode(key, &IN_HEADER)), value)?;
        }
    }
    Ok(headers)
}

/// Characters that are not escaped in the name of a header, as in client-go.
const IN_HEADER: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Treats an empty text as unset.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
