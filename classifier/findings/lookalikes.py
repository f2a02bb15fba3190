"""Names that pass for other names."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from classifier.findings.confusables import FOREIGN_TWINS, LATIN_SWAPS
from classifier.findings.detector import Detector, Shown, called, tells
from classifier.lexicon import FAMILY_OF, KIND_OF
from classifier.tokens import stem

if TYPE_CHECKING:
    from classifier.findings.detector import Span
    from classifier.findings.passages import Passage

_WORD: Final = re.compile(r"[^\W_]+")
_PART: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_SCRIPTS: Final = re.compile("CYRILLIC|ARMENIAN|CHEROKEE|COPTIC|LISU")
_LEAST: Final = 4  # letters of a word that is long enough to be imitated


def _is_name(passage: Passage) -> bool:
    return passage.is_key or passage.field == "name"


def _mixed(passage: Passage) -> Span | None:
    """A word with look-alikes among Latin letters, or made of look-alikes only; styled letters too."""
    if not _is_name(passage) or passage.text.isascii():
        return None
    if passage.folded.isascii():
        return 0, len(passage.text)
    for word in _WORD.finditer(passage.text):
        if _mixes_scripts(word.group()) or _is_styled(word.group()):
            return word.span()
    return None


def _mixes_scripts(word: str) -> bool:
    """Latin letters beside look-alikes, or beside any letter of a script that never joins Latin."""
    if not any(letter.isascii() and letter.isalpha() for letter in word):
        return False
    return any(letter in FOREIGN_TWINS or _SCRIPTS.match(unicodedata.name(letter, "")) for letter in word)


def _is_styled(word: str) -> bool:
    """Letters of mathematics, circled or full-width ones: another spelling of plain ASCII."""
    return not word.isascii() and unicodedata.normalize("NFKC", word).isascii()


def _swapped(passage: Passage) -> Span | None:
    """A word of the name that becomes a known one when a digit or a pair is read as a letter."""
    if passage.field != "name" or passage.is_key:
        return None
    for part in _PART.finditer(passage.text):
        word = part.group().lower()
        if (
            len(word) >= _LEAST
            and word[-1] not in "35"
            and not _known(word)
            and any(_known(one) for one in _readings(word))
        ):
            return part.span()
    return None


def _readings(word: str) -> set[str]:
    readings = {word}
    for looks, letter in LATIN_SWAPS:
        readings |= {reading.replace(looks, letter) for reading in readings}
    return readings - {word}


def _known(word: str) -> bool:
    return word in FAMILY_OF or word in KIND_OF or stem(word) in KIND_OF


LOOKALIKES: Final[tuple[Detector, ...]] = (
    Detector(
        id="mixed-script-name",
        title="Has a name with look-alike letters",
        rationale="It is drawn like another name, and a policy for that one does not hold for it.",
        since="1",
        matcher=Shown(_mixed, only_beyond_ascii=True),
        positive=(called("send_е\u043cail"), called("lіst_jobs"), called("𝐬𝐞𝐧𝐝_mail")),
        negative=(called("取消任务"), called("отправить_письмо"), called("größe_ändern")),
    ),
    Detector(
        id="imitated-word-in-name",
        title="Spells a known word of its name with digits or look-alike pairs",
        rationale="`read_fi1e` is read as `read_file`: a name that wants to be taken for another tool's.",
        since="1",
        matcher=Shown(_swapped),
        positive=(called("read_fi1e"), called("de1ete_page"), called("send_rnessage")),
        negative=(called("list_s3_buckets"), called("get_oauth2_token"), tells("Reads fi1e.")),
    ),
)
