"""What a pass did, as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.sync.report import PassReport


def pass_document(report: PassReport, *, zone: str) -> dict[str, Any]:
    """Give **Pass**."""
    return {
        "pass": report.id,
        "started_at": instant(report.started_at, zone),
        "took_ms": report.took_ms,
        "dry_run": report.dry_run,
        "stopped": report.stopped,
        "read": {"objects": report.objects, "removed": report.removed},
        "planned": report.planned,
        "written": {
            "created": report.created,
            "updated": report.updated,
            "deleted": report.deleted,
            "total": report.written,
        },
        "asked": len(report.asked),
        "refused": [
            {"calendar": calendar, "session": session, "message": words} for calendar, session, words in report.refused
        ],
        "broken": [{"calendar": calendar, "message": words} for calendar, words in report.broken],
        "requests": report.requests,
        "accounts": [
            {
                "account": one.account,
                "name": one.name,
                "ok": one.ok,
                "code": one.code,
                "message": one.message,
                "read": one.read,
                "written": one.written,
                "requests": one.requests,
                "late": one.late,
            }
            for one in report.accounts.values()
        ],
        "conflicts": {"opened": len(report.conflicts_opened), "closed": len(report.conflicts_closed)},
        "meetings": {
            "created": report.meetings_created,
            "updated": report.meetings_updated,
            "deleted": report.meetings_deleted,
        },
    }
