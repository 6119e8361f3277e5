"""`tutorsync agent`."""

from __future__ import annotations

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli


@click.command(cls=LaptopCommand)
@click.option("--once", is_flag=True, help="One full pass over everything, then stop.")
@takes_cli
def agent(cli: Cli, once: bool) -> int:
    """Run the background agent in the foreground, until SIGTERM or Ctrl+C."""
    # The lock comes first: whoever is second learns it at once, before half the program is loaded.
    from sync_agent.laptop.agent.hold import held_profile

    with held_profile(cli.profile):
        if once:
            return _one_pass(cli)
        from sync_agent.laptop.agent.process import run_agent

        run_agent(cli.profile, cli.config(), cli.passphrase, cli.environment, told=cli.output.aside)
    return 0


def _one_pass(cli: Cli) -> int:
    from sync_agent.laptop.api.routing import Router
    from sync_agent.laptop.cli.commands.sync import pass_words, tell_waiting
    from sync_agent.laptop.cli.door import checked
    from sync_agent.laptop.cli.exits import exit_of_pass
    from sync_agent.laptop.cli.stopping import INTERRUPTED
    from sync_agent.laptop.operations.table import ROUTES

    office = cli.opened()

    def halt() -> bool:
        office.engine.end()
        return True

    try:
        router = Router(ROUTES)
        with cli.stopping.ends(halt):
            reply = router.answer(office, "POST", "/v1/sync", {}, {"wait": True})
        done = checked(reply.status, reply.body)
        waiting = router.answer(office, "GET", "/v1/status", {}, {}).body["waiting_changes"]
        questions = router.answer(office, "GET", "/v1/questions", {}, {}).body["questions"]
    finally:
        office.close()
    cli.output.document(done, pass_words)
    if cli.stopping.is_asked:
        tell_waiting(cli, waiting)
    return INTERRUPTED if cli.stopping.is_asked else exit_of_pass(done, open_questions=len(questions))
