//! The meaning of a logon's flags, by the definitions of SPEC 0.2: read from their bits, whatever a
//! machine makes of them.

use crate::mapi::LogonFlags;
use crate::policy::{Dialogs, NewAndAllow, Policy, ServiceNoMail, SharedSessions, SvcUiAlone};

/// The flags that a client passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Passed(pub(crate) LogonFlags);

impl Passed {
    /// Is one of these flags set?
    #[inline]
    pub(crate) const fn any(self, of: LogonFlags) -> bool {
        self.0.intersects(of)
    }
    const fn by_user(self, flags: LogonFlags) -> bool {
        self.any(flags) && !self.any(LogonFlags::MAPI_NT_SERVICE)
    }
    /// `ui_profile`.
    #[inline]
    pub(crate) const fn ui_profile(self) -> bool {
        self.by_user(LogonFlags::MAPI_LOGON_UI)
    }
    /// `ui_pwd`.
    #[inline]
    pub(crate) const fn ui_pwd(self) -> bool {
        self.by_user(LogonFlags::MAPI_PASSWORD_UI)
    }
    /// `ui_cfg`.
    #[inline]
    pub(crate) const fn ui_cfg(self) -> bool {
        self.by_user(LogonFlags::MAPI_LOGON_UI.union(LogonFlags::MAPI_SERVICE_UI_ALWAYS))
    }
    /// Is no dialog of a logon allowed?
    pub(crate) const fn is_silent(self) -> bool {
        !(self.ui_cfg() || self.ui_pwd())
    }
    /// FLG-11.
    pub(crate) const fn no_mail(self) -> bool {
        self.any(LogonFlags::MAPI_NO_MAIL)
    }
    /// FLG-10.
    pub(crate) const fn force_download(self) -> bool {
        self.any(LogonFlags::MAPI_FORCE_DOWNLOAD)
    }
    /// FLG-6.
    pub(crate) const fn allows_others(self) -> bool {
        self.any(LogonFlags::MAPI_ALLOW_OTHERS)
    }
    /// May configuration and failure dialogs appear, under these readings?
    pub(crate) const fn may_configure(self, policy: &Policy) -> bool {
        let alone = matches!(policy.svc_ui_alone, SvcUiAlone::CfgOnly);
        self.ui_cfg() && (alone || self.ui_profile()) && matches!(policy.dialogs, Dialogs::On)
    }
    /// Is there a forced round to wait for (FLG-12), under these readings?
    pub(crate) const fn forces(self, policy: &Policy) -> bool {
        let alone = matches!(policy.svc_ui_alone, SvcUiAlone::CfgOnly);
        self.by_user(LogonFlags::MAPI_SERVICE_UI_ALWAYS)
            && (alone || self.ui_profile())
            && matches!(policy.dialogs, Dialogs::On)
    }
    /// Does the session that it establishes become current (SHR-6), under these readings?
    pub(crate) const fn becomes_current(self, policy: &Policy) -> bool {
        let overruled = matches!(policy.new_and_allow, NewAndAllow::Individual)
            && self.any(LogonFlags::MAPI_NEW_SESSION);
        self.allows_others() && !overruled && matches!(policy.shared_sessions, SharedSessions::On)
    }
    /// Has the session no mail (FLG-11), or by AMB-43 none either?
    pub(crate) const fn lacks_mail(self, policy: &Policy) -> bool {
        let set = matches!(policy.service_no_mail, ServiceNoMail::Force)
            && self.any(LogonFlags::MAPI_NT_SERVICE);
        self.no_mail() || set
    }
}
