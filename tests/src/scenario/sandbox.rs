//! The sandbox of a scenario: nothing is run in it.

use provenear_shared::embedded::{Sandbox, SandboxEnd, SandboxRun};
use provenear_shared::wasm::sandbox::Plan;

use super::Scenario;

/// Says what the scenario says that the export does.
pub(super) struct StubSandbox<'a>(pub(super) &'a Scenario);

impl Sandbox for StubSandbox<'_> {
    async fn run(&self, _: &Plan) -> SandboxRun {
        let end = match self.0.end.as_str() {
            "trapped" => SandboxEnd::Trapped("unreachable".into()),
            "float" => SandboxEnd::FloatReached,
            "limit" => SandboxEnd::LimitReached,
            "not-started" => SandboxEnd::NotStarted("no Worker".into()),
            _ => SandboxEnd::Returned,
        };
        let mut called = self.0.calls.clone();
        called.push("value_return".into());
        SandboxRun { returned: Some(Scenario::claim_bytes(&self.0.claim)), called, end }
    }
}
