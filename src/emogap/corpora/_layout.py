"""What the corpus readers share: finding files, one file per name, and the reading under way.

Conventions:
    Names and tables are parsed, audio is never opened. Files are matched by their own name, never by the name of
    their folder, because copies of a corpus rename and nest folders; the suffix does not matter, because copies
    come as WAV, FLAC or MP3. Hidden files (``._*`` of macOS among them) are no part of any corpus. Every audio
    file ends as an utterance or as a ``Dropped`` with a reason.
"""

import codecs
import itertools
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from emogap.errors import EmogapError
from emogap.manifest.audio import AUDIO_SUFFIXES
from emogap.manifest.labels import LabelPolicy, canonical_label
from emogap.manifest.records import Dropped, Utterance
from emogap.plugins import CorpusCard, Reading

__all__ = [
    "KNOWN_BROKEN", "MISSING", "NOT_IN_GRAMMAR", "NOT_IN_TABLE", "NOT_SPEECH", "SECOND_COPY",
    "Draft", "Reader", "audio_among", "decoded_text", "path_below", "visible_files",
]  # fmt: skip

SECOND_COPY = "second copy"
NOT_IN_GRAMMAR = "file name not in the corpus's grammar"
NOT_IN_TABLE = "not in the table"
NOT_SPEECH = "not speech audio"
MISSING = "missing file"
KNOWN_BROKEN = "known to be broken"

_LOSSLESS = frozenset({".wav", ".flac", ".aif", ".aiff"})


def visible_files(folder: Path, layout: str) -> list[Path]:
    """List every file below a folder, links to folders followed, hidden names skipped.

    Args:
        folder: where the corpus lies
        layout: what the folder should hold, said in the error

    Returns:
        absolute paths, sorted

    Raises:
        EmogapError: if the folder is missing or is a file
        EmogapError: if a folder below it cannot be read

    """
    if not folder.exists():
        raise EmogapError(f"{folder}: no such folder, expected {layout}")
    if not folder.is_dir():
        raise EmogapError(f"{folder} is a file, expected a folder with {layout}")
    found: list[Path] = []
    visited: set[str] = set()
    for here, folders, names in os.walk(folder.absolute(), onerror=_refuse, followlinks=True):
        real = os.path.realpath(here)
        if real in visited:  # a link back to a folder that was already listed
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        found.extend(Path(here, name) for name in names if not name.startswith("."))
    return sorted(found)


def audio_among(files: Iterable[Path]) -> list[Path]:
    """Pick the audio files, the copy to prefer first: lossless, then least nested, then by path."""
    audio = (path for path in files if path.suffix.lower() in AUDIO_SUFFIXES)
    return sorted(audio, key=lambda path: (path.suffix.lower() not in _LOSSLESS, len(path.parts), str(path)))


