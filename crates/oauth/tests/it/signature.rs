//! Shopify's signed callback: S30 and S31. The signatures are made here by a second implementation (RFC 2104 by hand).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use patchbay_catalog::SignedCallback;
use patchbay_oauth::signature::{Forged, verify};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::world::integration;

const SECRET: &str = "shpss_0123456789abcdef";
const NOW: i64 = 1_776_254_400;

fn shopify() -> SignedCallback {
    integration("shopify")
        .oauth2()
        .unwrap()
        .signed_callback
        .clone()
        .unwrap()
}

fn typed(shop: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("shop".to_owned(), shop.to_owned())])
}

/// HMAC-SHA256 of a message (RFC 2104 section 2) with a key shorter than a block.
fn hmac(message: &str) -> String {
    let mut key = [0_u8; 64];
    key[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
    let inner = Sha256::new()
        .chain_update(key.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(key.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// A callback as Shopify sends it. The shop is put in as it stands, so it must be form-encoded already.
fn message(shop: &str, at: i64) -> String {
    format!(
        "code=c0de&host=YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYWNtZQ&shop={shop}&state={}&timestamp={at}",
        "s".repeat(43)
    )
}

fn signed(message: &str) -> String {
    format!("{message}&hmac={}", hmac(message))
}

fn check(query: &str) -> Result<(), Forged> {
    verify(
        &shopify(),
        query,
        &SecretString::from(SECRET),
        NOW,
        &typed("acme.myshopify.com"),
    )
}

#[test]
fn s31_what_shopify_signed_just_now_is_accepted_in_any_order() {
    let message = message("acme.myshopify.com", NOW - 5);
    assert_eq!(check(&signed(&message)), Ok(()));
    let mut parts: Vec<String> = signed(&message).split('&').map(str::to_owned).collect();
    parts.reverse();
    assert_eq!(check(&parts.join("&")), Ok(()));
    // An encoded value is signed in its one canonical encoding, however it travels.
    let with_space = message.replace("c0de", "c0+de");
    assert_eq!(check(&signed(&with_space).replace("c0+de", "c0%20de")), Ok(()));
}

#[test]
fn s31_missing_wrong_added_and_changed_are_refused() {
    let good = signed(&message("acme.myshopify.com", NOW));
    let (unsigned, hmac) = good.rsplit_once("&hmac=").unwrap();
    let flipped = format!("{}{}", if hmac.starts_with('0') { '1' } else { '0' }, &hmac[1..]);
    for (query, forged) in [
        (unsigned.to_owned(), Forged::Unsigned),
        (format!("{good}&hmac={hmac}"), Forged::Unsigned),
        (format!("{unsigned}&hmac="), Forged::Wrong),
        (format!("{unsigned}&hmac={flipped}"), Forged::Wrong),
        (format!("{unsigned}&hmac={}", hmac.to_uppercase()), Forged::Wrong),
        (format!("{unsigned}&hmac={}", &hmac[..63]), Forged::Wrong),
        (format!("{unsigned}&hmac={hmac}0"), Forged::Wrong),
        (format!("{good}&added=1"), Forged::Wrong),
        (format!("added=1&{good}"), Forged::Wrong),
        (good.replace("code=c0de", "code=other"), Forged::Wrong),
        (good.replace("&timestamp=17", "&timestamp=27"), Forged::Wrong),
        (good.replace("code=c0de&", ""), Forged::Wrong),
        (String::new(), Forged::Unsigned),
    ] {
        assert_eq!(check(&query), Err(forged), "{query}");
    }
}

#[test]
fn s31_another_apps_secret_does_not_sign_for_us() {
    let query = signed(&message("acme.myshopify.com", NOW));
    let other = SecretString::from("shpss_another");
    assert_eq!(
        verify(&shopify(), &query, &other, NOW, &typed("acme.myshopify.com")),
        Err(Forged::Wrong)
    );
}

#[test]
fn s31_only_ninety_seconds_are_just_now() {
    for (age, wanted) in [
        (0, Ok(())),
        (90, Ok(())),
        (91, Err(Forged::Old)),
        (86_400, Err(Forged::Old)),
        (-90, Ok(())),
        (-91, Err(Forged::Old)),
    ] {
        assert_eq!(
            check(&signed(&message("acme.myshopify.com", NOW - age))),
            wanted,
            "{age}"
        );
    }
    let at = message("acme.myshopify.com", NOW);
    for timestamp in ["", "soon", "1e9", "17762544000000000000000"] {
        let odd = at.replace(&format!("timestamp={NOW}"), &format!("timestamp={timestamp}"));
        assert_eq!(check(&signed(&odd)), Err(Forged::Old), "{timestamp}");
    }
    let without = at.replace(&format!("&timestamp={NOW}"), "");
    assert_eq!(check(&signed(&without)), Err(Forged::Old));
}

#[test]
fn s30_only_the_shop_that_was_typed_comes_back() {
    // All of them properly signed: only the comparison with the flow is left to refuse them.
    for shop in [
        "globex.myshopify.com",
        "acme.myshopify.com.evil.tld",
        "evil.tld%23.myshopify.com",
        "acme.myshopify.com%2F..%2F",
        "acme%E3%80%82myshopify%E3%80%82com",
        "ACME.myshopify.com",
        "acme.myshopify.com.",
        "",
    ] {
        assert_eq!(check(&signed(&message(shop, NOW))), Err(Forged::Other), "{shop}");
    }
    let without = message("x", NOW).replace("&shop=x", "");
    assert_eq!(check(&signed(&without)), Err(Forged::Other));
    // Nothing was typed: nothing can be the same.
    let query = signed(&message("acme.myshopify.com", NOW));
    let nothing = BTreeMap::new();
    assert_eq!(
        verify(&shopify(), &query, &SecretString::from(SECRET), NOW, &nothing),
        Err(Forged::Other)
    );
}

#[test]
fn s30_only_a_shop_can_be_typed() {
    let shopify = integration("shopify");
    let typed = |shop: &str| shopify.accept_params(&typed(shop));
    assert_eq!(
        typed(" Acme.MyShopify.com ").unwrap()["shop"],
        "acme.myshopify.com"
    );
    for shop in [
        "a.myshopify.com.evil.tld",
        "evil.tld#.myshopify.com",
        "a.myshopify.com/../",
        "a\u{3002}myshopify\u{3002}com",
        "a\u{ff0e}myshopify.com",
        "a.myshopify.com.",
        "-a.myshopify.com",
        ".myshopify.com",
        "a.b.myshopify.com",
        "user@a.myshopify.com",
        "a.myshopify.com:443",
        "a.myshopify.com\n.evil.tld",
        "myshopify.com",
        "",
    ] {
        assert!(typed(shop).is_err(), "{shop}");
    }
}
