//! The tests of witnesses and the antecedents of all properties: what only they ask is no reason to
//! explore another order of steps, and is noted separately.

use mapi_logon_checker::Questions;
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::parts::{Parts, WHOLE};
use mapi_logon_model::property::{
    Decided, Judged, Moment, PROPERTIES, Properties, PropertySet, Room,
};
use mapi_logon_model::world::Changes;

/// What judges look for without deciding an invariant, and what they have asked for it.
#[derive(Debug)]
pub(super) struct Onlookers {
    /// The properties whose antecedents are counted.
    counted: PropertySet,
    /// The witnesses among them.
    witnesses: PropertySet,
    /// The model, which notes what they ask.
    model: Model,
    asked: Vec<Questions>,
    asked_common: u128,
    /// Those that have asked for more than the rest of the steps did.
    overlooked: PropertySet,
}

impl Onlookers {
    pub(super) fn of(model: &Model, asked: PropertySet) -> Self {
        let is_witness = |at: &usize| matches!(PROPERTIES[*at].decided, Decided::Sometime(_));
        let witnesses = (0..PROPERTIES.len()).filter(is_witness);
        Self {
            counted: asked,
            witnesses: witnesses.fold(PropertySet::EMPTY, PropertySet::with).and(asked),
            model: model.clone().logging(),
            asked: vec![[0; 3]; model.scenario().clients.len()],
            asked_common: 0,
            overlooked: PropertySet::EMPTY,
        }
    }

    pub(super) const fn witnesses(&self) -> PropertySet {
        self.witnesses
    }

    /// What they have asked about a client.
    pub(super) fn asked_of(&self, client: ClientId) -> Questions {
        self.asked[client.index()]
    }

    pub(super) const fn asked_of_common(&self) -> u128 {
        self.asked_common
    }

    pub(super) const fn overlooked(&self) -> PropertySet {
        self.overlooked
    }

    /// Forgets what they have asked.
    pub(super) fn begin(&mut self) {
        self.asked.fill([0; 3]);
        (self.asked_common, self.overlooked) = (0, PropertySet::EMPTY);
    }

    /// Judges a step that has been made, and judged otherwise.
    pub(super) fn judge(
        &mut self,
        (parts, properties): (&Parts, &Properties),
        (moment, changes): (&Moment<'_>, &Changes),
        room: &Room,
    ) -> Judged {
        let (judged, more) = self.look(self.counted, (parts, properties), (moment, changes), room);
        if more {
            for at in self.counted.without(self.overlooked) {
                let one = PropertySet::only(at);
                if self.look(one, (parts, properties), (moment, changes), room).1 {
                    self.overlooked = self.overlooked.with(at);
                }
            }
        }
        judged
    }

    /// Judges some of them; says, too, whether they ask for more than the rest of the steps did.
    fn look(
        &mut self,
        wanted: PropertySet,
        (parts, properties): (&Parts, &Properties),
        (moment, changes): (&Moment<'_>, &Changes),
        room: &Room,
    ) -> (Judged, bool) {
        parts.begin(&self.model);
        let judged = {
            let moment = Moment { model: &self.model, ..*moment };
            let judged = wanted.and(self.witnesses);
            properties.judge_among(&moment, changes, (judged, wanted), room)
        };
        let common = parts.asked_of_common(&self.model);
        let mut more = common & !parts.asked_of_common(moment.model) != 0;
        self.asked_common |= common;
        for (at, all) in self.asked.iter_mut().enumerate() {
            let client = ClientId::from(at);
            let asked = parts.asked_of(&self.model, client);
            let known = parts.asked_of(moment.model, client);
            let news = (0..3).any(|word| asked[word] & !known[word] != 0);
            more |= news && client != moment.action.client && known[0] & WHOLE[0] == 0;
            (0..3).for_each(|word| all[word] |= asked[word]);
        }
        (judged, more)
    }
}
