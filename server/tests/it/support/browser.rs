//! A browser without scripts: it keeps cookies, says where a request comes from, and follows only when told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use patchbay_catalog::Integration;
use patchbay_simulator::Simulator;
use tower::ServiceExt as _;
use url::Url;

use super::{html, stream::EventStream, tcp};

/// The content type of a posted form.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// What Safari says that it is.
pub const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                          Version/18.5 Safari/605.1.15";
const CHROMIUM: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                        Safari/537.36";
/// Larger than any page.
const MOST: usize = 16 * 1024 * 1024;

/// What all browsers of a test share.
pub struct Shared {
    pub router: Router,
    pub simulator: Simulator,
    /// Every answer, for the search for secrets.
    pub answers: Mutex<Vec<Answer>>,
}

/// One browser.
#[derive(Clone)]
pub struct Browser {
    shared: Arc<Shared>,
    pub cookies: BTreeMap<String, String>,
    pub agent: &'static str,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked for.
    pub asked: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// What a person answers on the consent page.
#[derive(Debug, Clone, Copy)]
pub enum Decision {
    /// Approve, as the sample account at this place.
    Approve(usize),
    Deny,
}

impl Browser {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            cookies: BTreeMap::new(),
            agent: CHROMIUM,
        }
    }

    /// Types an address or clicks a link.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, "")).await
    }

    /// Submits a form of a page of ours.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut request = self.request(Method::POST, path, &body);
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, FORM.parse().unwrap());
        request
            .headers_mut()
            .insert("sec-fetch-site", "same-origin".parse().unwrap());
        self.send(request).await
    }

    /// Submits a form of a page of ours that asks for a file.
    pub async fn post_file(&mut self, path: &str, text: &str) -> Answer {
        const EDGE: &str = "----edge-of-the-test";
        let body = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"apps.toml\"\r\nContent-Type: \
             application/octet-stream\r\n\r\n{text}\r\n--{EDGE}--\r\n"
        );
        let mut request = self.request(Method::POST, path, &body);
        let kind = format!("multipart/form-data; boundary={EDGE}");
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.parse().unwrap());
        request
            .headers_mut()
            .insert("sec-fetch-site", "same-origin".parse().unwrap());
        self.send(request).await
    }

    /// A request with this browser's cookies and nothing that says where it comes from.
    pub fn request(&self, method: Method, path: &str, body: &str) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::USER_AGENT, self.agent);
        if !self.cookies.is_empty() {
            let line: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        request.body(Body::from(body.to_owned())).unwrap()
    }

    /// Sends it and reads the answer to its end.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = self.shared.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let body = axum::body::to_bytes(body, MOST).await.unwrap();
        let answer = Answer {
            asked,
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        self.shared.answers.lock().unwrap().push(answer.clone());
        answer
    }

    /// Opens the stream of events; the status where there is none.
    pub async fn listen(&self, last: Option<i64>) -> Result<EventStream, StatusCode> {
        let mut request = self.request(Method::GET, "/events", "");
        if let Some(last) = last {
            request.headers_mut().insert("last-event-id", last.into());
        }
        let response = self.shared.router.clone().oneshot(request).await.unwrap();
        match response.status() {
            StatusCode::OK => Ok(EventStream::new(response.into_body())),
            other => Err(other),
        }
    }

    /// Signs in by the button of the sign-in page.
    pub async fn sign_in(&mut self, email: &str) -> Answer {
        let page = self.get("/sign-in").await;
        let person = person(&page.body, email);
        let answer = self.post_form("/sign-in", &[("person", &person)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{email} signs in");
        answer
    }

    /// Clicks Connect, and looks at the page that leaves.
    pub async fn leave_for(&mut self, integration: &str) -> Answer {
        self.leave_for_with(integration, &[]).await
    }

    /// The same, with the form filled in.
    pub async fn leave_for_with(&mut self, integration: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self
            .post_form(&format!("/integrations/{integration}/connect"), fields)
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = self.get(answer.location()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        page
    }

    /// Answers the consent page behind a leaving page; returns path and query of the way back to us.
    pub async fn consent(&self, leaving: &Answer, decision: Decision) -> String {
        let back = self.answers(leaving, decision).await;
        back.expect("a way back")
    }

    /// The same; none where the provider keeps the browser on a page of its own.
    pub async fn answers(&self, leaving: &Answer, decision: Decision) -> Option<String> {
        let href = leaving.provider_link();
        let host = href.host_str().unwrap();
        let body = match decision {
            Decision::Approve(place) => {
                let account = self.account(host, place);
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("decision", "approve")
                    .append_pair("account", account)
                    .finish()
            }
            Decision::Deny => "decision=deny".to_owned(),
        };
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\nConnection: \
             close\r\n\r\n{body}",
            &href[url::Position::BeforePath..],
            body.len()
        );
        let answer = tcp::exchange(href.port().unwrap(), &request).await;
        let line = answer
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("location: "));
        let Some(line) = line else {
            assert!(
                answer.starts_with("HTTP/1.1 200"),
                "a way back or a page: {answer}"
            );
            return None;
        };
        let back = Url::parse(line["location: ".len()..].trim()).unwrap();
        Some(format!("{}?{}", back.path(), back.query().unwrap()))
    }

    /// The id of the sample account at this place in the list of the provider with this host.
    fn account(&self, host: &str, place: usize) -> &'static str {
        let real = host
            .strip_suffix(".sim.localhost")
            .expect("an address at the simulator");
        let profile = self.shared.simulator.profile_at(real);
        let profile = profile.unwrap_or_else(|| panic!("who plays {real}?"));
        let accounts = self.shared.simulator.accounts(profile).unwrap();
        // A shop has an address of its own, and nobody else's account there.
        let own = accounts.iter().find(|account| account.name == real);
        own.unwrap_or(&accounts[place]).id
    }

    /// The whole way, up to the answer to the callback.
    pub async fn connect(&mut self, integration: &str, decision: Decision) -> Answer {
        let leaving = self.leave_for(integration).await;
        let back = self.consent(&leaving, decision).await;
        self.get(&back).await
    }

    /// The session cookie's value.
    pub fn session(&self) -> Option<&String> {
        self.cookies
            .iter()
            .find(|(name, _)| name.ends_with("patchbay_session"))
            .map(|(_, value)| value)
    }

    /// Keeps what a browser would keep.
    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie::Cookie::parse(line.to_str().unwrap().to_owned()).unwrap();
            if cookie.name().starts_with("__Host-") {
                // A browser throws away one that breaks the promise of its name.
                let kept =
                    cookie.secure() == Some(true) && cookie.path() == Some("/") && cookie.domain().is_none();
                assert!(kept, "no browser keeps {line:?}");
            }
            if cookie.max_age().is_some_and(cookie::time::Duration::is_zero) {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies
                    .insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }
}

