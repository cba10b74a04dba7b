//! What loading refuses, and that it says where and why.

use patchbay_catalog::{Catalog, CatalogError};

const ASANA: &str = include_str!("../../integrations/asana.toml");
const SHOPIFY: &str = include_str!("../../integrations/shopify.toml");
const PLAID: &str = include_str!("../../integrations/plaid.toml");
const SENDGRID: &str = include_str!("../../integrations/sendgrid.toml");
const BOX: &str = include_str!("../../integrations/box.toml");
const HUBSPOT: &str = include_str!("../../integrations/hubspot.toml");

/// Loads one file in which `old` became `new`.
fn load(name: &str, text: &str, old: &str, new: &str) -> Result<Catalog, CatalogError> {
    assert!(text.contains(old), "{name} has no {old:?} to change");
    Catalog::from_files([(name, text.replace(old, new))])
}

/// Asserts that the change is refused with this field and these words.
#[track_caller]
pub fn refused(name: &str, text: &str, old: &str, new: &str, field: &str, words: &str) {
    let error = load(name, text, old, new).unwrap_err();
    let found = error.problems.iter().any(|problem| {
        problem.file == name && problem.field.starts_with(field) && problem.reason.contains(words)
    });
    assert!(found, "no {field:?} with {words:?} in: {error}");
}

#[test]
fn the_files_themselves_load() {
    for (name, text) in [
        ("asana.toml", ASANA),
        ("shopify.toml", SHOPIFY),
        ("sendgrid.toml", SENDGRID),
    ] {
        assert!(load(name, text, "id = ", "id = ").is_ok(), "{name}");
    }
}

#[test]
fn s38_http_is_refused_in_every_url() {
    for (name, text, old, field) in [
        (
            "asana.toml",
            ASANA,
            "authorize_url = \"https:",
            "oauth2.authorize_url",
        ),
        ("asana.toml", ASANA, "token_url = \"https:", "oauth2.token_url"),
        (
            "asana.toml",
            ASANA,
            "url = \"https://app.asana.com/-/oauth_revoke",
            "oauth2.revoke.url",
        ),
        (
            "asana.toml",
            ASANA,
            "url = \"https://app.asana.com/api/1.0/users",
            "whoami.url",
        ),
        ("asana.toml", ASANA, "api_base = \"https:", "api_base"),
        ("asana.toml", ASANA, "api_base = \"https:", "history.tasks"),
        ("asana.toml", ASANA, "console_url = \"https:", "setup.console_url"),
        ("sendgrid.toml", SENDGRID, "eu = \"https:", "params.region.hosts"),
    ] {
        refused(
            name,
            text,
            old,
            &old.replace("https:", "http:"),
            field,
            "only https is allowed",
        );
    }
}

#[test]
fn a_url_that_leads_somewhere_odd_is_refused() {
    let old = "token_url = \"https://app.asana.com";
    for (new, words) in [
        ("token_url = \"https://10.0.0.1", "must be a name"),
        ("token_url = \"https://[::1]", "must be a name"),
        ("token_url = \"https://app.asana.com:8443", "port"),
        ("token_url = \"https://user@app.asana.com", "user"),
        ("token_url = \"https://app.asana.com/#", "fragment"),
        ("token_url = \"app.asana.com", "not a URL"),
        ("token_url = \"https://{app.asana.com", "brace"),
    ] {
        refused("asana.toml", ASANA, old, new, "oauth2.token_url", words);
    }
}

#[test]
fn an_unknown_word_is_refused() {
    for (old, new) in [
        ("pkce = \"supported\"", "pkce = \"maybe\""),
        ("client_auth = \"body\"", "client_auth = \"post\""),
        ("category = \"work-and-projects\"", "category = \"work\""),
        ("stage = \"phase5\"", "stage = \"phase4\""),
        ("cut = \"parents\"", "cut = \"weeks\""),
    ] {
        refused("asana.toml", ASANA, old, new, "line ", "unknown variant");
    }
}

#[test]
fn a_misspelled_field_is_refused() {
    refused(
        "asana.toml",
        ASANA,
        "summary =",
        "sumary =",
        "line ",
        "unknown field",
    );
    refused(
        "asana.toml",
        ASANA,
        "access_ttl_s =",
        "access_ttl =",
        "line ",
        "unknown field",
    );
}

