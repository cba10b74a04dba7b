//! Drive's API: whose Drive it is, and its files.
//!
//! Files: developers.google.com/workspace/drive/api/reference/rest/v3/files/list (`q`, `orderBy`, up to 1000 a page) and
//! guides/ref-search-terms; one search is known here, `modifiedTime > '…' and trashed = false`. Other sources: developers.google.com/workspace/drive/api/reference/rest/v3/about (fields; `fields` is mandatory) and
//! developers.google.com/workspace/drive/api/guides/fields-parameter (what is not asked for is not answered; `*` is
//! everything). Stricter than documented: nested selections such as `user(emailAddress)` are not known here.
//! `permissionId` is Drive's own id of a person and not the one of userinfo. The words of errors are own knowledge.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{DRIVE_METADATA, Google, api_error, bad, list, size};
use crate::{
    core::{
        answer::Answer,
        call::Call,
        history::{iso, parse_iso},
        provider::Seen,
        sample::SampleStream,
        world::World,
    },
    profiles::Account,
};

/// Most of a page.
const MOST: usize = 1000;
const LIST: &str = "/drive/v3/files";

/// Files.
pub const FILES: SampleStream = SampleStream {
    name: "files",
    per_day: 30,
    id: |_, sample| format!("1{:027}", sample.number),
    ..SampleStream::STANDARD
};

/// Answers a call below `/drive/` of `www.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    if path != "/drive/v3/about" && path != LIST {
        return Answer::no_such_path(&call.host, path);
    }
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    match google.caller(world, call, DRIVE_METADATA) {
        Ok((grant, account)) if path == LIST => files(&Seen {
            world,
            call,
            grant: &grant,
            account,
        }),
        Ok((_, account)) => about(account, call.query.get("fields")),
        Err(refusal) => refusal,
    }
}

/// The fields that were asked for, and no others.
fn about(account: &Account, fields: Option<&str>) -> Answer {
    let Some(fields) = fields else {
        let words = "The 'fields' parameter is required for this method.";
        return api_error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "required", words);
    };
    let mut all = everything(account);
    if fields == "*" {
        return Answer::json(StatusCode::OK, &Value::Object(all));
    }
    let chosen: Option<Map<String, Value>> = fields.split(',').map(|name| all.remove_entry(name)).collect();
    let Some(chosen) = chosen else {
        let words = "Invalid field selection";
        return api_error(
            StatusCode::BAD_REQUEST,
            "INVALID_ARGUMENT",
            "invalidParameter",
            words,
        );
    };
    Answer::json(StatusCode::OK, &Value::Object(chosen))
}

fn everything(account: &Account) -> Map<String, Value> {
    let fields = [
        ("kind", json!("drive#about")),
        (
            "user",
            json!({
                "kind": "drive#user",
                "displayName": account.name,
                "me": true,
                "permissionId": account.id.replacen("108", "073", 1),
                "emailAddress": account.label,
            }),
        ),
        (
            "storageQuota",
            json!({
                "limit": "32212254720",
                "usage": "7340032",
                "usageInDrive": "5242880",
                "usageInDriveTrash": "0",
            }),
        ),
        ("maxUploadSize", json!("5242880000000")),
        ("appInstalled", json!(false)),
        ("canCreateDrives", json!(true)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Files by the time of their last change.
fn files(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let after = query.get("q").and_then(|q| {
        let time = q.strip_prefix("modifiedTime > '")?;
        parse_iso(time.strip_suffix("' and trashed = false")?)
    });
    let (Some(after), Some(size)) = (after, size(seen, "pageSize", 100, MOST)) else {
        return bad("q is modifiedTime > '…' and trashed = false (simulated provider)");
    };
    if query.get("orderBy") != Some("modifiedTime") {
        return bad("orderBy is modifiedTime (simulated provider)");
    }
    let asked = query.get("fields").unwrap_or_default();
    if !asked.starts_with("nextPageToken,files(") {
        return bad("Invalid field selection");
    }
    let all = |as_of| seen.samples_as_of(&FILES, "", after.saturating_add(1), i64::MAX, as_of);
    list(seen, "files", size, all, |sample| {
        let id = (FILES.id)("", sample);
        json!({
            "id": id, "name": sample.title, "mimeType": "application/vnd.google-apps.document",
            "modifiedTime": iso(sample.at, true), "webViewLink": format!("https://docs.google.com/document/d/{id}"),
        })
    })
}
