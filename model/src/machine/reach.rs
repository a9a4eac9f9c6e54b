//! The stages that the calls of a scenario can come to, numbered in the order in which they ascend.

use std::collections::BTreeSet;

use crate::ids::{ProfileId, ProviderId, ServiceId};
use crate::mapi::{Code, ProviderKind};
use crate::policy::{Tries, XpStart};
use crate::protocol::{Asked, Attempt, Call, Method, Origin, Phase, Rank, Task};
use crate::scenario::{Client, EntryPoint, Password, Provider, Scenario, Service};

/// Stages of a logon after those that come once, each with room for what it goes through.
const FORCED: u32 = 1 << 8;
const CONFIGURING: u32 = 1 << 9;
const RUNNING: u32 = 1 << 12;

/// Room for the stages of one task, and for the providers of one kind.
const TASK: u32 = 1 << 5;
const KIND: u32 = 1 << 11;

/// The stages that the calls of a client can come to, in order.
#[derive(Clone, Debug)]
pub(crate) struct Stages {
    /// The stages of all calls before.
    first: u32,
    early: Vec<u32>,
    /// The stages of the services and providers of each profile, then those of foreign stores.
    tasks: Vec<Vec<u32>>,
    /// The number of the first late stage.
    late: u32,
}

impl Stages {
    /// Those of all clients' calls, and of the time after them; a `mutated` machine may come to
    /// any.
    pub(super) fn of(scenario: &Scenario, mutated: bool) -> Vec<Vec<Self>> {
        let client = |client: &Client| {
            let mut first = 0;
            let calls = client.calls.iter().map(Some).chain([None]);
            let stages = calls.map(|call| {
                let stages = Reach { scenario, client, call, mutated }.stages(first);
                first = stages.late
                    + if call.is_some_and(|call| call.logon().is_some()) { 2 } else { 0 };
                stages
            });
            stages.collect()
        };
        scenario.clients.iter().map(client).collect()
    }

    /// The number of the stage in which a call rests in `phase`.
    pub(super) fn number(&self, scenario: &Scenario, phase: Phase) -> u32 {
        let among = |ranks: &[u32], rank| {
            u32::try_from(ranks.partition_point(|known| *known < rank)).unwrap_or(u32::MAX)
        };
        match phase.row().rank {
            Rank::Early(stage) => self.first + among(&self.early, stage),
            Rank::Late(stage) => self.late + stage,
            rank @ (Rank::Forced(_) | Rank::Task(..)) => {
                let (group, rank) = order(scenario, rank);
                let early = u32::try_from(self.early.len()).unwrap_or(u32::MAX);
                let tasks = self.tasks.get(group);
                self.first + early + tasks.map_or(0, |tasks| among(tasks, rank))
            }
        }
    }
}

/// The number of the profile that a task is part of, that after the last one for foreign stores,
/// and its place among all stages of that profile.
fn order(scenario: &Scenario, rank: Rank) -> (usize, u32) {
    let group =
        |service: &Service| service.profile.map_or(scenario.profiles.len(), ProfileId::index);
    let service_group = |service: ServiceId| group(&scenario.services[service.index()]);
    match rank {
        Rank::Forced(service) => (service_group(service), FORCED + u32::from(service.0)),
        Rank::Task(task @ Task::Configure(service), stage) => {
            (service_group(service), turn(scenario, task) + stage)
        }
        Rank::Task(task @ Task::Run(provider), stage) => {
            (group(scenario.service_of(provider)), turn(scenario, task) + stage)
        }
        Rank::Early(stage) | Rank::Late(stage) => (0, stage),
    }
}

/// When a task has its turn: services first, then providers kind by kind (PRV-2 to PRV-5).
fn turn(scenario: &Scenario, task: Task) -> u32 {
    let provider = match task {
        Task::Configure(service) => return CONFIGURING + u32::from(service.0) * TASK,
        Task::Run(provider) => provider,
    };
    let early = scenario.policy.xp_start == XpStart::AfterLogon;
    let kind = match scenario.providers[provider.index()].kind {
        ProviderKind::AddressBook => 0,
        ProviderKind::Transport if early => 1,
        ProviderKind::MessageStore => 2,
        ProviderKind::Transport => 3,
    };
    RUNNING + kind * KIND + u32::from(provider.0) * TASK
}

/// The phases that one call of a client can come to; `None` is the time after all calls.
#[derive(Clone, Copy)]
struct Reach<'a> {
    scenario: &'a Scenario,
    client: &'a Client,
    call: Option<&'a Call>,
    mutated: bool,
}

