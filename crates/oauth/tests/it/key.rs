//! API keys.

use std::collections::BTreeMap;

use patchbay_oauth::api::ApiCall;
use patchbay_oauth::key::{self, KeyTest};
use patchbay_oauth::{ProviderError, ProviderErrorKind};

use crate::canary::{Canary, Reply};
use crate::world::{client, integration, secret};

async fn test(reply: Reply) -> (Canary, Result<KeyTest, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let sendgrid = integration("sendgrid");
    let values: BTreeMap<_, _> = sendgrid.accept_params(&BTreeMap::new()).unwrap();
    let call = ApiCall {
        integration: &sendgrid,
        app: None,
        token: &secret("SG.canary-key"),
        values: &values,
    };
    let tested = key::test(&client(&canary), &call).await;
    (canary, tested)
}

#[tokio::test]
async fn a_good_key_is_good() {
    let (canary, tested) = test(Reply::json(200, r#"{"scopes":["stats.read"]}"#)).await;
    assert!(matches!(tested.unwrap(), KeyTest::Good(_)));
    let request = canary.only();
    assert!(request.starts_with("GET /v3/scopes HTTP/1.1"), "{request}");
    assert!(
        request.contains("authorization: Bearer SG.canary-key\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let (_, tested) = test(Reply::json(
        401,
        r#"{"errors":[{"message":"authorization required"}]}"#,
    ))
    .await;
    assert_eq!(tested.unwrap_err().kind, ProviderErrorKind::Refused);
    let (_, tested) = test(Reply::json(401, "{}")).await;
    assert_eq!(tested.unwrap_err().kind, ProviderErrorKind::Refused);
}

#[tokio::test]
async fn a_key_that_lacks_a_right_is_not_a_bad_key() {
    let (_, tested) = test(Reply::json(403, r#"{"errors":[{"message":"access forbidden"}]}"#)).await;
    assert_eq!(tested.unwrap(), KeyTest::LacksRight);
}

#[tokio::test]
async fn a_provider_that_is_down_says_nothing_about_the_key() {
    let (_, tested) = test(Reply::json(503, "")).await;
    assert_eq!(tested.unwrap_err().kind, ProviderErrorKind::Unavailable);
}
