"""The pictures, as SVG that stands inside the page.

Conventions:
    Everything is drawn as shapes, never as pixels. Text stays text, so that it is sharp, can be searched, and follows
    the page's font. Colours tell sides apart and are never the only cue. The same numbers give the same bytes: ids are
    salted with a constant, no date is written.
"""

import io
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib.style
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from emogap.manifest.scores import Confusion
from emogap.report.wording import as_fraction, percent, readable

__all__ = ["COLOURS", "Dot", "Series", "colour_scale", "confusion_picture", "emotion_dots", "group_dots"]

COLOURS = {"human": "#1f4e79", "placebo": "#7a7f87", "synthesized": "#c2571a"}
"""Per side; the style sheet uses the same."""

_SERIES_COLOURS = ("#c2571a", "#2a8c82", "#8a4fa3", "#b08a00", "#b8336a", "#4f7d2b", "#5b6ee1", "#8c5a3c", "#444444")
_SERIES_MARKERS = ("s", "D", "^", "v", "P", "X", "<", ">", "h")
_SHADES = LinearSegmentedColormap.from_list("emogap", ["#ffffff", "#c9d8e8", "#6f9cc4", "#1f4e79"])
_WIDTH_IN = 5.4
"""Narrow enough to stay legible on a phone; the style sheet enlarges it on wide screens."""

_INK, _FAINT = "#22262b", "#d9dde2"
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Dot:
    """A number with its interval, as a fraction; ``low`` and ``high`` are None where there is no interval."""

    name: str
    side: str
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Series:
    """One group's dots, one per emotion (the dot's name)."""

    name: str
    side: str
    dots: tuple[Dot, ...]


def group_dots(dots: Sequence[Dot], chance: float | None, title: str) -> Markup:
    """Draw one dot with its interval per group, top to bottom, and the chance level.

    Args:
        dots: at least one
        chance: as a fraction, None when not known
        title: read out by screen readers before the numbers

    """
    with _style():
        figure = Figure(figsize=(_WIDTH_IN, 0.55 + 0.25 * len(dots)), layout="constrained")
        axes = figure.add_subplot()
        for row, dot in enumerate(dots):
            _draw_dot(axes, dot, row, COLOURS[dot.side], "o", 6.5)
        _fraction_axis(axes, chance)
        axes.set_yticks(range(len(dots)), [readable(f"{_short(dot.name)}  (n = {dot.n:,})") for dot in dots])
        axes.set_ylim(len(dots) - 0.4, -0.6)
        axes.set_xlabel("UA (unweighted average recall), %")
        return _inline_svg(figure, f"{title}: " + "; ".join(map(_read_out, dots)))