#[test]
fn exactly_one_kind_of_access_is_needed() {
    let key = "[api_key]\npattern = '^a$'\nlabel = \"l\"\nhelp = \"h\"\nrefused_hint = \"r\"\n\n[whoami]";
    refused(
        "asana.toml",
        ASANA,
        "[whoami]",
        key,
        "line ",
        "exactly one of the tables",
    );
}

#[test]
fn a_missing_source_is_refused() {
    let start = ASANA.find("sources = [").unwrap();
    let end = start + ASANA[start..].find("]\n").unwrap() + 2;
    refused(
        "asana.toml",
        ASANA,
        &ASANA[start..end],
        "sources = []\n",
        "sources",
        "no source",
    );
}

#[test]
fn an_id_that_is_not_the_file_name_is_refused() {
    refused(
        "asana.toml",
        ASANA,
        "id = \"asana\"",
        "id = \"asanna\"",
        "id",
        "not the file's name",
    );
}

#[test]
fn two_files_with_one_id_are_refused() {
    let error = Catalog::from_files([("asana.toml", ASANA), ("folder/asana.toml", ASANA)]).unwrap_err();

    assert!(
        error
            .to_string()
            .contains("asana.toml, id: another file has the id"),
        "{error}"
    );
}

#[test]
fn a_pattern_that_is_not_anchored_is_refused() {
    let pattern = r"'^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$'";
    for new in [
        r"'[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$'",
        r"'^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com'",
        r"'^a$|^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$'",
        r"'(?m)^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$'",
    ] {
        refused(
            "shopify.toml",
            SHOPIFY,
            pattern,
            new,
            "params.shop.pattern",
            "anchored",
        );
    }
    refused(
        "shopify.toml",
        SHOPIFY,
        pattern,
        "'^[a-z$'",
        "params.shop.pattern",
        "can't be read",
    );
    refused(
        "sendgrid.toml",
        SENDGRID,
        r"'^SG\.",
        r"'SG\.",
        "api_key.pattern",
        "anchored",
    );
}

#[test]
fn a_pattern_that_lets_a_host_escape_is_refused() {
    let pattern = r"'^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$'";
    refused(
        "shopify.toml",
        SHOPIFY,
        pattern,
        "'^.+$'",
        "params.shop.pattern",
        "lets \"evil.tld#\" through",
    );
    refused(
        "shopify.toml",
        SHOPIFY,
        pattern,
        "'^[0-9a-z.]*$'",
        "params.shop.pattern",
        "lets \"169.254.169.254\" through",
    );
}

#[test]
fn an_example_that_would_be_refused_is_refused() {
    let old = "example = \"acme.myshopify.com\"";
    refused(
        "shopify.toml",
        SHOPIFY,
        old,
        "example = \"acme\"",
        "params.shop",
        "would be refused",
    );
    refused(
        "sendgrid.toml",
        SENDGRID,
        "default = \"global\"",
        "default = \"us\"",
        "params.region",
        "would be refused",
    );
}

#[test]
fn a_part_that_nothing_fills_is_refused() {
    let old = "https://{shop}/admin/oauth/access_token";
    refused(
        "shopify.toml",
        SHOPIFY,
        old,
        "https://{store}/x",
        "oauth2.token_url",
        "nothing fills {store}",
    );
    refused(
        "asana.toml",
        ASANA,
        "project={project}",
        "project={projekt}",
        "history.tasks",
        "nothing fills {projekt}",
    );
    refused(
        "asana.toml",
        ASANA,
        "Bearer {token}",
        "Bearer {tokn}",
        "api_auth.value",
        "nothing fills {tokn}",
    );
    refused(
        "asana.toml",
        ASANA,
        "/users/me\"",
        "/users/{token}\"",
        "whoami.url",
        "nothing fills {token}",
    );
}

#[test]
fn the_last_id_of_a_page_has_one_place_to_go() {
    let refused = |old: &str, new: &str, field: &str, words: &str| {
        refused("hubspot.toml", HUBSPOT, old, new, field, words);
    };
    let field = "history.contacts";
    refused(
        ", next_body = '{",
        ", param = \"after\", next_body = '{",
        field,
        "one place to go",
    );
    refused(
        "\"{cursor}\"",
        "\"0\"",
        "history.contacts.next_body",
        "{cursor} is not in it",
    );
    refused(
        "path = \"id\", size",
        "path = \"\", size",
        field,
        "needs its path",
    );
}

