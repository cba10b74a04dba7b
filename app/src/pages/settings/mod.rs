//! Settings. So far: provider apps.

mod app;
mod apps;

pub use app::ProviderApp;
pub use apps::ProviderApps;
