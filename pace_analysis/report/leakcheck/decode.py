"""A file's bytes to every text they hold: what is packed is opened, what is encoded decoded, one inside the other."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from pace_analysis.report.leakcheck.packed import OPENERS, UNREAD, Budget

MAX_DEPTH = 8
ROUNDS = 3  # of decoding a text that was encoded more than once
Trail = tuple[str, ...]

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}(?:\s+[A-Za-z0-9+/_-]{24,})*(?:\s+[A-Za-z0-9+/_-]+)?={0,2}")
BLOB = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([bfnrt\"'/\\]))")
ESCAPED = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # soft hyphens and joiners, which a reader does not see
COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
# a first letter, and only then what may not stand before it, as in needles
OUTLINE = re.compile(r"(?:d(?<=\bd)|points(?<=\bpoints))=\"[MLHVCSQTAZmlhvcsqtaz0-9\s.,eE+-]*\"")  # coordinates of a drawing
COLOUR = re.compile(r"(?:fill|stroke|colou?r|background|border|shadow|outline|accent)[\w-]*\s*[:=][^;{}<>#\n]{0,40}"
                    r"#[0-9a-fA-F]{3,8}\b")
INLINE = re.compile(r"</?(?:[abiu]|em|strong|span|small|su[bp]|mark|code|font|tspan|(?:\w+:)?(?:r|t|rPr)"
                    r"|w:(?!p\b|tc\b|tr\b|tbl\b|br\b|tab\b)\w+)(?:\s[^<>]*)?/?>")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
ASCII_RUN = re.compile(rb"[\x20-\x7e]{5,}")
WIDE_RUN = re.compile(rb"(?:[\x20-\x7e]\x00){5,}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Piece(NamedTuple):
    """One text found in a file, and the way to it, such as ``svg > base64 > text``."""

    where: str
    text: str


def pieces(data: bytes, budget: Budget, form: str = "", trail: Trail = ()) -> Iterator[Piece]:
    """Yield every text that some bytes hold.

    Parameters
    ----------
    data : bytes
        A file, or what was packed in one.
    budget : Budget
        What may still be unpacked; takes the notes on what could not be searched.
    form : str
        Ending of the file's name, without the point; the content decides where it can.
    trail : tuple of str
        What the bytes were found in, outermost first.

    Raises
    ------
    InputError
        If they unpack to more than 200 MB, or to more than 100 times their size.
    """
    if len(trail) > 2 * MAX_DEPTH:  # two steps a layer: the container, and its part
        budget.notes.append((say(trail[:3]), f"it is packed more than {MAX_DEPTH} times"))
        return
    budget.notes += [(say((*trail, name)), "this form is not read")
                     for magic, name in UNREAD.items() if data.startswith(magic)]
    for magic, (name, opener) in OPENERS.items():
        if data.startswith(magic):
            label = form if name == "zip" and form in ("xlsx", "docx", "pptx", "odt", "ods") else name
            for part, inner in opener(data, budget):
                yield from pieces(inner, budget, "", (*trail, label, part))
            if name != "zlib":
                return
    text = text_of(data)
    if text is None:
        runs = [*ASCII_RUN.findall(data), *(run[::2] for run in WIDE_RUN.findall(data))]
        yield Piece(say((*trail, "binary")), "\n".join(run.decode("ascii") for run in runs))
    else:
        yield from texts(text, budget, form_of(text, form), trail)


def texts(text: str, budget: Budget, form: str, trail: Trail) -> Iterator[Piece]:
    """Yield a text as it stands, as decoded, without its tags, its comments apart, and what base64 in it holds."""
    trail = (*trail, form)
    where = say(trail)
    if form in ("json", "notebook"):
        yield Piece(where, _without_blobs(text))
        text = "\n".join(json_strings(text) or ())
    if "<!--" in text:
        yield from texts("\n".join(COMMENT.findall(text)).replace("<!--", " "), budget, "comment", trail)
        text = COMMENT.sub("", text)
    text = COLOUR.sub(" ", OUTLINE.sub(" ", text))
    decoded = plain(text)
    for run in BASE64.finditer(decoded):
        for inner in from_base64(run[0]):
            yield from pieces(inner, budget, "", (*trail, "base64"))
    kept = _without_blobs(decoded)
    yield Piece(where, kept)
    if decoded != text:
        yield Piece(where, _without_blobs(text))  # a Windows path or a percentage may look like something encoded
    if "<" in kept:
        yield Piece(where, TAG.sub(" ", INLINE.sub("", kept)))


def plain(text: str) -> str:
    """Return a text with its escapes, entities and percent signs decoded, and without invisible characters."""
    for _ in range(ROUNDS):
        before = text
        if "\\" in text:
            text = ESCAPE.sub(_unescaped, text)
        if "&" in text:
            text = html.unescape(text)
        if "%" in text:
            text = unquote(text, errors="replace")
        if text == before:
            break
    return INVISIBLE.sub("", text)


def from_base64(run: str) -> list[bytes]:
    """Return what lines of base64 letters hold, where it is of a known form or text.

    The lines are tried together, then without the last, which may be a word that follows, then one by one.
    """
    lines = run.split()
    for letters in ("".join(lines), "".join(lines[:-1])):
        if (inner := _read_base64(letters)) is not None:
            return [inner]
    return [inner for line in lines if (inner := _read_base64(line)) is not None] if len(lines) > 1 else []


def is_text(data: bytes) -> bool:
    """Whether bytes are text: no control characters, and UTF-8 or, to judge by its zeros, UTF-16."""
    if not (data.isascii() or _is_utf8(data) or b"\0" in data):
        return False
    text = text_of(data)
    return bool(text) and CONTROL.search(text) is None


def text_of(data: bytes) -> str | None:
    """Return bytes as text by their mark or their zeros, as UTF-8, or as cp1252; None where they are binary."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    start = data[:4096]
    if b"\0" in start:
        # letters of European languages leave every other byte of UTF-16 zero
        odd, even = start[1::2].count(0), start[::2].count(0)
        if max(odd, even) >= 0.4 * len(start) and min(odd, even) <= 0.05 * len(start):
            return data.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        return None if CONTROL.search(text) else text


