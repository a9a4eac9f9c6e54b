//! A cluster: the processes that explore together.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;
use crate::exchange::company::Company;
use crate::exchange::secret::Secret;

/// The processes that explore a transition system together.
///
/// When [`check`](crate::check()) has returned a report, process 0 tells it and then
/// [parts](Cluster::part); the others part first, as there is no verdict if process 0 is lost.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The address, `host:port`, of every process, the same list in the same order for all.
    pub hosts: Vec<String>,
    /// The position of this process among them.
    pub process: usize,
    /// How long to wait for the others to appear.
    pub timeout: Duration,
    /// The silence after which another process is taken for lost.
    pub silence: Duration,
    /// What a program must know to be taken for a process.
    pub secret: Secret,
    /// The connections to the other processes, open until process 0 has written the report.
    company: Arc<Mutex<Option<Company>>>,
}

impl Cluster {
    /// Process `process` among those with these addresses. Waits a minute for the others to appear,
    /// and believes them alive for 20 seconds of silence; without a secret.
    #[must_use]
    pub fn new(hosts: Vec<String>, process: usize) -> Self {
        Self {
            hosts,
            process,
            timeout: Duration::from_secs(60),
            silence: Duration::from_secs(20),
            secret: Secret::none(),
            company: Arc::default(),
        }
    }

    /// The processes listed in a file, one address per line; empty lines and text after `#` are
    /// ignored.
    ///
    /// # Errors
    /// When a line is not an address or is listed twice, or there is no process of that number.
    pub fn from_hosts(hosts: &str, process: usize) -> Result<Self, Error> {
        let mut known: Vec<String> = Vec::new();
        for (number, line) in (1..).zip(hosts.lines()) {
            let host = line.split('#').next().unwrap_or("").trim();
            if host.is_empty() {
                continue;
            }
            let wrong = |what: &str| Err(Error::Cluster(format!("line {number}: `{host}` {what}")));
            if !is_address(host) {
                return wrong("is not an address; write HOST:PORT, with a port from 1 to 65535");
            }
            if known.iter().any(|known| known == host) {
                return wrong("is listed twice");
            }
            known.push(host.to_owned());
        }
        if process >= known.len() {
            let least = process + 1;
            let number = known.len();
            return Err(Error::Cluster(format!(
                "process {process} needs {least} or more hosts, but only {number} are listed"
            )));
        }
        Ok(Self::new(known, process))
    }

    /// The first address that is not plainly on the loopback interface, if any.
    #[must_use]
    pub fn beyond_loopback(&self) -> Option<&str> {
        let is_beyond = |address: &&String| {
            let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host != "localhost" && !host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        };
        self.hosts.iter().find(is_beyond).map(String::as_str)
    }

    /// Ends the company of the processes: process 0 says that it has written the report, and the
    /// others wait for that. Does nothing without a report.
    ///
    /// # Errors
    /// When process 0 was lost before it had written the report.
    pub fn part(&self) -> Result<(), Error> {
        let company = self.company.lock().unwrap_or_else(PoisonError::into_inner).take();
        company.map_or(Ok(()), |company| company.part(self.process == 0))
    }

    /// Holds the connections until process 0 has written the report.
    pub(crate) fn keep(&self, company: Company) {
        *self.company.lock().unwrap_or_else(PoisonError::into_inner) = Some(company);
    }
}

/// Is it a host, a colon and a port?
fn is_address(text: &str) -> bool {
    let port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
    text.rsplit_once(':').is_some_and(|(host, number)| !host.is_empty() && port(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_on_the_loopback_interface() {
        let beyond = |hosts| Cluster::from_hosts(hosts, 0).unwrap().beyond_loopback().is_some();
        assert!(!beyond("127.0.0.1:1\n[::1]:2\nlocalhost:3\n127.9.9.9:4"));
        for host in ["0.0.0.0:1", "[::]:1", "alpha.example:1", "127.0.0.1.example:1", "10.0.0.1:1"]
        {
            assert!(beyond(host), "{host}");
        }
    }
}
