//! Faults on request: what goes wrong at providers, at a chosen place, a chosen number of times.

use serde::{Deserialize, Serialize};

/// One thing that shall go wrong.
///
/// Faults compose: each request takes the matching faults in the order they were set, until one of
/// them ends it. [`FaultKind::Hang`] is the one that only delays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The provider's real host, such as `api.github.com`.
    pub host: String,
    /// The beginning of the path; `/` matches every path.
    pub path_prefix: String,
    /// How many requests it hits before it is gone.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// What goes wrong. In JSON: `{"kind": {"status": {"code": 500}}}`, `{"kind": {"hang": 200}}`,
/// `{"kind": "html200"}`.
///
/// Some come instead of the provider's answer, some spoil it, and some change what the provider does. The last kind knows
/// what a request is about by the code, token or key that it carries, wherever it carries it: so each plays at every
/// provider, whatever its dialect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Plays a provider that is down: this status instead of an answer. With `times: 1` and 500, one that is well again
    /// at the next try. The request is not processed.
    Status {
        /// The status, 100 to 999.
        code: u16,
        /// The body; empty when left out.
        #[serde(default)]
        body: Option<String>,
    },
    /// Plays a proxy or a maintenance page that takes the provider's place: status 200 with HTML. The request is not
    /// processed.
    #[serde(rename = "html200")]
    Html200,
    /// Plays a slow provider: wait this many milliseconds, then go on.
    Hang(u64),
    /// Plays a network that fails on the way there: close the connection without processing and without a byte of an
    /// answer.
    DropBeforeAnswer,
    /// Plays a network that fails on the way back: process the request, then close in the middle of the answer. The client
    /// can't know what was done.
    CutAfterProcessing,
    /// Plays a proxy that keeps half: process the request, then send the first half of the body as if it were all of it.
    HalfBody,
    /// Plays a provider, or someone in its place, that floods: status 200 with a JSON string of this many bytes, sent in
    /// pieces. The request is not processed.
    HugeBody(u64),
    /// Plays a provider that says something else than it sends: process the request, and declare the answer as this media
    /// type.
    ContentType(String),
    /// Plays a provider, or someone in its place, that points elsewhere, such as into our own network: a redirect (302) to
    /// this URL. The request is not processed.
    RedirectTo(String),
    /// Plays a limit of calls: status 429 with this text in `Retry-After`: seconds, or anything else. The request is not
    /// processed.
    RetryAfter(String),
    /// As [`FaultKind::RetryAfter`], with the date that lies so many seconds ahead of the provider's clock
    /// (RFC 9110 section 10.2.3).
    RetryDateIn(u64),
    /// As [`FaultKind::RetryAfter`], told as GitHub and others do: no calls remain (`x-ratelimit-remaining`) until a second
    /// of the epoch (`x-ratelimit-reset`) that lies so many seconds ahead of the provider's clock.
    ResetIn(u64),
    /// Plays a person, or a policy, that allows less: before the request is processed, what stands behind it loses the last
    /// of its scopes or rights, unless it is the only one. Code, token or key stay as they are.
    FewerScopes,
    /// Plays access that is another account's than was thought: before the request is processed, the code or token that it
    /// carries becomes one of the provider's next sample account. Where there is one account only, nothing changes.
    OtherAccount,
    /// Plays a rotation that hands over nothing: process the request, and leave the refresh token out of the answer. Where
    /// the old one was spent, the grant can't be renewed any more.
    NoNewRefreshToken,
}

impl FaultKind {
    /// The name in the request log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Html200 => "html200",
            Self::Hang(_) => "hang",
            Self::DropBeforeAnswer => "drop_before_answer",
            Self::CutAfterProcessing => "cut_after_processing",
            Self::HalfBody => "half_body",
            Self::HugeBody(_) => "huge_body",
            Self::ContentType(_) => "content_type",
            Self::RedirectTo(_) => "redirect_to",
            Self::RetryAfter(_) => "retry_after",
            Self::RetryDateIn(_) => "retry_date_in",
            Self::ResetIn(_) => "reset_in",
            Self::FewerScopes => "fewer_scopes",
            Self::OtherAccount => "other_account",
            Self::NoNewRefreshToken => "no_new_refresh_token",
        }
    }

    /// Whether the provider processes the request all the same.
    pub fn is_processed(&self) -> bool {
        matches!(
            self,
            Self::CutAfterProcessing
                | Self::HalfBody
                | Self::ContentType(_)
                | Self::FewerScopes
                | Self::OtherAccount
                | Self::NoNewRefreshToken
        )
    }
}

/// The faults that are set.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Sets one more.
    pub fn set(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes what hits this request: any number of delays, and at most one end.
    pub fn take(&mut self, host: &str, path: &str) -> Vec<FaultKind> {
        let mut taken = Vec::new();
        for fault in &mut self.0 {
            if fault.times == 0 || fault.host != host || !path.starts_with(&fault.path_prefix) {
                continue;
            }
            fault.times -= 1;
            taken.push(fault.kind.clone());
            if !matches!(fault.kind, FaultKind::Hang(_)) {
                break;
            }
        }
        self.0.retain(|fault| fault.times > 0);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(path_prefix: &str, times: u32, kind: FaultKind) -> Fault {
        Fault {
            host: "api.github.com".to_owned(),
            path_prefix: path_prefix.to_owned(),
            times,
            kind,
        }
    }

    #[test]
    fn faults_hit_their_place_their_number_of_times_and_compose() {
        let mut faults = Faults::default();
        faults.set(fault("/issues", 2, FaultKind::Hang(5)));
        faults.set(fault("/", 1, FaultKind::Html200));
        assert_eq!(faults.take("github.com", "/issues"), []);
        assert_eq!(
            faults.take("api.github.com", "/issues"),
            [FaultKind::Hang(5), FaultKind::Html200]
        );
        assert_eq!(
            faults.take("api.github.com", "/issues?page=2"),
            [FaultKind::Hang(5)]
        );
        assert_eq!(faults.take("api.github.com", "/issues"), []);
    }
}
