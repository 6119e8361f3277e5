"""The command line: a contract (names, meanings, exit codes, JSON). Everything the windows can do, it can."""
