//! What was done to an app, in a sentence for the list of activity.

use patchbay_store::audit::{AuditRow, Outcome};

use crate::Hub;

/// "Erin Park saved the provider app of Asana"; none: it is not about a provider app.
pub(crate) fn sentence(hub: &Hub, row: &AuditRow) -> Option<String> {
    let (who, name) = (&row.actor_name, hub.app_name(&row.target_id));
    Some(match row.action.as_str() {
        "app.saved" => format!("{who} saved the provider app of {name}"),
        "app.imported" => format!("{who} imported the provider app of {name} from a file"),
        "app.stage" => format!("{who} said how far the provider app of {name} is"),
        "app.secret_added" => format!("{who} added a new client secret of {name} beside the old one"),
        "app.secret_forgotten" => format!("{who} removed the other client secret of {name}"),
        "app.secret_turned" => {
            format!("{name} accepted the other of two client secrets, which is used from now on")
        }
        "app.secret_ended" => format!("The other client secret of {name} was removed after its last day"),
        "app.checked" if row.outcome == Outcome::Failed => {
            format!("{who} checked the provider app of {name}: something is wrong")
        }
        "app.checked" => format!("{who} checked the provider app of {name}"),
        _ => return None,
    })
}
