//! Settings: a TOML file, beaten by `PATCHBAY_…` variables. `patchbay.sample.toml` documents every one.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use patchbay_hub::Mode;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// What is wrong with the settings, in words for an operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("the settings file {path} can't be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the settings file {path} is not right")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// A client id without its secret.
    #[error("{name}_CLIENT_ID is set without {name}_CLIENT_SECRET or {name}_CLIENT_SECRET_FILE")]
    NoSecret {
        /// The beginning of the variables' names.
        name: String,
    },
    /// One setting is not what it should be.
    #[error("{name} is “{value}”: {expected}")]
    Setting {
        /// The variable's name.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// The file as it is written; every field may be missing.
#[expect(clippy::struct_field_names, reason = "the names are those of the settings")]
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mode: Option<String>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    public_url: Option<String>,
    listen: Option<String>,
    site_root: Option<PathBuf>,
    verify_at_start: Option<bool>,
    key_file: Option<PathBuf>,
    setup_token_file: Option<PathBuf>,
    catalog_dir: Option<PathBuf>,
    #[serde(default)]
    apps: BTreeMap<String, FileApp>,
}

/// A provider app in the file. The secret stands in a file of its own, so that this one can be shown around.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileApp {
    client_id: String,
    client_secret_file: PathBuf,
}

/// A provider app of the settings.
#[derive(Debug, Clone)]
pub struct SettingsApp {
    /// As in the catalogue's `provider_app`.
    pub id: String,
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretString,
}

/// The settings of one deployment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Demo or live.
    pub mode: Mode,
    /// Database, key and simulator state.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Where people reach the console.
    pub public_url: String,
    /// Address and port of the listener.
    pub listen: SocketAddr,
    /// Where the built site is; none: as Leptos.toml says.
    pub site_root: Option<PathBuf>,
    /// Whether a new build verifies itself when it first starts.
    pub verify_at_start: bool,
    /// The key that seals everything, as text.
    pub key: Option<SecretString>,
    /// The file that holds it, where it is not the one in the data folder.
    pub key_file: Option<PathBuf>,
    /// Where the one-time token for the first owner is written; none: to the terminal.
    pub setup_token_file: Option<PathBuf>,
    /// The folder of this deployment's own integrations.
    pub catalog_dir: Option<PathBuf>,
    /// Provider apps.
    pub apps: Vec<SettingsApp>,
}

impl Config {
    /// Reads file and variables.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let file = match file {
            Some(path) => read(path)?,
            None => File::default(),
        };
        Self::build(file, |name| {
            std::env::var(name).ok().filter(|value| !value.is_empty())
        })
    }

    /// Puts the settings together.
    fn build(file: File, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mode = mode(
            &variable("PATCHBAY_MODE")
                .or(file.mode)
                .unwrap_or_else(|| "demo".to_owned()),
        )?;
        let data_dir = variable("PATCHBAY_DATA_DIR")
            .map(PathBuf::from)
            .or(file.data_dir)
            .unwrap_or_else(|| "data".into());
        let listen = variable("PATCHBAY_LISTEN")
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let listen: SocketAddr = listen.parse().map_err(|_| ConfigError::Setting {
            name: "PATCHBAY_LISTEN",
            value: listen.clone(),
            expected: "it must be an address and a port, such as 127.0.0.1:3000",
        })?;
        let public_url = variable("PATCHBAY_PUBLIC_URL")
            .or(file.public_url)
            .unwrap_or_else(|| format!("http://localhost:{}", listen.port()));
        let verify_at_start = match variable("PATCHBAY_VERIFY_AT_START") {
            Some(word) => flag("PATCHBAY_VERIFY_AT_START", &word)?,
            None => file.verify_at_start.unwrap_or(true),
        };
        Ok(Self {
            key: variable("PATCHBAY_KEY").map(SecretString::from),
            key_file: variable("PATCHBAY_KEY_FILE").map(PathBuf::from).or(file.key_file),
            setup_token_file: variable("PATCHBAY_SETUP_TOKEN_FILE")
                .map(PathBuf::from)
                .or(file.setup_token_file),
            catalog_dir: variable("PATCHBAY_CATALOG_DIR")
                .map(PathBuf::from)
                .or(file.catalog_dir),
            apps: apps(file.apps, &variable)?,
            database_url: variable("PATCHBAY_DATABASE_URL")
                .or(file.database_url)
                .unwrap_or_else(|| format!("sqlite://{}", data_dir.join("patchbay.sqlite").display())),
            public_url: public_address(&public_url)?,
            site_root: variable("PATCHBAY_SITE_ROOT")
                .map(PathBuf::from)
                .or(file.site_root),
            mode,
            data_dir,
            listen,
            verify_at_start,
        })
    }
}

