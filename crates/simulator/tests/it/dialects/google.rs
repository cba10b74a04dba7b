//! Google: offline access, scopes that a person unticks, revocation of all at once, and what each of its APIs tells.

use serde_json::Value;

use super::{ANA, Door, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER};

pub(super) const GOOGLE: Door = Door {
    host: "accounts.google.com",
    path: "/o/oauth2/v2/auth",
    own: &[
        (
            "scope",
            "openid email https://www.googleapis.com/auth/gmail.readonly",
        ),
        ("access_type", "offline"),
        ("prompt", "consent"),
    ],
    pkce: true,
};

async fn google_token(bench: &Bench, other: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("client_id", "patchbay"), ("client_secret", SECRET)];
    pairs.extend_from_slice(other);
    bench.form("oauth2.googleapis.com", "/token", &pairs).await
}

async fn google_exchange(bench: &Bench, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    google_token(bench, &pairs).await
}

async fn profile(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench
        .get("gmail.googleapis.com", "/gmail/v1/users/me/profile", token)
        .await
}

#[tokio::test]
async fn google_gives_a_refresh_token_for_offline_access_that_was_asked_for_again() {
    let bench = bench().await;
    for (other, first, second) in [
        (vec![], true, true),
        (vec![("access_type", "")], false, false),
        (vec![("access_type", "online")], false, false),
        (vec![("prompt", "")], false, false),
    ] {
        for (round, wanted) in [("first", first), ("second", second)] {
            let back = GOOGLE.approve(&bench, &other, &[("account", ANA)]).await;
            let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
            assert_eq!(tokens.get("refresh_token").is_some(), wanted, "{other:?} {round}");
        }
    }
    // Someone who never approved gets one without being asked twice.
    let back = GOOGLE
        .approve(&bench, &[("prompt", "")], &[("account", "ben@globex.example")])
        .await;
    let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn google_names_scopes_in_full_and_a_refresh_keeps_its_token() {
    let bench = bench().await;
    let code = GOOGLE.code(&bench, ANA).await;
    let tokens = google_exchange(&bench, &code).await.json();
    assert_eq!(
        tokens["scope"],
        "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/gmail.readonly"
    );
    assert!(tokens["id_token"].is_string());
    assert_eq!(profile(&bench, &tokens).await.json()["emailAddress"], ANA);
    bench.later(3_600_000);
    assert_eq!(profile(&bench, &tokens).await.status, 401);
    for _ in 0..2 {
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let fresh = google_token(
            &bench,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh)],
        )
        .await;
        assert_eq!(fresh.status, 200);
        assert!(fresh.json().get("refresh_token").is_none());
        assert_eq!(profile(&bench, &fresh.json()).await.status, 200);
    }
}

#[tokio::test]
async fn s26_at_google_a_person_can_untick_what_is_not_sign_in() {
    let bench = bench().await;
    let page = GOOGLE.ask(&bench, &[]).await.body;
    assert!(
        page.contains(
            r#"type="checkbox" name="scope" value="https://www.googleapis.com/auth/gmail.readonly" checked"#
        ),
        "{page}"
    );
    assert_eq!(page.matches("checkbox").count(), 1, "sign-in scopes have no box");
    let form = [("account", ANA), ("granular", "true")];
    let back = GOOGLE.approve(&bench, &[], &form).await;
    let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
    assert_eq!(
        tokens["scope"],
        "openid https://www.googleapis.com/auth/userinfo.email"
    );
    assert_eq!(profile(&bench, &tokens).await.status, 403);
    let token = tokens["access_token"].as_str().unwrap();
    let who = bench
        .get("openidconnect.googleapis.com", "/v1/userinfo", token)
        .await;
    assert_eq!(who.json()["email"], ANA);
    // With the box ticked, and with what can't be unticked left out of the form.
    let ticked = ("scope", "https://www.googleapis.com/auth/gmail.readonly");
    let back = GOOGLE.approve(&bench, &[], &[form[0], form[1], ticked]).await;
    let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
    assert_eq!(profile(&bench, &tokens).await.status, 200);
    // What was given before comes along where it is asked for, and not otherwise.
    let less = [("scope", "openid email")];
    let more = [("scope", "openid email"), ("include_granted_scopes", "true")];
    for (other, status) in [(less.as_slice(), 403), (more.as_slice(), 200)] {
        let back = GOOGLE.approve(&bench, other, &[("account", ANA)]).await;
        let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
        assert_eq!(profile(&bench, &tokens).await.status, status, "{other:?}");
    }
}

#[tokio::test]
async fn google_ends_the_whole_grant_with_either_token_and_knows_no_other() {
    let bench = bench().await;
    let revoke = async |token: &str| {
        bench
            .form("oauth2.googleapis.com", "/revoke", &[("token", token)])
            .await
    };
    assert_eq!(error(&revoke("unknown").await), refused(400, "invalid_token"));
    for kind in ["access_token", "refresh_token"] {
        let first = google_exchange(&bench, &GOOGLE.code(&bench, ANA).await)
            .await
            .json();
        let second = google_exchange(&bench, &GOOGLE.code(&bench, ANA).await)
            .await
            .json();
        let token = second[kind].as_str().unwrap();
        assert_eq!(revoke(token).await.status, 200);
        assert_eq!(error(&revoke(token).await), refused(400, "invalid_token"));
        assert_eq!(profile(&bench, &first).await.status, 401, "{kind}");
        let refresh = first["refresh_token"].as_str().unwrap();
        let again = google_token(
            &bench,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh)],
        )
        .await;
        assert_eq!(error(&again), refused(400, "invalid_grant"));
    }
}

