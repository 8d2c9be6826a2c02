"""The tests of change of the invented council's improvement programme, and how far each had come on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

ANNOUNCED_AHEAD = timedelta(days=183)  # a change appears in the register half a year before it is due


@dataclass(frozen=True, slots=True)
class Change:
    """One test of change: tested from ``start`` until it is implemented or abandoned."""

    change_id: str
    title: str
    partner: str
    stage: str
    applies_to: str
    start: date
    implemented: date | None = None
    abandoned: date | None = None

    def row(self, day: date) -> tuple[str, str, str, str, str, date, date | None, str]:
        """Row of the canonical table ``change`` as it stood on ``day``."""
        decided, status = (self.implemented, "implemented") if self.implemented else (self.abandoned, "abandoned")
        if self.start > day:
            last, status = None, "planned"
        elif decided is None or decided > day:
            last, status = None, "testing"
        else:
            last = decided - timedelta(days=1)
        return (self.change_id, self.title, self.partner, self.stage, self.applies_to, self.start, last, status)


CHANGES = (
    Change(
        "C01", "Every milestone of every child followed on one shared list", "Performance team",
        "accommodated to recommendation", "all children away from home", date(2014, 3, 1), date(2014, 9, 1),
    ),
    Change(
        "C02", "Permanence planning meeting within twelve weeks of accommodation", "Social work",
        "accommodated to recommendation", "all children away from home", date(2014, 3, 17), date(2014, 12, 1),
    ),
    Change(
        "C03", "Shorter template for the adoption and permanence report", "Social work",
        "recommendation to agency decision", "plans for adoption or a permanence order",
        date(2014, 5, 1), date(2015, 2, 2),
    ),
    Change(
        "C04", "Referral to the Children's Reporter within three days of accommodation", "Reporter",
        "accommodated to recommendation", "children aged three and under", date(2014, 6, 2), date(2014, 9, 1),
    ),
    Change(
        "C05", "Awareness sessions for children's hearing panel members", "Children's hearings",
        "agency decision to court", "all children away from home", date(2014, 9, 15),
    ),
    Change(
        "C06", "Progress of each permanence order report looked at every three weeks", "Legal services",
        "agency decision to court", "plans for a permanence order", date(2014, 11, 3), date(2015, 8, 3),
    ),
    Change(
        "C07", "Weekly drop-in for report writers", "Social work",
        "recommendation to agency decision", "plans for adoption or a permanence order",
        date(2015, 1, 12), abandoned=date(2015, 5, 4),
    ),
    Change(
        "C08", "Health colleagues take part in the permanence assessment", "Health",
        "accommodated to recommendation", "children aged five and under", date(2015, 7, 6),
    ),
    Change(
        "C09", "Parenting assessment finished within the initial assessment", "Social work",
        "accommodated to recommendation", "children aged three and under", date(2015, 10, 5),
    ),
    Change(
        "C10", "Teachers take part in the permanence assessment", "Education",
        "accommodated to recommendation", "children at school", date(2015, 11, 2),
    ),
)


def changes_on(day: date) -> list[tuple[str, str, str, str, str, date, date | None, str]]:
    """Rows of the table ``change`` on ``day``: everything begun, and what is due within half a year."""
    return [change.row(day) for change in CHANGES if change.start <= day + ANNOUNCED_AHEAD]
