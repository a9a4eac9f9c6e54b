//! The options of a search by several processes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mapi_logon_checker::{Cluster, Secret};

use crate::path::text_of;
use crate::quantity::{Time, number};

/// Most bytes of a file of hosts, or of a secret.
const MOST: u64 = 1 << 16;

/// The shortest silence after which a process is given up, in milliseconds.
const LEAST_SILENCE: u64 = 1_000;

/// Which processes search together, and whom they believe.
#[derive(Debug, clap::Args)]
pub(crate) struct Together {
    /// Explore together with the processes listed in this file, HOST:PORT on each line
    #[arg(long, value_name = "FILE", requires = "process")]
    hosts: Option<PathBuf>,
    /// Run as the process on line K of the hosts file, from 0; process 0 writes the result
    #[arg(long, value_name = "K", value_parser = number::<usize>, requires = "hosts")]
    pub(crate) process: Option<usize>,
    /// Let only processes take part that have the same secret: the text of this file, 16 bytes or
    /// more
    #[arg(long, value_name = "FILE", requires = "hosts")]
    secret: Option<PathBuf>,
    /// Let any process take part, also from other machines: without --secret
    #[arg(long, requires = "hosts", conflicts_with = "secret")]
    insecure: bool,
    /// Wait this long for the other processes to appear [default: 1min]
    #[arg(long, value_name = "TIME", requires = "hosts")]
    wait: Option<Time>,
    /// Give another process up after this long without a sign of life [default: 20s]
    #[arg(long, value_name = "TIME", requires = "hosts")]
    silence: Option<Time>,
}

impl Together {
    /// Are there other processes?
    pub(crate) const fn is_asked(&self) -> bool {
        self.hosts.is_some()
    }

    /// The processes, if there are others.
    ///
    /// # Errors
    /// When a file cannot be used, or a secret is needed and none is given.
    pub(crate) fn cluster(&self) -> Result<Option<Cluster>> {
        let (Some(path), Some(process)) = (&self.hosts, self.process) else {
            return Ok(None);
        };
        let shown = text_of(path);
        let hosts = String::from_utf8(read(path)?);
        let hosts = hosts.with_context(|| format!("{shown}: is not UTF-8"))?;
        let mut cluster = Cluster::from_hosts(&hosts, process).with_context(|| shown.clone())?;
        if let Some(path) = &self.secret {
            let secret = Secret::new(&read(path)?);
            cluster.secret = secret.with_context(|| text_of(path))?;
        } else if let Some(host) = cluster.beyond_loopback().filter(|_| !self.insecure) {
            bail!(
                "{shown}: {host} can be reached from other machines, and whoever connects would be \
                 taken for a process: give all processes the same --secret FILE (or --insecure)"
            );
        }
        if let Some(wait) = self.wait {
            cluster.timeout = wait.into();
        }
        if let Some(silence) = self.silence {
            if silence.ms < LEAST_SILENCE {
                bail!("--silence: processes give a sign of life twice a second; use 1s or more");
            }
            cluster.silence = silence.into();
        }
        Ok(Some(cluster))
    }
}

/// A file that is never long.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("{}: cannot be read", text_of(path)))?;
    if bytes.len() as u64 > MOST {
        bail!("{}: is longer than {MOST} bytes", text_of(path));
    }
    Ok(bytes)
}
