//! How far a history import is: a bar with its words. It keeps its blue while it waits and never turns red or back.

use leptos::{either::Either, prelude::*};
use patchbay_hub::view::{HistoryState, HistoryView};
use patchbay_store::time::Millis;

use super::{Glyph, Icon, StatusWord, status};
use crate::words;

/// A bar that says what it measures.
#[component]
pub fn ProgressBar(
    /// "Asana history".
    #[prop(into)]
    label: String,
    /// 0 to 100.
    percent: u8,
    /// 4 instead of 8 pixels.
    #[prop(optional)]
    thin: bool,
    /// Another colour than running's: "progress-good".
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let thin = if thin { "progress-thin" } else { "" };
    view! {
        <progress
            class=format!("progress {thin} {class}")
            max="100"
            value=percent.to_string()
            aria-label=label
        >
            {format!("{percent} %")}
        </progress>
    }
}

/// An import's bar and lines.
#[component]
pub fn HistoryBar(
    /// The integration's name.
    #[prop(into)]
    name: String,
    /// The import.
    history: HistoryView,
    /// The present.
    now: Millis,
) -> impl IntoView {
    let running = matches!(history.state, HistoryState::Queued | HistoryState::Running);
    if !running {
        let shown = status::of_history(history.state);
        let tinted = history.state == HistoryState::Gaps;
        return Either::Left(view! {
            <StatusWord shown=shown tinted=tinted/>
            <p class="mt-2 num">{ended(&name, &history, now)}</p>
        });
    }
    let begun = history.records > 0 || history.done > 0;
    let waiting = history.waiting.clone();
    Either::Right(view! {
        <p class="bar-head">
            <span>"Getting the last 90 days"</span>
            <span class="num">{words::progress(history.percent, begun)}</span>
        </p>
        <ProgressBar label=format!("{name} history") percent=history.percent/>
        <p class="bar-line num">{so_far(&history, now)}</p>
        {waiting
            .map(|waiting| {
                view! {
                    <p class="bar-wait">
                        <Icon of=Glyph::Hourglass/>
                        <span>
                            {format!("{} until {}.", waiting.reason, words::clock(waiting.until.0))}
                        </span>
                    </p>
                }
            })}
    })
}

/// "39 of 90 days · 5,310 records · about 6 to 9 minutes left · 12 min so far".
fn so_far(history: &HistoryView, now: Millis) -> String {
    if history.state == HistoryState::Queued {
        return "Starting.".to_owned();
    }
    let mut parts = vec![
        format!("{} of {} {}", history.done, history.total, history.unit),
        words::count(history.records, "record", "records"),
    ];
    if let Some(started) = history.started_at {
        let elapsed = now.0 - started.0;
        parts.extend(words::left(elapsed, history.percent));
        parts.push(format!("{} so far", words::length(elapsed)));
    }
    parts.join(" · ")
}

/// How it ended, in one sentence.
fn ended(name: &str, history: &HistoryView, now: Millis) -> String {
    let records = words::count(history.records, "record", "records");
    match history.state {
        HistoryState::Gaps => {
            let aside = history.total.saturating_sub(history.done);
            let were = if aside == 1 { "was" } else { "were" };
            format!(
                "{} of {} {}; {aside} {were} set aside. {records} arrived.",
                history.done, history.total, history.unit
            )
        }
        HistoryState::Cancelled => {
            let on = history
                .finished_at
                .map_or_else(String::new, |at| format!(" on {}", words::date(now.0, at.0)));
            format!("Stopped{on}. {records} are kept.")
        }
        _ if history.records == 0 => format!("{name} had nothing in these 90 days."),
        _ => format!(
            "{records}, {} to {}.",
            words::date(now.0, history.from.0),
            words::date(now.0, history.to.0)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const NOW: Millis = Millis(1_794_492_151_000);

    fn import(state: HistoryState) -> HistoryView {
        HistoryView {
            state,
            percent: 43,
            done: 39,
            total: 90,
            unit: "days".to_owned(),
            records: 5_310,
            from: Millis(NOW.0 - 87 * DAY),
            to: Millis(NOW.0 + 2 * DAY),
            started_at: Some(Millis(NOW.0 - 12 * 60_000)),
            finished_at: None,
            waiting: None,
            streams: Vec::new(),
        }
    }

    #[test]
    fn a_running_import_says_how_far_it_is_and_how_long_it_takes() {
        assert_eq!(
            so_far(&import(HistoryState::Running), NOW),
            "39 of 90 days · 5,310 records · about 13 to 20 minutes left · 12 min so far"
        );
    }

    #[test]
    fn an_ended_import_says_what_arrived() {
        assert_eq!(
            ended("Asana", &import(HistoryState::Done), NOW),
            "5,310 records, 17 Aug to 14 Nov."
        );
        let empty = HistoryView {
            records: 0,
            ..import(HistoryState::Done)
        };
        assert_eq!(ended("Asana", &empty, NOW), "Asana had nothing in these 90 days.");
        let gaps = HistoryView {
            done: 88,
            ..import(HistoryState::Gaps)
        };
        assert_eq!(
            ended("Asana", &gaps, NOW),
            "88 of 90 days; 2 were set aside. 5,310 records arrived."
        );
    }
}