#[test]
fn a_call_that_tells_whether_all_was_collected_needs_its_word() {
    for (old, new, reason) in [
        ("is = \"HISTORICAL_UPDATE_COMPLETE\"", "is = \"\"", "the word"),
        (
            "[history.ready]\nmethod = \"POST\"",
            "[history.ready]",
            "a GET has no body",
        ),
        ("'{\"count\":1}'", "'{\"count\":}'", "is not JSON"),
        (
            "\"/transactions/sync\"",
            "\"/{cursor}\"",
            "nothing fills {cursor}",
        ),
    ] {
        refused(
            "plaid.toml",
            PLAID,
            old,
            new,
            "history.transactions.ready",
            reason,
        );
    }
}

#[test]
fn records_that_are_counted_need_a_place_for_the_number() {
    refused(
        "plaid.toml",
        PLAID,
        "\"offset\":\"{offset}\"",
        "\"offset\":0",
        "history.transactions",
        "neither a parameter nor {offset}",
    );
}

#[test]
fn a_part_that_decides_the_host_needs_https_in_its_pattern() {
    let old = "api_base = \"https://{shop}/admin";
    refused(
        "shopify.toml",
        SHOPIFY,
        old,
        "api_base = \"{shop}/admin",
        "api_base",
        "must begin with ^https://",
    );
}

#[test]
fn a_scope_without_words_is_refused() {
    let scopes = "scopes = [\"users:read\"";
    refused(
        "asana.toml",
        ASANA,
        scopes,
        "scopes = [\"attachments:read\", \"users:read\"",
        "scope_words",
        "\"attachments:read\"",
    );
    refused(
        "asana.toml",
        ASANA,
        "\"tasks:read\"]",
        "\"tasks:read (optional)\"]",
        "scopes",
        "not a bare token",
    );
}

#[test]
fn an_error_word_has_one_meaning() {
    let old = "permanent = [\"invalid_grant\"]";
    refused(
        "asana.toml",
        ASANA,
        old,
        "permanent = [\"invalid_grant\", \"Access_Denied\"]",
        "errors.user_refused",
        "meaning already",
    );
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let broken = ASANA
        .replace("https:", "http:")
        .replace("id = \"asana\"", "id = \"other\"");

    let error = Catalog::from_files([("asana.toml", broken.as_str()), ("empty.toml", "")]).unwrap_err();

    assert!(error.problems.len() > 5, "{error}");
    assert!(
        error.problems.iter().any(|problem| problem.file == "empty.toml"),
        "{error}"
    );
}

#[test]
fn a_signed_callback_must_make_sense() {
    for (old, new, field, words) in [
        (
            "max_age_s = 90",
            "max_age_s = 0",
            "oauth2.signed_callback.max_age_s",
            "between 1 and 600",
        ),
        (
            "max_age_s = 90",
            "max_age_s = 86400",
            "oauth2.signed_callback.max_age_s",
            "between 1 and 600",
        ),
        (
            "signature = \"hmac\"",
            "signature = \"state\"",
            "oauth2.signed_callback",
            "parameters of their own",
        ),
        (
            "signature = \"hmac\"",
            "signature = \"timestamp\"",
            "oauth2.signed_callback",
            "parameters of their own",
        ),
        (
            "same = [\"shop\"]",
            "same = [\"store\"]",
            "oauth2.signed_callback.same",
            "does not type",
        ),
    ] {
        refused("shopify.toml", SHOPIFY, old, new, field, words);
    }
}

#[test]
fn a_scope_of_the_refresh_token_that_is_not_asked_for_is_refused() {
    refused(
        "asana.toml",
        ASANA,
        "issued = true",
        "issued = true\nscope = \"offline_access\"",
        "oauth2.refresh.scope",
        "not asked for",
    );
}

#[test]
fn a_tree_of_history_must_make_sense() {
    for (old, new, field, words) in [
        (
            "cut = \"tree\"",
            "cut = \"whole\"",
            "history.files",
            "a tree and a cut by one belong together",
        ),
        ("root = \"0\"", "root = \"\"", "history.files.tree", "is empty"),
        (
            "/folders/{folder}/items",
            "/folders/0/items",
            "history.files",
            "does not name the innermost parent",
        ),
    ] {
        refused("box.toml", BOX, old, new, field, words);
    }
}

