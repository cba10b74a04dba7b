//! What the tests stand on.

mod app;
mod browser;
mod clock;
mod database;
mod evidence;
mod html;
mod stream;
mod tcp;

pub use app::{Setup, TestApp};
pub use browser::{Answer, Browser, Decision, FORM, SAFARI, fields_of};
pub use clock::START;
pub use database::Home;
pub use html::{forms, headings, links, text, title};
pub use stream::Heard;
pub use tcp::exchange;

/// One test, two databases.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($app:ident: &TestApp) $body:block)+) => {$(
        $(#[$about])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($app: &crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let app = crate::support::TestApp::start().await;
                run(&app).await;
                app.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(app) = crate::support::TestApp::start_on_postgres().await else { return };
                run(&app).await;
                app.close().await;
            }
        }
    )+};
}
