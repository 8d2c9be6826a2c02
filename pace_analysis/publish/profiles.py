"""Disclosure profiles: how small a number may be shown. A profile is code, so that a settings file cannot weaken it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from pace_analysis.errors import SettingsError, nearest


@dataclass(frozen=True, slots=True)
class Profile:
    """One level of protection.

    Attributes
    ----------
    name : str
    threshold : int
        Counts of 1 to ``threshold - 1`` are never shown; 0 protects nothing.
    base : int
        Counts are rounded to multiples of this.
    minimum_curve, pooling_advised : int
        No curve of fewer children; below the second number, pooling with other cohorts is advised.
    minimum_denominator, minimum_target : int
        No percentage of fewer children (as released), and no statement about a target.
    protects : bool
        False for ``internal`` only: what it makes may not be published.
    """

    name: str
    threshold: int
    base: int
    minimum_curve: int = 30
    pooling_advised: int = 60
    minimum_denominator: int = 10
    minimum_target: int = 20
    protects: bool = True

    @property
    def first_step(self) -> int:
        """Smallest count above 0 that may be shown: the first multiple of ``base`` that is not below ``threshold``."""
        return -(-self.threshold // self.base) * self.base


PUBLIC = Profile("public", threshold=5, base=5)
INTERNAL_USE = Profile(
    "internal", threshold=0, base=1, minimum_curve=1, pooling_advised=0, minimum_denominator=1, minimum_target=1,
    protects=False,
)
PROFILES = MappingProxyType({
    "public": PUBLIC,
    "strict": Profile("strict", threshold=10, base=5),
    "health": Profile("health", threshold=8, base=5),
    "internal": INTERNAL_USE,
})


def must_be_as_stated(chosen: Profile, threshold: int | None, base: int | None, where: str) -> None:
    """Raise SettingsError unless the numbers that a policy states are those of its profile; None states nothing."""
    if not chosen.protects:
        raise SettingsError("A policy cannot choose the profile 'internal': it protects nothing.", where=where,
                            remedy="Choose public, strict or health; ask for internal on the command line: --profile internal.")
    stated = {"threshold": threshold, "base": base}
    wrong = [(name, number) for name, number in stated.items() if number not in (None, getattr(chosen, name))]
    if wrong:
        name, number = wrong[0]
        fits = [other.name for other in PROFILES.values() if getattr(other, name) == number and other.protects]
        raise SettingsError(
            f"The policy states {name} {number}, and the profile '{chosen.name}' has {getattr(chosen, name)}.", where=where,
            remedy=f"State {getattr(chosen, name)}" + (f", or choose the profile {' or '.join(fits)}." if fits else "."))


def profile(name: str) -> Profile:
    """Return the profile called ``name``; SettingsError names the nearest when there is none."""
    if name not in PROFILES:
        raise SettingsError(f"There is no disclosure profile '{name}'.", remedy=nearest(name, PROFILES))
    return PROFILES[name]
