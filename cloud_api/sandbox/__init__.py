"""The sandbox: stand-ins for the outside world, on loopback, with faults to order.

`zoom.py` behaves like Zoom's meetings, `feed.py` publishes ICS files, `calendar_server.py` runs a real Radicale, and
`wiretap.py` stands in front of any of them, counts, records and breaks. Each is started and stopped like a context
manager, listens on a port that the system chose, and leaves nothing behind. Shares no code with what it tests.
"""
