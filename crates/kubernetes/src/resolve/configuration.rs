//! Settings of `/etc/resolv.conf` (resolv.conf(5)). Invalid lines are ignored, as in the C library.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Resolver settings.
#[derive(Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The name servers, at most three.
    pub servers: Vec<IpAddr>,
    /// The search domains.
    pub search: Vec<String>,
    /// Names with fewer dots are tried with the search domains first.
    pub dots: usize,
    /// The time limit for one answer.
    pub timeout: Duration,
    /// Whether to use TCP only.
    pub tcp: bool,
}

impl Configuration {
    /// Parses the file's text.
    pub fn of(text: &str) -> Self {
        let mut read =
            Self { servers: Vec::new(), search: Vec::new(), dots: 1, timeout: Duration::from_secs(5), tcp: false };
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") if read.servers.len() < 3 => {
                    read.servers.extend(words.next().and_then(|word| word.split('%').next()?.parse::<IpAddr>().ok()));
                }
                Some("domain") => read.search = words.next().map(str::to_owned).into_iter().collect(),
                Some("search") => read.search = words.take(32).map(str::to_owned).collect(),
                Some("options") => words.for_each(|option| read.set(option)),
                _ => {}
            }
        }
        if read.servers.is_empty() {
            read.servers.push(Ipv4Addr::LOCALHOST.into());
        }
        read
    }

    fn set(&mut self, option: &str) {
        match option.split_once(':') {
            Some(("ndots", number)) => self.dots = number.parse().map_or(self.dots, |dots: usize| dots.min(15)),
            Some(("timeout", number)) => {
                let seconds = number.parse().map_or(5, |seconds: u64| seconds.clamp(1, 30));
                self.timeout = Duration::from_secs(seconds);
            }
            None if option == "use-vc" => self.tcp = true,
            _ => {}
        }
    }

    /// The full names to query, in order: the name itself comes first if it has enough dots, otherwise last.
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_owned()];
        }
        let searched =
            self.search.iter().map(|domain| domain.trim_end_matches('.')).filter(|domain| !domain.is_empty());
        let mut candidates: Vec<String> = searched.map(|domain| format!("{name}.{domain}")).collect();
        let dots = name.bytes().filter(|byte| *byte == b'.').count();
        let place = if dots >= self.dots { 0 } else { candidates.len() };
        candidates.insert(place, name.to_owned());
        candidates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pods_file_is_read() {
        let read = Configuration::of(
            "search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5 timeout:2\n",
        );
        assert_eq!(read.servers, ["10.96.0.10".parse::<IpAddr>().unwrap()]);
        assert_eq!(read.timeout, Duration::from_secs(2));
        let candidates = read.candidates("kubernetes.default.svc");
        assert_eq!(candidates[1], "kubernetes.default.svc.svc.cluster.local");
        assert_eq!(candidates.last().map(String::as_str), Some("kubernetes.default.svc"));
        assert_eq!(read.candidates("a.b."), ["a.b"]);
    }

    #[test]
    fn whatever_else_stands_there_does_no_harm() {
        let read = Configuration::of(
            "# generated\n; no\nnameserver x\nnameserver fe80::1%eth0\ndomain corp.example\nsortlist 1.2.3.4\noptions \
             ndots:99999999999999999999 edns0 trust-ad use-vc timeout:0 ndots\nlookup file bind\n",
        );
        assert_eq!(read.servers, ["fe80::1".parse::<IpAddr>().unwrap()]);
        assert_eq!((read.dots, read.tcp, read.timeout.as_secs()), (1, true, 1));
        assert_eq!(read.candidates("api"), ["api.corp.example", "api"]);
        assert_eq!(read.candidates("api.example"), ["api.example", "api.example.corp.example"]);
        assert_eq!(Configuration::of("").servers, ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(Configuration::of(&"nameserver 1.1.1.1\n".repeat(50)).servers.len(), 3);
    }
}
