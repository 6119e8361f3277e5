"""Kill for real: real processes, real servers, real people, and an agent that dies at every moment.

`python -m tests.chaos --kills 200 --results FOLDER` runs it; README of what it does is `python -m tests.chaos --help`.
"""
