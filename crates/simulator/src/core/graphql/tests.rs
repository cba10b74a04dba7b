use super::*;

static ORDER: Type = Type {
    name: "Order",
    kind: Kind::Enum(&["asc", "desc"]),
};
static IDS: Type = Type {
    name: "[ID!]",
    kind: Kind::List(&ID),
};
static FILTER: Type = Type {
    name: "Filter",
    kind: Kind::Object(&[("since", &STRING), ("order", &ORDER)]),
};
const KNOWN: &[(&str, &Type)] = &[
    ("first", &INT),
    ("all", &BOOLEAN),
    ("after", &STRING),
    ("ids", &IDS),
    ("filter", &FILTER),
];

fn root() -> Value {
    json!({TYPE: "Query", "me": {
        TYPE: "User", "id": "1", "name": null,
        "account": {TYPE: "Account", "id": "7", "slug": "acme"},
        "tags": [{TYPE: "Tag", "id": "a"}, {TYPE: "Tag", "id": "b"}],
    }})
}

/// What a query without variables takes from the root.
fn select(query: &str) -> Result<Value, Problem> {
    let whole = Field {
        name: String::new(),
        fields: parse(query, &Value::Null)?,
        arguments: Vec::new(),
    };
    whole.pick(&root(), &[])
}

/// The arguments of the first field.
fn arguments(query: &str, variables: &Value) -> Result<Value, Problem> {
    parse(query, variables)?[0].arguments(KNOWN)
}

#[test]
fn what_is_asked_for_comes_and_nothing_else() {
    let wanted = json!({"me": {"id": "1", "name": null, "account": {"slug": "acme"}}});
    for query in [
        "{ me { id name account { slug } } }",
        "{me{id,name,account{slug}}}",
        "query { me { id name account { slug } } }",
        "query Me {\n  me {\n id name account { slug } } }",
    ] {
        assert_eq!(select(query), Ok(wanted.clone()), "{query}");
    }
    let typed = json!({"me": {"__typename": "User", "tags": [{"id": "a"}, {"id": "b"}]}});
    assert_eq!(select("{ me { __typename tags { id } } }"), Ok(typed));
}

#[test]
fn what_is_not_there_is_named() {
    let field = |name: &str, of: &str| {
        Err(Problem::Field {
            name: name.to_owned(),
            of: of.to_owned(),
        })
    };
    for (query, refusal) in [
        ("{ viewer { id } }", field("viewer", "Query")),
        ("{ me { email } }", field("email", "User")),
        ("{ me { id account } }", field("account", "User")),
        ("{ me { id { x } } }", field("id", "User")),
        ("{ me { tags } }", field("tags", "User")),
        ("{ me { tags { slug } } }", field("slug", "Tag")),
        ("{ me }", field("me", "Query")),
    ] {
        assert_eq!(select(query), refusal, "{query}");
    }
    let argument = Err(Problem::Argument {
        name: "limit".to_owned(),
        of: "me".to_owned(),
    });
    assert_eq!(select("{ me(limit: 1) { id } }"), argument);
}

#[test]
fn what_does_not_parse_is_refused() {
    for query in [
        "",
        "{}",
        "{ me { } }",
        "{ me { id }",
        "{ me { id } } }",
        "me { id }",
        "mutation { me { id } }",
        "{ me() { id } }",
        "{ me(limit) { id } }",
        "{ me(limit: \"1) { id } }",
        "{ me(limit: [1) { id } }",
        "{ a: me { id } }",
        "{ me { ...user } }",
        "query() { me { id } }",
    ] {
        assert_eq!(select(query), Err(Problem::Syntax), "{query}");
    }
    let deep = format!("{}{}", "{ a ".repeat(40), "}".repeat(40));
    assert_eq!(select(&deep), Err(Problem::Syntax));
}

#[test]
fn arguments_stand_in_the_query_or_come_as_variables() {
    let wanted = json!({
        "first": 2, "all": true, "after": "a \"b\"", "ids": ["1", "x"],
        "filter": {"since": "2026-01-01", "order": "desc"},
    });
    let said = r#"{ a(first: 2, all: true, after: "a \"b\"", ids: [1, "x"],
        filter: {since: "2026-01-01", order: desc}) { id } }"#;
    assert_eq!(arguments(said, &Value::Null), Ok(wanted.clone()));
    let declared = "query A($n: Int, $all: Boolean!, $after: String, $ids: [ID!]!, $f: Filter) {
        a(first: $n, all: $all, after: $after, ids: $ids, filter: $f) { id } }";
    let variables = json!({
        "n": 2, "all": true, "after": "a \"b\"", "ids": [1, "x"],
        "f": {"since": "2026-01-01", "order": "desc"},
    });
    assert_eq!(arguments(declared, &variables), Ok(wanted));
    let one = "query($id: ID!, $after: String) { a(ids: [$id], after: $after) { id } }";
    assert_eq!(arguments(one, &json!({"id": 7})), Ok(json!({"ids": ["7"]})));
    assert_eq!(
        arguments("{ a(ids: 7, after: null) { id } }", &Value::Null),
        Ok(json!({"ids": ["7"]}))
    );
    assert_eq!(
        arguments("{ a(filter: {}) { id } }", &Value::Null),
        Ok(json!({"filter": {}}))
    );
}

#[test]
fn arguments_of_another_type_are_refused() {
    for query in [
        "{ a(size: 2) { id } }",
        "{ a(first: \"2\") { id } }",
        "{ a(all: yes) { id } }",
        "{ a(after: b) { id } }",
        "{ a(filter: {order: \"desc\"}) { id } }",
        "{ a(filter: {order: up}) { id } }",
        "{ a(filter: {until: \"x\"}) { id } }",
        "{ a(ids: [true]) { id } }",
    ] {
        let refused = arguments(query, &Value::Null);
        assert!(matches!(refused, Err(Problem::Argument { .. })), "{query}");
    }
    let number = "query($n: String) { a(first: $n) { id } }";
    let refused = arguments(number, &json!({"n": 2}));
    assert!(
        matches!(refused, Err(Problem::Argument { .. })),
        "the declared type counts"
    );
}

#[test]
fn variables_are_declared_given_and_used() {
    for (query, variables) in [
        ("{ a(first: $n) { id } }", json!({"n": 1})),
        ("query($n: Int!) { a(first: $n) { id } }", json!({})),
        ("query($n: Int) { a { id } }", json!({"n": 1})),
    ] {
        let refused = arguments(query, &variables);
        assert_eq!(refused, Err(Problem::Variable("n".to_owned())), "{query}");
    }
}
