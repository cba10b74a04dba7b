//! Nothing that belongs to anybody stands in a recording: only what the catalogue and the standards know.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderMap, Method, StatusCode};
use patchbay_oauth::http::{Answer, Exchange, Recorder as _, Route};
use patchbay_oauth::recording::{COMMITTED, Recording, Source, Tape, digest, replayed};
use serde_json::{Value, json};
use url::Url;

use crate::world;

const DAY: i64 = 1_780_012_800_000;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

/// One call with what is given, as it stands in a recording of Asana.
fn recorded(
    route: Route,
    url: &str,
    sent: (&[(&'static str, &str)], &str),
    came: (&[(&'static str, &str)], &str),
) -> Recording {
    let tape = Tape::new(&world::integration("asana"), route, [7; 32], DAY + 3_600_000);
    tape.step("connect");
    tape.heard(&Exchange {
        method: &Method::POST,
        url: &Url::parse(url).unwrap(),
        headers: &headers(sent.0),
        body: sent.1.as_bytes(),
        answer: &Answer {
            status: StatusCode::OK,
            headers: headers(came.0),
            body: came.1.to_owned().into(),
        },
    });
    tape.recording("a-build")
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

#[test]
fn s46_canaries_appear_nowhere_in_a_recording() {
    let body = json!({
        "access_token": "canary-access", "refresh_token": "canary-refresh", "expires_in": 3600,
        "token_type": "bearer", "canary-key": "canary-value", "Salary": 424_242, "balance": 1234.56,
        "data": {"gid": "10203040", "name": "Canary Person", "email": "canary@person.example",
            "created_at": "2026-05-28T10:11:12.345Z", "phone": "+49 170 4455667", "notes": "canary text",
            "photo": {"image_21x21": "https://canary.photos.example/canary-path?sig=canary-sig"},
            "Canary Column": ["canary-a", {"canary-b": "canary-c"}], "iban": "DE89370400440532013000"},
        "next_page": {"offset": "canary-offset", "uri": "https://app.asana.com/api/1.0/tasks/canary-id?offset=canary-offset"},
    });
    let link = "<https://app.asana.com/api/1.0/canary-page?page=canary-2>; rel=\"next\", <https://canary.example/x>; rel=\"canary\"";
    let recording = recorded(
        Route::Direct,
        "https://app.asana.com/api/1.0/canary-segment/users/me?opt_fields=gid&canary-name=canary-query",
        (
            &[
                FORM,
                ("authorization", "Bearer canary-bearer"),
                ("cookie", "canary-cookie"),
                ("x-canary", "canary-header"),
            ],
            "grant_type=authorization_code&code=canary-code&client_secret=canary-secret&client_id=canary-id\
             &redirect_uri=https%3A%2F%2Fcanary.company.example%2Fcallback%2Fasana&code_verifier=canary-verifier",
        ),
        (
            &[
                JSON,
                ("set-cookie", "canary-set"),
                ("link", link),
                ("x-canary-id", "canary-request"),
            ],
            &body.to_string(),
        ),
    );
    let text = serde_json::to_string(&recording).unwrap();
    for canary in [
        "canary",
        "Canary",
        "10203040",
        "person",
        "4455667",
        "424242",
        "1234.56",
        "10:11:12",
        "2026-05-28T10:11",
        "DE89",
        "Salary",
        "photos",
        "company",
    ] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

#[test]
fn what_is_known_is_kept_and_the_rest_keeps_its_kind() {
    let body = json!({
        "access_token": "0/abcdefghijklmnopqrstuvwxyz", "refresh_token": "short", "expires_in": 3600,
        "token_type": "bearer", "scope": "users:read something:else",
        "data": {"gid": "10203040", "name": "A B", "email": "a@b.example", "again": "10203040", "n": 1_779_000_000,
            "created_at": "2026-05-28T10:11:12Z", "flag": true, "nothing": null},
    });
    let recording = recorded(
        Route::Direct,
        "https://app.asana.com/-/oauth_token",
        (&[FORM], "grant_type=refresh_token&refresh_token=short"),
        (&[JSON], &body.to_string()),
    );
    let call = serde_json::to_value(&recording.calls[0]).unwrap();
    assert_eq!(
        (&call["host"], &call["path"], &call["status"]),
        (&json!("app.asana.com"), &json!("/-/oauth_token"), &json!(200))
    );
    assert_eq!(call["body"]["form"][0], json!(["grant_type", "refresh_token"]));
    let answer = &call["answer"]["json"];
    assert_eq!(
        (&answer["expires_in"], &answer["token_type"]),
        (&json!(3600), &json!("bearer"))
    );
    assert_eq!(
        call["body"]["form"][1][1], answer["refresh_token"],
        "the same value, the same thing"
    );
    let scope = answer["scope"].as_str().unwrap();
    assert!(scope.starts_with("users:read t"), "{scope}");
    assert_eq!(
        answer["access_token"].as_str().unwrap().len(),
        32,
        "about as long"
    );
    let data = answer["data"].as_object().unwrap();
    let gid = data["gid"].as_str().unwrap();
    assert!(gid.len() == 8 && gid.bytes().all(|b| b.is_ascii_digit()), "{gid}");
    let values: Vec<&Value> = data.values().collect();
    assert_eq!(
        values.iter().filter(|value| value.as_str() == Some(gid)).count(),
        2
    );
    assert!(values.iter().any(|value| {
        value
            .as_str()
            .is_some_and(|text| text.ends_with("@example.invalid"))
    }));
    assert!(
        data["created_at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
    assert!(values.contains(&&json!(true)) && values.contains(&&Value::Null));
    assert!(
        values
            .iter()
            .any(|value| value.as_i64().is_some_and(|n| n > 1_700_000_000)),
        "a time stays one"
    );
}

/// What stood in for a provider in a test shows nothing about it, and neither do facts that were others.
#[test]
fn only_a_recording_of_the_real_provider_with_these_facts_counts() {
    let asana = world::integration("asana");
    let of = |route| recorded(route, "https://app.asana.com/-/oauth_token", (&[], ""), (&[], ""));
    let real = of(Route::Direct);
    assert!(real.counts_for(&asana));
    let stand_in = of(Route::Simulated { port: 9 });
    assert_eq!(stand_in.source, Source::StandIn);
    assert!(!stand_in.counts_for(&asana));
    let mut changed = asana.clone();
    changed.api_base = "https://elsewhere.example".to_owned();
    assert!(!real.counts_for(&changed) && digest(&changed) != digest(&asana));
    assert!(!real.counts_for(&world::integration("github")));
}

/// The list is the folder, and each file is a recording that counts.
#[test]
fn committed_recordings_are_listed_and_count() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(ToOwned::to_owned))
        .collect();
    let listed: BTreeSet<String> = COMMITTED.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(files, listed);
    for integration in &patchbay_catalog::Catalog::builtin().unwrap() {
        assert_eq!(
            replayed(integration),
            listed.contains(&integration.id),
            "{}",
            integration.id
        );
    }
}