impl Reach<'_> {
    fn stages(self, first: u32) -> Stages {
        let mut early = BTreeSet::new();
        let mut tasks = vec![BTreeSet::new(); self.scenario.profiles.len() + 1];
        for phase in self.phases() {
            match phase.row().rank {
                Rank::Early(stage) => {
                    early.insert(stage);
                }
                rank @ (Rank::Forced(_) | Rank::Task(..)) => {
                    let (group, rank) = order(self.scenario, rank);
                    tasks[group].insert(rank);
                }
                Rank::Late(_) => {}
            }
        }
        let longest = tasks.iter().map(BTreeSet::len).max().unwrap_or(0);
        Stages {
            first,
            late: first + u32::try_from(early.len() + longest).unwrap_or(u32::MAX),
            early: early.into_iter().collect(),
            tasks: tasks.into_iter().map(|ranks| ranks.into_iter().collect()).collect(),
        }
    }

    fn phases(self) -> Vec<Phase> {
        let mut phases = vec![Phase::Ready];
        let logs_on = self.logs_on();
        if logs_on {
            self.of_logon(&mut phases);
        }
        if self.call.is_some_and(|call| matches!(call.method(), Some(Method::Logoff(_)))) {
            phases.push(Phase::Confirming);
        }
        for (service, definition) in (0..).map(ServiceId).zip(&self.scenario.services) {
            if logs_on && (definition.profile.is_some() || self.mutated) {
                self.of_service(service, definition, &mut phases);
            }
        }
        for (provider, definition) in (0..).map(ProviderId).zip(&self.scenario.providers) {
            let runs = match self.call.and_then(|call| call.method()) {
                Some(Method::OpenMsgStore(wanted)) => wanted == provider,
                Some(Method::OpenAddressBook) => definition.kind == ProviderKind::AddressBook,
                Some(Method::GetStatusTable) => definition.kind == ProviderKind::Transport,
                Some(_) | None => logs_on && self.scenario.service_of(provider).profile.is_some(),
            };
            if runs || self.mutated {
                self.of_provider(provider, definition, &mut phases);
            }
        }
        phases
    }

    fn of_logon(self, phases: &mut Vec<Phase>) {
        let policy = &self.scenario.policy;
        let opening = |origin| Phase::Opening { profile: None, origin };
        phases.extend([Phase::Waiting, Phase::Choosing, opening(Origin::Given)]);
        if self.mutated || self.client.may(policy, |may| may.ui_profile) {
            phases.extend([Phase::PickingProfile, opening(Origin::Picked)]);
        }
        if self.mutated || self.client.may(policy, |may| may.ui_pwd) {
            phases.push(Phase::GivingPassword);
        }
    }

    fn of_service(self, id: ServiceId, service: &Service, phases: &mut Vec<Phase>) {
        let any = self.mutated;
        if any || self.client.may(&self.scenario.policy, |may| may.forced) {
            phases.push(Phase::Forced(id));
        }
        let (strikes, asks) = (any || !service.faults.is_empty(), any || !service.complete);
        for attempt in self.attempts(strikes || asks) {
            if strikes {
                phases.push(Phase::Checking(id, attempt));
            }
            if asks && self.shows() {
                phases.push(Phase::Prompting(id, attempt));
            }
            self.failing(Task::Configure(id), attempt, strikes || asks, phases);
        }
    }

    fn of_provider(self, id: ProviderId, provider: &Provider, phases: &mut Vec<Phase>) {
        let any = self.mutated;
        let speaks = !provider.init_codes.is_empty() || !provider.logon_codes.is_empty();
        let lacks = any || !provider.complete;
        let refuses = any || provider.password != Password::Stored;
        // The codes of faults do not call for the entry point; what is said otherwise may.
        let speaks = speaks || lacks || refuses || provider.session_cap.is_some();
        let fails = speaks || !provider.faults.is_empty();
        let enters = self.scenario.service_of(id).entry_point != EntryPoint::None;
        for attempt in self.attempts(fails) {
            phases.push(Phase::Trying(id, attempt));
            if speaks && (any || enters) && attempt.k > 1 {
                phases.push(Phase::Reconfiguring(id, attempt));
            }
            if lacks && self.shows() {
                phases.push(Phase::Asking(id, attempt, Asked::Data));
            }
            if refuses && self.shows() {
                phases.push(Phase::Asking(id, attempt, Asked::Password));
            }
            self.failing(Task::Run(id), attempt, fails, phases);
        }
    }

    /// The failure of a try, which is shown if another may follow.
    fn failing(self, task: Task, attempt: Attempt, fails: bool, phases: &mut Vec<Phase>) {
        if fails && self.shows() && (self.mutated || attempt.k < self.tries()) {
            phases.push(Phase::Informing(task, attempt, Code::LogonFailed));
        }
        if fails {
            phases.push(Phase::Disabling(task, None));
        }
    }

    /// May failures and prompts be shown? A call on a session shows what the logon permitted that
    /// made it, which may be another client's.
    fn shows(self) -> bool {
        let may = |client: &Client| client.may(&self.scenario.policy, |may| may.ui_cfg);
        self.mutated || may(self.client) || !self.logs_on() && self.scenario.clients.iter().any(may)
    }

    fn logs_on(self) -> bool {
        self.call.is_some_and(|call| call.logon().is_some())
    }

    /// How often a task is tried; a mutated machine may go one try further than any policy allows.
    fn tries(self) -> u8 {
        if self.mutated { Tries::Four.count() + 1 } else { self.scenario.policy.tries.count() }
    }

    fn attempts(self, fails: bool) -> impl Iterator<Item = Attempt> {
        let most = if fails { self.tries() } else { 1 };
        (1..=most).map(|k| Attempt { k, ..Attempt::FIRST })
    }
}
