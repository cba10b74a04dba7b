//! The numbers of the rollout plan.

use std::collections::BTreeSet;

use patchbay_catalog::{Auth, Category, Stage};

use crate::builtin;

#[test]
fn all_39_load_in_the_order_of_the_plan() {
    let catalog = builtin();

    assert_eq!(catalog.len(), 39);
    let ids: Vec<&str> = catalog
        .iter()
        .map(|integration| integration.id.as_str())
        .collect();
    assert_eq!(ids[..4], ["notion", "google-calendar", "monday", "figma"]);
    assert_eq!(
        ids[34..],
        ["sendgrid", "stripe", "openai", "intercom", "mailchimp"]
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 39);
}

#[test]
fn phases_add_up_to_the_plans_targets() {
    let catalog = builtin();
    let mut done = 0;

    let after: Vec<(Stage, usize)> = Stage::ALL
        .into_iter()
        .map(|stage| {
            done += catalog
                .iter()
                .filter(|integration| integration.stage == stage)
                .count();
            (stage, done)
        })
        .collect();

    let targets = [15, 20, 24, 30, 34, 39];
    assert_eq!(after, Stage::ALL.into_iter().zip(targets).collect::<Vec<_>>());
}

#[test]
fn categories_hold_what_they_should() {
    let catalog = builtin();

    let counts: Vec<(&str, usize)> = Category::ALL
        .into_iter()
        .map(|category| {
            (
                category.label(),
                catalog
                    .iter()
                    .filter(|integration| integration.category == category)
                    .count(),
            )
        })
        .collect();

    let expected = [
        ("Work and projects", 8),
        ("Mail and chat", 7),
        ("Money and commerce", 6),
        ("Files and design", 5),
        ("Sales and support", 4),
        ("Marketing and media", 4),
        ("Developer and AI", 3),
        ("Calendar", 2),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn slugs_lead_back_to_what_they_name() {
    for category in Category::ALL {
        assert_eq!(Category::from_slug(category.slug()), Some(category));
        assert_eq!(serde_json::to_value(category).unwrap(), category.slug());
    }
    for stage in Stage::ALL {
        assert_eq!(Stage::from_slug(stage.slug()), Some(stage));
        assert_eq!(serde_json::to_value(stage).unwrap(), stage.slug());
    }
    assert_eq!(Category::from_slug("Calendar"), None);
}

#[test]
fn kinds_of_access_are_34_1_1_and_3() {
    let catalog = builtin();
    let count = |kind: fn(&Auth) -> bool| {
        catalog
            .iter()
            .filter(|integration| kind(&integration.auth))
            .count()
    };

    assert_eq!(count(|auth| matches!(auth, Auth::OAuth2(_))), 34);
    assert_eq!(count(|auth| matches!(auth, Auth::OAuth1(_))), 1);
    assert_eq!(count(|auth| matches!(auth, Auth::Link(_))), 1);
    assert_eq!(count(|auth| matches!(auth, Auth::ApiKey(_))), 3);
}

#[test]
fn thirteen_are_inferred_and_say_so() {
    let catalog = builtin();

    let inferred: Vec<_> = catalog
        .iter()
        .filter(|integration| !integration.named_in_plan)
        .collect();

    assert_eq!(inferred.len(), 13);
    assert!(
        inferred
            .iter()
            .all(|integration| integration.confidence.contains_key("plan"))
    );
}

#[test]
fn provider_apps_are_shared_by_google_and_microsoft_only() {
    let catalog = builtin();
    let with = |app: &str| {
        catalog
            .iter()
            .filter(|integration| integration.provider_app == app)
            .count()
    };

    assert_eq!((with("google"), with("microsoft")), (4, 2));
    let shared = ["google", "microsoft"];
    let others = catalog
        .iter()
        .filter(|integration| !shared.contains(&integration.provider_app.as_str()));
    for integration in others {
        assert_eq!(integration.provider_app, integration.id);
    }
}

#[test]
fn what_it_takes_to_register_an_app_is_known_for_each() {
    let catalog = builtin();
    let with_app: Vec<_> = catalog
        .iter()
        .filter(|integration| !integration.is_api_key())
        .collect();
    let apps: BTreeSet<&str> = with_app
        .iter()
        .map(|integration| integration.provider_app.as_str())
        .collect();

    assert_eq!((with_app.len(), apps.len()), (36, 32));
    for integration in with_app {
        let setup = &integration.setup;
        let told = setup.console_url.is_some() && setup.steps.is_some() && setup.review.is_some();
        assert!(told && !setup.limits.is_empty(), "{}", integration.id);
    }
}

#[test]
fn every_integration_has_a_history() {
    for integration in &builtin() {
        assert!(!integration.history.is_empty(), "{}", integration.id);
    }
}

#[test]
fn summaries_are_short_and_everyone_is_told_how_to_register() {
    for integration in &builtin() {
        let words = integration.summary.split_whitespace().count();
        assert!(words <= 4, "{}: {:?}", integration.id, integration.summary);
        assert!(integration.setup.console_url.is_some(), "{}", integration.id);
        assert!(integration.setup.steps.is_some(), "{}", integration.id);
        assert!(!integration.setup.sources.is_empty(), "{}", integration.id);
    }
}
