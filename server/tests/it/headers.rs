//! What every answer carries: headers, cookies, the content security policy.

use std::collections::BTreeSet;

use http::Method;

use crate::support::{Answer, Browser, Decision, FORM, SAFARI, Setup, TestApp};

/// Every page that there is, as those who may see it.
async fn all_pages(app: &TestApp) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut nobody = app.browser();
    for path in ["/sign-in", "/no-such-page", "/dev/components"] {
        pages.push(nobody.get(path).await);
    }
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    pages.push(ana.leave_for("github").await);
    let id = app.the_connection().await.id;
    for path in [
        "/",
        "/integrations",
        "/integrations/asana",
        "/integrations/github",
        "/integrations/sendgrid",
        "/integrations/notion",
        &format!("/connections/{id}/disconnect"),
        &format!("/connections/{id}/other-account"),
        "/integrations/asana?notice=other-account",
        "/rollout",
        "/callback/asana?state=x",
    ] {
        pages.push(ana.get(path).await);
    }
    pages.push(ana.post_form("/integrations/sendgrid/key", &[("key", "x")]).await);
    pages.push(ana.send(ana.request(Method::POST, "/sign-out", "")).await);
    let mut erin = app.signed_in("erin@patchbay.example").await;
    for path in ["/", "/integrations", "/integrations/asana", "/rollout", "/report"] {
        pages.push(erin.get(path).await);
    }
    pages
}

/// A directive of a policy.
fn directive<'a>(policy: &'a str, name: &str) -> Vec<&'a str> {
    let found = policy
        .split(';')
        .map(str::trim)
        .find(|part| part.split(' ').next() == Some(name));
    found
        .map(|part| part.split(' ').skip(1).collect())
        .unwrap_or_default()
}

fn nonce(policy: &str) -> &str {
    let script = directive(policy, "script-src");
    let nonce = script
        .iter()
        .find_map(|word| word.strip_prefix("'nonce-"))
        .expect("a nonce");
    nonce.trim_end_matches('\'')
}

/// The tags of a page that begin so.
fn tags<'a>(body: &'a str, start: &str) -> Vec<&'a str> {
    body.match_indices(start)
        .map(|(at, _)| &body[at..at + body[at..].find('>').unwrap()])
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s53_every_page_has_a_policy_with_a_nonce_of_its_own() {
    let app = TestApp::start().await;
    let pages = all_pages(&app).await;
    let mut nonces = BTreeSet::new();
    for page in &pages {
        let (policy, asked) = (page.header("content-security-policy"), &page.asked);
        assert_eq!(directive(policy, "default-src"), ["'none'"], "{asked}");
        let script = directive(policy, "script-src");
        assert!(
            script.contains(&"'strict-dynamic'") && script.contains(&"'wasm-unsafe-eval'"),
            "{asked}: {policy}"
        );
        for (name, value) in [
            ("object-src", "'none'"),
            ("base-uri", "'none'"),
            ("form-action", "'self'"),
            ("frame-ancestors", "'none'"),
            ("connect-src", "'self'"),
            ("report-uri", "/csp-report"),
        ] {
            assert_eq!(directive(policy, name), [value], "{asked}: {name}");
        }
        for banned in [
            "'unsafe-inline'",
            "'unsafe-eval'",
            "*",
            "http:",
            "https:",
            "data:",
        ] {
            assert!(
                !policy.split([' ', ';']).any(|word| word == banned),
                "{asked}: {banned}"
            );
        }
        let nonce = nonce(policy);
        assert!(nonce.len() >= 22, "{asked}: 128 bits");
        assert!(nonces.insert(nonce.to_owned()), "{asked}: a nonce is used once");
        for tag in tags(&page.body, "<script") {
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{asked}: {tag}");
        }
    }
    assert!(pages.len() > 15);
}

