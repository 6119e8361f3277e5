"""Which certificates are trusted: those of the system's authorities, and of one more where a school has its own.

Reading the system's authorities takes 40 ms, so it is done once for all connections, and again when they change.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from connectors.vocabulary.errors import CertificateWrong


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Give what checks the certificates of servers that speak HTTP/1.1. Shared: nobody changes it.

    Args:
        ca_file: PEM of one more authority.

    Raises:
        CertificateWrong: it cannot be read.
    """
    system = ssl.get_default_verify_paths()
    files = (ca_file, *(Path(name) for name in (system.cafile, system.capath) if name))
    return _read(ca_file, tuple(_changed_at(file) for file in files))


@lru_cache(maxsize=8)
def _read(ca_file: Path | None, _as_of: tuple[int, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as cause:
            raise CertificateWrong(ca_file.name, reason="the CA file cannot be read") from cause
    return context


def _changed_at(file: Path | None) -> int:
    if file is not None:
        with suppress(OSError):
            return file.stat().st_mtime_ns
    return 0
