//! `mapi-logon show`, `new` and `schema`: scenario files to begin with, and what they may contain.

use std::path::PathBuf;

use anyhow::{Result, bail};

use mapi_logon_model::suggest::hint;

use crate::builtin::{self, names};
use crate::exit::Exit;
use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::render::json::pretty;
use crate::schemas::schemas;

/// The file beside a scenario in which editors find what it may contain.
const SCHEMA: &str = "scenario.schema.json";

/// The scenario that `new` writes where none is named.
const FIRST: &str = include_str!("first.toml");

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A built-in scenario (see `list scenarios`)
    name: String,
}

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// The scenario file to write
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
    /// Copy this built-in scenario, not the one that is made to begin with
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
}

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// What is described: `scenario`, `trace-step`, `recording-event`, `check`, …
    #[arg(default_value = "scenario")]
    name: String,
}

/// Writes the text of a built-in scenario.
///
/// # Errors
/// When there is none of this name.
pub fn run(args: &Args) -> Result<Exit> {
    output::print_document(&headed(text(&args.name)?))?;
    Ok(Exit::Good)
}

/// Writes a scenario file to begin with.
///
/// # Errors
/// When the file exists or cannot be written, or there is no such built-in scenario.
pub fn run_new(args: &NewArgs) -> Result<Exit> {
    let file = text_of(&args.file);
    if args.file.exists() {
        bail!("{file}: it exists; choose another name, or remove it first");
    }
    let mut outputs = Outputs::default();
    let begin = args.from.as_deref().map_or(Ok(FIRST), text)?;
    add_scenario(&mut outputs, &args.file, begin)?;
    outputs.write()?;
    output::print(&format!(
        "{file}: {}; {} tells editors what it may contain\n\nmapi-logon check {file}\n",
        args.from
            .as_ref()
            .map_or("a scenario to begin with".to_owned(), |from| format!("a copy of {from}")),
        text_of(args.file.with_file_name(SCHEMA))
    ))?;
    Ok(Exit::Good)
}

/// Writes the JSON Schema of a file that is read or written.
///
/// # Errors
/// When there is none of this name.
pub fn run_schema(args: &SchemaArgs) -> Result<Exit> {
    output::print_document(&described(&args.name)?)?;
    Ok(Exit::Good)
}

/// The JSON Schema of a file that is read or written.
///
/// # Errors
/// When there is none of this name.
pub(crate) fn described(name: &str) -> Result<String> {
    let schemas = schemas();
    let names = || schemas.iter().map(|(name, _)| *name);
    let Some((_, schema)) = schemas.iter().find(|(known, _)| *known == name) else {
        let (hint, all) = (hint(name, names()), names().collect::<Vec<_>>().join(", "));
        bail!("no file has a schema called `{name}`{hint}; schemas: {all}");
    };
    pretty(schema)
}

/// A scenario file to write, and its schema beside it unless there is one.
///
/// # Errors
/// When there is no place for them.
pub(crate) fn add_scenario(outputs: &mut Outputs, file: &PathBuf, text: &str) -> Result<()> {
    outputs.add(Some(file), || Ok(headed(text)))?;
    let beside = file.with_file_name(SCHEMA);
    // A device has no place beside it.
    let wanted = !beside.exists() && (!file.exists() || file.is_file());
    outputs.add(wanted.then_some(&beside), || described("scenario"))
}

/// A scenario with the line by which editors find its schema.
fn headed(text: &str) -> String {
    format!("#:schema {SCHEMA}\n\n{text}")
}

/// The text of a built-in scenario.
fn text(name: &str) -> Result<&'static str> {
    let Some(text) = builtin::text(name) else {
        bail!(
            "no built-in scenario is called `{name}`{}; see `list scenarios`",
            hint(name, names())
        );
    };
    Ok(text)
}
