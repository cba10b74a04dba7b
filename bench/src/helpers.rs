//! What runs in a process of its own: the list without a database behind it, and the count of statements.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{Router, body::Body, extract::Request, routing::get, serve::ListenerExt as _};
use leptos::{
    config::{LeptosOptions, get_configuration},
    prelude::provide_context,
};
use leptos_axum::{generate_route_list, render_app_async_with_context};
use patchbay_app::{Frame, Theme, list_shell};
use patchbay_hub::{Hub, view::Filter, view::Viewer};
use patchbay_server::{config::Config, setup, web};
use patchbay_store::{Clock as _, SystemClock};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt as _;
use tracing::{Event, Metadata, Subscriber, span};

use crate::{ADMIN, ENGINEER, Failure, PAGES, Page};

/// How often each page is asked for before its statements are counted.
const WARM_UP: u32 = 3;

/// Serves the list of integrations as it was read once, rendered anew for each request: no database, no session, none
/// of the server's checks. Prints its port.
#[expect(clippy::print_stdout, reason = "its port is what the parent reads")]
pub async fn bare() -> Result<(), Failure> {
    let config = Config::load(None)?;
    let hub = setup::hub(&config, None).await?;
    let (_, viewer) = sign_in(&hub, ADMIN).await?;
    let list = hub.integrations(&viewer, &Filter::default()).await?;
    hub.store.close().await;
    drop(hub);
    let options = leptos_options()?;
    // Leptos learns from this which runtime it is on.
    drop(generate_route_list(patchbay_app::App));
    let page = move |request: Request| {
        let (options, list, viewer) = (options.clone(), list.clone(), viewer.clone());
        let frame = Frame {
            viewer: Some(viewer),
            demo: true,
            theme: Theme::System,
            now: SystemClock.now(),
            path: "/integrations".to_owned(),
        };
        let context = move || provide_context(frame.clone());
        let view = move || list_shell(options.clone(), list.clone());
        async move { render_app_async_with_context(context, view)(request).await }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, Router::new().route("/integrations", get(page))).await?;
    Ok(())
}

/// Asks the real router for each page and prints how many statements the last of several requests took.
#[expect(clippy::print_stdout, reason = "the counts are what the parent reads")]
pub async fn statements() -> Result<(), Failure> {
    tracing::subscriber::set_global_default(Counter)?;
    let config = Config::load(None)?;
    let hub = setup::hub(&config, None).await?;
    let mut tokens = BTreeMap::new();
    for person in [ADMIN, ENGINEER] {
        tokens.insert(person, sign_in(&hub, person).await?.0);
    }
    let leptos = leptos_options()?;
    let (_stop, stopping) = watch::channel(false);
    let router = web::router(web::AppState {
        hub: hub.clone(),
        site_root: PathBuf::from(leptos.site_root.as_ref()),
        leptos,
        stopping,
    });
    for Page { person, path } in PAGES {
        let token = tokens.get(person).ok_or("nobody signed in")?;
        for _ in 0..WARM_UP {
            ask(&router, path, token).await?;
        }
        let before = STATEMENTS.load(Ordering::SeqCst);
        ask(&router, path, token).await?;
        println!("{path} {}", STATEMENTS.load(Ordering::SeqCst) - before);
    }
    hub.store.close().await;
    Ok(())
}

async fn ask(router: &Router, path: &str, token: &SecretString) -> Result<(), Failure> {
    let request = Request::builder()
        .uri(path)
        .header("host", "localhost")
        .header(
            "cookie",
            format!("__Host-patchbay_session={}", token.expose_secret()),
        )
        .body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    if status != 200 {
        return Err(format!("{path} was answered with {status}").into());
    }
    Ok(())
}

/// A session of a sample person.
async fn sign_in(hub: &Hub, email: &str) -> Result<(SecretString, Viewer), Failure> {
    let choices = hub.sign_in_choices().await?;
    let choice = choices
        .iter()
        .find(|choice| choice.email == email)
        .ok_or_else(|| format!("there is no sample person {email}"))?;
    let signed_in = hub.sign_in_sample(choice.person.as_str(), None).await?;
    let viewer = hub
        .viewer(&signed_in.token)
        .await?
        .ok_or("a new session is none")?;
    Ok((signed_in.token, viewer))
}

/// As the server reads them, from Leptos.toml in the present folder.
pub fn leptos_options() -> Result<LeptosOptions, Failure> {
    let file = "Leptos.toml";
    Ok(get_configuration(Path::new(file).exists().then_some(file))?.leptos_options)
}

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Counts the statements that sqlx reports; BEGIN and COMMIT are not among them.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        STATEMENTS.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
