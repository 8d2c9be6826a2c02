"""Series into signals: run charts, control charts and their rules. Knows nothing of children, files or disclosure."""

from pace_analysis.improvement.chart import Chart, chart
from pace_analysis.improvement.cusum import cusum
from pace_analysis.improvement.falsealarms import false_alarm_rate
from pace_analysis.improvement.icons import Icon
from pace_analysis.improvement.power import events_needed, power_sentence, quarters_to_tell
from pace_analysis.improvement.rules import Signal
from pace_analysis.improvement.series import ChartError, Point

__all__ = ["Chart", "ChartError", "Icon", "Point", "Signal", "chart", "cusum", "events_needed", "false_alarm_rate", "power_sentence", "quarters_to_tell"]