#[test]
fn an_issuer_that_is_no_https_address_is_refused() {
    for (issuer, words) in [
        ("http://app.asana.com", "https"),
        ("app.asana.com", "is not a URL"),
        ("https://app.asana.com?x=1", "no query"),
        ("https://app.asana.com#x", "no query"),
    ] {
        let with = format!("[oauth2]\nissuer = \"{issuer}\"\n");
        refused("asana.toml", ASANA, "[oauth2]\n", &with, "oauth2.issuer", words);
    }
}

#[test]
fn an_alias_of_a_scope_that_is_not_asked_for_is_refused() {
    refused(
        "shopify.toml",
        SHOPIFY,
        "read_orders = [\"write_orders\"]",
        "read_all = [\"write_all\"]",
        "oauth2.scope_aliases",
        "not asked for",
    );
}

const GITHUB: &str = include_str!("../../integrations/github.toml");

#[test]
fn a_choice_of_account_that_is_none_or_touches_the_protocol_is_refused() {
    const OLD: &str = "params = { prompt = \"select_account\" }";
    for (new, words) in [
        ("params = {}", "there is no parameter"),
        ("params = { prompt = \"\" }", "is empty"),
        ("params = { state = \"x\" }", "belongs to the protocol"),
        (
            "params = { redirect_uri = \"https://evil.example\" }",
            "belongs to the protocol",
        ),
        ("params = { scope = \"admin\" }", "belongs to the protocol"),
        ("params = { login = \"{nobody}\" }", "nothing fills {nobody}"),
    ] {
        refused("github.toml", GITHUB, OLD, new, "oauth2.choose_account", words);
    }
    let text = GITHUB.replace(
        "[oauth2.choose_account]",
        "[oauth2.authorize_params]\nprompt = \"select_account\"\n\n[oauth2.choose_account]",
    );
    refused(
        "github.toml",
        &text,
        "id = ",
        "id = ",
        "oauth2.choose_account",
        "is sent in every request",
    );
    let source = GITHUB
        .lines()
        .find(|line| line.starts_with("source = \"github.blog"))
        .unwrap();
    refused(
        "github.toml",
        GITHUB,
        source,
        "source = \" \"",
        "oauth2.choose_account",
        "no source",
    );
}

#[test]
fn what_is_said_about_registering_is_whole_and_sourced() {
    let limit = "text = \"The client secret can be reset, the client id never changes.\"";
    for (old, new, field, words) in [
        (
            "opens = \"by-switch\"\n",
            "",
            "setup.opens",
            "before customers may connect",
        ),
        (limit, "text = \" \"", "setup.limits", "is not a sentence"),
        (
            "source = \"docs.unified.to/skills/asana-oauth-app/SKILL.md\"",
            "source = \"\"",
            "setup.limits",
            "has no source",
        ),
        (
            limit,
            "text = \"An app has either granular scopes or full permissions; asking for the other kind fails.\"",
            "setup.limits",
            "is said twice",
        ),
        (
            "unknown_code = [\"invalid_grant\"]",
            "unknown_code = []",
            "setup.probe.unknown_code",
            "must name the provider's words",
        ),
    ] {
        refused("asana.toml", ASANA, old, new, field, words);
    }
    let with = "opens = \"at-once\"\nreview = ";
    refused(
        "sendgrid.toml",
        SENDGRID,
        "review = ",
        with,
        "setup.opens",
        "nothing to say",
    );
    // Each shop has an address of its own: nobody can be asked before one is named.
    let probe = "[setup.probe]\nunknown_code = [\"x\"]\nsource = \"s\"\n\n[confidence]";
    refused(
        "shopify.toml",
        SHOPIFY,
        "[confidence]",
        probe,
        "setup.probe",
        "before a customer named",
    );
}

#[test]
fn a_word_for_a_wrong_secret_is_one_for_a_wrong_set_up() {
    refused(
        "asana.toml",
        ASANA,
        "[errors]\n",
        "[errors]\nwrong_client = [\"bad_secret\"]\n",
        "errors.wrong_client",
        "not among those of app_config",
    );
}

#[test]
fn what_a_provider_calls_a_client_id_is_a_name() {
    for name in [
        " ",
        "Please copy the long text that stands in the grey box over there",
    ] {
        refused(
            "asana.toml",
            ASANA,
            "opens = \"by-switch\"\n",
            &format!("opens = \"by-switch\"\nclient_id_name = \"{name}\"\n"),
            "setup.client_id_name",
            "is not the name",
        );
    }
}
