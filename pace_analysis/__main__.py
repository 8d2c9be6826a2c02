"""``python -m pace_analysis`` is ``pace``."""

from pace_analysis.cli import main

main()
