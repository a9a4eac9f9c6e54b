//! A progress measure that every step increases.
//!
//! Calls come one after the other, a logon goes through its stages in order, tasks follow each
//! other, and none is tried more often than the policy allows: no run of the machine visits a state
//! twice. The measure is the sum over the clients of the number of the stage that each has come to.
//! Only stages that the scenario can come to have a number of their own, so that steps are short,
//! and those of a profile have the numbers of those of its equals.
//! This need not be true of every policy: users of the measure check every step.

use crate::ids::ClientId;
use crate::machine::Model;
use crate::protocol::Phase;
use crate::world::bits::BitReader;
use crate::world::{Changes, Cursor, Sight, State, World};

impl Model {
    /// Does a step that makes these changes increase the measure?
    #[inline]
    #[must_use]
    pub fn ascends(
        &self,
        before: &World,
        (after, cursor): (&State, &Cursor),
        changes: &Changes,
    ) -> bool {
        let (old, new) = (self.sight(&before.state), self.sight(after));
        let gain = |client| {
            let place = |cursor: &Cursor, sight: Sight<'_>| {
                (cursor.position(client), sight.client(client).phase())
            };
            let (was, is) = (place(&before.cursor, old), place(cursor, new));
            if was == is {
                return 0;
            }
            i64::from(self.stage(client, is)) - i64::from(self.stage(client, was))
        };
        changes.clients.into_iter().map(gain).sum::<i64>() > 0
    }

    /// The measure of a packed moment.
    #[must_use]
    pub fn measure(&self, words: &[u64]) -> u64 {
        let mut sum = 0;
        self.layout().each_place(&mut BitReader::new(words), |client, position, phase| {
            sum += u64::from(self.stage(client, (position, phase)));
        });
        sum
    }

    /// A client's share of the measure.
    #[must_use]
    pub fn rank(&self, world: &World, client: ClientId) -> u64 {
        let phase = self.sight(&world.state).client(client).phase();
        u64::from(self.stage(client, (world.cursor.position(client), phase)))
    }

    /// The number of the stage to which a client has come that has made `calls` calls and rests in
    /// `phase`.
    fn stage(&self, client: ClientId, (calls, phase): (u8, Phase)) -> u32 {
        let calls = self.stages()[client.index()].get(usize::from(calls));
        calls.map_or(u32::MAX, |stages| stages.number(self.scenario(), phase))
    }
}
