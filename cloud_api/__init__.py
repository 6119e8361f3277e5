"""The Developer API: a program of its own on a machine of its own.

Each resource has a folder with four files of one shape: `routes.py` (HTTP), `schemas.py` (what goes over the wire),
`service.py` (what happens), `store.py` (rows). What all of them stand on lies beside them.
"""
