//! One integration's page.

use patchbay_catalog::{ApiVersion, Auth, Integration, Origin, Pkce};
use patchbay_store::flows;
use url::Url;

use super::{cards::Shelf, connection::connection_views};
use crate::{
    Hub, Mode, Result, Typed,
    access::{Permission, Role},
    activity::newest,
    connect::{CHOOSE_ACCOUNT, KEY_FIELD},
    demo, people,
    view::{
        AdminState, CardView, EngineerDetails, IntegrationView, KeyField, Offer, ParamField, PendingFlow,
        ScopeLine, Viewer,
    },
    wrong_account::asks_which,
};

impl Hub {
    /// One integration for a viewer; none where there is no such integration.
    pub async fn integration(
        &self,
        viewer: &Viewer,
        id: &str,
        typed: &Typed,
    ) -> Result<Option<IntegrationView>> {
        let Some(integration) = self.catalog.get(id) else {
            return Ok(None);
        };
        let shelf = Shelf::read(self, viewer).await?;
        let card = shelf.card(integration, viewer);
        Ok(Some(IntegrationView {
            offer: self.offer(viewer, &card).await?,
            scopes: scope_lines(integration),
            params: param_fields(integration, typed),
            tells_apart: integration.field_that_tells_apart().map(ToOwned::to_owned),
            key: key_field(integration, typed, self.settings.mode),
            provider_host: provider_host(integration),
            asks_which: asks_which(integration),
            choosing: typed.values.contains_key(CHOOSE_ACCOUNT),
            history_later: integration.history.is_empty() && !integration.is_api_key(),
            pending: self.pending_flow(viewer, integration).await?,
            connections: connection_views(self, viewer, integration).await?,
            activity: newest(self, viewer, Some(id), 5).await?,
            details: self.details(viewer, integration, &shelf),
            prove: self.prove_view(viewer, integration).await?,
            id: card.id,
            name: card.name,
            summary: card.summary,
            category: card.category,
            stage: card.stage,
            logo: card.logo,
            state: card.state,
        }))
    }

    /// Whether it can be connected, and by whom else.
    async fn offer(&self, viewer: &Viewer, card: &CardView) -> Result<Offer> {
        if card.state == AdminState::NotOffered {
            return Ok(Offer::NotOffered {
                reason: format!("{} is not ready on our side yet.", card.name),
                who: people::names_with(self, &[Role::Owner, Role::Engineer], None).await?,
            });
        }
        if viewer.may(Permission::Connect) {
            return Ok(Offer::Offered);
        }
        let who = match &viewer.tenant {
            Some(tenant) => people::names_with(self, &[Role::Admin], Some(tenant)).await?,
            None => Vec::new(),
        };
        Ok(Offer::LookOnly { who })
    }

    /// The authorization that waits, if one of this tenant's does.
    async fn pending_flow(&self, viewer: &Viewer, integration: &Integration) -> Result<Option<PendingFlow>> {
        let Some(tenant) = &viewer.tenant else {
            return Ok(None);
        };
        let mut tx = self.store.read(viewer.scope()).await?;
        let Some(flow) = flows::latest_open(&mut tx, tenant, &integration.id, self.now()).await? else {
            return Ok(None);
        };
        drop(tx);
        Ok(Some(PendingFlow {
            href: format!("/connect/{}", flow.id),
            until: flow.expires_at,
            mine: flow.person_id == viewer.person,
            by: people::name_of(self, &flow.person_id).await?,
        }))
    }

    /// What engineers see besides.
    fn details(&self, viewer: &Viewer, integration: &Integration, shelf: &Shelf) -> Option<EngineerDetails> {
        if !viewer.may(Permission::SeeDetails) {
            return None;
        }
        let board = shelf.figures.row(&integration.id)?.clone();
        Some(EngineerDetails {
            usage: (board.connections, board.tenants),
            board,
            authorize_url: integration.authorize_url().map(ToOwned::to_owned),
            token_url: integration.exchange_url().map(ToOwned::to_owned),
            pkce_words: proof_key_words(integration),
            redirect_uri: (!integration.is_api_key()).then(|| self.redirect_uri(&integration.id)),
            sources: integration.sources.clone(),
            origin: origin_words(integration),
            api_versions: integration.api_versions.iter().map(version_words).collect(),
            confidence: integration.confidence.clone().into_iter().collect(),
        })
    }
}

