//! Asana's sample data: accounts, workspaces, projects, and a year of tasks.

use serde_json::{Value, json};

use crate::{
    core::{
        history::{DAY_MS, date, days, iso},
        random::Dice,
    },
    profiles::Account,
};

/// The sample accounts.
pub const ACCOUNTS: [Account; 3] = [
    Account {
        id: "1200000000000101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "1200000000000102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "1200000000000103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

/// Two workspaces per account, in the order of the accounts.
pub const WORKSPACES: [[&str; 2]; 3] = [
    ["Acme", "Acme Labs"],
    ["Acme Operations", "Acme Suppliers"],
    ["Globex", "Globex Research"],
];

/// Projects: the workspace they are in, and their name.
pub const PROJECTS: [(usize, &str); 5] = [
    (0, "Website relaunch"),
    (0, "Customer onboarding"),
    (0, "Hiring"),
    (1, "Experiments"),
    (1, "Prototypes"),
];

/// Position of an account among the sample accounts; decides its ids.
pub fn position(account: &Account) -> usize {
    ACCOUNTS
        .iter()
        .position(|known| known.id == account.id)
        .unwrap_or_default()
}

/// Ids of one account stay apart from another's.
fn gid(account: usize, number: u64) -> u64 {
    let account = u64::try_from(account).unwrap_or_default();
    1_210_000_000_000_000 + account * 10_000_000_000 + number
}

/// The id of an account's workspace, by position.
pub fn workspace_gid(account: usize, workspace: usize) -> String {
    gid(account, 1 + u64::try_from(workspace).unwrap_or_default()).to_string()
}

/// The id of an account's project, by position.
pub fn project_gid(account: usize, project: usize) -> String {
    gid(account, 101 + u64::try_from(project).unwrap_or_default()).to_string()
}

/// One task of the sample data.
pub struct Task {
    /// Its id.
    pub gid: u64,
    /// Position of its project.
    pub project: usize,
    name: String,
    created_at: i64,
    /// Epoch milliseconds; the time that `modified_since` and `truth` go by.
    pub modified_at: i64,
    completed: bool,
}

impl Task {
    /// As the API tells it, all fields.
    pub fn record(&self, account: usize) -> Value {
        let assignee = ACCOUNTS.get(account).map(
            |user| json!({"gid": user.id, "resource_type": "user", "name": user.name, "email": user.label}),
        );
        json!({
            "gid": self.gid.to_string(),
            "resource_type": "task",
            "name": self.name,
            "created_at": iso(self.created_at, true),
            "modified_at": iso(self.modified_at, true),
            "completed": self.completed,
            "assignee": assignee,
            "due_on": date(self.modified_at.div_euclid(DAY_MS) + 7),
        })
    }
}

/// An account's tasks modified in `[from, to)`, as they were at `as_of`.
pub fn tasks(seed: u64, account: usize, as_of: i64, from: i64, to: i64) -> Vec<Task> {
    days(as_of, from, to)
        .flat_map(|day| tasks_of_day(seed, account, day))
        .filter(|task| task.modified_at >= from && task.modified_at < to && task.modified_at <= as_of)
        .collect()
}

fn tasks_of_day(seed: u64, account: usize, day: i64) -> Vec<Task> {
    const VERBS: [&str; 6] = ["Draft", "Review", "Ship", "Plan", "Fix", "Discuss"];
    const THINGS: [&str; 6] = [
        "pricing page",
        "welcome mail",
        "interview guide",
        "search",
        "import",
        "contract",
    ];
    let mut dice = Dice::at(seed, &format!("asana {account} {day}"));
    let count = dice.between(2, 6);
    (0..count)
        .map(|index| {
            let verb = dice.pick(&VERBS).copied().unwrap_or_default();
            let thing = dice.pick(&THINGS).copied().unwrap_or_default();
            let within = i64::try_from(dice.roll() % DAY_MS.unsigned_abs()).unwrap_or_default();
            let age = i64::try_from(dice.between(0, 30 * DAY_MS.unsigned_abs())).unwrap_or_default();
            let modified_at = day * DAY_MS + within;
            Task {
                gid: gid(account, 1_000_000_000 + day.unsigned_abs() * 100 + index),
                project: usize::try_from(dice.roll() % 5).unwrap_or_default(),
                name: format!("{verb} {thing}"),
                created_at: modified_at - age,
                modified_at,
                completed: dice.one_in(2),
            }
        })
        .collect()
}
