//! What a flow leaves with, by the kind of authorization: a state, a secret for the way back, an address at the provider.
//! OAuth 2.0 makes all of it here; the others ask the provider for theirs first.

use std::collections::BTreeMap;

use patchbay_catalog::{Auth, Integration, OAuth2, Pkce};
use patchbay_oauth::{
    ProviderError,
    authorize::{self, AuthorizeRequest},
    link::{self, LinkCall, Wanted},
    oauth1::{self, Moment, SignedCall},
    pkce::Verifier,
    state::State,
};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::{Hub, HubError, Result, apps::secrets::HeldApp, history, view::Viewer};

/// The secrets of one flow, before they are sealed.
pub(super) struct Departure {
    /// What the flow is found by when it comes back.
    pub state_hash: String,
    /// What the answer is redeemed with: the PKCE verifier, the request token, the link token. None where PKCE is not
    /// used.
    pub secret: Option<SecretString>,
    /// Where the browser goes.
    pub leave_url: Url,
}

/// Why a flow can't leave.
pub(super) enum Held {
    /// The provider did not let it begin.
    Provider(ProviderError),
    /// Our own failure.
    Ours(HubError),
}

impl From<ProviderError> for Held {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<HubError> for Held {
    fn from(error: HubError) -> Self {
        Self::Ours(error)
    }
}

/// An address that can't be built although the catalogue's own check saw it.
const NO_ADDRESS: HubError = HubError::Broken("the catalogue's authorization URL could not be built");

impl Hub {
    /// Prepares the way out. May call the provider, so it must not happen inside a transaction.
    pub(super) async fn depart(
        &self,
        viewer: &Viewer,
        integration: &Integration,
        app: &HeldApp,
        values: &BTreeMap<String, String>,
        choose_account: bool,
    ) -> std::result::Result<Departure, Held> {
        let state = State::new(self.random());
        match &integration.auth {
            Auth::OAuth2(dialect) => {
                Ok(self.depart_by_code(integration, dialect, app, values, &state, choose_account)?)
            }
            Auth::OAuth1(_) => {
                self.depart_by_request_token(integration, app, values, &state)
                    .await
            }
            Auth::Link(_) => {
                self.depart_by_link(viewer, integration, app, values, &state)
                    .await
            }
            Auth::ApiKey(_) => Err(HubError::NotOffered.into()),
        }
    }

    /// OAuth 2.0: state, challenge and scopes in the address.
    fn depart_by_code(
        &self,
        integration: &Integration,
        dialect: &OAuth2,
        app: &HeldApp,
        values: &BTreeMap<String, String>,
        state: &State,
        choose_account: bool,
    ) -> Result<Departure> {
        let verifier = (dialect.pkce != Pkce::None).then(|| Verifier::new(self.random()));
        let leave_url = authorize::url(&AuthorizeRequest {
            dialect,
            client_id: &app.app().client_id,
            redirect_uri: &self.redirect_uri(&integration.id),
            state,
            verifier: verifier.as_ref(),
            values,
            choose_account,
        })
        .map_err(|_| NO_ADDRESS)?;
        Ok(Departure {
            state_hash: state.hash(),
            secret: verifier.map(|verifier| verifier.secret().clone()),
            leave_url,
        })
    }

    /// OAuth 1.0a: the provider gives a request token for the callback that carries our state.
    async fn depart_by_request_token(
        &self,
        integration: &Integration,
        app: &HeldApp,
        values: &BTreeMap<String, String>,
        state: &State,
    ) -> std::result::Result<Departure, Held> {
        let (moment, back) = (self.moment(), self.way_back(integration, state));
        let call = || SignedCall {
            integration,
            app: app.app(),
            values,
            moment: &moment,
        };
        let ask = || async { oauth1::request_token(&self.client, &call(), &back).await };
        let token = app.ask(ask).await?;
        let leave_url = oauth1::authorize_url(&call(), &token).map_err(|_| NO_ADDRESS)?;
        Ok(Departure {
            state_hash: state.hash(),
            secret: Some(token.to_secret()),
            leave_url,
        })
    }

    /// A link: the provider makes a session, whose page comes back to the address that carries our state.
    async fn depart_by_link(
        &self,
        viewer: &Viewer,
        integration: &Integration,
        app: &HeldApp,
        values: &BTreeMap<String, String>,
        state: &State,
    ) -> std::result::Result<Departure, Held> {
        let wanted = Wanted {
            back: &self.way_back(integration, state),
            person: viewer.person.as_str(),
            days: history::DAYS,
        };
        let create = || async {
            let call = LinkCall {
                integration,
                app: app.app(),
                values,
            };
            link::create(&self.client, &call, &wanted).await
        };
        let session = app.ask(create).await?;
        Ok(Departure {
            state_hash: state.hash(),
            secret: Some(session.token),
            leave_url: session.page,
        })
    }

    /// The callback with our state in it, for providers that know no state.
    fn way_back(&self, integration: &Integration, state: &State) -> SecretString {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("state", state.text().expose_secret())
            .finish();
        format!("{}?{query}", self.redirect_uri(&integration.id)).into()
    }

    /// Now, with a nonce of its own.
    pub(crate) fn moment(&self) -> Moment {
        Moment::new(self.now().0.div_euclid(1000), self.random())
    }
}