/// What the policy would block anyway must not be there, or a browser would show less than we wrote.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s53_no_page_holds_what_the_policy_blocks() {
    let app = TestApp::start().await;
    for page in all_pages(&app).await {
        let nonce = nonce(page.header("content-security-policy")).to_owned();
        for tag in tags(&page.body, "<")
            .into_iter()
            .filter(|tag| !tag.starts_with("</") && !tag.starts_with("<!"))
        {
            assert!(
                !tag.contains(" style=\""),
                "{}: an inline style: {tag}",
                page.asked
            );
            for handler in [" onclick=", " onload=", " onsubmit=", " onerror=", " onchange="] {
                assert!(!tag.contains(handler), "{}: {tag}", page.asked);
            }
        }
        for tag in tags(&page.body, "<style") {
            assert!(tag.contains(&nonce), "{}: {tag}", page.asked);
        }
    }
}

/// S20: nothing of a page comes from anywhere else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s20_no_page_loads_anything_from_elsewhere() {
    let app = TestApp::start().await;
    for page in all_pages(&app).await {
        for start in [
            "<script", "<img", "<link", "<iframe", "<use", "<source", "<object", "<embed",
        ] {
            for tag in tags(&page.body, start) {
                for name in [" src=\"", " href=\""] {
                    let Some(value) = tag.split(name).nth(1) else {
                        continue;
                    };
                    let ours = value.starts_with('/') && !value.starts_with("//") || value.starts_with('#');
                    assert!(ours, "{}: {tag}", page.asked);
                }
            }
        }
    }
}

/// S20: code and state leave the address bar, and stand on no page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s20_a_callback_leaves_nothing_of_its_address_behind() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let leaving = ana.leave_for("asana").await;
    let state = leaving.asked_for("state").unwrap();
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    let code = back
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let connected = ana.get(&back).await;
    let replayed = ana.get(&back).await;
    let foreign = ana
        .get("/callback/asana?code=CODE-OF-NOBODY&state=STATE-OF-NOBODY")
        .await;
    assert_eq!(connected.status, 303);
    assert_eq!(connected.location(), "/integrations/asana?notice=connected");
    for answer in [&connected, &replayed, &foreign] {
        assert_eq!(
            answer.header("referrer-policy"),
            "no-referrer",
            "{}",
            answer.asked
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.asked);
        for secret in [code.as_str(), &state, "CODE-OF-NOBODY", "STATE-OF-NOBODY"] {
            assert!(!answer.body.contains(secret), "{}", answer.asked);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_every_answer_carries_the_headers() {
    let app = TestApp::with(Setup {
        public_url: "https://connect.example.com",
        ..Setup::default()
    })
    .await;
    std::fs::create_dir_all(app.site().join("pkg")).unwrap();
    std::fs::write(app.site().join("pkg/patchbay.js"), "// built").unwrap();
    let mut answers = all_pages(&app).await;
    let mut browser = app.browser();
    for path in [
        "/healthz",
        "/readyz",
        "/",
        "/pkg/patchbay.js",
        "/pkg/missing.js",
        "/favicon.svg",
        "/events",
        "/report/export?format=md",
        "/integrations/asana/connect",
    ] {
        answers.push(browser.get(path).await);
    }
    answers.push(browser.post_form("/sign-in", &[("person", "x")]).await);
    answers.push(
        browser
            .post_form("/theme", &[("theme", &"x".repeat(70_000))])
            .await,
    );
    for answer in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(answer.header(name), value, "{}", answer.asked);
        }
        let away = ["/callback/", "/connect/"]
            .iter()
            .any(|path| answer.asked.starts_with(&format!("GET {path}")));
        let wanted = if away { "no-referrer" } else { "same-origin" };
        assert_eq!(answer.header("referrer-policy"), wanted, "{}", answer.asked);
        assert!(
            !answer.header("content-security-policy").is_empty(),
            "{}",
            answer.asked
        );
        let built = answer.asked.contains("/pkg/patchbay.js");
        assert_eq!(
            answer.header("cache-control") == "no-store",
            !built,
            "{}",
            answer.asked
        );
    }
    assert!(
        answers
            .iter()
            .any(|answer| answer.asked.contains("/pkg/patchbay.js") && answer.status == 200)
    );
}

