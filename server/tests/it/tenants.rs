//! S66: a row of another tenant and a row that never was look the same.

use http::Method;
use patchbay_server::web::entries;

use crate::support::{Answer, Decision};

/// A page without what differs by request: the nonce, a reference, and the id that was asked for.
fn plain(answer: &Answer, id: &str) -> (u16, String) {
    let nonce = answer
        .header("content-security-policy")
        .split("'nonce-")
        .nth(1)
        .map_or("", |rest| rest.split('\'').next().unwrap());
    assert!(!nonce.is_empty(), "a page");
    (
        answer.status.as_u16(),
        answer.body.replace(nonce, "NONCE").replace(id, "ID"),
    )
}

on_both! {
    async fn s66_another_tenants_row_looks_like_none(app: &TestApp) {
        // Given
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await.id.to_string();
        let started = ana.post_form("/integrations/github/connect", &[]).await;
        let flow = started.location().trim_start_matches("/connect/").to_owned();
        let mut ben = app.ben().await;
        let before = app.rows_but(&[]).await;
        let mut tried = 0;
        // When Ben asks for what is Ana's, and for what never was
        for entry in entries() {
            let real = if entry.path.contains("{flow}") {
                &flow
            } else if entry.path.starts_with("/connections/{id}") {
                &connection
            } else {
                continue;
            };
            let never = "0".repeat(real.len());
            let mut answers = Vec::new();
            for id in [real.as_str(), never.as_str(), "x", "%27--"] {
                let path = entry.path.replace("{flow}", id).replace("{id}", id);
                let answer = match entry.method {
                    Method::GET => ben.get(&path).await,
                    _ => ben.post_form(&path, &[("delete_records", "yes")]).await,
                };
                answers.push(plain(&answer, id));
            }
            // Then
            assert_eq!(answers[0].0, 404, "{} {}", entry.method, entry.path);
            for answer in &answers[..2] {
                assert_eq!(answer, &answers[0], "{} {}", entry.method, entry.path);
            }
            assert!(answers.iter().all(|answer| answer.0 == 404), "{} {}", entry.method, entry.path);
            tried += 1;
        }
        assert_eq!(tried, 7, "every route with an id of a tenant's row; a new one is tried by itself");
        assert_eq!(app.rows_but(&[]).await, before, "and nothing of Ana's changed");
    }

    /// A colleague's flow is theirs alone: nobody leaves with another's state.
    async fn s66_a_colleagues_leaving_page_is_not_there(app: &TestApp) {
        let mut ana = app.ana().await;
        let started = ana.post_form("/integrations/asana/connect", &[]).await;
        let mut mia = app.signed_in("mia@acme.example").await;
        assert_eq!(mia.get(started.location()).await.status, 404);
        assert_eq!(ana.get(started.location()).await.status, 200);
    }

    /// What one tenant does shows up nowhere for the other.
    async fn s66_a_tenants_pages_show_nothing_of_another(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let mut ben = app.ben().await;
        for path in ["/", "/integrations", "/integrations/asana", "/integrations/github"] {
            let page = ben.get(path).await;
            for name in ["Ana Ruiz", "Acme", "ana@acme.example"] {
                assert!(!page.body.contains(name), "{path} shows {name}");
            }
        }
        assert!(ben.get("/integrations/asana").await.text().contains("Connect Asana"), "his own is to be made");
    }
}