/// Where an integration comes from, where that is not the code.
fn origin_words(integration: &Integration) -> Option<String> {
    let file = format!("{}.toml", integration.id);
    match &integration.origin {
        Origin::BuiltIn => None,
        Origin::Overridden { fields } => {
            Some(format!("{file} of this deployment changes {}", fields.join(", ")))
        }
        Origin::Own => Some(format!(
            "{file} of this deployment; outside the plan, so no count knows it"
        )),
    }
}

/// "2026-07 ends on 2027-07-01: ask for the next one"
fn version_words(version: &ApiVersion) -> String {
    match &version.sunset {
        Some(day) => format!("{} ends on {day}: {}", version.version, version.then),
        None => format!(
            "{} will end, no day is documented: {}",
            version.version, version.then
        ),
    }
}

/// The host that the admin is sent to.
fn provider_host(integration: &Integration) -> Option<String> {
    if let Some(link) = integration.link() {
        return Some(link.page_host.clone());
    }
    let rest = integration.authorize_url()?.strip_prefix("https://")?;
    let host = rest.split('/').next().unwrap_or(rest);
    // A host that is still to be typed says nothing yet.
    (!host.contains('{')).then(|| host.to_owned())
}

/// PKCE, or the risk note where there is none (S17), or what does its work in other protocols.
fn proof_key_words(integration: &Integration) -> String {
    match &integration.auth {
        Auth::OAuth2(dialect) => match dialect.pkce {
            Pkce::Required => "PKCE S256, required by the provider",
            Pkce::Supported => "PKCE S256",
            Pkce::None => {
                "No PKCE: the provider documents none, so the flow is bound by state and cookie only"
            }
        },
        Auth::OAuth1(_) => "OAuth 1.0a: the request token’s secret, which never leaves, signs the exchange",
        Auth::Link(_) => "A link: the browser carries no token, and the outcome is asked of the provider",
        Auth::ApiKey(_) => "None: an API key",
    }
    .to_owned()
}

/// What we ask to read, in words.
fn scope_lines(integration: &Integration) -> Vec<ScopeLine> {
    let all = integration.scope_words();
    integration
        .scopes()
        .iter()
        .map(|raw| {
            let words = all.get(raw).unwrap_or(raw);
            let changes = words.strip_prefix("Can change: ");
            ScopeLine {
                words: changes.unwrap_or(words).to_owned(),
                raw: raw.clone(),
                can_change: changes.is_some(),
            }
        })
        .collect()
}

/// The fields to fill in, with what was typed.
fn param_fields(integration: &Integration, typed: &Typed) -> Vec<ParamField> {
    integration
        .params
        .iter()
        .map(|param| ParamField {
            name: param.name.clone(),
            label: param.label.clone(),
            help: param.help.clone(),
            required: param.required,
            value: typed
                .values
                .get(&param.name)
                .or(param.default.as_ref())
                .cloned()
                .unwrap_or_default(),
            example: param.example.clone(),
            suffix: param.suffix.clone(),
            options: param.options.clone().into_iter().collect(),
            error: typed.errors.get(&param.name).cloned(),
        })
        .collect()
}

/// The key field, where it uses a key.
fn key_field(integration: &Integration, typed: &Typed, mode: Mode) -> Option<KeyField> {
    let spec = integration.api_key()?;
    let sample = demo::sample_key(&integration.id).filter(|_| mode == Mode::Demo);
    Some(KeyField {
        label: spec.label.clone(),
        help: spec.help.clone(),
        sample: sample.map(ToOwned::to_owned),
        error: typed.errors.get(KEY_FIELD).cloned(),
    })
}

/// The host of an address, for a fact list.
pub(super) fn host_of(address: &str) -> String {
    Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}
