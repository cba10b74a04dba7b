//! The signed-in list of 39 cards against the same markup without database and session.

use std::{path::Path, process::Stdio, time::Duration};

use super::{Run, kilobytes, median};
use crate::{
    ADMIN, Failure, LIST,
    figures::Figures,
    load::{self, End, Load, Plan},
    one_thread,
    process::Program,
    visitor::{Visitor, expect},
};

/// How many rounds; the middle one counts.
const ROUNDS: usize = 3;
/// Rounds that differ by more than this factor measure something else than us.
const UNEVEN: f64 = 1.25;
const CONNECTIONS: usize = 16;
const CROWD: usize = 50;

/// One round's answers for a second and processor time for each.
struct Round {
    rate: f64,
    processor_us: f64,
}

/// Ratio of rates, processor time for a page, and the tail at 50 connections.
pub fn against_bare(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let console = run.demo(true)?;
    let bare = Program::helper(&mut run.helper("bare")?, &run.log)?;
    let (request, size) = one_thread()?.block_on(same_markup(&console, &bare, &run.options.work))?;
    let time = run.length(Duration::from_secs(4), Duration::from_millis(500));
    ratio(run, figures, (&console, &bare), &request, time)?;
    figures.say("The page itself", format!("{:.0} KB", kilobytes(size)));
    let crowd = load(&console, &request, CROWD, time)?;
    let p99 = crowd.percentile(99);
    figures.aim(
        "p99 of the same page at 50 connections that ask again at once, still one worker thread",
        format!("{p99:.1} ms (p50 {:.1} ms)", crowd.percentile(50)),
        "under 20 ms",
        p99 < 20.0,
    );
    bare.end()?;
    console.end()
}

/// The two in turn, and what they make of one core.
fn ratio(
    run: &Run<'_>,
    figures: &mut Figures,
    (console, bare): (&Program, &Program),
    request: &[u8],
    time: Duration,
) -> Result<(), Failure> {
    for program in [bare, console] {
        load(program, request, CONNECTIONS, time / 3)?;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(round(bare, request, time)?);
        ours.push(round(console, request, time)?);
    }
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a.rate / b.rate).collect();
    let lowest = ratios.iter().copied().fold(f64::MAX, f64::min);
    let highest = ratios.iter().copied().fold(0.0, f64::max);
    if highest > lowest * UNEVEN && !run.options.quick {
        return Err(format!(
            "the rounds' ratios lie between {lowest:.2} and {highest:.2}: something else is at work on this machine"
        )
        .into());
    }
    let ratio = median(ratios);
    let rate = |rounds: &[Round]| median(rounds.iter().map(|round| round.rate).collect());
    let cost = |rounds: &[Round]| median(rounds.iter().map(|round| round.processor_us).collect());
    figures.aim(
        "Rate of the signed-in list (39 cards, SQLite, an admin of a tenant, one worker thread, 16 connections) as a \
         part of the rate of the same markup rendered without router, database and session",
        format!(
            "{ratio:.2}, in the rounds {lowest:.2} to {highest:.2} ({:.0} to {:.0} pages/s)",
            rate(&ours),
            rate(&theirs)
        ),
        "at least 0.5",
        ratio >= 0.5,
    );
    figures.say(
        "Processor time of the server for one such page, and for the same markup alone",
        format!("{:.0} µs, {:.0} µs", cost(&ours), cost(&theirs)),
    );
    Ok(())
}

/// Statements of each page once it was asked for before.
pub fn statements(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let output = run.helper("statements")?.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let counts: Vec<(&str, u32)> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(path, count)| Some((path, count.parse().ok()?)))
        .collect();
    let list = counts
        .iter()
        .find(|(path, _)| *path == LIST)
        .filter(|_| output.status.success())
        .ok_or("the statements were not counted")?
        .1;
    let others: Vec<String> = counts
        .iter()
        .filter(|(path, _)| *path != LIST)
        .map(|(path, count)| format!("{path} {count}"))
        .collect();
    figures.aim(
        "SQL statements of the list in the steady state (BEGIN and COMMIT not counted); the other pages",
        format!("{list}; {}", others.join(", ")),
        "at most 3",
        list <= 3,
    );
    Ok(())
}

fn round(program: &Program, request: &[u8], time: Duration) -> Result<Round, Failure> {
    let before = program.processor()?;
    let load = load(program, request, CONNECTIONS, time)?;
    let processor = program.processor()? - before;
    let count = f64::from(u32::try_from(load.answered())?);
    Ok(Round {
        rate: load.rate(),
        processor_us: processor * 1e6 / count,
    })
}

fn load(program: &Program, request: &[u8], connections: usize, time: Duration) -> Result<Load, Failure> {
    let load = one_thread()?.block_on(load::run(Plan {
        port: program.port,
        requests: vec![request.to_vec()],
        connections,
        end: End::After(time),
    }))?;
    load.all_pages()?;
    Ok(load)
}

/// Signs in, and sees to it that both serve the same; gives the request and the page's size.
async fn same_markup(console: &Program, bare: &Program, work: &Path) -> Result<(Vec<u8>, u64), Failure> {
    let mut visitor = Visitor::new(console.port).await?;
    visitor.sign_in(ADMIN).await?;
    let ours = visitor.get(LIST).await?;
    expect(&ours, 200, "the list")?;
    let theirs = Visitor::new(bare.port).await?.get(LIST).await?;
    expect(&theirs, 200, "the bare list")?;
    if plain(&ours.text()) != plain(&theirs.text()) {
        std::fs::write(work.join("console.html"), &ours.body)?;
        std::fs::write(work.join("bare.html"), &theirs.body)?;
        return Err(format!(
            "the console and the helper serve different markup: compare the two pages in {}",
            work.display()
        )
        .into());
    }
    Ok((visitor.get_request(LIST), u64::try_from(ours.body.len())?))
}

/// A page without what differs from one rendering to the next: its nonce, wherever Leptos writes it, and the digits
/// of times.
fn plain(page: &str) -> String {
    let nonce = page
        .split("nonce=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .filter(|nonce| !nonce.is_empty());
    let mut text = nonce.map_or_else(|| page.to_owned(), |nonce| page.replace(nonce, ""));
    let mut last = ' ';
    text.retain(|letter| {
        let again = letter.is_ascii_digit() && last.is_ascii_digit();
        last = letter;
        !again
    });
    text.replace(|letter: char| letter.is_ascii_digit(), "#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nonces_and_digits_are_forgiven() {
        let page = "<link crossorigin=\"a1\"><script nonce=\"a1\">x</script><p>9 minutes</p>";
        assert_eq!(
            plain(page),
            plain("<link crossorigin=\"Zz\"><script nonce=\"Zz\">x</script><p>10 minutes</p>")
        );
        assert_ne!(
            plain(page),
            plain("<link crossorigin=\"a1\"><script nonce=\"a1\">y</script><p>9 minutes</p>")
        );
    }
}
