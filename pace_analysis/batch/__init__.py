"""Many reports at once: a plan of authorities and quarters, workers that stay warm, a page that links what was made.

The plan: :mod:`.planfile`. One report in a worker: :mod:`.worker`, which runs notebooks in its own process
(:mod:`.engine`) and is as new for each (:mod:`.asnew`). Processes: :mod:`.workers`.
Order, time limits and failures: :mod:`.drive`. What is said meanwhile and at the end: :mod:`.progress`,
:mod:`.summary`. All of it: :mod:`.run`.
"""
