//! What happened, as people read it, filtered and exported.

use patchbay_hub::activity;
use patchbay_store::{
    Scope,
    audit::{self, NewAudit, Outcome},
};

use crate::support::{Decision, TestApp, links, text};

/// Ana connects Asana, Ben declines GitHub.
async fn app_with_a_past() -> TestApp {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(1)).await;
    let mut ben = app.ben().await;
    ben.connect("github", Decision::Deny).await;
    app
}

/// So many sign-ins of someone.
async fn sign_ins(app: &TestApp, name: &str, number: usize) {
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    for _ in 0..number {
        let row = NewAudit {
            at: app.hub.now(),
            tenant_id: None,
            actor_kind: "person".to_owned(),
            actor_id: name.to_owned(),
            actor_name: name.to_owned(),
            action: "session.started".to_owned(),
            target_kind: "session".to_owned(),
            target_id: "s".to_owned(),
            integration_id: None,
            outcome: Outcome::Done,
            reason: None,
            severity: None,
            reference: None,
        };
        audit::append(&mut tx, &row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engineer_reads_what_happened_in_words() {
    let app = app_with_a_past().await;
    let mut erin = app.signed_in("erin@patchbay.example").await;

    let page = erin.get("/activity").await;
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("Ana Ruiz connected Asana (Acme)"), "{page}");
    assert!(page.contains("Ben Cole declined at GitHub (Globex)"), "{page}");
    assert!(page.contains("connection.made"), "behind Details: {page}");
    assert!(
        !page.contains("ops@acme.example"),
        "the account's name is the tenant's: {page}"
    );
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_narrowed_by_who_what_where_result_and_day() {
    let app = app_with_a_past().await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    let today = app.hub.now().rfc3339_seconds()[..10].to_owned();
    let (asana, github) = ("Ana Ruiz connected Asana", "Ben Cole declined at GitHub");
    for (query, has, lacks) in [
        ("who=ruiz", asana, github),
        ("result=refused", github, asana),
        ("integration=github", github, asana),
        ("kind=connections&who=ben", github, asana),
        (&format!("from={today}&to={today}&who=ana"), asana, github),
    ] {
        let page = erin.get(&format!("/activity?{query}")).await.text();
        assert!(page.contains(has) && !page.contains(lacks), "{query}: {page}");
    }
    let none = erin
        .get("/activity?who=ben&kind=keys&result=refused")
        .await
        .text();
    assert!(
        none.contains("Nothing refused by “ben” under Keys fits these filters."),
        "{none}"
    );
    let wrong = erin.get("/activity?from=15.4.&who=ana").await.text();
    assert!(
        wrong.contains("“15.4.” is not a day. Write it as 2026-04-15."),
        "{wrong}"
    );
    assert!(wrong.contains(asana), "the other filters hold: {wrong}");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s66_a_tenants_people_read_their_own_and_nothing_else() {
    let app = app_with_a_past().await;
    let mut ben = app.ben().await;
    for path in [
        "/activity",
        "/activity?tenant=acme",
        "/activity/export?format=csv&tenant=acme",
    ] {
        let answer = ben.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.body.contains("Ben Cole declined at GitHub"),
            "{path}: {}",
            answer.body
        );
        for foreign in [
            "Ana Ruiz",
            "Erin Park",
            "Chain unbroken",
            "connect.callback</code>",
        ] {
            assert!(
                !answer.body.contains(foreign),
                "{path} shows {foreign}: {}",
                answer.body
            );
        }
    }
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_and_newer_rows_are_pages_of_their_own() {
    let app = TestApp::start().await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    sign_ins(&app, "Paul", 70).await;
    let rows = |page: &str| text(page).matches("signed in").count();
    let first = erin.get("/activity?kind=sign-ins").await;
    assert_eq!(rows(&first.body), 50);
    let link = |body: &str, pair: &str| {
        let found = links(body).into_iter().find(|link| link.contains(pair));
        found.map(|link| link.replace("&amp;", "&"))
    };
    assert_eq!(link(&first.body, "after="), None);
    let older = link(&first.body, "before=").expect("a link to older rows");
    assert!(older.contains("kind=sign-ins"), "{older}");
    let second = erin.get(&older).await;
    assert_eq!(rows(&second.body), 21, "71 sign-ins in all");
    assert_eq!(link(&second.body, "before="), None);
    let back = erin
        .get(&link(&second.body, "after=").expect("a link back"))
        .await;
    assert_eq!(rows(&back.body), 50);
    assert_eq!(link(&back.body, "after="), None, "that was the newest page");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_holds_all_that_fits_and_not_a_page() {
    let app = app_with_a_past().await;
    sign_ins(&app, "=Paul", 520).await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    let csv = erin
        .get("/activity/export?format=csv&kind=sign-ins&who=paul")
        .await;
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"activity.csv\""
    );
    assert_eq!(
        csv.body.lines().count(),
        521,
        "a head and each sign-in, in two parts"
    );
    assert!(csv.body.contains(",'=Paul,"), "S71: a name is never a formula");
    let lines = erin
        .get("/activity/export?format=jsonl&result=refused")
        .await
        .body;
    let only: serde_json::Value = serde_json::from_str(lines.trim()).expect("one line of JSON");
    assert_eq!(only["what"], "Ben Cole declined at GitHub");
    assert_eq!(
        (&only["tenant"], &only["result"]),
        (&"Globex".into(), &"refused".into())
    );
    assert_eq!(erin.get("/activity/export?format=exe").await.status, 404);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s74_the_page_says_whether_the_trail_is_whole() {
    let app = app_with_a_past().await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    let before = erin.get("/activity").await.text();
    assert!(
        !before.contains("Chain"),
        "nothing is claimed before the first look: {before}"
    );

    let checked = app.hub.check_trail(None).await.unwrap();
    let page = erin.get("/activity").await.text();
    let verdict = format!("Chain unbroken, checked just now, {} entries.", checked.entries);
    assert!(page.contains(&verdict), "{page}");

    app.execute("UPDATE audit SET actor_name = 'Nobody' WHERE id = 2")
        .await;
    let broken = app
        .hub
        .check_trail(None)
        .await
        .unwrap()
        .broken
        .expect("it is broken");
    let page = erin.get("/activity").await.text();
    assert!(page.contains("The audit trail is broken"), "{page}");
    assert!(page.contains(&activity::in_words(&broken)), "{page}");
    app.close().await;
}
