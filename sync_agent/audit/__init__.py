"""The auditor: reads both sides afresh and says how many linked fields are equal, and which are not.

It shares no code with the engine, and none with what the engine reads by: the store is read in its own SQL, calendars
and the platform over its own requests, iCalendar with the library. Of the connectors it knows the transport and the
errors. So a fault in what the engine reads, spells or believes cannot hide itself here. It changes nothing.
"""

from __future__ import annotations

from sync_agent.audit.auditor import Auditor
from sync_agent.audit.values import AccountAudit, Field, Finding, Kind

__all__ = ["AccountAudit", "Auditor", "Field", "Finding", "Kind"]
