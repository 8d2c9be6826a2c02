"""An authority's logo: checked, freed of whatever else its file holds, and brought to the size at which it is printed."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

from pace_analysis.errors import SettingsError, nearest
from pace_analysis.report.blocks import LOGO_ALT, Logo
from pace_analysis.settings import Authority, resolve

LARGEST = 1024 * 1024  # bytes
SIDES = (32, 4000)  # pixels
WIDE, HIGH = 60.0, 15.0  # millimetres: the space in the head of a paper
RESOLUTION = 300  # dots an inch
PALEST = 239  # of 255: where every channel of every dot is above, nothing shows on white
SAVE_SMALLER = "Save it at another size, such as 400 pixels high."
SAVE_AS = "Save it as PNG."
SAVE_AS_8 = "Save it as PNG with 8 bits a channel."


def read_logo(authority: Authority) -> Logo | None:
    """Return an authority's logo, the same bytes for the same file; None where its settings name none.

    Only the dots of the picture are kept: no name, place, comment or thumbnail that its file may hold.

    Raises
    ------
    SettingsError
        If the file is missing, over 1 MB, no PNG or JPEG, damaged, of a side below 32 or above 4000 pixels, or
        cannot be seen on a white page.
    """
    if not authority.logo:
        return None
    path = resolve(authority.logo)
    where = f"{authority.slug}.toml, key 'logo': {path.name}"
    picture = _decoded(_content(path, where), where)
    width = min(WIDE, HIGH * picture.width / picture.height)
    height = width * picture.height / picture.width
    return Logo(_png(picture, width, height), f"{LOGO_ALT}{authority.name}", round(width, 2), round(height, 2))


def _content(path: Path, where: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise SettingsError(f"The logo has {size / LARGEST:.1f} MB; it may have 1 MB.", where=where,
                                remedy=f"Make it smaller: it is printed {HIGH:g} mm high, and 400 pixels are enough.")
        return path.read_bytes()
    except FileNotFoundError:
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise SettingsError("The logo does not exist.", where=where, remedy=nearest(path.name, beside)) from None
    except OSError as error:
        raise SettingsError(f"The logo cannot be read: {error.strerror}.", where=where,
                            remedy="Name a PNG or JPEG file.") from None


def _decoded(content: bytes, where: str) -> Any:
    """Return the picture upright, with red, green and blue in eight bits each, and transparency where it has any."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of many dots, which are looked at next, and of what stands beside them
            picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
            _check_sides(picture.size, where)
            picture.load()
            picture = ImageOps.exif_transpose(picture)
            if picture.mode.startswith("I"):
                raise SettingsError("The logo has 16 bits for each dot, where 8 are usual.", where=where, remedy=SAVE_AS_8)
            clear = picture.has_transparency_data
            picture = picture.convert("RGBA" if clear else "RGB")
    except UnidentifiedImageError:
        what = "The logo is a drawing in SVG" if b"<svg" in content[:4096].lower() else "The logo is no image in PNG or JPEG"
        raise SettingsError(f"{what}.", where=where, remedy=SAVE_AS) from None
    except Image.DecompressionBombError:
        raise SettingsError(f"The logo has far too many pixels; each side may have {SIDES[0]} to {SIDES[1]}.", where=where,
                            remedy=SAVE_SMALLER) from None
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, KeyError):
        raise SettingsError("The logo is damaged.", where=where, remedy=f"Open it in a drawing program. {SAVE_AS}") from None
    shown = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture) if clear else picture
    if min(low for low, _ in shown.convert("RGB").getextrema()) > PALEST:
        raise SettingsError("The logo cannot be seen on a white page.", where=where,
                            remedy="Use the form of it that is meant for white paper.")
    return picture


def _check_sides(size: tuple[int, int], where: str) -> None:
    least, most = SIDES
    if not least <= min(size) <= max(size) <= most:
        raise SettingsError(f"The logo has {size[0]} by {size[1]} pixels; each side may have {least} to {most}.", where=where,
                            remedy=SAVE_SMALLER)


def _png(picture: Any, width: float, height: float) -> bytes:
    from PIL import Image

    dots = tuple(max(1, round(side * RESOLUTION / 25.4)) for side in (width, height))
    fitted = picture.resize(dots, Image.Resampling.LANCZOS) if dots[0] < picture.width else picture
    # drawn anew, so that nothing which stood beside the dots goes along
    clean = Image.new(fitted.mode, fitted.size)
    clean.paste(fitted)
    packed = io.BytesIO()
    clean.save(packed, "PNG", optimize=True)
    return packed.getvalue()
