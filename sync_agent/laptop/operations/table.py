"""The whole local API: one line a route (docs/local-api.md says what each gives)."""

from __future__ import annotations

from sync_agent.laptop.operations import accounts, agent, audit, conflicts, doctor, log, sessions, why
from sync_agent.laptop.operations.request import Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/status", agent.status),
    Route("GET", "/v1/health", agent.health),
    Route("POST", "/v1/sync", agent.sync),
    Route("POST", "/v1/pause", agent.pause),
    Route("POST", "/v1/resume", agent.resume),
    Route("GET", "/v1/config", agent.show_config),
    Route("PATCH", "/v1/config", agent.change_config),
    Route("GET", "/v1/vault", agent.show_vault),
    Route("POST", "/v1/vault", agent.open_vault),
    Route("GET", "/v1/sessions", sessions.list_sessions),
    Route("POST", "/v1/sessions", sessions.add_session),
    Route("GET", "/v1/sessions/{id}", sessions.show_session),
    Route("PATCH", "/v1/sessions/{id}", sessions.change_session),
    Route("POST", "/v1/sessions/{id}/cancel", sessions.cancel_session),
    Route("GET", "/v1/students", sessions.list_students),
    Route("POST", "/v1/students", sessions.add_student),
    Route("GET", "/v1/meetings", sessions.list_meetings),
    Route("POST", "/v1/meetings/{session}/ensure", sessions.ensure_meeting),
    Route("GET", "/v1/conflicts", conflicts.list_conflicts),
    Route("GET", "/v1/conflicts/{id}", conflicts.show_conflict),
    Route("GET", "/v1/conflicts/{id}/suggestions", conflicts.suggest),
    Route("POST", "/v1/conflicts/{id}/resolve", conflicts.resolve),
    Route("POST", "/v1/undo", conflicts.undo),
    Route("GET", "/v1/activity", conflicts.list_activity),
    Route("GET", "/v1/questions", conflicts.list_questions),
    Route("POST", "/v1/questions/{id}/answer", conflicts.answer),
    Route("GET", "/v1/accounts", accounts.list_accounts),
    Route("POST", "/v1/accounts", accounts.connect),
    Route("POST", "/v1/accounts/look", accounts.look),
    Route("DELETE", "/v1/accounts/{id}", accounts.disconnect),
    Route("GET", "/v1/calendars", accounts.list_calendars),
    Route("PATCH", "/v1/calendars/{id}", accounts.change_calendar),
    Route("GET", "/v1/calendars/{id}/dry-run", accounts.dry_run),
    Route("GET", "/v1/events", accounts.list_events),
    Route("GET", "/v1/busy", accounts.list_busy),
    Route("GET", "/v1/why", why.explain),
    Route("GET", "/v1/log", log.list_writes),
    Route("GET", "/v1/doctor", doctor.examine),
    Route("GET", "/v1/audit", audit.last),
    Route("POST", "/v1/audit", audit.run),
)
