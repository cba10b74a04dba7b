//! The tapes of proofs that are under way. They are in memory only, and scrubbed as they are made; a proof that goes on
//! after a restart has lost its beginning, so it has no recording.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use patchbay_catalog::Integration;
use patchbay_oauth::{http, recording::Tape};
use patchbay_store::{
    ids::ProofId,
    proofs::{Proof, ProofStep},
};

use crate::Hub;

/// One tape for each proof that was begun by this process.
#[derive(Default)]
pub struct Tapes(Mutex<HashMap<ProofId, Arc<Tape>>>);

impl Tapes {
    fn of(&self, proof: &ProofId) -> Option<Arc<Tape>> {
        let tapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tapes.get(proof).cloned()
    }

    /// Lets a tape go.
    pub(super) fn forget(&self, proof: &ProofId) {
        let mut tapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tapes.remove(proof);
    }
}

impl Hub {
    /// An empty tape for a proof.
    pub(super) fn start_tape(&self, proof: &ProofId, integration: &Integration) {
        let tape = Tape::new(integration, self.client.route(), self.random(), self.now().0);
        let mut tapes = self.tapes.0.lock().unwrap_or_else(PoisonError::into_inner);
        tapes.insert(proof.clone(), Arc::new(tape));
    }

    /// Does some work of a step while the proof's tape runs, if it has one.
    pub(crate) async fn taped<W: Future>(&self, proof: &ProofId, step: ProofStep, work: W) -> W::Output {
        match self.tapes.of(proof) {
            Some(tape) => {
                tape.step(step.as_str());
                http::recorded(tape, Box::pin(work)).await
            }
            None => Box::pin(work).await,
        }
    }

    /// What was recorded of a proof, as a file's text.
    pub(super) fn recorded(&self, proof: &Proof) -> Option<String> {
        let recording = self.tapes.of(&proof.id)?.recording(&proof.build);
        serde_json::to_string_pretty(&recording).ok()
    }
}
