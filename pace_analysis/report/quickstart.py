"""Make the Jupyter libraries start quickly.

nbformat imports jsonschema, and jsonschema imports ``rfc3987_syntax`` when it is installed (it comes with
JupyterLab). That package builds some 35 parsers at import, about two seconds, for the one check of the ``iri``
format, which no notebook uses. jsonschema goes without it when it cannot be imported.
"""

from __future__ import annotations

import sys


def skip_slow_import() -> None:
    """Keep ``rfc3987_syntax`` from being imported; call before the first import of nbformat."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is Python's own "not there"
