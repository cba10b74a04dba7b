//! The address of consent.

use std::collections::BTreeMap;

use patchbay_catalog::{Catalog, Pkce};
use patchbay_oauth::authorize::{self, AuthorizeError, AuthorizeRequest};
use patchbay_oauth::http::Blocked;
use patchbay_oauth::pkce::Verifier;
use patchbay_oauth::state::State;
use secrecy::ExposeSecret;

use crate::world::{integration, nothing};

const REDIRECT: &str = "http://localhost:3000/callback/asana";

fn pairs(id: &str, values: &BTreeMap<String, String>) -> Result<Vec<(String, String)>, AuthorizeError> {
    let integration = integration(id);
    let url = authorize::url(&AuthorizeRequest {
        dialect: integration.oauth2().unwrap(),
        client_id: "app id+1",
        values,
        redirect_uri: REDIRECT,
        state: &State::new([1; 32]),
        verifier: Some(&Verifier::new([2; 32])),
        choose_account: false,
    })?;
    Ok(url.query_pairs().into_owned().collect())
}

#[test]
fn asana_gets_exactly_these_parameters() {
    let state = State::new([1; 32]).text().expose_secret().to_owned();
    let mut got = pairs("asana", &nothing()).unwrap();
    got.sort();
    let want = [
        ("client_id", "app id+1"),
        ("code_challenge", &Verifier::new([2; 32]).challenge()),
        ("code_challenge_method", "S256"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "users:read workspaces:read projects:read tasks:read"),
        ("state", &state),
    ];
    let want: Vec<_> = want
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(got, want);
}

#[test]
fn scopes_that_the_provider_app_brings_along_are_not_named() {
    let got = pairs("zoom", &nothing()).unwrap();
    let names: Vec<&str> = got.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.contains(&"scope"), "{names:?}");
    assert!(
        !integration("zoom").scopes().is_empty(),
        "the console has to tick some"
    );
}

#[test]
fn a_space_is_written_so_that_everyone_reads_it() {
    let integration = integration("asana");
    let url = authorize::url(&AuthorizeRequest {
        dialect: integration.oauth2().unwrap(),
        client_id: "a b+c",
        values: &nothing(),
        redirect_uri: REDIRECT,
        state: &State::new([1; 32]),
        verifier: Some(&Verifier::new([2; 32])),
        choose_account: false,
    })
    .unwrap();
    assert!(url.as_str().contains("client_id=a%20b%2Bc&"), "{url}");
    assert!(!url.as_str().contains('+'));
}

#[test]
fn s15_every_dialect_with_pkce_sends_an_s256_challenge_and_every_other_sends_none() {
    let catalog = Catalog::builtin().unwrap();
    let mut with = 0;
    for integration in &catalog {
        let Some(dialect) = integration.oauth2() else {
            continue;
        };
        // Every part that any dialect's address has.
        let values = ["host", "hostname", "subdomain"]
            .map(|name| (name.to_owned(), "a.example.com".to_owned()))
            .into_iter()
            .chain(integration.params.iter().filter_map(|param| {
                Some((
                    param.name.clone(),
                    param.example.clone().or(param.default.clone())?,
                ))
            }))
            .collect();
        let request = AuthorizeRequest {
            dialect,
            client_id: "id",
            values: &values,
            redirect_uri: REDIRECT,
            state: &State::new([1; 32]),
            verifier: Some(&Verifier::new([2; 32])),
            choose_account: false,
        };
        let url = authorize::url(&request).unwrap();
        let get = |wanted: &str| {
            url.query_pairs()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        if dialect.pkce == Pkce::None {
            assert_eq!(get("code_challenge"), None, "{}", integration.id);
            continue;
        }
        with += 1;
        assert_eq!(
            get("code_challenge_method").as_deref(),
            Some("S256"),
            "{}",
            integration.id
        );
        assert_eq!(get("code_challenge"), Some(Verifier::new([2; 32]).challenge()));
        // And without a verifier there is no address at all.
        let naked = AuthorizeRequest {
            verifier: None,
            ..request
        };
        assert_eq!(
            authorize::url(&naked),
            Err(AuthorizeError::NoVerifier),
            "{}",
            integration.id
        );
    }
    assert!(with > 10, "{with}");
}

#[test]
fn who_wants_another_account_is_asked_where_the_dialect_knows_how() {
    for (id, name, usual, choosing) in [
        ("github", "prompt", None, Some("select_account")),
        ("gmail", "prompt", Some("consent"), Some("consent select_account")),
        ("asana", "prompt", None, None),
    ] {
        let integration = integration(id);
        for (choose_account, wanted) in [(false, usual), (true, choosing)] {
            let url = authorize::url(&AuthorizeRequest {
                dialect: integration.oauth2().unwrap(),
                client_id: "id",
                values: &nothing(),
                redirect_uri: REDIRECT,
                state: &State::new([1; 32]),
                verifier: Some(&Verifier::new([2; 32])),
                choose_account,
            })
            .unwrap();
            let found: Vec<_> = url.query_pairs().filter(|(key, _)| key == name).collect();
            let wanted: Vec<_> = wanted
                .into_iter()
                .map(|value| (name.into(), value.into()))
                .collect();
            assert_eq!(found, wanted, "{id}: never twice");
        }
    }
}

#[test]
fn an_unfilled_part_or_a_foreign_one_is_refused() {
    assert_eq!(
        pairs("zendesk", &nothing()),
        Err(AuthorizeError::Address(Blocked::Incomplete))
    );
    for host in ["169.254.169.254#", "evil.example/", "a@b", "a?b", "a\\b"] {
        let values = BTreeMap::from([("subdomain".to_owned(), host.to_owned())]);
        assert!(pairs("zendesk", &values).is_err(), "{host}");
    }
}

#[test]
fn a_dialect_can_not_replace_the_protocols_own_parameters() {
    let mut integration = integration("asana");
    let patchbay_catalog::Auth::OAuth2(dialect) = &mut integration.auth else {
        panic!("oauth2");
    };
    dialect.authorize_params.insert("state".into(), "fixed".into());
    let refused = authorize::url(&AuthorizeRequest {
        dialect,
        client_id: "id",
        values: &nothing(),
        redirect_uri: REDIRECT,
        state: &State::new([1; 32]),
        verifier: Some(&Verifier::new([2; 32])),
        choose_account: false,
    });
    assert_eq!(refused, Err(AuthorizeError::Reserved));
}
