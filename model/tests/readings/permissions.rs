//! Dialogs that flags permit: SPEC 0.2 for every combination of flags.

use mapi_logon_model::ids::CLIENTS;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::policy::SvcUiAlone;

use crate::runs::world;

#[test]
fn dialogs_are_permitted_as_spec_0_2_defines_them() {
    let client = |index| format!("[[client]]\nname = 'c{index}'\n");
    let text: String = (0..CLIENTS).map(client).collect();
    let plain = world(&text, &[]).scenario().clone();
    let known: Vec<_> = LogonFlags::all().iter().collect();
    let combined = |bits: usize| {
        let set = known.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        set.fold(LogonFlags::empty(), |all, (_, flag)| all | *flag)
    };
    let mut asked = 0;
    for alone in [SvcUiAlone::CfgOnly, SvcUiAlone::None] {
        for first in (0..1 << known.len()).step_by(CLIENTS) {
            let mut scenario = plain.clone();
            scenario.policy.svc_ui_alone = alone;
            for (at, client) in scenario.clients.iter_mut().enumerate() {
                client.flags = combined(first + at);
            }
            let model = Model::new(scenario);
            for at in 0..CLIENTS {
                let flags = combined(first + at);
                let has = |flag| flags.contains(flag);
                let service = has(LogonFlags::MAPI_NT_SERVICE);
                let logon_ui = has(LogonFlags::MAPI_LOGON_UI);
                let always = has(LogonFlags::MAPI_SERVICE_UI_ALWAYS);
                let cfg = match alone {
                    SvcUiAlone::CfgOnly => logon_ui || always,
                    SvcUiAlone::None => logon_ui,
                };
                let may = model.permissions(flags);
                assert_eq!(may.ui_profile, logon_ui && !service, "{flags:?}");
                let password = has(LogonFlags::MAPI_PASSWORD_UI);
                assert_eq!(may.ui_pwd, password && !service, "{flags:?}");
                assert_eq!(may.ui_cfg, cfg && !service, "{flags:?}, {alone:?}");
                assert_eq!(may.forced, may.ui_cfg && always, "{flags:?}, {alone:?}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 2 << known.len());
}
