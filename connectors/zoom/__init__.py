"""Zoom meetings: one host account, signed in with server-to-server credentials.

`provider.py` is the way in; `api.py` and `wire.py` speak HTTP, `token.py` signs in; `mapping.py`, `errors.py` and
`pauses.py` are pure. A host link (`start_url` logs in as the host) is dropped where an answer is read and exists
nowhere else.
"""
