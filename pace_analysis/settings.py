"""What a person states: authorities, aims, definitions. TOML in, frozen objects out; unknown keys are refused.

Everything lives below one folder, *home*: ``$PACE_HOME`` where it is set, else the current folder if it holds
``data/authorities``, else the checkout that holds this package.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from pace_analysis.dates import Limit, Quarter
from pace_analysis.errors import InputError, SettingsError, UsageError, nearest

MAX_BYTES = 64 * 1024  # a settings file is written by hand; anything larger is a mistake
READABLE = 4.5  # least contrast of words with what is behind them: WCAG 2.2, criterion 1.4.3
COLOUR = r"^#[0-9a-fA-F]{6}$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)


def _as_limit(value: Any) -> Limit:
    return value if isinstance(value, Limit) else Limit.parse(value)


def _as_share(value: Any) -> Fraction:
    if isinstance(value, float):
        raise ValueError("write the share in the file as a decimal number, such as 0.95")
    return Fraction(value)


class Definitions(_Frozen):
    """Choices that change numbers; each is printed in the report's method note."""

    recommendation: Literal["first", "ratified"] = "first"
    reentry: Literal["each", "first"] = "each"
    clock_starts: Literal["accommodated", "looked_after"] = "accommodated"
    care_ends_at_age: Literal[16, 18] = 18
    ends_that_censor: tuple[str, ...] = ()  # end reasons that only end what is known; all others compete
    recording_lag_days: int = Field(default=0, ge=0, le=180)

    def cut(self, day: date) -> date:
        """Return the last day that a report to a day uses: less the recording lag."""
        return day - timedelta(days=self.recording_lag_days)


class Override(_Frozen):
    """A result that is shown though everybody in it is in one group, by the decision of a named person."""

    result: str = Field(min_length=1)  # as the refusal names it, such as "children of 2014/15 decided within 6 months"
    by: str = Field(min_length=1)
    because: str = Field(min_length=1)


class Policy(_Frozen):
    """Who decides on publication, and how strictly counts are protected.

    ``threshold`` and ``base`` may be stated, so that the decision can be read beside its owner; they must be those of the
    profile, which is code.
    """

    profile: str = "public"
    threshold: int | None = None
    base: int | None = None
    owner: str = ""
    overrides: tuple[Override, ...] = ()

    @property
    def overridden(self) -> frozenset[str]:
        """Results that a named person decided to show."""
        return frozenset(override.result for override in self.overrides)


class Authority(_Frozen):
    """One authority's settings, from ``data/authorities/<slug>.toml``."""

    slug: str
    name: str = Field(min_length=1, max_length=120)
    nation: Literal["scotland", "england"] = "scotland"
    data: str = ""
    text: str = "data/text/board_report.md"
    aim: str = ""
    year_starts_in_month: int = Field(default=4, ge=1, le=12)
    accent: str = Field(default="#0b5c6b", pattern=COLOUR)  # headings and links of the page
    logo: str = ""  # a PNG or JPEG for the head of the board paper
    notice: str = ""
    repair_return: bool = False  # mend the named defects of an SSDA903 return
    programme_start: date | None = None
    chart_rules: Literal["anhoej", "ihi", "mdc7", "mdc6", "mdc_2023", "nelson", "none"] = "anhoej"  # signals of run charts
    policy: Policy = Policy()
    definitions: Definitions = Definitions()

    @field_validator("accent")
    @classmethod
    def _can_be_read_on_white(cls, accent: str) -> str:
        contrast = contrast_on_white(accent)
        if contrast < READABLE:
            # cut, not rounded: 4.496 is not 4.5
            raise ValueError(f"{accent} has a contrast of {int(100 * contrast) / 100:.2f} to 1 with a white page, and "
                             f"words need {READABLE} to 1; the nearest darker colour that can be read is {readable(accent)}")
        return accent


class Aim(_Frozen):
    """One aim: this share of children, from one milestone to another, within a limit, by a date."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    says: str
    start: str
    finish: str
    within: Annotated[Limit, BeforeValidator(_as_limit)]
    share: Annotated[Fraction, BeforeValidator(_as_share)]
    by: date | None = None
    age_under: int | None = Field(default=None, ge=1, le=26)
    stay: Literal["any", "first", "returning"] = "any"
    routes: tuple[str, ...] = ()
    status: Literal["stated", "recalled"] = "stated"
    source: str

    @field_validator("share")
    @classmethod
    def _is_a_share(cls, share: Fraction) -> Fraction:
        if not 0 < share <= 1:
            raise ValueError("must be above 0 and at most 1, such as 0.95")
        return share

    @property
    def percent(self) -> str:
        """Target as words of a sentence: ``95%``."""
        return f"{float(100 * self.share):g}%"


def contrast_on_white(colour: str) -> float:
    """Return the contrast ratio of ``#rrggbb`` with white, from 1 to 21, as WCAG 2.2 defines it."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 1.05 / (0.05 + sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


def readable(colour: str) -> str:
    """Return ``#rrggbb`` itself, or the lightest darker shade of it in which words can be read on white."""
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    shades = ("#" + "".join(f"{value * light // 255:02x}" for value in channels) for light in range(255, -1, -1))
    return next(shade for shade in shades if contrast_on_white(shade) >= READABLE)


