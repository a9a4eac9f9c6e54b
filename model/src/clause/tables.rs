//! Which boxes has the flowchart, which states the machine, and where do seed clauses show up?

/// Which transitions and properties carry which seed clauses (section 11.2 of the specification).
pub(super) static TRACE: &[(&str, &str)] = &[
    ("SES-1..3, HDL-1..3", "T-1..3, T-59, T-61, INV-3, INV-31"),
    ("SES-4..6, SVC-1", "T-17..20, T-27..34, INV-11, INV-29, RCH-1"),
    ("SVC-2..6", "T-28..34, T-45..53, INV-15, INV-16, RCH-5, RCH-6"),
    ("RTY-1..5", "T-30, T-33, T-43, T-45..53, INV-17, INV-18, INV-20, RCH-3, LIV-4"),
    (
        "DIS-1..5",
        "T-31, T-34, T-44, T-54, T-73, INV-17, INV-19, INV-21..23, RCH-2, RCH-8, RCH-17, LIV-5",
    ),
    ("FLT-1..4", "T-38, T-39, T-42, INV-30, RCH-4, RCH-20"),
    ("SES-9, SES-10, SHR-1..4", "T-9, T-10, T-77..79, INV-4..9, RCH-10, RCH-11, RCH-18"),
    ("LIM-1..4", "T-42, PRV-56, INV-33..35, RCH-14, RCH-15"),
    ("PAR-1..3, FLG-1, FLG-2", "T-3, T-4, T-11..16, INV-12..15, INV-46"),
    ("FLW-0..17", "T-9..14, T-17..24, INV-4, INV-5, INV-12..14, RCH-22"),
    ("HDL-4, HDL-5", "T-72..76, INV-39, INV-43, INV-44"),
];

/// The boxes of the flowchart `amapi_47.gif`: its name in the specification and what it says.
///
/// `D` is a decision, `A` an action, `X` an end; evaluation starts at `D1` (`FLW-1`).
pub static FLOWCHART_NODES: &[(&str, &str)] = &[
    ("D1", "MAPI_NEW_SESSION?"),
    ("D2", "Shared session exists?"),
    ("D3", "Profile name NULL?"),
    ("D4", "MAPI_USE_DEFAULT?"),
    ("D5", "MAPI_LOGON_UI?"),
    ("D6", "Can supplied credentials validate profile?"),
    ("D7", "MAPI_PASSWORD_UI?"),
    ("A1", "Use specified name"),
    ("A2", "Use default name"),
    ("A3", "Prompt user (profile)"),
    ("A4", "Prompt user (password)"),
    ("X1", "Shared session returned"),
    ("X2", "Error"),
    ("X3", "Session returned"),
    ("X4", "Error"),
];

/// The arrows of the flowchart: from, to, label (empty where none is drawn) and clause.
pub static FLOWCHART_EDGES: &[(&str, &str, &str, &str)] = &[
    ("D1", "D3", "yes", "FLW-2"),
    ("D1", "D2", "no", "FLW-3"),
    ("D2", "X1", "yes", "FLW-4"),
    ("D2", "D3", "no", "FLW-5"),
    ("D3", "A1", "no", "FLW-6"),
    ("D3", "D4", "yes", "FLW-7"),
    ("D4", "A2", "yes", "FLW-8"),
    ("D4", "D5", "no", "FLW-9"),
    ("D5", "A3", "yes", "FLW-10"),
    ("D5", "X2", "no", "FLW-11"),
    ("A1", "D6", "", "FLW-12"),
    ("A2", "D6", "", "FLW-12"),
    ("A3", "D6", "", "FLW-12"),
    ("D6", "X3", "yes", "FLW-13"),
    ("D6", "D7", "no", "FLW-14"),
    ("D7", "X4", "no", "FLW-15"),
    ("D7", "A4", "yes", "FLW-16"),
    ("A4", "X3", "", "FLW-17"),
];

/// The states of a logon call (`Q`) and of an attachment to a session (`W`): number, name, meaning.
pub static STATES: &[(&str, &str, &str)] = &[
    ("Q0", "Fresh", "MAPI is not initialised"),
    ("Q1", "Ready", "MAPI is initialised and no call is made"),
    ("Q2", "Check", "parameters and flags are checked"),
    ("Q3", "Wait", "the call waits for the logon mutex"),
    ("Q4", "Choose", "join the shared session or establish one"),
    ("Q5", "Name", "the profile name is resolved"),
    ("Q6", "AskProfile", "the profile dialog is open"),
    ("Q7", "Open", "the profile is being opened"),
    ("Q8", "Creds", "the credentials are checked against the profile"),
    ("Q9", "AskPwd", "the password dialog is open"),
    ("Q10", "Forced", "the forced configuration dialog of a service is open"),
    ("Q11", "Cfg", "the configuration of a service is checked"),
    ("Q12", "AskCfg", "the configuration prompt of a service is open"),
    ("Q13", "Load", "a provider is loaded: library, entry point, version"),
    ("Q14", "Logon", "the logon method of a provider runs"),
    ("Q15", "Inform", "a first failure was reported and its answer is awaited"),
    ("Q16", "Entry", "the service's entry point runs to configure it"),
    ("Q17", "Disable", "a second try failed and its service is lost"),
    ("Q18", "Next", "the next step is chosen"),
    ("Q19", "Finish", "download, notice to the spooler, publication"),
    ("Q20", "Done", "the call returns S_OK"),
    ("Q21", "Undo", "a fatal outcome is cleaned up"),
    ("Q22", "Failed", "the call returns its error"),
    ("W0", "Open", "the attachment is usable"),
    ("W1", "Xp", "the spooler starts a transport"),
    ("W2", "Confirm", "the logoff dialog is open"),
    ("W3", "Down", "the providers are shut down"),
    ("W4", "Closed", "only Release may be called"),
];
