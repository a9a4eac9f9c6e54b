//! A scenario from the text of its file.

use crate::scenario::error::ScenarioError;
use crate::scenario::file::ScenarioFile;
use crate::scenario::parts::Scenario;
use crate::scenario::resolve::resolve;
use crate::suggest::not_utf8;

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first error found: TOML that cannot be read, an unknown key or
    /// value, a wrong type, a duplicate or dangling name, a number out of range, a limit of
    /// [`crate::ids`] exceeded, no client.
    ///
    /// ```
    /// use mapi_logon_model::scenario::Scenario;
    ///
    /// let scenario = Scenario::parse("[[client]]\nname = 'mail'\nflags = ['MAPI_LOGON_UI']")?;
    /// assert_eq!(scenario.clients[0].calls.len(), 1);
    ///
    /// let error = Scenario::parse("[[client]]\nname = 'mail'\nflag = []").unwrap_err();
    /// assert!(error.to_string().starts_with("3:1: unknown key `flag`; it is one of `name`"));
    /// # Ok::<(), mapi_logon_model::scenario::ScenarioError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            let message = "the file is empty; a scenario has one or more [[client]]";
            return Err(ScenarioError::at(text, 0, message.to_owned()));
        }
        let file = ScenarioFile::parse(text)?;
        resolve(&file).map_err(|mistake| mistake.placed(text))
    }

    /// Reads a scenario file whose encoding has not been checked.
    ///
    /// # Errors
    /// As [`Scenario::parse`], and for bytes that are not UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ScenarioError> {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return Self::parse(text),
            Err(error) => error,
        };
        let (good, bad) = bytes.split_at(error.valid_up_to());
        let message = not_utf8(bad) + "; a scenario is UTF-8 text";
        let good = String::from_utf8_lossy(good);
        Err(ScenarioError::at(&good, good.len(), message))
    }
}
