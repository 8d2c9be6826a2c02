"""A figure that can stand alone in a board paper: the drawing and every word that goes with it."""

from __future__ import annotations

import io
import re
import warnings
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pace_analysis.errors import SettingsError
from pace_analysis.figures import style
from pace_analysis.figures.png import png_of
from pace_analysis.publish.disclosure import Release

_NO_GLYPH = re.compile(r"Glyph (\d+) .*missing from font")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class ReportFigure:
    """A drawing of released numbers.

    Attributes
    ----------
    name : str
        What an author types in ``[figure: name]``.
    figure : matplotlib Figure
    headline, subtitle, source, alt : str
        What it says, what it shows, where it is from, and a description for those who cannot see it.
    data : DataFrame
        What was drawn, in words and printed numbers, one row a mark.
    release : Release
        INTERNAL figures are stamped and never reach a public folder.
    """

    name: str
    figure: Figure
    headline: str
    subtitle: str
    source: str
    alt: str
    data: pd.DataFrame
    release: Release

    def svg(self) -> bytes:
        """Return the drawing as SVG: same bytes for the same figure, no date, no hidden text.

        Raises
        ------
        SettingsError
            If a name in it has a character that the font of figures does not hold; it would be drawn as a box.
        """
        # matplotlib writes every label as a comment beside its outlines
        return _COMMENT.sub(b"", self._saved(format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))))

    def png(self, dpi: int = 300) -> bytes:
        """Return the drawing as PNG at ``dpi``, which Word places at its true size; refuses what :meth:`svg` does."""
        width, height = (int(inches * dpi) for inches in self.figure.get_size_inches())
        drawn = np.frombuffer(self._saved(format="rgba", dpi=dpi), dtype=np.uint8)
        return png_of(drawn.reshape(height, width, 4), dpi)

    def caption(self) -> str:
        """Return caption, source and alt text as the lines an author pastes."""
        return f"{self.headline}\n{self.subtitle}\nSource: {self.source}\nAlt text: {self.alt}\n"

    def _saved(self, **options: Any) -> bytes:
        buffer = io.BytesIO()
        with style.sheet(), warnings.catch_warnings():
            warnings.filterwarnings("error", message=_NO_GLYPH.pattern)
            try:
                self.figure.savefig(buffer, **options)
            except UserWarning as warning:
                missing = _NO_GLYPH.match(str(warning))
                if not missing:
                    raise
                raise SettingsError(f"A figure has no letter for '{chr(int(missing[1]))}'.",
                                    where=f"figure '{self.name}', U+{int(missing[1]):04X}",
                                    remedy="Write that name in the settings with letters, digits and common signs.") from None
        return buffer.getvalue()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.caption()}

    def _repr_html_(self) -> str:
        image = b64encode(self.svg()).decode("ascii")
        return (f'<figure><img src="data:image/svg+xml;base64,{image}" alt="{escape(self.alt)}">'
                f"<figcaption><strong>{escape(self.headline)}</strong> {escape(self.subtitle)}</figcaption></figure>")