def emotion_dots(series: Sequence[Series], emotions: Sequence[str], title: str) -> Markup:
    """Draw recall per emotion, one line of dots per group under each emotion."""
    with _style():
        height = len(series) + 1.1
        columns = max(1, min(len(series), 80 // (6 + max(len(_short(one.name)) for one in series))))
        figure = Figure(
            figsize=(_WIDTH_IN, 0.9 + 0.17 * height * len(emotions) + 0.2 * (len(series) // columns)),
            layout="constrained",
        )
        axes = figure.add_subplot()
        for index, one in enumerate(series):
            by_emotion = {dot.name: dot for dot in one.dots}
            colour, marker = _series_look(index, one.side, series)
            for row, emotion in enumerate(emotions):
                if emotion in by_emotion:
                    _draw_dot(axes, by_emotion[emotion], row * height + index, colour, marker, 5.5)
            axes.plot([], [], marker, color=colour, markersize=5.5, label=readable(_short(one.name)))
        for row in range(1, len(emotions)):
            axes.axhline(row * height - 1.05, color=_FAINT, linewidth=0.6)
        _fraction_axis(axes, None)
        axes.set_yticks(
            [row * height + (len(series) - 1) / 2 for row in range(len(emotions))], [readable(e) for e in emotions]
        )
        axes.set_ylim(len(emotions) * height - 1.05, -1.05)
        axes.set_xlabel("recall, %")
        figure.legend(loc="outside upper left", ncols=columns, frameon=False, handletextpad=0.3)
        spoken = "; ".join(f"{one.name}: " + ", ".join(map(_read_out, one.dots)) for one in series)
        return _inline_svg(figure, f"{title}: {spoken}")


def confusion_picture(confusion: Confusion, title: str, rows: str) -> Markup:
    """Draw a row-normalised confusion matrix; every cell says percent and, in small print, the count.

    Args:
        confusion: the counts
        title: read out by screen readers
        rows: what the rows are, ``reference emotion`` or ``target emotion``

    """
    counts = np.asarray(confusion.counts, dtype=np.int64).reshape(len(confusion.labels), len(confusion.columns))
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    many = len(confusion.labels) > 10
    size = 0.9 + (0.36 if many else 0.44) * len(confusion.columns)
    with _style():
        figure = Figure(figsize=(size, size - 0.3), layout="constrained")
        axes = figure.add_subplot()
        edges = np.arange(len(confusion.columns) + 1) - 0.5
        axes.pcolormesh(
            edges, edges[: len(confusion.labels) + 1], shares,
            cmap=_SHADES, vmin=0, vmax=1, edgecolors=_FAINT, linewidth=0.5,
        )  # fmt: skip
        for (row, column), count in np.ndenumerate(counts):
            if count:
                ink = "white" if shares[row, column] > 0.55 else _INK
                share, above = f"{100 * shares[row, column]:.0f}", 0.0 if many else 0.12
                axes.text(column, row - above, share, color=ink, ha="center", va="center")
                if not many:
                    axes.text(column, row + 0.28, f"{count}", color=ink, ha="center", va="center", fontsize=6.5)
        axes.axvline(len(confusion.labels) - 0.5, color=_INK, linewidth=0.8)
        columns = [readable(_short(column, 14)) for column in confusion.columns]
        axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(confusion.labels)), [readable(_short(label, 14)) for label in confusion.labels])
        axes.set(xlabel="predicted emotion", ylabel=rows, aspect="equal")
        axes.invert_yaxis()
        axes.tick_params(length=0)
        spoken = " ".join(_row_read_out(confusion, shares))
        return _inline_svg(figure, f"{title}, {confusion.n:,} utterances. {spoken}")


def colour_scale() -> Markup:
    """Draw the scale that all confusion matrices share."""
    with _style():
        figure = Figure(figsize=(2.6, 0.5), layout="constrained")
        axes = figure.add_subplot()
        axes.pcolormesh(
            np.linspace(0, 100, 51), [0, 1], np.linspace(0, 1, 50)[None, :], cmap=_SHADES, edgecolors="face"
        )
        axes.set_yticks([])
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.tick_params(length=2)
        return _inline_svg(
            figure, "Colour scale of the confusion matrices: white is 0 %, dark blue is 100 % of the row"
        )


def _draw_dot(axes: Axes, dot: Dot, row: float, colour: str, marker: str, size: float) -> None:
    low, high = as_fraction(dot.low), as_fraction(dot.high)
    if low is not None and high is not None:
        axes.plot([100 * low, 100 * high], [row, row], color=colour, linewidth=1.6, alpha=0.75, solid_capstyle="butt")
    hollow = low is None or high is None
    axes.plot(
        [100 * dot.value], [row], marker, color=colour, markersize=size, markerfacecolor="white" if hollow else colour
    )


def _fraction_axis(axes: Axes, chance: float | None) -> None:
    axes.set_xlim(-2, 102)
    axes.set_xticks(range(0, 101, 20))
    axes.grid(axis="x", color=_FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
    if chance is not None:
        axes.axvline(100 * chance, color=_INK, linewidth=0.9, linestyle=(0, (3, 3)))
        axes.text(100 * chance, 1.0, " chance", transform=axes.get_xaxis_transform(), fontsize=8, va="bottom")


def _series_look(index: int, side: str, series: Sequence[Series]) -> tuple[str, str]:
    if side == "human":
        return COLOURS["human"], "o"
    position = sum(one.side != "human" for one in series[:index])
    return _SERIES_COLOURS[position % len(_SERIES_COLOURS)], _SERIES_MARKERS[position % len(_SERIES_MARKERS)]


def _read_out(dot: Dot) -> str:
    low, high = as_fraction(dot.low), as_fraction(dot.high)
    between = "no interval" if low is None or high is None else f"{percent(low)} to {percent(high)}"
    return f"{dot.name} {percent(dot.value)} % ({between}, n = {dot.n:,})"


def _row_read_out(confusion: Confusion, shares: np.ndarray) -> Iterator[str]:
    for index, label in enumerate(confusion.labels):
        if not sum(confusion.counts[index]):
            yield f"{label}: no utterances."
            continue
        largest = int(shares[index].argmax())
        yield f"{label}: most often {confusion.columns[largest]} ({100 * shares[index, largest]:.0f} %)."


def _short(text: str, at_most: int = 34) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"


@contextmanager
def _style() -> Iterator[None]:
    """Draw alike whatever the user's own matplotlib settings; names are never read as mathematics."""
    settings = {
        "svg.fonttype": "none", "svg.hashsalt": "emogap", "text.parse_math": False, "font.size": 8.5,
        "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    }  # fmt: skip
    with matplotlib.style.context(["default", settings]), warnings.catch_warnings():
        # The browser's fonts draw the text, so a character missing from matplotlib's font does not matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _inline_svg(figure: Figure, spoken: str) -> Markup:
    """Return a figure as an ``<svg>`` element for HTML, read out as ``spoken``.

    What only a separate file needs is left out (namespaces, metadata), and so are ids that nothing points at, because
    two figures on one page would share them.
    """
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
    )
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 - written by matplotlib a line above
    for metadata in root.findall(f"{_SVG}metadata"):
        root.remove(metadata)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if (target := element.attrib.pop(_HREF, None)) is not None:
            element.set("href", target)
    used = " ".join(value for element in root.iter() for value in element.attrib.values() if "#" in value)
    for element in root.iter():
        if f"#{element.get('id')}" not in used:
            element.attrib.pop("id", None)
    root.attrib.pop("version", None)
    for edge in ("width", "height"):
        root.set(edge, f"{float(root.attrib[edge].removesuffix('pt')) * 4 / 3:.0f}")
    root.set("role", "img")
    root.set("aria-label", readable(spoken))
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))  # noqa: S704 - escaped
