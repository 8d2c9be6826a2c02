"""What the codes of the SSDA903 return mean in canonical terms (code sets of 2017/18 to 2025/26)."""

from __future__ import annotations

from types import MappingProxyType

SEX = MappingProxyType({"1": "M", "2": "F", "M": "M", "F": "F", "U": "U", "": ""})

STARTS = "S"  # RNE: started to be looked after; any other code continues care that began earlier
CONTINUES = "X1"  # REC: this episode ends, care goes on the same day
SHORT_BREAK = ("V3", "V4")  # LS: agreements for a series of short breaks
MENDED = "E99"  # REC: an end that a repair has put in; no list of the return has it
PLACED_FOR_ADOPTION = ("A3", "A4", "A5", "A6")  # PLACE
REVERSED = ("RD1", "RD2", "RD3", "RD4")  # REASON_PLACED_CEASED: the decision for adoption was changed

END_REASON = MappingProxyType({
    "E11": "adopted",  # application unopposed
    "E12": "adopted",  # consent dispensed with
    "E41": "kinship_order",  # residence order, later child arrangements order
    "E43": "kinship_order",  # special guardianship, codes before 2018/19
    "E44": "kinship_order",
    "E45": "kinship_order",  # special guardianship to former foster carers who are relatives or friends
    "E46": "kinship_order",  # to other former foster carers: the order counts, not the kinship
    "E47": "kinship_order",  # to other relatives or friends
    "E48": "kinship_order",  # to others
    "E4A": "home",  # planned return to parents
    "E4B": "home",  # unplanned return to parents
    "E13": "kinship",  # to relatives or a person without parental responsibility, no order
    "E2": "died",
    "E3": "moved_away",  # taken over by another authority in the United Kingdom
    "E17": "turned_18",  # stayed with carers at 18
    "E15": "other",  # age assessment found an adult: never a child in care
    "E5": "other",  # independent living, supported
    "E6": "other",  # independent living, no longer supported
    "E7": "other",  # residential care for adults
    "E8": "other",
    "E9": "other",  # custody
    "E14": "other",  # accommodation on remand ended
    "E16": "other",  # moved abroad
})

# an end that is itself a decision about where the child grows up; an unplanned return or a stay with
# relatives without an order is not
END_ROUTE = MappingProxyType({
    "E11": "adoption", "E12": "adoption", "E4A": "home",
    "E41": "kinship", "E43": "kinship", "E44": "kinship",
    "E45": "kinship", "E46": "kinship", "E47": "kinship", "E48": "kinship",
})
END_ORDER = tuple(code for code, route in END_ROUTE.items() if route != "home")
