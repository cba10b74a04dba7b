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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// This status instead of an answer.
    Status {
        /// The status, 100 to 999.
        code: u16,
        /// The body; empty when left out.
        #[serde(default)]
        body: Option<String>,
    },
    /// Status 200 with an HTML page, as a proxy or a maintenance page sends it.
    #[serde(rename = "html200")]
    Html200,
    /// Wait this many milliseconds, then go on.
    Hang(u64),
    /// Close the connection without processing and without a byte of an answer.
    DropBeforeAnswer,
    /// Process the request, then close in the middle of the answer: the client can't know.
    CutAfterProcessing,
    /// Status 200 with a JSON string of this many bytes, sent in pieces.
    HugeBody(u64),
    /// A redirect (302) to this URL.
    RedirectTo(String),
    /// Status 429 with this text in `Retry-After`.
    RetryAfter(String),
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
            Self::HugeBody(_) => "huge_body",
            Self::RedirectTo(_) => "redirect_to",
            Self::RetryAfter(_) => "retry_after",
        }
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