/// On plain http there is no promise of https to make.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_no_hsts_without_https() {
    let app = TestApp::start().await;
    assert_eq!(
        app.browser()
            .get("/sign-in")
            .await
            .header("strict-transport-security"),
        ""
    );
}

/// The cookies that a browser of this kind gets, by their lines.
async fn cookie_lines(app: &TestApp, agent: &'static str) -> Vec<String> {
    let mut browser: Browser = app.browser();
    browser.agent = agent;
    let person = app.person("ana@acme.example").await;
    let mut lines = Vec::new();
    for answer in [
        browser.post_form("/sign-in", &[("person", &person)]).await,
        browser.post_form("/integrations/asana/connect", &[]).await,
        browser.post_form("/theme", &[("theme", "dark")]).await,
        browser.post_form("/sign-out", &[]).await,
    ] {
        let line = answer.headers.get("set-cookie").expect("a cookie");
        lines.push(line.to_str().unwrap().to_owned());
    }
    lines
}

const CHROMIUM: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                        Safari/537.36";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s52_cookies_are_locked_to_us() {
    let app = TestApp::start().await;
    let lines = cookie_lines(&app, CHROMIUM).await;
    for (line, name) in lines.iter().zip(["session", "flow", "theme", "session"]) {
        assert!(line.starts_with(&format!("__Host-patchbay_{name}=")), "{line}");
        let parts: Vec<&str> = line.split("; ").collect();
        for part in ["HttpOnly", "Secure", "Path=/", "SameSite=Lax"] {
            assert!(parts.contains(&part), "{part} in {line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    assert!(
        !lines[0].contains("Max-Age") && !lines[0].contains("Expires"),
        "the session ends with the browser"
    );
    assert!(
        lines[1].contains("Max-Age=600"),
        "the flow's lives as long as a flow"
    );
    assert!(lines[3].contains("Max-Age=0"), "signing out takes it out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s52_only_safari_in_a_demo_on_plain_http_gets_plain_cookies() {
    let app = TestApp::start().await;
    for line in cookie_lines(&app, SAFARI).await {
        assert!(
            line.starts_with("patchbay_") && !line.contains("Secure"),
            "{line}"
        );
        assert!(
            line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"),
            "{line}"
        );
    }
    let mut safari = app.browser();
    safari.agent = SAFARI;
    safari.sign_in("ana@acme.example").await;
    let connected = safari.connect("asana", Decision::Approve(0)).await;
    assert_eq!(
        connected.location(),
        "/integrations/asana?notice=connected",
        "and it works with them"
    );
    // Over https it gets what all get.
    let app = TestApp::with(Setup {
        public_url: "https://connect.example.com",
        ..Setup::default()
    })
    .await;
    for line in cookie_lines(&app, SAFARI).await {
        assert!(line.starts_with("__Host-") && line.contains("Secure"), "{line}");
    }
}

/// S19 for every form: whatever a POST leads to, the browser goes there with GET.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s19_no_answer_repeats_a_post_elsewhere() {
    let app = TestApp::start().await;
    all_pages(&app).await;
    cookie_lines(&app, CHROMIUM).await;
    let mut request = app
        .browser()
        .request(Method::POST, "/integrations/asana/connect", "");
    request
        .headers_mut()
        .insert("content-type", FORM.parse().unwrap());
    request
        .headers_mut()
        .insert("sec-fetch-site", "same-origin".parse().unwrap());
    app.browser().send(request).await;
    let redirects = app
        .answers()
        .into_iter()
        .filter(|answer| answer.status.is_redirection());
    for answer in redirects {
        assert_eq!(answer.status, 303, "{}", answer.asked);
        assert!(
            answer.location().starts_with('/') && !answer.location().starts_with("//"),
            "{}",
            answer.location()
        );
    }
}
