//! The secret of a cluster.

use std::fmt::{self, Debug, Formatter};

use crate::error::Error;

/// The fewest bytes of a secret.
const LEAST: usize = 16;

/// What the processes of a cluster know, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret, without white space around it.
    ///
    /// # Errors
    /// When it has fewer than 16 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let secret = bytes.trim_ascii();
        if secret.len() < LEAST {
            let len = secret.len();
            let message = format!("the secret has {len} bytes; it needs {LEAST} or more");
            return Err(Error::Cluster(message));
        }
        Ok(Self(secret.to_vec()))
    }

    /// No secret: whoever knows the protocol is taken for a process.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "no secret" } else { "a secret" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_long_enough_and_never_shown() {
        assert!(Secret::new(b"  too short      \n").is_err());
        let secret = Secret::new(b"sixteen bytes ok\n").unwrap();
        assert_eq!(secret, Secret::new(b"sixteen bytes ok").unwrap());
        assert_eq!(format!("{secret:?}"), "a secret");
    }
}
