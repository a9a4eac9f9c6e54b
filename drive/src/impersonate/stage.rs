//! A world that the model plays: its run, the calls in progress, the handles of sessions.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::protocol::{Action, Call, Choice, Logon, Offer, Task};
use mapi_logon_model::run::Run;
use mapi_logon_model::scenario::EntryPoint;
use mapi_logon_traces::calls;
use mapi_logon_traces::explain::Begun;
use mapi_logon_traces::tracer::{DEAD, free_slot};

use super::Voice;
use super::player::{Asked, Open, Reply, Tried, chosen, question, tried, written};
use crate::protocol::{Args, FromAdapter, FromTool, Hr, ProviderAnswer, World};

mod show;

/// A world that is played.
#[derive(Debug)]
pub(super) struct Stage {
    world: World,
    run: Run<Model>,
    players: Vec<Option<Open>>,
    handles: Vec<Handle>,
    /// For each session, the number that tells it from others.
    identities: Vec<Option<u32>>,
    last: u32,
}

/// A session pointer.
#[derive(Clone, Copy, Debug)]
struct Handle {
    client: ClientId,
    /// The slot in which it is kept, as long as no other is.
    slot: u8,
}

impl Stage {
    pub(super) fn new(world: World, model: Model) -> Self {
        let clients = model.scenario().clients.len();
        Self {
            world,
            players: vec![None; clients],
            handles: Vec::new(),
            identities: vec![None; model.slots().len()],
            last: 0,
            run: Run::of_any_calls(model),
        }
    }

    pub(super) const fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn restart(&mut self) {
        self.run.restart();
        self.players.fill(None);
        self.handles.clear();
        self.identities.fill(None);
        self.last = 0;
    }

    /// Hears a line about this world.
    ///
    /// # Errors
    /// One sentence where it does not fit.
    pub(super) fn hear(&mut self, line: FromTool, voice: &mut Voice) -> Result<(), String> {
        match line {
            FromTool::Call { id, client, call, args, preset, .. } => {
                let who = self.world.client(&client);
                let who = who.ok_or_else(|| format!("no client is called {client:?}"))?;
                let begun = self.begun(&call, &args)?;
                let player = &mut self.players[who.index()];
                if player.is_some() {
                    return Err(format!("client {client:?} is in a call"));
                }
                *player = Some(Open::new(id, begun, preset));
            }
            FromTool::Answer { ask, result, completed, .. } => {
                self.answer(ask, result, completed.unwrap_or(false))?;
            }
            FromTool::User { dialog, answer, profile, completed } => {
                let open = self.waiting_for(Asked::Dialog(dialog))?;
                open.asked = None;
                open.reply = Some(Reply::User(answer, profile, completed.unwrap_or(false)));
            }
            FromTool::Hello { .. } | FromTool::World { .. } | FromTool::Bye { .. } => {}
        }
        self.settle(voice)
    }

