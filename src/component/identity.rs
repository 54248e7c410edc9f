//! Identifies the program of a process by its name and arguments.

use definitions::benchmark::{Component, Grammar};

use super::arguments::normalised;

/// Returns how many words at the start of a command line name the component's program; none if they name another.
///
/// `called` is the file name of the first argument. `kubelet --x` → 1, `hyperkube kubelet --x` → 2. A bare name that
/// other programs share counts only if one of the component's own flags follows.
pub fn matched_words(called: &str, arguments: &[Vec<u8>], component: &Component) -> Option<usize> {
    let longest = component.executables.iter().filter_map(|name| words_matched(called, arguments, name)).max();
    if let Some(words) = longest
        && component.grammar == Grammar::Etcd
        && arguments.get(words).is_some_and(|next| PROXIES_OF_ETCD.iter().any(|word| word.as_bytes() == next))
    {
        return None;
    }
    longest.or_else(|| {
        let words = component.bare.iter().filter_map(|name| words_matched(called, arguments, name)).max()?;
        let confirmed = arguments.iter().skip(words).any(|word| {
            let word = String::from_utf8_lossy(word);
            let flag = word.split_once('=').map_or(word.as_ref(), |(flag, _)| flag);
            let flag = normalised(flag, component.grammar);
            component.bare_with.iter().any(|known| *known == flag)
        });
        confirmed.then_some(words)
    })
}

/// Whether a process has this name, in its first arguments or entirely in the first one.
pub fn is_called(called: &str, arguments: &[Vec<u8>], name: &str) -> bool {
    called == name || words_matched(called, arguments, name).is_some()
}

/// The etcd subcommands that run a proxy, not a cluster member, and have no data of their own.
///
/// Source: <https://etcd.io/docs/latest/op-guide/gateway/>, <https://etcd.io/docs/latest/op-guide/grpc_proxy/>.
pub const PROXIES_OF_ETCD: [&str; 2] = ["gateway", "grpc-proxy"];

fn words_matched(called: &str, arguments: &[Vec<u8>], name: &str) -> Option<usize> {
    let mut count = 0;
    for (index, word) in name.split_ascii_whitespace().enumerate() {
        let same = if index == 0 {
            called == word
        } else {
            arguments.get(index).is_some_and(|argument| argument == word.as_bytes())
        };
        if !same {
            return None;
        }
        count += 1;
    }
    (count > 0).then_some(count)
}
