"""Content lines (RFC 5545, section 3.1): unfolding, taking apart, escaping, folding. Text in, text out.

Tolerant on input (bare LF or CR, a BOM, blanks around names), strict on output (CRLF, 75 octets).
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from connectors.ical.limits import MOST_ID_LETTERS, MOST_PARAMETER_LETTERS

_FOLD_OCTETS = 75
_QUOTED_HEAD = re.compile(r'[^":]*(?:"[^"]*"[^":]*)*:')
_PARAMETER = re.compile(r';?\s*([^=;:"\s]+)\s*=\s*("[^"]*"|[^;]*)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BLANK_LINES = re.compile(r"\n{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NEWLINE_LETTERS = "nN"


def unfolded(text: str) -> str:
    """Give the text with LF line ends, folded lines joined and no BOM."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n\n" in text:  # a text that went through a program which doubles line ends is still folded
        text = _BLANK_LINES.sub("\n", text)
    if "\n " in text:
        text = text.replace("\n ", "")
    if "\n\t" in text:
        text = text.replace("\n\t", "")
    return text.removeprefix("\ufeff")


def split_line(line: str) -> tuple[str, str, str]:
    """Take one unfolded content line apart.

    Returns:
        Name in upper case, parameters as written (without the first semicolon), value as written. A line without a
        colon has an empty value.
    """
    head, _, value = line.partition(":")
    if head.count('"') % 2:  # the colon stood inside a quoted parameter value
        whole = _QUOTED_HEAD.match(line)
        if whole is not None:
            head, value = line[: whole.end() - 1], line[whole.end() :]
        else:  # Exchange: DTSTART;TZID="W. Europe Standard Time:20200609T090000"
            value = value.removesuffix('"')
    name, _, params = head.partition(";")
    return name.strip().upper(), params, value


def parameters(params: str) -> dict[str, str]:
    """Give the parameters by name in upper case; quotes are taken off, RFC 6868 carets read. Do not change the dict."""
    return _parameters(params if len(params) <= MOST_PARAMETER_LETTERS else params[:MOST_PARAMETER_LETTERS])


@lru_cache(maxsize=4096)
def _parameters(params: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(params):
        value = match[2].strip().strip('"')
        if "^" in value:
            value = value.replace("^n", "\n").replace("^'", '"').replace("^^", "^")
        found.setdefault(match[1].upper(), value)
    return found


def unescaped(value: str) -> str:
    r"""Read a TEXT value (section 3.3.11): ``\n``, ``\N``, ``\,``, ``\;``, ``\\``; other escapes lose the backslash."""
    if "\\" not in value:
        return value
    if "\\\\" not in value and not value.endswith("\\"):
        # No backslash is meant as one: the same in a tenth of the time.
        value = value.replace("\\n", "\n").replace("\\N", "\n")
        return value.replace("\\", "")
    return _ESCAPED.sub(lambda found: "\n" if found[1] in _NEWLINE_LETTERS else found[1], value)


def short_id(uid: str) -> str:
    """Give a UID, or what stands for one that is longer than anybody needs."""
    return uid if len(uid) <= MOST_ID_LETTERS else hashed_id(uid, "long-uid")


def hashed_id(origin: str, kind: str) -> str:
    """Make a stable id out of a text."""
    return f"{blake2b(origin.encode('utf-8', errors='replace'), digest_size=16).hexdigest()}@{kind}"


def escaped(text: str) -> str:
    """Spell a TEXT value. Line ends of any kind become one, other control characters are left out (section 3.1)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str, line_end: str = "\r\n") -> str:
    """Fold a content line at 75 octets, never inside a character, and end it."""
    if line.isascii():
        if len(line) <= _FOLD_OCTETS:
            return line + line_end
        # The blank that opens a continuation counts, too.
        rest = range(_FOLD_OCTETS, len(line), _FOLD_OCTETS - 1)
        return f"{line_end} ".join((line[:_FOLD_OCTETS], *(line[at : at + _FOLD_OCTETS - 1] for at in rest))) + line_end
    if len(line.encode()) <= _FOLD_OCTETS:
        return line + line_end
    rows: list[str] = []
    begin, width = 0, 0
    for position, letter in enumerate(line):
        octets = len(letter.encode())
        # The blank that opens a continuation counts, too.
        if width + octets > _FOLD_OCTETS - bool(rows):
            rows.append(line[begin:position])
            begin, width = position, 0
        width += octets
    rows.append(line[begin:])
    return f"{line_end} ".join(rows) + line_end


def logical_lines(text: str) -> list[str]:
    """Cut a text into content lines as they stand: folds and line ends included, so that joining gives it back."""
    # Not splitlines(): that also cuts at U+2028 and form feeds, which may stand inside a value.
    rows: list[list[str]] = []
    for row in re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text):
        if rows and row[0] in " \t\r\n":
            rows[-1].append(row)
        else:
            rows.append([row])
    return ["".join(parts) for parts in rows]