    /// The call that the tool writes so; a session is named by its handle.
    fn begun(&self, call: &str, args: &Args) -> Result<Begun, String> {
        let scenario = self.run.model().scenario();
        Ok(match calls::call(scenario, &written(call, args))? {
            Call::LogonEx(_) => Begun::Logon(Logon {
                slot: 0,
                name: calls::name_parameter(scenario, args.profile.as_deref()),
                password: args.password.as_ref().is_some_and(|password| !password.is_empty()),
                flags: LogonFlags::from_bits_retain(args.flags.unwrap_or_default()),
            }),
            Call::OnSession(_, method) => {
                let handle = args.session.ok_or("the call names no session")?;
                let known = u32::try_from(handle.get()).ok();
                let known = known.filter(|handle| *handle as usize <= self.handles.len());
                let handle = known.ok_or_else(|| format!("no session has the handle {handle}"))?;
                Begun::OnSession(Some(handle), method)
            }
            call @ (Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_)) => {
                Begun::Other(call)
            }
        })
    }

    fn answer(&mut self, ask: u64, result: Hr, completed: bool) -> Result<(), String> {
        if let Ok(open) = self.waiting_for(Asked::Configure(ask)) {
            open.asked = None;
            open.reply = Some(Reply::Configured(result, completed));
            return Ok(());
        }
        let open = self.waiting_for(Asked::Provider(ask))?;
        open.asked = None;
        // A failure the specification does not know is a failure like others.
        open.answers.push(Code::valued(result.0).unwrap_or(Code::CallFailed));
        Ok(())
    }

    fn waiting_for(&mut self, asked: Asked) -> Result<&mut Open, String> {
        let mut all = self.players.iter_mut().flatten();
        let found = all.find(|open| open.asked == Some(asked));
        found.ok_or_else(|| format!("nobody has asked {asked:?}"))
    }

    /// Lets every call go on until each has returned or waits for the tool or another call.
    fn settle(&mut self, voice: &mut Voice) -> Result<(), String> {
        loop {
            let mut moved = false;
            for index in 0..self.players.len() {
                let client = ClientId::from(index);
                while self.advance(client, voice)? {
                    moved = true;
                }
            }
            if !moved && !self.time_out(voice) {
                return Ok(());
            }
        }
    }

    /// Where nothing else moves, the short time-out of a call passes that waits for the mutex.
    fn time_out(&mut self, voice: &mut Voice) -> bool {
        let mut clients = (0..self.players.len()).map(ClientId::from);
        let waits = |client: &ClientId| {
            let open = self.players[client.index()].as_ref();
            open.is_some_and(|open| open.begun) && self.offered(*client) == [Choice::TimeOut]
        };
        let client = clients.find(waits);
        client.is_some_and(|client| self.take(client, Choice::TimeOut, voice))
    }

    /// Takes the next step of the client's call; whether there was one.
    fn advance(&mut self, client: ClientId, voice: &mut Voice) -> Result<bool, String> {
        let Some(open) = &self.players[client.index()] else { return Ok(false) };
        if open.asked.is_some() {
            return Ok(false);
        }
        if !open.begun {
            return Ok(self.begin(client, voice));
        }
        let sight = self.run.model().sight(self.run.state());
        let phase = sight.client(client).phase();
        let offer = phase.row().offer;
        if let Offer::Try(Task::Run(_)) = offer {
            return self.try_provider(client, voice);
        }
        let offered = self.offered(client);
        if offered.is_empty() {
            return Ok(false);
        }
        let user =
            offered.iter().any(|one| matches!(one, Choice::Answer(_) | Choice::Configure { .. }));
        let choice = if offered[0] == Choice::TimeOut {
            None
        } else if user {
            self.reply(client, &offered, voice)?
        } else {
            Some(offered[0])
        };
        Ok(choice.is_some_and(|choice| self.take(client, choice, voice)))
    }

    /// The choices that are enabled in the client's call.
    fn offered(&self, client: ClientId) -> Vec<Choice> {
        let (model, state) = (self.run.model(), self.run.state());
        let mut offered = Vec::new();
        model.continuations(model.sight(state), client, &mut |choice| {
            if model.step(state, Action { client, choice }).is_ok() {
                offered.push(choice);
            }
        });
        offered
    }

    /// The answer of a user or an entry point; asks for it where it has not come yet.
    fn reply(
        &mut self,
        client: ClientId,
        offered: &[Choice],
        voice: &mut Voice,
    ) -> Result<Option<Choice>, String> {
        let model = self.run.model();
        let Some(open) = &mut self.players[client.index()] else { return Ok(None) };
        if let Some(reply) = open.reply.take() {
            let choice = chosen(model, offered, &reply);
            return choice.map(Some).ok_or_else(|| "this cannot be answered here".to_owned());
        }
        if let Some(Choice::Configure { .. }) = offered.first() {
            let sight = model.sight(self.run.state());
            let task = sight.client(client).phase().task();
            if let Some(Task::Run(provider)) = task
                && model.scenario().service_of(provider).entry_point != EntryPoint::None
            {
                let service = model.scenario().service_of(provider).name.clone();
                self.ask_configure(client, service, false, voice);
                return Ok(None);
            }
        }
        // A dialog that nobody has seen is answered all the same.
        let most = offered.len() as u64;
        let at = usize::try_from(voice.stream.below(most)).unwrap_or_default();
        Ok(offered.get(at).copied())
    }

    /// Asks the provider that is tried, or makes the try when everything is answered.
    fn try_provider(&mut self, client: ClientId, voice: &mut Voice) -> Result<bool, String> {
        loop {
            let (model, state) = (self.run.model(), self.run.state());
            let Some(open) = &mut self.players[client.index()] else { return Ok(false) };
            match tried(model, state, client, &open.answers) {
                Tried::Made(choice) => {
                    open.answers.clear();
                    return Ok(self.take(client, choice, voice));
                }
                Tried::Never => return Err("the provider cannot answer so here".to_owned()),
                Tried::Asks(provider, call) => {
                    let name = model.words().provider(provider).to_owned();
                    let call = question(call);
                    let Some(preset) = &open.preset else {
                        self.ask(client, name, call, voice);
                        return Ok(false);
                    };
                    let result = preset.get(&format!("{name}/{call:?}"));
                    let result = result.copied().unwrap_or(Hr(0));
                    open.events.push(ProviderAnswer { provider: name, call, result });
                    open.answers.push(Code::valued(result.0).unwrap_or(Code::CallFailed));
                }
            }
        }
    }

    /// Begins the client's call, if it can begin now.
    fn begin(&mut self, client: ClientId, voice: &mut Voice) -> bool {
        let (model, state) = (self.run.model(), self.run.state());
        let Some(open) = &mut self.players[client.index()] else { return false };
        let call = match open.call {
            Begun::Logon(logon) => match free_slot(model, state, client) {
                Some(slot) => Call::LogonEx(Logon { slot, ..logon }),
                None => {
                    let what = "more sessions of one client".to_owned();
                    voice.said.push(FromAdapter::Unsupported { id: open.id, what });
                    self.players[client.index()] = None;
                    return false;
                }
            },
            Begun::OnSession(handle, method) => {
                let held = handle.and_then(|handle| self.handles.get(handle as usize - 1));
                let slot = held.filter(|held| held.client == client).map_or(DEAD, |held| held.slot);
                Call::OnSession(Some(slot), method)
            }
            Begun::Other(call) => call,
        };
        let enabled = model.step(state, Action { client, choice: Choice::Begin(call) }).is_ok();
        open.begun = enabled;
        enabled && self.take(client, Choice::Begin(call), voice)
    }
}
