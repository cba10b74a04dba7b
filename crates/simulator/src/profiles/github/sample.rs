//! GitHub's sample data: accounts, repositories, and a year of issues and pull requests.

use serde_json::{Value, json};

use super::{API, WEB};
use crate::{
    core::{
        history::{DAY_MS, days, iso},
        random::Dice,
    },
    profiles::Account,
};

/// The sample accounts.
pub const ACCOUNTS: [Account; 3] = [
    Account {
        id: "5100101",
        label: "ana-ruiz-acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "5100102",
        label: "acme-ops",
        name: "Acme Ops",
    },
    Account {
        id: "5100103",
        label: "ben-cole-globex",
        name: "Ben Cole",
    },
];

/// Repositories per account; the second is private.
pub const REPOSITORIES: [[&str; 2]; 3] = [
    ["acme/website", "acme/billing"],
    ["acme/runbooks", "acme/infrastructure"],
    ["globex/sdk", "globex/platform"],
];

/// Position of an account among the sample accounts; decides its ids.
pub fn position(account: &Account) -> usize {
    ACCOUNTS
        .iter()
        .position(|known| known.id == account.id)
        .unwrap_or_default()
}

/// The user record of `GET /user`.
pub fn user(account: &Account) -> Value {
    json!({
        "id": account.id.parse::<u64>().unwrap_or_default(),
        "login": account.label,
        "name": account.name,
        "type": "User",
        "url": format!("https://{API}/users/{}", account.label),
        "html_url": format!("https://{WEB}/{}", account.label),
    })
}

/// One issue or pull request of the sample data.
pub struct Issue {
    /// Its id over all repositories.
    pub id: u64,
    number: u64,
    /// Which of the account's repositories; the second is private.
    repository: usize,
    pull_request: bool,
    /// Assigned to the account.
    pub assigned: bool,
    /// Not closed.
    pub open: bool,
    /// How many comments.
    pub comments: u64,
    title: String,
    /// Epoch milliseconds, whole seconds.
    pub created_at: i64,
    /// Epoch milliseconds, whole seconds; the time that `since` and `truth` go by.
    pub updated_at: i64,
}

impl Issue {
    /// True when only a token with the `repo` scope sees it.
    pub fn private(&self) -> bool {
        self.repository == 1
    }

    /// As the API tells it.
    pub fn record(&self, account: usize) -> Value {
        let name = REPOSITORIES
            .get(account)
            .and_then(|pair| pair.get(self.repository))
            .copied()
            .unwrap_or_default();
        let kind = if self.pull_request { "pull" } else { "issues" };
        let mut record = json!({
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "state": if self.open { "open" } else { "closed" },
            "comments": self.comments,
            "created_at": iso(self.created_at, false),
            "updated_at": iso(self.updated_at, false),
            "closed_at": (!self.open).then(|| iso(self.updated_at, false)),
            "user": ACCOUNTS.get(account).map(user),
            "url": format!("https://{API}/repos/{}/issues/{}", name, self.number),
            "html_url": format!("https://{WEB}/{}/{kind}/{}", name, self.number),
            "repository_url": format!("https://{API}/repos/{}", name),
            "repository": {"full_name": name, "private": self.private()},
        });
        if self.pull_request {
            record["pull_request"] =
                json!({"url": format!("https://{API}/repos/{}/pulls/{}", name, self.number)});
        }
        record
    }
}

/// An account's issues and pull requests updated in `[from, to)`, as they were at `as_of`.
pub fn issues(seed: u64, account: usize, as_of: i64, from: i64, to: i64) -> Vec<Issue> {
    days(as_of, from, to)
        .flat_map(|day| issues_of_day(seed, account, day))
        .filter(|issue| issue.updated_at >= from && issue.updated_at < to && issue.updated_at <= as_of)
        .collect()
}

fn issues_of_day(seed: u64, account: usize, day: i64) -> Vec<Issue> {
    const WHAT: [&str; 5] = [
        "Crash when",
        "Slow response when",
        "Docs missing for",
        "Wrong total when",
        "Add a test for",
    ];
    const WHERE: [&str; 5] = ["signing in", "exporting", "paging", "the cache", "an empty cart"];
    let mut dice = Dice::at(seed, &format!("github {account} {day}"));
    let count = dice.between(1, 5);
    (0..count)
        .map(|index| {
            let what = dice.pick(&WHAT).copied().unwrap_or_default();
            let place = dice.pick(&WHERE).copied().unwrap_or_default();
            let repository = usize::from(dice.one_in(2));
            let within = i64::try_from(dice.roll() % 86_400).unwrap_or_default() * 1_000;
            let age = i64::try_from(dice.between(0, 30 * 86_400)).unwrap_or_default() * 1_000;
            let updated_at = day * DAY_MS + within;
            let running = day.unsigned_abs() * 10 + index;
            Issue {
                id: 2_000_000_000 + u64::try_from(account).unwrap_or_default() * 10_000_000 + running,
                number: running,
                repository,
                pull_request: dice.one_in(3),
                assigned: dice.one_in(3),
                open: dice.one_in(2),
                comments: dice.between(0, 9),
                title: format!("{what} {place}"),
                created_at: updated_at - age,
                updated_at,
            }
        })
        .collect()
}
