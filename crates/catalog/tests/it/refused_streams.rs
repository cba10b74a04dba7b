//! Streams that could not be read as they say are refused.

use crate::refused::refused;

const ASANA: &str = include_str!("../../integrations/asana.toml");

const TIME: &str = "time_path = \"modified_at\"\n";

fn refused_stream(old: &str, new: &str, field: &str, words: &str) {
    refused(
        "asana.toml",
        ASANA,
        old,
        new,
        &format!("history.tasks{field}"),
        words,
    );
}

#[test]
fn a_stream_has_times_or_says_that_there_are_none() {
    refused_stream(TIME, "", ".time_path", "is empty where the stream is undated");
    let both = format!("undated = true\n{TIME}");
    refused_stream(TIME, &both, ".time_path", "and only there");
    let sorted = "undated = true\nnewest_first = true\n";
    refused_stream(TIME, sorted, ".undated", "goes with reading all");
}

#[test]
fn a_single_record_has_no_pages() {
    refused_stream(
        TIME,
        &format!("single = true\n{TIME}"),
        "",
        "a single record has no pages",
    );
}