def decoded_text(path: Path, encodings: Sequence[str] = ("utf-8-sig",)) -> tuple[str, str]:
    """Read a text file in the first encoding that fits; a byte-order mark of UTF-16 comes before them all.

    Returns:
        the text, and the encoding that fitted

    Raises:
        EmogapError: if the file cannot be read
        EmogapError: if no encoding fits

    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise EmogapError(f"{path} cannot be read: {problem.strerror or problem}") from None
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16", *encodings) if marked else encodings:
        try:
            return content.decode(encoding), encoding
        except UnicodeError:
            continue
    raise EmogapError(f"{path} is not text in {' or '.join(encodings)}; save it as UTF-8")


def path_below(path: Path, folder: Path) -> str:
    """Return the path below a folder without its suffix, with slashes; steps upwards are left out.

    >>> path_below(Path("/speech/angry/one.wav"), Path("/speech"))
    'angry/one'
    """
    parts = Path(os.path.relpath(path, folder)).with_suffix("").parts
    return "/".join(part for part in parts if part != os.pardir)


class Reader:
    """A corpus plug-in's constructor: it holds its card; corpora have no checkpoints.

    Raises:
        EmogapError: if a checkpoint is given

    """

    def __init__(self, card: CorpusCard, checkpoint: str | None = None) -> None:
        if checkpoint is not None:
            raise EmogapError(f"the corpus {card.id} takes no checkpoint, got {checkpoint!r}; write {card.id}:FOLDER")
        self.card = card


class Draft:
    """A reading under way: what was kept, what was dropped and why, what was noticed.

    Attributes:
        n_files: files (or rows) of the corpus met so far, each name counted once, before any label policy

    """

    def __init__(self, card: CorpusCard, folder: Path, layout: str) -> None:
        self.n_files = 0
        self._card = card
        self._folder = folder
        self._layout = layout
        self._utterances: list[Utterance] = []
        self._dropped: list[Dropped] = []
        self._notes: list[str] = []

    def keep(self, utterance: Utterance) -> None:
        """Add an utterance."""
        self._utterances.append(utterance)

    def drop(self, path: Path | str, reason: str, detail: str = "") -> None:
        """Add a file, or a row of a table, that does not become an utterance."""
        self._dropped.append(Dropped(path=str(path), reason=reason, detail=detail))

    def note(self, sentence: str) -> None:
        """Add a quirk met in this copy."""
        self._notes.append(sentence)

    def label(self, code: str, path: Path | str, policy: LabelPolicy) -> str | None:
        """Map a label code; when the policy drops it, the file is dropped here and None comes back.

        Raises:
            UnknownNameError: if no alias and no policy knows the code

        """
        emotion = canonical_label(code, policy, where=str(path))
        if emotion is None:
            self.drop(path, f"label dropped by policy: {code.strip().lower()}")
        return emotion

    def matching(
        self,
        audio: Iterable[Path],
        grammar: re.Pattern[str],
        name: Callable[[re.Match[str]], str] = lambda match: match.string,
    ) -> Iterator[tuple[Path, re.Match[str], str]]:
        """Yield one file per name; the others are dropped, those outside the grammar too.

        Args:
            audio: files, the copy to prefer first
            grammar: of the file name without its suffix
            name: spelling of the name that every copy shares

        """
        kept: dict[str, Path] = {}
        for path in audio:
            match = grammar.fullmatch(path.stem)
            if match is None:
                self.drop(path, NOT_IN_GRAMMAR)
            elif (key := name(match)) in kept:
                self.drop(path, SECOND_COPY, f"kept {kept[key]}")
            else:
                kept[key] = path
                self.n_files += 1
                yield path, match, key

    def reading(self) -> Reading:
        """Close the reading: utterances by id, drops by path, and the counts.

        Raises:
            EmogapError: if no utterance was kept; what was dropped, and what was expected
            EmogapError: if two utterances have one id

        """
        if not self._utterances:
            raise EmogapError(
                f"{self._folder}: nothing to read as {self._card.id} ({self._met()}), expected {self._layout}"
            )
        utterances = sorted(self._utterances, key=lambda utterance: utterance.id)
        for one, other in itertools.pairwise(utterances):
            if one.id == other.id:
                raise EmogapError(f"{one.path} and {other.path} both get the id {one.id!r}; ids must be unique")
        emotions = Counter(utterance.emotion for utterance in utterances)
        labels = dict.fromkeys((*self._card.labels, *sorted(label for label in emotions if label)))
        found = {
            "files": self.n_files,
            "utterances": len(utterances),
            "speakers": len({utterance.speaker for utterance in utterances} - {None}),
            **{label: emotions[label] for label in labels},
        }
        dropped = sorted(self._dropped, key=lambda item: (item.path, item.reason))
        return Reading(utterances=utterances, dropped=dropped, found=found, notes=self._notes)

    def _met(self) -> str:
        """Say what was dropped: each reason, how often, and the first case."""
        reasons = Counter(dropped.reason for dropped in self._dropped)
        first = {dropped.reason: dropped for dropped in reversed(self._dropped)}
        cases = [f"{n} x {reason}, first {first[reason].path}" for reason, n in reasons.most_common()]
        return "; ".join(cases) or "no audio file"


def _refuse(problem: OSError) -> None:
    raise EmogapError(f"{problem.filename} cannot be read: {problem.strerror or problem}")
