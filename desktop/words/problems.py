"""What went wrong, in a tutor's words. The agent says it in whole sentences; silence is worded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.agent.documents import AgentProblem
    from desktop.words.translation import Translate


def problem_words(problem: AgentProblem, translate: Translate) -> str:
    """Say what happened and what to do, in one or two sentences."""
    if problem.is_silence:
        return translate(
            "Problems", "TutorSync’s background service did not answer. It is being started again; nothing was lost."
        )
    if not problem.message:
        return translate("Problems", "TutorSync’s background service gave an answer that cannot be read.")
    return f"{problem.message} {problem.action}".strip()
