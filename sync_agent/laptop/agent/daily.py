"""What the agent does once a day beside its passes: the audit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.errors import EngineError
from sync_agent.laptop.auditing import audit, has_faults, is_due

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office

log = structlog.get_logger()


class DailyAudit:
    """Audits when a day has gone by, in a thread of its own: a slow server delays no pass."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def after_pass(self) -> None:
        """Begin, if it is time and none runs. Called right after a pass, so that what waited has gone out."""
        if (self._thread is not None and self._thread.is_alive()) or not is_due(self._office):
            return
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; one that runs ends with the process: it changes nothing but its own row."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            rows = audit(self._office)
            differing = [row.account for row in rows if has_faults(row) and not row.not_read]
            if differing and not self._stopped.is_set():
                # Somebody may have edited there a minute ago: after a pass only what is wrong still differs.
                self._look_closely(differing)
                rows = audit(self._office, differing)
            for row in rows:
                told = log.warning if has_faults(row) else log.info
                told("audit.done", account=row.account, compared=row.compared, equal=row.equal)
        except EngineError as error:
            log.warning("audit.refused", code=error.code)
        except Exception:  # The edge of a thread: what an audit stumbles over must not end the agent.
            log.exception("audit.crashed", code="audit.crashed")

    def _look_closely(self, accounts: list[str]) -> None:
        """Sync them, and list their calendars in full: a server may have forgotten to name what differs."""
        office = self._office
        office.engine.compare_soon(accounts)
        with office.store.read() as connection:
            calendars = [one for one in office.store.accounts.calendars(connection) if one.account in accounts]
        for _ in range(max(len(calendars), 1)):
            if not self._stopped.is_set():
                office.run_pass(accounts)
