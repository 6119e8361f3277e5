"""The auditor: reads both sides afresh and shares no code with the engine."""
