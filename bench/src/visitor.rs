//! A person with a browser, as far as a measurement needs one: cookies, forms, and the way through a provider.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    Failure,
    client::{Answer, Connection},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody who visits the console.
pub struct Visitor {
    port: u16,
    connection: Connection,
    cookies: BTreeMap<String, String>,
}

/// What waits at the provider.
pub struct Leaving {
    /// How long the click on Connect took.
    pub took: Duration,
    /// The address at the provider.
    href: String,
}

impl Visitor {
    /// Opens the console in a fresh browser.
    pub async fn new(port: u16) -> Result<Self, Failure> {
        Ok(Self {
            port,
            connection: Connection::open(port).await?,
            cookies: BTreeMap::new(),
        })
    }

    /// A GET with this person's cookies, ready to be sent.
    pub fn get_request(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers()).into_bytes()
    }

    fn headers(&self) -> String {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!(
            "Host: localhost:{}\r\nUser-Agent: patchbay-bench\r\nCookie: {}\r\n",
            self.port,
            cookies.join("; ")
        )
    }

    /// Looks at a page.
    pub async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let request = self.get_request(path);
        self.send(&request).await
    }

    /// Submits a form.
    pub async fn post(&mut self, path: &str, body: &str) -> Result<Answer, Failure> {
        let request = format!(
            "POST {path} HTTP/1.1\r\n{}Sec-Fetch-Site: same-origin\r\nContent-Type: {FORM}\r\nContent-Length: \
             {}\r\n\r\n{body}",
            self.headers(),
            body.len()
        );
        self.send(request.as_bytes()).await
    }

    async fn send(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        let answer = self.connection.ask(request).await?;
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or(cookie);
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// Signs in as one of the sample people.
    pub async fn sign_in(&mut self, email: &str) -> Result<(), Failure> {
        let page = self.get("/sign-in").await?.text();
        let before = page
            .split(email)
            .next()
            .filter(|before| before.len() < page.len());
        let person = before
            .and_then(|before| before.rsplit("value=\"").next())
            .and_then(|rest| rest.split('"').next())
            .ok_or_else(|| format!("the sign-in page does not offer {email}"))?;
        let answer = self.post("/sign-in", &format!("person={person}")).await?;
        expect(&answer, 303, "signing in")
    }

    /// Clicks Connect and reads where that leads.
    pub async fn start(&mut self, integration: &str) -> Result<Leaving, Failure> {
        let asked = Instant::now();
        let answer = self
            .post(&format!("/integrations/{integration}/connect"), "")
            .await?;
        let took = asked.elapsed();
        expect(&answer, 303, "starting a connection")?;
        let page = answer.header("location").unwrap_or_default().to_owned();
        let page = self.get(&page).await?;
        expect(&page, 200, "the page that leaves")?;
        let text = page.text();
        let href = text
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.contains(".sim.localhost"))
            .ok_or("the page that leaves names no provider")?
            .replace("&amp;", "&");
        Ok(Leaving { took, href })
    }

    /// Comes back from the provider; gives the time that the answer to the callback took.
    pub async fn come_back(&mut self, path: &str) -> Result<Duration, Failure> {
        let asked = Instant::now();
        let answer = self.get(path).await?;
        let took = asked.elapsed();
        expect(&answer, 303, "the callback")?;
        let to = answer.header("location").unwrap_or_default();
        if to.contains("notice=connected") || to.contains("notice=renewed") {
            Ok(took)
        } else {
            Err(format!("the callback did not connect: {to}").into())
        }
    }
}

impl Leaving {
    /// Approves at the provider; gives path and query of the way back.
    pub async fn approve(&self) -> Result<String, Failure> {
        let (host, path) = self
            .href
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or("the provider's address is none")?;
        let port = host.rsplit(':').next().unwrap_or_default().parse()?;
        let mut connection = Connection::open(port).await?;
        let page = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let page = connection.ask(page.as_bytes()).await?;
        expect(&page, 200, "the provider's question")?;
        let text = page.text();
        let account = text
            .split("name=\"account\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .ok_or("the provider offers no account")?;
        let body = format!("decision=approve&account={account}");
        let form = format!(
            "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = connection.ask(form.as_bytes()).await?;
        let back = answer.header("location").unwrap_or_default();
        let path = back
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(|| format!("the provider did not send us back ({})", answer.status))?;
        Ok(format!("/{}", path.1))
    }
}

/// Fails with words where an answer is not what it must be: no figure is made of it.
pub fn expect(answer: &Answer, status: u16, what: &str) -> Result<(), Failure> {
    if answer.status == status {
        return Ok(());
    }
    Err(format!("{what} was answered with {} instead of {status}", answer.status).into())
}
