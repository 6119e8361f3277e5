"""The Pass document: what a pass read, planned, wrote, asked and could not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_agent.laptop.documents.moments import stamp

if TYPE_CHECKING:
    from sync_agent.engine.sync.report import PassReport


def pass_document(report: PassReport) -> dict[str, Any]:
    """Give the Pass document."""
    return {
        "pass": report.id,
        "started_at": stamp(report.started_at),
        "took_ms": report.took_ms,
        "read": {"objects": report.objects, "removed": report.removed},
        "planned": report.planned,
        "written": {
            "created": report.created,
            "updated": report.updated,
            "deleted": report.deleted,
            "total": report.written,
        },
        "asked": len(report.asked),
        "questions": list(report.asked),
        "refused": [
            {"calendar": calendar, "session": session, "message": message}
            for calendar, session, message in report.refused
        ],
        "broken": [{"calendar": name, "message": message} for name, message in report.broken],
        "requests": report.requests,
        "accounts": [
            {
                "account": one.account,
                "name": one.name,
                "ok": one.ok,
                "code": one.code or None,
                "message": one.message or None,
                "read": one.read,
                "written": one.written,
                "requests": one.requests,
            }
            for one in report.accounts.values()
        ],
        "conflicts": {"opened": len(report.conflicts_opened), "closed": len(report.conflicts_closed)},
        "meetings": {
            "created": report.meetings_created,
            "updated": report.meetings_updated,
            "deleted": report.meetings_deleted,
        },
        "dry_run": report.dry_run,
    }