def home() -> Path:
    """Return the folder that holds ``data/``, ``notebooks/`` and ``reports/`` (see the module's docstring)."""
    named = os.environ.get("PACE_HOME")
    if named:
        return Path(named)
    here = Path.cwd()
    return here if (here / "data" / "authorities").is_dir() else Path(__file__).resolve().parents[1]


def private_folder(authority: str) -> Path:
    """Where an authority keeps what only it may see: the key of its ids, its ledger, its executed notebooks.

    ``data/private/<authority>``, or below the folder that the environment variable ``PACE_PRIVATE`` names.
    """
    named = os.environ.get("PACE_PRIVATE")
    return (Path(named) if named else home() / "data" / "private") / authority


def resolve(path: str | Path) -> Path:
    """Return ``path`` if it exists from the current folder, else the same path below :func:`home`."""
    given = Path(path)
    return given if given.is_absolute() or given.exists() else home() / given


def extract_path(authority: Authority, quarter: Quarter, data: str = "") -> Path:
    """Return the folder or file to read: ``data``, or the authority's own.

    A folder of folders named after quarters holds one extract each; the first that reaches the quarter is taken.
    """
    if not (data or authority.data):
        raise SettingsError(f"{authority.name} has no extract.", where=f"data/authorities/{authority.slug}.toml, key 'data'",
                            remedy="Name the extract there, or on the command line with --data.")
    path = resolve(data or authority.data)
    taken = sorted(folder.name for folder in path.glob("[12]???Q[1-4]")) if path.is_dir() else []
    if not taken:
        return path
    # a later extract knows the quarter too; the study cuts it at the quarter's last day
    later = [name for name in taken if name >= str(quarter)]
    if not later:
        raise InputError(f"There is no extract that reaches {quarter}.", where=path.name,
                         remedy=f"Ask for {taken[-1]}, the newest, or add an extract.")
    return path / later[0]


def authorities() -> list[str]:
    """Names of all authorities that have a settings file."""
    return sorted(path.stem for path in (home() / "data" / "authorities").glob("*.toml"))


def load_authority(slug: str) -> Authority:
    """Read one authority's settings; UsageError names the nearest when there is no such authority."""
    if not re.fullmatch(r"[a-z0-9-]{1,64}", slug) or slug not in authorities():
        raise UsageError(
            f"There is no authority '{slug[:64]}'.",
            where="data/authorities holds one settings file for each authority",
            remedy=nearest(slug, authorities()),
        )
    path = home() / "data" / "authorities" / f"{slug}.toml"
    return _build(Authority, {"slug": slug, **read_toml(path)}, path)


def load_aims() -> dict[str, Aim]:
    """Read every aim in ``data/aims/*.toml``, by its id; two aims may not share one."""
    aims: dict[str, Aim] = {}
    for path in aims_files():
        for number, table in enumerate(read_toml(path).get("aim", []), start=1):
            aim = _build(Aim, table, path, f"aim {number}")
            if aim.id in aims:
                raise SettingsError(f"Two aims have the id '{aim.id}'.", where=str(path.name), remedy="Rename one of them.")
            aims[aim.id] = aim
    return aims


def aims_files() -> list[Path]:
    """Files that state aims."""
    return sorted((home() / "data" / "aims").glob("*.toml"))


def load_aim(aim_id: str) -> Aim:
    """Return one aim; SettingsError names the nearest when there is none, and refuses unverified ones."""
    aims = load_aims()
    if not aim_id:
        raise SettingsError("The authority names no aim.", where="data/authorities, key 'aim'", remedy=nearest("", aims))
    if aim_id not in aims:
        raise SettingsError(f"There is no aim '{aim_id}'.", where="data/aims", remedy=nearest(aim_id, aims))
    if aims[aim_id].status == "recalled":
        raise SettingsError(f"The aim '{aim_id}' was never verified and is not reported.", where="data/aims",
                            remedy="Find the published wording, give its source and set status = \"stated\".")
    return aims[aim_id]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, decimals kept exact; SettingsError says the line when it is not TOML."""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise SettingsError(f"{path.name} is {len(raw) // 1024} kB; a settings file is at most 64 kB.", where=str(path))
        return tomllib.loads(raw.decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be read: {error.strerror}.", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} is not valid TOML.", where=str(error), remedy="Correct that line.") from None


def _build(model: type[_Frozen], values: dict[str, Any], path: Path, part: str = "") -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # a misspelt key also counts as a missing one: name the misspelling
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        key = ".".join(str(step) for step in first["loc"])
        where = f"{path.name}{', ' + part if part else ''}, key '{key}'"
        if first["type"] == "extra_forbidden":
            known = _keys_beside(model, first["loc"])
            raise SettingsError(f"'{first['loc'][-1]}' is not a known setting.", where=where,
                                remedy=nearest(str(first["loc"][-1]), known)) from None
        if first["type"] == "missing":
            raise SettingsError(f"The setting '{key}' is missing.", where=where) from None
        raise SettingsError(f"The setting '{key}' cannot be used: {first['msg'].removeprefix('Value error, ')}.",
                            where=where) from None


def _keys_beside(model: type[_Frozen], loc: tuple) -> list[str]:
    for step in loc[:-1]:
        model = model.model_fields[step].annotation
    return list(model.model_fields)
