"""Packed office files with the same bytes on every run."""

from __future__ import annotations

import io
import re
import zipfile

from pace_analysis.report.printed import About

CORE = "docProps/core.xml"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can say
DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def stable_archive(content: bytes, about: About) -> bytes:
    """Pack a DOCX or XLSX again without a clock: entries dated 1980, the file itself by its data cut."""
    stamp = about.moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii")
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == CORE:
                data = DATES.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            fresh = zipfile.ZipInfo(entry.filename, FIRST_DAY)
            fresh.compress_type, fresh.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(fresh, data)
    return packed.getvalue()
