use super::*;

const DOCUMENT: &str = "Example/openapi.yaml (2026-08-20)";

/// Asana, with one source that is dated and no doubt; every gate has passed and everybody agreed.
struct Bench {
    catalog: Catalog,
    passed: BTreeSet<(String, Gate)>,
    opinions: Vec<Opinion>,
    documents: Documents,
}

impl Bench {
    fn new(id: &str) -> Self {
        let file = Catalog::builtin_file(id).unwrap();
        let mut table: toml::Table = file.parse().unwrap();
        table.remove("confidence");
        let text = toml::to_string(&table).unwrap().replacen(
            "sources = [",
            &format!("sources = [{DOCUMENT:?}, "),
            1,
        );
        let name = format!("{id}.toml");
        Self {
            catalog: Catalog::from_files([(name.as_str(), text.as_str())]).unwrap(),
            passed: GATES.into_iter().map(|gate| (id.to_owned(), gate)).collect(),
            opinions: vec![
                opinion(id, Side::Client, "client 1", &["flow", "refresh", "revoke"]),
                opinion(id, Side::Server, "server 1", &["flow", "refresh", "revoke"]),
                opinion("*", Side::Vault, "cipher 1", &["storage"]),
            ],
            documents: Documents::new(),
        }
    }

    fn covered(mut self, gate: Gate) -> Self {
        let id = self.catalog.iter().next().unwrap().id.clone();
        let gates = [(gate.as_str().to_owned(), DOCUMENT.to_owned())];
        self.documents.insert(id, gates.into_iter().collect());
        self
    }

    fn judge(&self) -> Judgement {
        let ground = Ground {
            catalog: &self.catalog,
            passed: &self.passed,
            opinions: &self.opinions,
            documents: &self.documents,
            date: "2026-11-28",
        };
        judge(&ground, None, Attestations::default())
    }

    fn word(&self, gate: Gate) -> Option<Word> {
        let id = &self.catalog.iter().next().unwrap().id;
        self.judge().words.get(id, gate).map(|found| found.word)
    }
}

fn opinion(integration: &str, side: Side, tool: &str, done: &[&str]) -> Opinion {
    Opinion {
        integration: integration.to_owned(),
        tool: tool.to_owned(),
        side,
        done: done.iter().map(|part| (*part).to_owned()).collect(),
        failed: None,
    }
}

#[test]
fn both_sides_have_to_agree() {
    let whole = Bench::new("asana");
    for gate in [Gate::Flow, Gate::Storage, Gate::Lifecycle] {
        assert_eq!(whole.word(gate), Some(Word::StandardsChecked), "{gate:?}");
    }
    assert_eq!(whole.word(Gate::History), None);
    for missing in [0, 1] {
        let mut half = Bench::new("asana");
        half.opinions.remove(missing);
        assert_eq!(half.word(Gate::Flow), None, "{missing}");
        assert_eq!(half.word(Gate::Lifecycle), None, "{missing}");
    }
    let mut no_refresh = Bench::new("asana");
    no_refresh.opinions[0].done.remove("refresh");
    assert_eq!(no_refresh.word(Gate::Flow), Some(Word::StandardsChecked));
    assert_eq!(no_refresh.word(Gate::Lifecycle), None);
}

#[test]
fn a_gate_that_did_not_pass_earns_nothing() {
    let mut bench = Bench::new("asana").covered(Gate::Flow);
    bench.passed.remove(&("asana".to_owned(), Gate::Flow));
    assert_eq!(bench.word(Gate::Flow), None);
}

#[test]
fn a_second_opinion_that_failed_takes_the_word_and_says_the_step() {
    let mut bench = Bench::new("asana").covered(Gate::Lifecycle);
    bench.opinions.push(Opinion {
        failed: Some(Failed {
            part: "revoke".to_owned(),
            step: "revoke the refresh token".to_owned(),
            got: "status 500".to_owned(),
        }),
        ..opinion("asana", Side::Client, "client 2", &["flow", "refresh"])
    });
    let judgement = bench.judge();
    assert_eq!(judgement.words.get("asana", Gate::Lifecycle), None);
    assert!(judgement.words.get("asana", Gate::Flow).is_some());
    assert_eq!(
        judgement.failed,
        ["asana: client 2: revoke the refresh token: status 500"]
    );
}

#[test]
fn off_the_standard_a_document_is_the_most_there_is() {
    let bench = Bench::new("notion");
    assert_eq!(bench.word(Gate::Flow), None);
    let bench = bench.covered(Gate::Flow);
    assert_eq!(bench.word(Gate::Flow), Some(Word::MatchesDocs));
    assert_eq!(
        bench.judge().words.get("notion", Gate::Flow).unwrap().source,
        DOCUMENT
    );
    assert_eq!(bench.word(Gate::Lifecycle), None, "nobody looked at that");
}

#[test]
fn a_document_that_is_not_the_entrys_or_has_no_date_counts_for_nothing() {
    for other in ["Example/openapi.yaml (2026-08-21)", "NangoHQ/nango"] {
        let mut bench = Bench::new("notion").covered(Gate::Flow);
        let gates = bench.documents.get_mut("notion").unwrap();
        gates.insert("flow".to_owned(), other.to_owned());
        assert_eq!(bench.word(Gate::Flow), None, "{other}");
    }
    assert!(has_date("a (2026-08-04)") && has_date("docs/2026/03/30/x") && has_date("(2026-08: x)"));
    assert!(!has_date("RFC 2026") && !has_date("20260804") && !has_date("2026"));
}

#[test]
fn a_doubt_about_what_a_gate_rests_on_is_enough() {
    for (field, words, flow, lifecycle) in [
        ("oauth2.pkce", "medium", true, false),
        ("oauth2.refresh.ttl", "low", false, true),
        ("oauth2.refresh", "medium", false, true),
        ("errors", "medium", true, true),
        ("oauth2", "medium", true, true),
        ("oauth2.pkce", "high for S256; medium for plain", true, false),
        ("oauth2.pkce", "high: vendor text", false, false),
        ("history.rate_limits", "medium", false, false),
        ("setup", "own knowledge", false, false),
    ] {
        let mut integration = Catalog::builtin().unwrap().get("canva").unwrap().clone();
        integration.confidence = [(field.to_owned(), words.to_owned())].into_iter().collect();
        let found = |gate| doubt(&integration, gate).is_some();
        assert_eq!(
            (found(Gate::Flow), found(Gate::Lifecycle)),
            (flow, lifecycle),
            "{field} {words}"
        );
    }
}

#[test]
fn who_is_not_judged_keeps_what_there_was() {
    let bench = Bench::new("asana");
    let before = bench.judge().words;
    let ground = Ground {
        catalog: &bench.catalog,
        passed: &BTreeSet::new(),
        opinions: &[],
        documents: &bench.documents,
        date: "2026-12-01",
    };
    let only = ["xero".to_owned()];
    assert_eq!(judge(&ground, Some(&only), before.clone()).words, before);
    assert_eq!(judge(&ground, None, before).words.get("asana", Gate::Flow), None);
}
