"""Writes data/synth_stages.csv: invented children who pass through stages. Run in this folder: python make_stages.py

One row a stay, closed days. Stages 1 to 4 in order, each may be left for 6 (left care); 5 is decided. Lengths of stay
are in threes, so that many children move on one day, some on day 0; ``next_stage`` 0 is last seen in the stage.
"""

import csv

import numpy as np

CHILDREN, LAST = 150, 300
generator = np.random.default_rng(2015)

rows = []
for child in range(1, CHILDREN + 1):
    seen_to, day, stage = int(generator.integers(120, LAST + 1)), 0, 1
    while stage < 5:
        stay = int(generator.exponential(45)) // 3 * 3
        last = min(day + stay, seen_to)
        leaves = generator.random() < 0.12
        after = 0 if day + stay > seen_to else 6 if leaves else stage + 1
        rows.append((child, stage, day, last, after))
        day, stage = last + 1, after or 9
        if day > seen_to:
            break

with open("data/synth_stages.csv", "w", newline="", encoding="utf-8") as lines:
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["id", "stage", "first_day", "last_day", "next_stage"])
    writer.writerows(rows)
