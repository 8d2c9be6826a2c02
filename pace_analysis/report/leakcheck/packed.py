"""Opening what is packed: zip (so XLSX and DOCX), gzip, zlib, the text of PNG and PDF; limited in size and ratio."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType

from pace_analysis.errors import InputError

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
SMALL = 1024 * 1024  # a blank page packs better than the ratio allows and harms nobody
PDF_SECONDS = 60
PIXELS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"tRNS", b"tIME",
})
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
PDF_STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)  # numbers outside strings are offsets and lengths


@dataclass(slots=True)
class Budget:
    """What one file may still unpack to, and what in it could not be searched.

    Attributes
    ----------
    file : str
        The file, as messages name it.
    left : int
        Bytes it may still unpack to.
    notes : list of (where, says)
    """

    file: str
    left: int = MAX_UNPACKED
    notes: list[tuple[str, str]] = field(default_factory=list)

    def take(self, unpacked: int, packed: int) -> None:
        """Count bytes unpacked; InputError if they are over 200 MB in all, or 100 times what they were packed in."""
        self.left -= unpacked
        if self.left < 0 or (unpacked > SMALL and unpacked > MAX_RATIO * packed):
            raise InputError("The file unpacks to too much for its size, so it was not searched.", where=self.file,
                             remedy="Remove it from the folder, or save it again without what makes it so large.")

    def inflate(self, data: bytes, wbits: int = 47) -> bytes:
        """Unpack zlib or gzip data; raises ``zlib.error`` if it is damaged, and what :meth:`take` raises."""
        unpacked = []
        while data:
            stream = zlib.decompressobj(wbits)
            part = stream.decompress(data, min(self.left, max(SMALL, MAX_RATIO * len(data))) + 1)
            self.take(len(part), len(data))
            unpacked.append(part)
            data = stream.unused_data if stream.unused_data.startswith(b"\x1f\x8b") else b""
        return b"".join(unpacked)


Inner = Iterator[tuple[str, bytes]]  # what was packed: its form, and its bytes


def unzipped(data: bytes, budget: Budget) -> Inner:
    """Every member of a zip file, and the names and remarks beside them."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            entries = packed.infolist()
            budget.take(sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries))
            remarks = [packed.comment, *(entry.comment for entry in entries)]
            yield "names", b"\n".join([*(entry.filename.encode("utf-8", "replace") for entry in entries), *remarks])
            for entry in entries:
                if entry.flag_bits & 1:
                    budget.notes.append(("zip", "a member is locked by a password"))
                else:
                    yield "member", packed.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        budget.notes.append(("zip", "it is damaged"))


def inflated(data: bytes, budget: Budget) -> Inner:
    """What a gzip or zlib stream holds; nothing where the bytes only look like one."""
    try:
        yield "unpacked", budget.inflate(data)
    except zlib.error:
        if data.startswith(b"\x1f\x8b"):
            budget.notes.append(("gzip", "it is damaged"))


def png_text(data: bytes, budget: Budget) -> Inner:
    """Every chunk of a PNG that may hold words, and what follows the picture."""
    at = 8
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind not in PIXELS:
            yield kind.decode("latin-1"), _chunk(kind, body, budget)
        if kind == b"IEND":
            break
    if data[at:].strip(b"\0"):
        yield "after the picture", data[at:]


def _chunk(kind: bytes, body: bytes, budget: Budget) -> bytes:
    """Words of a chunk; its key stays in front of them."""
    key, _, rest = body.partition(b"\0")
    try:
        if kind in (b"zTXt", b"iCCP"):
            return key + b"\n" + budget.inflate(rest[1:])
        if kind == b"iTXt" and len(rest) >= 2:
            language, _, last = rest[2:].partition(b"\0")
            translated, _, words = last.partition(b"\0")
            words = budget.inflate(words) if rest[0] else words
            return b"\n".join((key, language, translated, words))
    except zlib.error:
        budget.notes.append(("png", f"its {kind.decode('latin-1')} chunk is damaged"))
    return body.replace(b"\0", b"\n") if kind == b"tEXt" else body


def pdf_text(data: bytes, budget: Budget) -> Inner:
    """Strings and metadata of a PDF, and its pages through ``pdftotext``; a note where that is not installed."""
    yield "strings", b"\n".join(_pdf_strings(data))
    for stream in PDF_STREAM.finditer(data):
        body = stream[1]
        try:
            body = budget.inflate(body, 15)
        except zlib.error:
            pass  # packed in no way, or as a picture
        if body.lstrip().startswith(b"<"):
            yield "metadata", body
        else:
            yield "strings", b"\n".join(_pdf_strings(body))
    tool = shutil.which("pdftotext")
    if tool is None:
        budget.notes.append(("pdf", "pdftotext (poppler) is not installed, which reads its pages"))
        return
    try:
        run = subprocess.run([tool, "-enc", "UTF-8", "-", "-"], input=data, capture_output=True, timeout=PDF_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        run = None
    if run is None or run.returncode:
        budget.notes.append(("pdf", "pdftotext cannot read its pages"))
    else:
        yield "pages", run.stdout


def _pdf_strings(data: bytes) -> Iterator[bytes]:
    for match in PDF_STRING.finditer(data):
        text = match[1]
        yield text.decode("utf-16", "replace").encode() if text.startswith((b"\xfe\xff", b"\xff\xfe")) else text


UNREAD: Mapping[bytes, str] = MappingProxyType({  # packed forms that are not opened, by their first bytes
    b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet", b"ARROW1": "arrow", b"\xd0\xcf\x11\xe0": "old office file",
})
OPENERS: Mapping[bytes, tuple[str, Callable[[bytes, Budget], Inner]]] = MappingProxyType({  # by the first bytes
    b"PK\x03\x04": ("zip", unzipped),
    b"PK\x05\x06": ("zip", unzipped),
    b"\x1f\x8b": ("gzip", inflated),
    b"\x89PNG\r\n\x1a\n": ("png", png_text),
    b"%PDF-": ("pdf", pdf_text),
    b"\x78\x01": ("zlib", inflated),
    b"\x78\x5e": ("zlib", inflated),
    b"\x78\x9c": ("zlib", inflated),
    b"\x78\xda": ("zlib", inflated),
})
