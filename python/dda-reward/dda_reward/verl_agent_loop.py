"""An agent loop for verl's V1 trainer (0.9) in which a masked member leaves no row, so that the others of its group stay.

``actor_rollout_ref.rollout.agent.agent_loop_config_path`` names a file that ``dda export --to verl`` writes beside the data:

    - name: dda_single_turn
      _target_: dda_reward.verl_agent_loop.DdaSingleTurnAgentLoop

and ``actor_rollout_ref.rollout.agent.default_agent_loop=dda_single_turn``. It writes one plan as verl's ``single_turn_agent`` does, asks
for its reward itself (verl's reward loop then is not asked), and returns no output where there is none. A group all of whose members are
masked is finished without a row. Needs verl; this module is the only one that imports it.
"""

from __future__ import annotations

from typing import Any

from verl.experimental.agent_loop.agent_loop import AgentLoopOutput
from verl.experimental.agent_loop.single_turn_agent_loop import SingleTurnAgentLoop

from dda_reward.client import default_client
from dda_reward.verl import as_verl, sample_of


class DdaSingleTurnAgentLoop(SingleTurnAgentLoop):  # type: ignore[misc]
    """One turn, whose reward comes with it."""

    async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> AgentLoopOutput | list[AgentLoopOutput]:
        """The output with its reward, or no output where it is masked.

        :raises RewardServiceError: where the service could not be asked
        """
        if not self.config.trainer.get("use_v1", False):
            raise RuntimeError("an agent loop that returns no row needs verl's V1 trainer: trainer.use_v1=true")
        output = await super().run(sampling_params, **kwargs)
        reward_model = kwargs.get("reward_model") or {}
        sample = sample_of(reward_model.get("ground_truth"), kwargs.get("extra_info"))
        text = self.tokenizer.decode(output.response_ids, skip_special_tokens=True)
        score = await default_client().ascore(text, sample)
        if score.masked:
            return []
        facts = as_verl(score, str(sample))
        output.reward_score = facts["score"]
        output.extra_fields["reward_extra_info"] = facts
        return output
