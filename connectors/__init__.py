"""Everything that speaks to an outside system, and the plain vocabulary in which it answers.

The lowest floor of the house: imports nothing of ours, knows no database, no scheduler and no screen.
`vocabulary` holds the values, errors and Protocols; each other package is one family of vendors.
"""