/// A value for every field of an integration's form: its example, its default, or the first of its choices.
pub fn fields_of(integration: &Integration) -> Vec<(&str, &str)> {
    integration
        .params
        .iter()
        .filter_map(|param| {
            let choice = || param.options.keys().next();
            let value = param
                .example
                .as_ref()
                .or(param.default.as_ref())
                .or_else(choice)?;
            Some((param.name.as_str(), value.as_str()))
        })
        .collect()
}

/// The value of the button with this address on the sign-in page.
pub fn person(page: &str, email: &str) -> String {
    let at = page
        .find(email)
        .unwrap_or_else(|| panic!("{email} on the sign-in page"));
    let from = page[..at].rfind("value=\"").unwrap() + "value=\"".len();
    let value = &page[from..];
    value[..value.find('"').unwrap()].to_owned()
}

impl Answer {
    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        html::text(&self.body)
    }

    /// The address at the provider, on the leaving page.
    pub fn provider_link(&self) -> Url {
        let links = html::links(&self.body);
        let link = links
            .iter()
            .find(|link| link.contains(".sim.localhost"))
            .unwrap_or_else(|| panic!("a link to the provider: {links:?}"));
        Url::parse(link).unwrap()
    }

    /// One parameter of that address.
    pub fn asked_for(&self, name: &str) -> Option<String> {
        let link = self.provider_link();
        link.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}
