"""What is trusted is read once, and again when it changed."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
import trustme

from connectors.trust import trusted
from connectors.vocabulary.errors import CertificateWrong


def _names(context: ssl.SSLContext) -> set[str]:
    return {str(authority["serialNumber"]) for authority in context.get_ca_certs()}


def test_connections_share_what_was_read() -> None:
    """Reading all of the system's authorities for each account would take longer than the requests."""
    assert trusted(None) is trusted(None)


def test_a_ca_file_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    """A school renews its authority while the agent runs: the next connection trusts the new one."""
    file = tmp_path / "school.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    before = trusted(file)
    trustme.CA().cert_pem.write_to_path(str(file))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))

    assert len(_names(trusted(file)) - _names(before)) == 1


def test_a_ca_file_that_was_broken_and_mended_is_read_again(tmp_path: Path) -> None:
    """The error is not kept: whoever puts the file right need not start the agent anew."""
    file = tmp_path / "school.pem"
    file.write_text("not yet\n")
    with pytest.raises(CertificateWrong, match="CA file"):
        trusted(file)
    trustme.CA().cert_pem.write_to_path(str(file))

    assert _names(trusted(file)) - _names(trusted(None))