/// Reads the file.
fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ConfigError::Malformed {
        path: path.to_owned(),
        source,
    })
}

fn mode(word: &str) -> Result<Mode, ConfigError> {
    match word {
        "demo" => Ok(Mode::Demo),
        "live" => Ok(Mode::Live),
        _ => Err(ConfigError::Setting {
            name: "PATCHBAY_MODE",
            value: word.to_owned(),
            expected: "it must be demo or live",
        }),
    }
}

fn flag(name: &'static str, word: &str) -> Result<bool, ConfigError> {
    match word {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(ConfigError::Setting {
            name,
            value: word.to_owned(),
            expected: "it must be true or false",
        }),
    }
}

/// Provider apps: of the file, and of variables such as `PATCHBAY_APP_GOOGLE_CLIENT_ID` with `…_CLIENT_SECRET` or
/// `…_CLIENT_SECRET_FILE`, which beat it.
fn apps(
    file: BTreeMap<String, FileApp>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<SettingsApp>, ConfigError> {
    let mut found = Vec::new();
    for (id, app) in file {
        let client_secret = secret_file(&app.client_secret_file)?;
        found.push(SettingsApp {
            id,
            client_id: app.client_id,
            client_secret,
        });
    }
    for id in app_ids() {
        let name = format!("PATCHBAY_APP_{}", id.to_uppercase().replace('-', "_"));
        let Some(client_id) = variable(&format!("{name}_CLIENT_ID")) else {
            continue;
        };
        let secret = match variable(&format!("{name}_CLIENT_SECRET")) {
            Some(secret) => SecretString::from(secret),
            None => match variable(&format!("{name}_CLIENT_SECRET_FILE")) {
                Some(path) => secret_file(Path::new(&path))?,
                None => return Err(ConfigError::NoSecret { name }),
            },
        };
        found.retain(|app| app.id != id);
        found.push(SettingsApp {
            id,
            client_id,
            client_secret: secret,
        });
    }
    Ok(found)
}

/// The provider apps that the catalogue names.
fn app_ids() -> BTreeSet<String> {
    let catalog = patchbay_catalog::Catalog::builtin().into_iter();
    catalog
        .flat_map(|catalog| {
            catalog
                .iter()
                .map(|found| found.provider_app.clone())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// A secret in a file of its own, without the line's end.
fn secret_file(path: &Path) -> Result<SecretString, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    Ok(SecretString::from(text.trim()))
}

/// https, or http on this machine only: providers send codes to this address.
fn public_address(text: &str) -> Result<String, ConfigError> {
    let wrong = |expected| ConfigError::Setting {
        name: "PATCHBAY_PUBLIC_URL",
        value: text.to_owned(),
        expected,
    };
    let url =
        Url::parse(text).map_err(|_| wrong("it must be an address such as https://connect.example.com"))?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        return Err(wrong("it must start with https:// (http:// only for localhost)"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must be without a path"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs: std::collections::BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::build(File::default(), |name| pairs.get(name).cloned())
    }

    #[test]
    fn nothing_set_is_a_demo_on_this_machine() {
        let config = build(&[]).expect("defaults are valid");
        assert_eq!(config.mode, Mode::Demo);
        assert_eq!(config.public_url, "http://localhost:3000");
        assert_eq!(config.database_url, "sqlite://data/patchbay.sqlite");
    }

    #[test]
    fn plain_http_is_for_localhost_only() {
        assert!(build(&[("PATCHBAY_PUBLIC_URL", "http://connect.example.com")]).is_err());
        assert!(build(&[("PATCHBAY_PUBLIC_URL", "https://connect.example.com/console")]).is_err());
        assert!(build(&[("PATCHBAY_PUBLIC_URL", "https://connect.example.com")]).is_ok());
    }

    #[test]
    fn a_wrong_word_is_named_with_its_variable() {
        let error = build(&[("PATCHBAY_MODE", "prod")])
            .expect_err("prod is no mode")
            .to_string();
        assert!(
            error.contains("PATCHBAY_MODE") && error.contains("demo or live"),
            "{error}"
        );
    }
}
