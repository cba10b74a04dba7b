//! What a browser downloads, as it is sent: the files that the build compressed with brotli.

use std::collections::BTreeMap;

use super::{Run, kilobytes};
use crate::{Failure, figures::Figures};

/// WASM, JavaScript and CSS.
pub fn downloads(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let names = run.options.binary.with_file_name("hash.txt");
    let text = std::fs::read_to_string(names)?;
    let digests: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once(": ")).collect();
    let size = |kind: &str| -> Result<Option<u64>, Failure> {
        let digest = digests.get(kind).ok_or("hash.txt does not name every file")?;
        let file = format!("pkg/patchbay.{}.{kind}.br", digest.trim());
        match std::fs::metadata(run.options.site.join(file)) {
            Ok(about) => Ok(Some(about.len())),
            Err(_) if run.options.quick => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    let (Some(wasm), Some(js), Some(css)) = (size("wasm")?, size("js")?, size("css")?) else {
        // A quick build compresses nothing.
        return Ok(());
    };
    let sum = kilobytes(wasm + js);
    figures.aim(
        "WASM and JavaScript, brotli",
        format!(
            "{sum:.1} KB ({:.1} KB and {:.1} KB)",
            kilobytes(wasm),
            kilobytes(js)
        ),
        "under 80 KB",
        sum < 80.0,
    );
    figures.say("CSS, brotli", format!("{:.1} KB", kilobytes(css)));
    Ok(())
}
