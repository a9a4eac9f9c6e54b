//! A run as pages tell it: lanes with time running down, and every step with what it changes.

use std::io::BufRead;

use anyhow::{Result, anyhow};
use mapi_logon_model::clause;
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::Action;
use mapi_logon_traces::explain::Shown;
use mapi_logon_traces::export::lanes::{Message, messages};
use mapi_logon_traces::replay::{Divergence, Reader};
use mapi_logon_traces::trace::{Expect, Header};
use mapi_logon_traces::tracer::Tracer;
use mapi_logon_traces::write::Trace;
use maud::{Markup, html};

use super::lanes;
use crate::run::Told;

/// A run, step by step.
#[derive(Clone, Debug, Default)]
pub struct Story {
    scenes: Vec<Scene>,
    /// The step from which the run repeats itself forever.
    cycle: Option<usize>,
    /// Is the last step the one that fails?
    fails: bool,
}

/// A step with what passes between the lanes.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) told: Told,
    pub(super) messages: Vec<Message>,
    /// What a log shows of it, where the run explains one.
    pub(super) shown: Option<Shown>,
}

impl Scene {
    /// Does the log that the run explains not show it?
    pub(super) fn is_assumed(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.assumed)
    }

    /// Its number, with what the log shows of it.
    pub(super) fn label(&self) -> String {
        let number = self.told.step;
        match &self.shown {
            Some(Shown { assumed: true, .. }) => format!("{number} assumed"),
            Some(Shown { place: Some(place), .. }) => {
                let line = place.rsplit(':').next().unwrap_or(place);
                format!("{number} line {}", line.trim_start_matches("line "))
            }
            Some(Shown { place: None, .. }) | None => number.to_string(),
        }
    }
}

/// A trace as a story, with what replaying it found.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The steps that the machine followed.
    pub story: Story,
    /// Where it no longer did.
    pub divergence: Option<Divergence>,
    /// The header of the trace.
    pub header: Header,
}

impl Story {
    /// Has it no step?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.scenes.is_empty()
    }

    /// The run of a model whose clients make the calls that their scenario lists.
    #[must_use]
    pub fn of_run(model: &Model, actions: &[Action]) -> Self {
        let trace = Trace::record(model, actions.iter().copied(), Expect::conforms());
        let trace = trace.map(|trace| trace.to_text()).unwrap_or_default();
        Self::of_trace(trace.as_bytes()).map(|replayed| replayed.story).unwrap_or_default()
    }

    /// The run of a trace, as far as the machine follows it.
    ///
    /// # Errors
    /// When it is no trace, or too long to be kept.
    pub fn of_trace(source: impl BufRead) -> Result<Replayed> {
        let reader = Reader::new(source).map_err(|error| anyhow!("{error}"))?.kept();
        let mut scenes = Vec::new();
        let replay = reader.replay(|run, line| {
            scenes.extend(told(run, scenes.len() + 1).map(|told| Scene {
                told,
                messages: messages(line),
                shown: None,
            }));
        });
        let replay = replay.map_err(|error| anyhow!("{error}"))?;
        let cycle = replay.header.repeats.and_then(|step| usize::try_from(step).ok());
        Ok(Replayed {
            story: Self { scenes, cycle, fails: false },
            divergence: replay.divergence,
            header: replay.header,
        })
    }

    /// The same with the last step marked as the one that fails.
    #[must_use]
    pub const fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// The same with what a log shows of each step.
    #[must_use]
    pub fn of_log(mut self, shown: Vec<Shown>) -> Self {
        for (scene, shown) in self.scenes.iter_mut().zip(shown) {
            scene.shown = Some(shown);
        }
        self
    }

    /// The same for a run that repeats itself after this step.
    #[must_use]
    pub const fn repeating(mut self, after: usize) -> Self {
        self.cycle = Some(after);
        self
    }

    /// The story as a part of a page; `id` is its own there.
    pub(super) fn markup(&self, id: &str) -> Markup {
        html! {
            div.run {
                (lanes::figure(&self.scenes, id, self.fails))
                ol.steps aria-label="Steps" {
                    @for (at, scene) in self.scenes.iter().enumerate() {
                        (self.step(at, scene, id))
                    }
                }
            }
        }
    }

    fn step(&self, at: usize, scene: &Scene, id: &str) -> Markup {
        let Scene { told, shown, .. } = scene;
        let place = shown.as_ref().and_then(|shown| shown.place.as_ref());
        let fails = self.fails && at + 1 == self.scenes.len();
        html! {
            @if self.cycle == Some(at) { li.cycle { "These steps are repeated forever:" } }
            li.step.fails[fails].assumed[scene.is_assumed()]
                id={ (id) "-" (told.step) } tabindex="0" {
                p {
                    span.number { (told.step) }
                    strong { (told.actor) } " " (told.action) " "
                    @for taken in &told.transitions { (cited(taken)) " " }
                    @if let Some(place) = place { span.place { (place) } " " }
                    @if scene.is_assumed() {
                        span.tag title="No line of the log shows all of this step" { "assumed" }
                    }
                }
                @if !told.effects.is_empty() {
                    ul.effects { @for effect in &told.effects { li { (effect) } } }
                }
                @if !told.changes.is_empty() {
                    table.changes {
                        caption.hidden { "What changes" }
                        @for change in &told.changes {
                            tr {
                                th scope="row" { (change.part) }
                                td { del { (change.before) } }
                                td { ins { (change.after) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The last step of a run in words.
fn told(run: &Tracer, number: usize) -> Option<Told> {
    let before = run.run().before();
    let step = run.run().step();
    run.last().map(|action| Told::of(run.model(), number, before, action, step, &run.world()))
}

/// An id of the specification, with its text where the pointer rests.
pub(super) fn cited(id: &str) -> Markup {
    let text = clause::find(id).map_or("", |clause| clause.text);
    html! { abbr.clause title=(text) { (id) } }
}
