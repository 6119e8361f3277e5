"""Sync: pull, plan, intend, apply, settle. `plan` and `merge` decide with values; the others carry out."""
