"""Options that several commands share."""

from __future__ import annotations

import click

authority_option = click.option(
    "--authority", required=True, metavar="NAME", help="A file in data/authorities, without .toml."
)
quarter_option = click.option(
    "--quarter", required=True, metavar="YYYYQn", help="Last quarter to include, e.g. 2015Q3."
)
data_option = click.option(
    "--data", default="", metavar="PATH", help="Extract to read; the authority's own by default."
)