#[tokio::test]
async fn google_refuses_odd_requests() {
    let bench = bench().await;
    for (other, word) in [
        (("access_type", "forever"), "invalid_request"),
        (("prompt", "maybe"), "invalid_request"),
        (("prompt", "consent select_acount"), "invalid_request"),
        (("prompt", "none consent"), "invalid_request"),
        (("include_granted_scopes", "yes"), "invalid_request"),
        (("scope", "openid mail"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("response_type", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        assert_eq!(
            GOOGLE.told(&bench, &[other]).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = GOOGLE.code(&bench, ANA).await;
    for (other, wanted) in [
        (("client_secret", "wrong"), refused(401, "invalid_client")),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            refused(400, "redirect_uri_mismatch"),
        ),
        (("code_verifier", "x"), refused(400, "invalid_grant")),
        (("grant_type", "password"), refused(400, "unsupported_grant_type")),
    ] {
        let mut pairs = vec![
            ("client_id", "patchbay"),
            ("client_secret", SECRET),
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        pairs.retain(|(name, _)| *name != other.0);
        pairs.push(other);
        let answer = bench.form("oauth2.googleapis.com", "/token", &pairs).await;
        assert_eq!(error(&answer), wanted, "{other:?}");
    }
    assert_eq!(google_exchange(&bench, &code).await.status, 200);
}

const CALENDAR: &str = "/calendar/v3/users/me/calendarList/primary";
const ABOUT: &str = "/drive/v3/about";

async fn www(bench: &Bench, tokens: &Value, target: &str) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("www.googleapis.com", target, token).await
}

async fn tokens_for(bench: &Bench, scope: &str) -> Value {
    let back = GOOGLE
        .approve(bench, &[("scope", scope)], &[("account", ANA)])
        .await;
    google_exchange(bench, &back.sent("code").unwrap()).await.json()
}

#[tokio::test]
async fn google_tells_each_part_only_to_a_token_of_that_part() {
    let bench = bench().await;
    let everything = format!("{ABOUT}?fields=user");
    for (scope, calendar, drive, mail) in [
        ("https://www.googleapis.com/auth/calendar.readonly", 200, 403, 403),
        (
            "https://www.googleapis.com/auth/drive.metadata.readonly",
            403,
            200,
            403,
        ),
        (
            "https://www.googleapis.com/auth/chat.spaces.readonly",
            403,
            403,
            403,
        ),
        ("https://www.googleapis.com/auth/gmail.readonly", 403, 403, 200),
    ] {
        let tokens = tokens_for(&bench, &format!("openid email {scope}")).await;
        let got = (
            www(&bench, &tokens, CALENDAR).await.status,
            www(&bench, &tokens, &everything).await.status,
            profile(&bench, &tokens).await.status,
        );
        assert_eq!(got, (calendar, drive, mail), "{scope}");
    }
    let tokens = tokens_for(&bench, "https://www.googleapis.com/auth/calendar.readonly").await;
    let primary = www(&bench, &tokens, CALENDAR).await.json();
    assert_eq!((&primary["id"], &primary["primary"]), (&ANA.into(), &true.into()));
    bench.later(3_600_000);
    assert_eq!(www(&bench, &tokens, CALENDAR).await.status, 401);
}

#[tokio::test]
async fn google_drive_answers_the_fields_that_were_asked_for_and_none_by_itself() {
    let bench = bench().await;
    let tokens = tokens_for(
        &bench,
        "openid email https://www.googleapis.com/auth/drive.metadata.readonly",
    )
    .await;
    for target in ["", "?fields=", "?fields=owner", "?fields=user,user"] {
        let answer = www(&bench, &tokens, &format!("{ABOUT}{target}")).await;
        assert_eq!(answer.status, 400, "{target}");
        assert_eq!(answer.json()["error"]["code"], 400, "{target}");
    }
    let about = www(&bench, &tokens, &format!("{ABOUT}?fields=user,storageQuota")).await;
    let about = about.json();
    assert_eq!(about["user"]["emailAddress"], ANA);
    assert_eq!(about.as_object().unwrap().len(), 2, "{about}");
    let token = tokens["access_token"].as_str().unwrap();
    let who = bench
        .get("openidconnect.googleapis.com", "/v1/userinfo", token)
        .await;
    assert_ne!(
        who.json()["sub"],
        about["user"]["permissionId"],
        "an id of Drive's own"
    );
}

#[tokio::test]
async fn s26_at_google_each_scope_of_chat_can_be_unticked_by_itself() {
    let bench = bench().await;
    let spaces = "https://www.googleapis.com/auth/chat.spaces.readonly";
    let messages = "https://www.googleapis.com/auth/chat.messages.readonly";
    let members = "https://www.googleapis.com/auth/chat.memberships.readonly";
    let asked = format!("openid email {spaces} {messages} {members}");
    let asked = [("scope", asked.as_str())];
    let page = GOOGLE.ask(&bench, &asked).await.body;
    assert_eq!(page.matches("checkbox").count(), 3, "{page}");
    let form = [("account", ANA), ("granular", "true"), ("scope", messages)];
    let back = GOOGLE.approve(&bench, &asked, &form).await;
    let tokens = google_exchange(&bench, &back.sent("code").unwrap()).await.json();
    let granted = format!("openid https://www.googleapis.com/auth/userinfo.email {messages}");
    assert_eq!(tokens["scope"], granted);
}