def form_of(text: str, ending: str) -> str:
    """Name the form of a text by its content, or by its file's ending."""
    start = text[:1000].lstrip().casefold()
    if start.startswith(("{", "[")) and json_strings(text) is not None:
        return "notebook" if ending == "ipynb" or '"nbformat"' in text else "json"
    if re.match("<[?!a-z]", start):
        return next((form for form in ("svg", "html") if f"<{form}" in start), "xml")
    return ending if re.fullmatch(r"html?|svg|xml|csv|tsv|md|log", ending) else "text"


def json_strings(text: str) -> list[str] | None:
    """Return every key, string and number of JSON; None where it is no JSON, or nested too deep."""
    try:
        return list(_strings(json.loads(text)))
    except (ValueError, RecursionError):
        return None


def say(trail: Trail) -> str:
    """Write the way to a text, such as ``html > base64 > png > tEXt > text``."""
    return " > ".join(trail)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str | int | float) and not isinstance(node, bool):
        yield str(node)


def _read_base64(letters: str) -> bytes | None:
    """What base64 holds; letters of a word may stand directly before it, so four places to start are tried."""
    letters = letters.rstrip("=").replace("-", "+").replace("_", "/")
    for start in range(min(4, len(letters))):
        cut = letters[start:]
        cut = cut[:-1] if len(cut) % 4 == 1 else cut
        try:
            inner = base64.b64decode(cut + "=" * (-len(cut) % 4))
        except binascii.Error:
            continue
        if inner.startswith(tuple(OPENERS)) or is_text(inner):
            return inner
    return None


def _without_blobs(text: str) -> str:
    """Leave out long base64 that is decoded elsewhere: a picture's letters now and then look like an id."""
    return BLOB.sub(lambda match: match[0] if _read_base64(match[0]) is None else " ", text)


def _unescaped(match: re.Match[str]) -> str:
    if match[3]:
        return ESCAPED.get(match[3], match[3])
    return chr(int(match[1] or match[2], 16))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
