"""Letters that look like Latin ones and are not: a small part of Unicode's confusables (UTS 39).

Only twins that a reader cannot tell apart in a common typeface are listed, lower and upper case.
"""

from __future__ import annotations

from typing import Final

_CYRILLIC: Final = dict(
    zip("аеорсухіѕјԁһԛԝгѵӏАВЕКМНОРСТУХІЅЈԌԜѴӀ", "aeopcyxisjdhqwrvlABEKMHOPCTYXISJGWVI", strict=True)
)
_GREEK: Final = dict(zip("αορινυγκτωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aopivuyktwABEZHIKMNOPTYX", strict=True))
_ARMENIAN: Final = dict(zip("օոսհցզՕՍ", "onuhgqOU", strict=True))
_CHEROKEE: Final = dict(zip("ᎪᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᏃᎳ", "AEHJKLMPRSTVWZW", strict=True))
_LATIN_ODD: Final = dict(zip("ɑɡıȷⅼⅰⅴⅹⅽⅾⅿ", "agijlivxcdm", strict=True))
_FULL_WIDTH: Final = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}

# Look-alike -> the Latin character it passes for.
LATIN_TWIN: Final[dict[str, str]] = {
    **_CYRILLIC,
    **_GREEK,
    **_ARMENIAN,
    **_CHEROKEE,
    **_LATIN_ODD,
    **_FULL_WIDTH,
}
# Signs that only stand for something else among Latin letters; full width is ordinary in East Asian text.
FOREIGN_TWINS: Final = frozenset({**_CYRILLIC, **_GREEK, **_ARMENIAN, **_CHEROKEE, **_LATIN_ODD})
# What is drawn alike inside Latin: a digit or a pair of letters for a letter.
LATIN_SWAPS: Final = (("0", "o"), ("1", "l"), ("1", "i"), ("5", "s"), ("3", "e"), ("rn", "m"), ("vv", "w"))
