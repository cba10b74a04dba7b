//! The sample banks, and the accounts at them.

use super::Account;

/// What can be picked. The id is the institution's; an Item gets a fresh id of its own each time one is linked.
pub const ACCOUNTS: [Account; 3] = [
    Account {
        id: "ins_109508",
        label: "First Platypus Bank",
        name: "Acme Checking 0000",
    },
    Account {
        id: "ins_109511",
        label: "Tartan Bank",
        name: "Acme Savings 1111",
    },
    Account {
        id: "ins_109512",
        label: "Houndstooth Bank",
        name: "Globex Checking 2222",
    },
];
