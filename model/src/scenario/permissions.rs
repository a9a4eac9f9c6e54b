//! The permissions that the flags of a logon give under the readings in force.

use crate::mapi::LogonFlags;
use crate::policy::{Dialogs, NewAndAllow, Policy, ServiceNoMail, SharedSessions, SvcUiAlone};

/// What the flags of a logon permit (SPEC 0.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// The profile dialog may appear.
    pub ui_profile: bool,
    /// The password dialog may appear.
    pub ui_pwd: bool,
    /// Configuration, provider and failure dialogs may appear.
    pub ui_cfg: bool,
    /// A forced round is asked for (FLG-12) and permitted.
    pub forced: bool,
    /// The spooler does not learn of the session (FLG-11).
    pub no_mail: bool,
    /// All messages are fetched in the call (FLG-10).
    pub force_download: bool,
    /// The session can be joined (SHR-6).
    pub shareable: bool,
}

impl Permissions {
    /// What flags permit under these readings.
    #[inline]
    pub(crate) const fn of(flags: LogonFlags, policy: &Policy) -> Self {
        let service = flags.contains(LogonFlags::MAPI_NT_SERVICE);
        let dialogs = !service && matches!(policy.dialogs, Dialogs::On);
        let ui_profile = flags.contains(LogonFlags::MAPI_LOGON_UI) && dialogs;
        let always = flags.contains(LogonFlags::MAPI_SERVICE_UI_ALWAYS);
        let alone = match policy.svc_ui_alone {
            SvcUiAlone::CfgOnly => always && dialogs,
            SvcUiAlone::None => false,
        };
        let ui_cfg = ui_profile || alone;
        let overruled = matches!(policy.new_and_allow, NewAndAllow::Individual)
            && flags.contains(LogonFlags::MAPI_NEW_SESSION);
        Self {
            ui_profile,
            ui_pwd: flags.contains(LogonFlags::MAPI_PASSWORD_UI) && dialogs,
            ui_cfg,
            forced: ui_cfg && always,
            no_mail: flags.contains(LogonFlags::MAPI_NO_MAIL)
                || (service && matches!(policy.service_no_mail, ServiceNoMail::Force)),
            force_download: flags.contains(LogonFlags::MAPI_FORCE_DOWNLOAD),
            shareable: flags.contains(LogonFlags::MAPI_ALLOW_OTHERS)
                && !overruled
                && matches!(policy.shared_sessions, SharedSessions::On),
        }
    }
}
