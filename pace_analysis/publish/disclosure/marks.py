"""What the gate puts on everything it makes, and what it says in the place of a result that it does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pace_analysis.errors import nearest
from pace_analysis.publish.profiles import PROFILES, Profile
from pace_analysis.publish.refusals import never, sentence
from pace_analysis.publish.released import SEAL, Release, Released


@dataclass(frozen=True, slots=True)
class Refused:
    """A result that is not shown: a code, and a sentence for the reader of a board paper.

    Other floors may make one too, for a result that there was nothing to count for.
    """

    code: str
    sentence: str

    @property
    def release(self) -> Release:
        """A refusal says nothing of any child, so it may always be printed."""
        return Release.PUBLISHED


def publishable(thing: Any, *, internal: bool = False) -> Any:
    """Return ``thing`` if the gate made it; DisclosureRefused otherwise, and for INTERNAL unless ``internal``."""
    if type(thing) not in (*Released.__subclasses__(), Refused):
        never(f"A {type(thing).__name__} has not passed the disclosure gate.",
              remedy="Give the counts to pace_analysis.publish.disclosure first.")
    if thing.release == Release.INTERNAL and not internal:
        never("This result is INTERNAL: its numbers are not protected.", remedy="Use the profile 'public'.")
    return thing


def mark(profile: Profile, key: Sequence[str] = ()) -> dict[str, Any]:
    """Return what every released result carries; a profile made elsewhere is refused, so none can be weakened."""
    if PROFILES.get(getattr(profile, "name", "")) != profile:
        never("A result can be released under a named profile only.", remedy=nearest(str(profile), PROFILES))
    release = Release.PUBLISHED if profile.protects else Release.INTERNAL
    return {"profile": profile, "release": release, "key": tuple(key), "seal": SEAL}


def refused(code: str, what: str, **numbers: int) -> Refused:
    """Return the refusal of a code, said of ``what``."""
    return Refused(code, sentence(code, what, **numbers))
