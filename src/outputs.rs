//! Output files, proved writable before hours of work; then all are written or none.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail};

use crate::output;
use crate::path::text_of;

/// Files that are written when the work is done.
#[derive(Debug, Default)]
pub struct Outputs {
    texts: Vec<(PathBuf, PathBuf, String)>,
}

impl Outputs {
    /// Makes sure that each of these can be written, and that no two are the same.
    ///
    /// # Errors
    /// For the first that cannot, or that is named twice.
    pub fn check<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<()> {
        let mut targets = BTreeSet::new();
        for path in paths {
            let target = target(path).with_context(|| cannot_write(path))?;
            try_out(&target).with_context(|| cannot_write(path))?;
            if !targets.insert(target) {
                bail!("{} would be written twice", text_of(path));
            }
        }
        Ok(())
    }

    /// One more file to write, if its path is given.
    ///
    /// # Errors
    /// When there is no place for the file, or no text for it.
    pub fn add(
        &mut self,
        path: Option<&PathBuf>,
        text: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        if let Some(path) = path {
            let target = target(path).with_context(|| cannot_write(path))?;
            self.texts.push((path.clone(), target, text()?));
        }
        Ok(())
    }

    /// One more file of this name in a folder. What other files a link there leads to is nobody's
    /// business, so it is not written through.
    ///
    /// # Errors
    /// As [`Outputs::add`], and for a link.
    pub fn add_in(
        &mut self,
        folder: &Path,
        name: &str,
        text: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        let path = folder.join(name);
        if path.is_symlink() {
            bail!("{}: it is a link; remove it first", cannot_write(&path));
        }
        self.add(Some(&path), text)
    }

    /// Writes all files: beside their places first, and when that is done, into them. Says which
    /// of them were there before.
    ///
    /// # Errors
    /// When one cannot be written; then no file has changed.
    pub fn write(self) -> Result<()> {
        let mut beside = Vec::new();
        let before = self.texts.iter().filter(|(_, target, _)| target.is_file());
        let before: Vec<_> = before.map(|(path, ..)| text_of(path)).collect();
        let written = self.texts.iter().try_for_each(|(path, target, text)| {
            let place = place_beside(target);
            beside.push(place.clone());
            fs::write(&place, text).with_context(|| cannot_write(path))
        });
        let moved = written.and_then(|()| {
            let pairs = self.texts.iter().zip(&beside);
            let mut moves = pairs.filter(|((_, target, _), place)| target != *place);
            moves.try_for_each(|((path, target, _), place)| {
                fs::rename(place, target).with_context(|| cannot_write(path))
            })
        });
        match (before.as_slice(), &moved) {
            ([], _) | (_, Err(_)) => {}
            ([one], Ok(())) => output::note(&format!("note: {one} is replaced")),
            (some, Ok(())) => output::note(&format!("note: {} files are replaced", some.len())),
        }
        if moved.is_err() {
            for ((_, target, _), place) in self.texts.iter().zip(&beside) {
                if target != place {
                    fs::remove_file(place).unwrap_or_default();
                }
            }
        }
        moved
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", text_of(path))
}

/// The file that a path leads to, whether it is there or not.
fn target(path: &Path) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path.canonicalize()?);
    }
    let name = path.file_name().context("it names no file")?;
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(name))
}

/// Writes nothing, where the file will be written.
fn try_out(target: &Path) -> Result<()> {
    if target.is_dir() {
        bail!("it is a directory");
    }
    if target.exists() {
        File::options().write(true).open(target)?;
    }
    let place = place_beside(target);
    if place != target {
        File::create(&place)?;
        fs::remove_file(place)?;
    }
    Ok(())
}

/// Where a file stands until all are written. What is no plain file, as a pipe, is never replaced.
fn place_beside(target: &Path) -> PathBuf {
    if target.exists() && !target.is_file() {
        return target.to_owned();
    }
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}", process::id()));
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workplace(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mapi-logon-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn all_files_are_written_or_none() {
        let folder = workplace("outputs");
        let (kept, lost) = (folder.join("kept"), folder.join("gone").join("lost"));
        fs::create_dir_all(lost.parent().unwrap()).unwrap();
        fs::write(&kept, "old").unwrap();
        let both = || {
            let mut outputs = Outputs::default();
            outputs.add(Some(&kept), || Ok("new".to_owned())).unwrap();
            outputs.add(Some(&lost), || Ok("new".to_owned())).unwrap();
            outputs.add(None, || bail!("not asked for")).unwrap();
            outputs
        };
        let doomed = both();
        fs::remove_dir_all(lost.parent().unwrap()).unwrap();
        let error = format!("{:#}", doomed.write().unwrap_err());
        assert!(error.starts_with(&cannot_write(&lost)), "{error}");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        fs::create_dir_all(lost.parent().unwrap()).unwrap();
        both().write().unwrap();
        let read = [&kept, &lost].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(read, ["new", "new"]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing stays beside");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_be_written_is_found_before_the_work() {
        let folder = workplace("outputs-check");
        let (file, twin) = (folder.join("a"), folder.join(".").join("a"));
        Outputs::check([&file]).unwrap();
        assert!(!file.exists(), "trying leaves nothing");
        let refused = |paths: &[&PathBuf]| {
            let error = Outputs::check(paths.iter().copied()).unwrap_err();
            format!("{error:#}")
        };
        assert!(refused(&[&file, &twin]).ends_with("would be written twice"));
        assert!(refused(&[&folder]).contains("directory"));
        assert!(refused(&[&folder.join("b").join("c")]).starts_with("cannot write "));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_written_to_and_not_replaced() {
        use std::os::unix::fs::FileTypeExt as _;
        let null = PathBuf::from("/dev/null");
        Outputs::check([&null]).unwrap();
        let mut outputs = Outputs::default();
        outputs.add(Some(&null), || Ok("gone".to_owned())).unwrap();
        outputs.write().unwrap();
        assert!(fs::metadata(null).unwrap().file_type().is_char_device());
    }
}
