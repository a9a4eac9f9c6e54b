//! Wine for clients that are Windows programs: a prefix without anything in it, made for one
//! invocation and removed at its end, or the user's.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::server::{Variables, secret};

/// A prefix with its server.
#[derive(Debug)]
pub struct Wine {
    prefix: PathBuf,
    shim: PathBuf,
    /// Held while its maker lives; it is removed at the end, with all of its processes.
    own: Option<File>,
    registered: bool,
}

/// How the names of prefixes begin that are made for one invocation.
const NAME: &str = "mapi-logon-wine-";

/// The file in it that its maker holds locked.
const LOCK: &str = "mapi-logon.lock";

/// Whether a file is a program or a library of Windows.
#[must_use]
pub fn is_windows(file: &Path) -> bool {
    let mut head = [0; 2];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *b"MZ"
}

impl Wine {
    /// A new prefix in which the shim is `mapi32.dll`, or if `registered` the library of
    /// `DLLPathEx` behind Wine's own.
    ///
    /// # Errors
    /// When the prefix cannot be made, or Wine is missing.
    pub fn new(shim: &Path, registered: bool) -> io::Result<Self> {
        let folder = std::env::temp_dir();
        sweep(&folder);
        let prefix = folder.join(format!("{NAME}{}", secret()));
        fs::create_dir(&prefix)?;
        let new = prefix.join("new");
        let lock = File::create(&new)?;
        let mut wine = Self { prefix, shim: shim.to_owned(), own: Some(lock), registered };
        // Under its name it is never seen unlocked.
        wine.own.iter().try_for_each(File::lock)?;
        fs::rename(new, wine.prefix.join(LOCK))?;
        if registered {
            // Under the name of Wine's own library Wine would not load it.
            wine.shim = wine.prefix.join("mapi-logon.dll");
            fs::copy(shim, &wine.shim)?;
            let path = windows_path(&wine.shim).replace('\\', "\\\\");
            let registry = format!(
                "WINE REGISTRY Version 2\n\n#arch=win64\n\n\
                 [Software\\\\Clients\\\\Mail]\n@=\"mapi-logon\"\n\n\
                 [Software\\\\Clients\\\\Mail\\\\mapi-logon]\n\"DLLPathEx\"=\"{path}\"\n"
            );
            fs::write(wine.prefix.join("system.reg"), registry)?;
        }
        wine.serve()?;
        Ok(wine)
    }

    /// The user's prefix, in which `mapi32.dll` lies beside the program.
    ///
    /// # Errors
    /// When Wine is missing.
    pub fn of(prefix: &Path, shim: &Path) -> io::Result<Self> {
        let prefix = prefix.canonicalize()?;
        let wine = Self { prefix, shim: shim.to_owned(), own: None, registered: false };
        wine.serve()?;
        Ok(wine)
    }

    /// Starts the server, so that it need not be started for each run.
    fn serve(&self) -> io::Result<()> {
        self.server("-p10").map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let told = || io::Error::new(error.kind(), "wineserver is not installed");
            if missing { told() } else { error }
        })
    }

    fn server(&self, order: &str) -> io::Result<()> {
        let mut server = Command::new("wineserver");
        server.arg(order).envs(self.place());
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A server that was there before goes on.
        server.status().map(drop)
    }

    /// Where Wine keeps its files; those for a moment, too, if the prefix is ours.
    fn place(&self) -> Variables {
        let prefix = self.prefix.display().to_string();
        let mut place = vec![("WINEPREFIX", prefix.clone())];
        if self.own.is_some() {
            place.push(("TMPDIR", prefix));
        }
        place
    }

    /// The variables by which Wine finds the prefix and the shim.
    #[must_use]
    pub fn variables(&self) -> Variables {
        let mapi = if self.registered { "b" } else { "n" };
        let folder = self.shim.parent().unwrap_or(&self.shim);
        let none = "mscoree,mshtml,winemenubuilder.exe,wineboot.exe";
        let mut all = self.place();
        all.push(("WINEPATH", windows_path(folder)));
        all.push(("WINEDLLOVERRIDES", format!("{none}=;mapi32={mapi}")));
        if self.own.is_some() {
            // Wine takes its libraries from where it is installed, and nothing is copied.
            all.push(("WINEBOOTSTRAPMODE", "1".to_owned()));
        }
        if std::env::var_os("WINEDEBUG").is_none() {
            all.push(("WINEDEBUG", "-all".to_owned()));
        }
        all
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        if self.own.is_some() {
            self.server("-k").unwrap_or_default();
            self.server("-w").unwrap_or_default();
            fs::remove_dir_all(&self.prefix).unwrap_or_default();
        }
    }
}

/// Removes the prefixes of invocations that were killed, with all of their processes.
fn sweep(folder: &Path) {
    for prefix in fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()) {
        let name = prefix.file_name().and_then(OsStr::to_str);
        let lock = File::open(prefix.join(LOCK));
        if let Some(lock) = lock.ok().filter(|_| name.is_some_and(|name| name.starts_with(NAME)))
            && lock.try_lock().is_ok()
        {
            drop(Wine { shim: prefix.clone(), prefix, own: Some(lock), registered: false });
        }
    }
}

fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}
