//! The services that resolve user and group names, according to `nsswitch.conf`.

/// A service, and whether the services after it are asked too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    /// `files`, `altfiles`, `systemd`.
    pub(super) name: String,
    /// Whether the search ends with it if it does not know the name.
    pub(super) ends_if_unknown: bool,
    /// Whether the search ends with it if it is unavailable.
    pub(super) ends_if_unavailable: bool,
}

/// Returns the services of a database (`passwd`, `group`) in order, each once; only `files` if the database is not
/// listed.
///
/// Source: nsswitch.conf(5).
pub(super) fn services(conf: &[u8], database: &str) -> Vec<Service> {
    let text = String::from_utf8_lossy(conf);
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let said = lines.filter_map(|line| line.split_once(':')).rfind(|(name, _)| name.trim() == database);
    let mut services: Vec<Service> = Vec::new();
    let mut rest = said.map_or("files", |(_, said)| said).trim_start();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (actions, after) = inside.split_once(']').unwrap_or((inside, ""));
            if let Some(last) = services.last_mut() {
                last.ends_if_unknown |= returns(actions, "notfound");
                last.ends_if_unavailable |= returns(actions, "unavail");
            }
            rest = after.trim_start();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '[').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            services.push(Service { name: name.to_owned(), ends_if_unknown: false, ends_if_unavailable: false });
            rest = after.trim_start();
        }
    }
    services
}

/// Whether actions such as `NOTFOUND=return` and `!UNAVAIL=return` end the search with this status.
fn returns(actions: &str, status: &str) -> bool {
    actions.split_whitespace().any(|action| {
        let Some((of, then)) = action.split_once('=') else { return false };
        let (negated, of) = of.strip_prefix('!').map_or((false, of), |of| (true, of));
        then.eq_ignore_ascii_case("return") && (of.eq_ignore_ascii_case(status) != negated)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_come_in_the_order_of_the_line() {
        let table = [
            ("passwd: files altfiles systemd\n", "files altfiles systemd"),
            ("# passwd: x\npasswd:\tsss  files # and more\ngroup: other\n", "sss files"),
            ("passwd: files [NOTFOUND=return] altfiles", "files! altfiles"),
            ("passwd: files [!UNAVAIL=return] altfiles", "files! altfiles"),
            ("passwd: files [unavail=RETURN] altfiles", "files? altfiles"),
            ("passwd: files [success=merge] systemd", "files systemd"),
            ("passwd: files[NOTFOUND=continue]altfiles", "files altfiles"),
            ("passwd: files [!SUCCESS=return] altfiles", "files!? altfiles"),
            ("passwd: a\npasswd: b\n", "b"),
            ("passwd: files [", "files"),
            ("passwd:", ""),
            ("group: x", "files"),
            ("", "files"),
            ("\u{feff}passwd: x", "files"),
        ];
        for (conf, expected) in table {
            let shown: Vec<String> = services(conf.as_bytes(), "passwd")
                .into_iter()
                .map(|service| {
                    let unknown = if service.ends_if_unknown { "!" } else { "" };
                    let unavailable = if service.ends_if_unavailable { "?" } else { "" };
                    format!("{}{unknown}{unavailable}", service.name)
                })
                .collect();
            assert_eq!(shown.join(" "), expected, "{conf:?}");
        }
    }
}
