//! What pages show: plain data, read for one viewer, holding nothing that this viewer may not see and no secret.
//!
//! A page asks the [`Hub`](crate::Hub) for one of these and renders it; it decides nothing.

mod activity;
mod apps;
mod connect;
mod integration;
mod integrations;
mod overview;
mod people;
mod prove;
mod report;
mod rollout;

pub use activity::{
    ActivityEntry, ActivityFilter, ActivityKind, ActivityRow, ActivityView, Outcome, TrailView,
};
pub use apps::{
    AppCheck, AppFacts, AppForm, AppNeeds, AppRow, AppSecrets, AppView, AppsView, OfSome, SourcedLimit,
};
pub use connect::{DisconnectView, LeavingView, WrongAccountView};
pub use integration::{
    ConnectionView, EngineerDetails, Health, HistoryState, HistoryView, IntegrationView, KeyField, Offer,
    ParamField, PendingFlow, ScopeLine, StreamView, Waiting,
};
pub use integrations::{AdminState, CardView, CategoryCount, CompanyFacts, Filter, IntegrationsView};
pub use overview::{AdminOverview, CompanyOverview, OverviewView};
pub use people::{Hat, SignInChoice, Viewer};
pub use prove::{LiveMark, ProofView, ProveView, StepView};
pub use report::ReportView;
pub use rollout::{
    BoardRow, Built, Counts, Gate, GateFailure, GateState, GateView, InUse, PhaseRow, ProvenLive,
    RolloutView, RunningVerification, Status, VerificationView, Word,
};
