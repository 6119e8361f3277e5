"""The engine: plan, merge, detect, suggest (pure), executors and tables. Knows no process, no screen, no HTTP."""
