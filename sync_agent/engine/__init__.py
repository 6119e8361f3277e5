"""The engine: plan, merge, detect, suggest (pure), the executors and their tables. Knows no process, no screen, no HTTP."""
