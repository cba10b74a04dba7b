//! Settings. So far: provider apps.

mod app;
mod app_facts;
mod app_forms;
mod apps;
mod import;
mod words;

pub use app::ProviderApp;
pub use apps::ProviderApps;
pub use import::ImportApps;
