//! Files of a deployment's own: what they add, what they change, and what is said of those that are not right.

use patchbay_catalog::{Catalog, Origin, Stage, TEMPLATE};

/// The template as `patchbay catalog new acme-crm` fills it in.
fn acme() -> String {
    TEMPLATE
        .replace("\"ID\"", "\"acme-crm\"")
        .replace("\"Name\"", "\"Acme CRM\"")
}

fn with(file: &str, text: &str) -> (Catalog, Vec<String>) {
    let (catalog, problems) = Catalog::with_own([(file, text)]).unwrap();
    (catalog, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_fortieth_takes_one_file_and_no_percentage_counts_it() {
    let (catalog, problems) = with("acme-crm.toml", &acme());

    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(catalog.len(), 40);
    assert_eq!(catalog.planned().count(), 39);
    let last = catalog.iter().last().unwrap();
    assert_eq!((last.id.as_str(), last.name.as_str()), ("acme-crm", "Acme CRM"));
    assert_eq!((last.stage, &last.origin), (Stage::Own, &Origin::Own));
    assert!(
        catalog
            .iter()
            .take(39)
            .all(|found| found.origin == Origin::BuiltIn)
    );
}

#[test]
fn a_file_with_a_built_in_id_changes_what_it_says_and_nothing_else() {
    let text =
        "[oauth2]\nscopes = [\"read\", \"write\"]\n[oauth2.scope_words]\nwrite = \"Can change: issues\"\n";
    let (catalog, problems) = with("linear.toml", text);

    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(catalog.len(), 39);
    let builtin = Catalog::builtin().unwrap();
    let (before, after) = (builtin.get("linear").unwrap(), catalog.get("linear").unwrap());
    assert_eq!(after.scopes(), ["read", "write"]);
    assert_eq!(after.scope_words()["read"], before.scope_words()["read"]);
    assert_eq!(
        after.oauth2().unwrap().token_url,
        before.oauth2().unwrap().token_url
    );
    let fields = ["oauth2.scope_words.write", "oauth2.scopes"].map(String::from);
    let Origin::Overridden { fields: mut named } = after.origin.clone() else {
        panic!("overridden");
    };
    named.sort();
    assert_eq!(named, fields);
    assert_eq!((after.order, after.stage), (before.order, before.stage));
}

#[test]
fn a_broken_file_is_named_with_line_and_reason_and_the_rest_stands() {
    let misspelt = acme().replace("client_auth", "client_aut");
    let line = misspelt
        .lines()
        .position(|line| line.starts_with("client_aut"))
        .unwrap()
        + 1;
    let files = [
        ("acme-crm.toml", misspelt.as_str()),
        (
            "linear.toml",
            "[oauth2]\ntoken_url = \"http://evil.example/token\"\n",
        ),
        ("asana.toml", "name = \"x\"\nstage = \"phase9\"\n"),
        ("box.toml", "name = \n"),
        ("zoom.toml", "summary = \"Calls\"\n[oauth2]\npkce = \"perhaps\"\n"),
    ];

    let (catalog, problems) = Catalog::with_own(files).unwrap();

    assert_eq!(
        catalog,
        Catalog::builtin().unwrap(),
        "the built-in ones stand as they came"
    );
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let all = said.join("\n");
    assert_eq!(said.len(), 5, "{all}");
    assert!(
        said[0].starts_with(&format!("acme-crm.toml, line {line}: unknown field `client_aut`")),
        "{all}"
    );
    assert!(said[1].starts_with("linear.toml, oauth2.token_url: "), "{all}");
    assert!(
        said[2].starts_with("asana.toml, line 2: stage belongs to the plan"),
        "{all}"
    );
    assert!(said[3].starts_with("box.toml, line 1: "), "{all}");
    assert!(said[4].starts_with("zoom.toml, line "), "{all}");
}

#[test]
fn an_own_file_can_not_join_the_plan() {
    let text = acme().replace("id = ", "stage = \"phase9\"\nid = ");
    let (catalog, problems) = with("acme-crm.toml", &text);

    assert_eq!(catalog.len(), 39);
    assert!(problems[0].contains("outside the plan"), "{problems:?}");
}

#[test]
fn versions_with_an_end_name_day_and_source() {
    let text = "[[api_versions]]\nversion = \"1\"\nsunset = \"next year\"\nthen = \"x\"\nsource = \"x\"\n";
    let (_, problems) = with("linear.toml", text);

    assert_eq!(
        problems,
        ["linear.toml, api_versions.1: sunset is not a day such as 2027-07-01"]
    );
}
