"""The command line: one command per step, each a thin call.

Exit codes: 0 done; 1 done, with failed items (listed); 2 wrong usage, or something the user can mend.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, get_args

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

import emogap
from emogap import plugins
from emogap.analysis.gap import GapSettings, word_error_rates
from emogap.analysis.leakage import find_overlaps
from emogap.analysis.scored import is_placebo
from emogap.console import (
    exit_with_failures,
    interval,
    list_dropped,
    print_source,
    progress_bars,
    say,
    show,
    summary,
    warn,
)
from emogap.errors import EmogapError
from emogap.execution.cache import Cache, default_cache_folder
from emogap.execution.recognition import embed as embed_utterances
from emogap.execution.recognition import recognize as recognize_utterances
from emogap.execution.run_folder import Existing, claim
from emogap.execution.synthesis import synthesize as synthesize_requests
from emogap.execution.transcription import transcribe as transcribe_utterances
from emogap.manifest.files import refuse_foreign, write_rows
from emogap.manifest.flags import UNREADABLE
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Transcript, Utterance
from emogap.recipes.catalogue import run_recipe
from emogap.recipes.demo import DemoRequest
from emogap.recipes.demo import demo as run_demo
from emogap.recipes.measurement import GapRequest, Outcome, described, portable
from emogap.recipes.measurement import gap as run_gap
from emogap.recipes.requests import asked_for
from emogap.recipes.sources import inspected, merged, path_of, read_source
from emogap.report import draw

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="How far can speech emotion recognition be trusted on synthesized speech? Start with: emogap demo",
)
Out = Annotated[Path, typer.Option("--out", "-o", help="Run folder to write.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on in a folder that holds another run.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Start afresh in a folder that holds another run.")]
RecognizerName = Annotated[str, typer.Option(help="ID, ID/variant or ID@PATH_OR_HUB_ID; see: emogap list recognizers")]
Calm = Annotated[str, typer.Option(help="What becomes of calm (RAVDESS): drop, neutral or other.")]
Excited = Annotated[str, typer.Option(help="What becomes of excited (IEMOCAP): happy, other or drop.")]
Boredom = Annotated[str, typer.Option(help="What becomes of boredom (EmoDB): other or drop.")]
Frustrated = Annotated[str, typer.Option(help="What becomes of frustrated (IEMOCAP): other or drop.")]
Level = Annotated[float, typer.Option(min=0.5, max=0.999, help="Confidence level of the intervals.")]
Resamples = Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")]
Seed = Annotated[int, typer.Option(help="Seed of the resampling.")]


def main() -> None:
    """Run the command line; what a user can mend is one sentence, not a traceback."""
    try:
        app()
    except EmogapError as problem:
        warn(f"error: {problem}")
        sys.exit(2)
    except KeyboardInterrupt:
        warn("stopped; run the same command again and it goes on where it was")
        sys.exit(130)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        say(f"emogap {emogap.__version__}")
        raise typer.Exit


@app.command()
def demo(
    out: Out = Path("runs/demo"),
    human: Annotated[
        list[str] | None, typer.Option(help="Human speech, e.g. tess:DIR; else the reference pack.")
    ] = None,
    synthesizer: Annotated[list[str] | None, typer.Option(help="Synthesizers; else every embedded one.")] = None,
    transcriber: str = "whisper",
    recognizer: RecognizerName = "whisper",
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Run everything on packaged sentences: synthesize, transcribe, recognize, compare, report."""
    request = DemoRequest(
        human=tuple(human or ()), synthesizers=tuple(synthesizer or ()), transcriber=transcriber, recognizer=recognizer
    )
    with progress_bars() as progress:
        outcome = run_demo(request, out, _existing(resume, overwrite), _cache(), progress)
    _finish(outcome, out)


@app.command()
def gap(
    human: Annotated[list[str], typer.Option(help="Human speech: CORPUS:DIR, a manifest or a folder.")],
    synthesized: Annotated[list[str], typer.Option(help="Synthesized speech: [NAME=]manifest or folder.")],
    out: Out,
    recognizer: RecognizerName = "whisper",
    compare: Annotated[str | None, typer.Option(help="A second recognizer to test against the first.")] = None,
    placebo: Annotated[str, typer.Option(help="Arms, comma-separated: resample,codec,trim,loudness.")] = "",
    calm: Calm = "drop",
    excited: Excited = "happy",
    boredom: Boredom = "other",
    frustrated: Frustrated = "other",
    level: Level = 0.95,
    resamples: Resamples = 2000,
    seed: Seed = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Compare what a recognizer makes of human and of synthesized speech."""
    request = GapRequest(
        human=tuple(human),
        synthesized=tuple(synthesized),
        recognizer=recognizer,
        compare=compare,
        placebo=tuple(arm.strip() for arm in placebo.split(",") if arm.strip()),
        policy=_policy(calm, excited, boredom, frustrated),
        settings=GapSettings(level=level, n_resamples=resamples, seed=seed),
    )
    with progress_bars() as progress:
        outcome = run_gap(request, out, _existing(resume, overwrite), _cache(), progress)
    _finish(outcome, out)


@app.command()
def read(
    corpus: Annotated[str, typer.Argument(help="Corpus plug-in, see: emogap list corpora")],
    folder: Annotated[Path, typer.Argument(help="Where the corpus lies.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Manifest to write (JSON Lines).")],
    calm: Calm = "drop",
    excited: Excited = "happy",
    boredom: Boredom = "other",
    frustrated: Frustrated = "other",
) -> None:
    """Read a corpus into a manifest; print what was found, expected and odd."""
    policy = _policy(calm, excited, boredom, frustrated)
    plugins.load("corpora", corpus)  # an unknown corpus is refused before its folder is looked at
    refuse_foreign(output, Utterance)
    with progress_bars() as progress:
        source = inspected(read_source(f"{corpus}:{folder}", policy), _cache(), progress)
    write_rows(output, portable(source.utterances, output.parent))
    print_source(source)
    say(f"{len(source.utterances)} utterances written to {output}")
    list_dropped(source.dropped)
    if any(UNREADABLE in u.flags for u in source.utterances) or _missing(source.dropped):
        raise typer.Exit(1)


@app.command()
def synthesize(
    synthesizer: Annotated[str, typer.Argument(help="Synthesizer plug-in, see: emogap list synthesizers")],
    out: Out,
    texts: Annotated[
        str | None, typer.Option(help="Whose texts: a source, or a .txt file with one per line; else packaged ones.")
    ] = None,
    emotions: Annotated[
        str, typer.Option(help="'own' (each text's own emotion), 'all', or a comma-separated list.")
    ] = "own",
    seed: Annotated[int, typer.Option(help="Seed of the synthesizer.")] = 0,
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Synthesize texts in target emotions into a folder with a manifest."""
    plugin = plugins.load("synthesizers", synthesizer)
    requests, notes = asked_for(texts, emotions, seed)
    for note in notes:
        warn(note)
    run = Run.start("synthesize", {"synthesizer": synthesizer, "texts": texts, "emotions": emotions, "seed": seed})
    claim(out, run, _existing(resume, overwrite), [path_of(texts)] if texts else [])
    with progress_bars() as progress:
        utterances, dropped = synthesize_requests(requests, plugin, out, progress)
    if not utterances:
        list_dropped(dropped)
        raise EmogapError(f"{synthesizer} made none of the {len(requests)} utterances asked for")
    write_rows(out / "manifest.jsonl", utterances)
    if dropped:
        write_rows(out / "dropped.jsonl", dropped)
    else:
        (out / "dropped.jsonl").unlink(missing_ok=True)
    run.finish({"synthesizer": described(plugin)}, dict(Counter(ok=len(utterances), failed=len(dropped)))).write(out)
    say(f"{len(utterances)} utterances in {out / 'manifest.jsonl'}")
    list_dropped(dropped)
    if dropped:
        raise typer.Exit(1)


@app.command()
def transcribe(
    sources: Annotated[list[str], typer.Argument(help="Manifests, CORPUS:DIR, or folders of audio.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Transcripts to write (JSON Lines).")],
    transcriber: str = "whisper",
) -> None:
    """Transcribe utterances; print the word error rate where the text is known."""
    plugin = plugins.load("transcribers", transcriber)
    refuse_foreign(output, Transcript)
    utterances, missing = _speech(sources)
    with progress_bars() as progress:
        rows = list(transcribe_utterances(utterances, plugin, _cache(), progress))
    write_rows(output, rows)
    table = Table("domain", "system", "WER %", "95 % interval", "utterances")
    rates = {
        (rate.group.domain, rate.group.system): rate for rate in word_error_rates(utterances, rows, plugin.card.id)
    }
    for rate in rates.values():
        table.add_row(
            rate.group.domain,
            escape(rate.group.system or "all"),
            f"{100 * rate.value:.1f}",
            interval(rate.interval.low, rate.interval.high),
            str(rate.n),
        )
    if table.row_count:
        show(table)
    say(f"{len(rows)} transcripts written to {output}")
    exit_with_failures([*missing, *((r.utterance_id, r.reason or "") for r in rows if r.outcome == "failed")])


@app.command()
def recognize(
    sources: Annotated[list[str], typer.Argument(help="Manifests, CORPUS:DIR, or folders of audio.")],
    out: Out,
    recognizer: RecognizerName = "whisper",
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Recognize utterances into RUN/predictions.jsonl."""
    plugin = plugins.load("recognizers", recognizer)
    utterances, failed = _speech(sources)
    run = Run.start("recognize", {"sources": sources, "recognizer": recognizer})
    claim(out, run, _existing(resume, overwrite), map(path_of, sources))
    outcomes: Counter[str] = Counter()

    def rows() -> Iterator[msgspec.Struct]:
        for row in recognize_utterances(utterances, plugin, _cache(), progress):
            outcomes[row.outcome] += 1
            if row.outcome == "failed":
                failed.append((row.utterance_id, row.reason or ""))
            yield row

    with progress_bars() as progress:
        write_rows(out / "predictions.jsonl", rows())
    run.finish({"recognizer": described(plugin)}, dict(outcomes)).write(out)
    say(f"{outcomes.total()} predictions in {out / 'predictions.jsonl'}")
    exit_with_failures(failed)


@app.command()
def embed(
    sources: Annotated[list[str], typer.Argument(help="Manifests, CORPUS:DIR, or folders of audio.")],
    out: Out,
    recognizer: RecognizerName = "whisper",
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Embed utterances into RUN/embeddings.npy (mean over frames) and embeddings.jsonl."""
    plugin = plugins.load("recognizers", recognizer)
    utterances, missing = _speech(sources)
    run = Run.start("embed", {"sources": sources, "recognizer": recognizer})
    claim(out, run, _existing(resume, overwrite), map(path_of, sources))
    with progress_bars() as progress:
        rows = embed_utterances(utterances, plugin, out / "embeddings.npy", _cache(), progress)
    run.finish({"recognizer": described(plugin)}, dict(Counter(row.outcome for row in rows))).write(out)
    say(f"{len(rows)} embeddings in {out / 'embeddings.npy'}")
    exit_with_failures([*missing, *((r.utterance_id, r.reason or "") for r in rows if r.outcome == "failed")])


@app.command()
def report(run: Annotated[Path, typer.Argument(help="A run folder.")]) -> None:
    """Draw RUN/report.html again from the folder alone."""
    say(str(draw(run)))


@app.command("list")
def list_plugins(
    kind: Annotated[str | None, typer.Argument(help="corpora, synthesizers, transcribers or recognizers")] = None,
) -> None:
    """List plug-ins; with a kind, their variants, licences and requirements too."""
    for name in (kind,) if kind else plugins.KINDS:
        table = Table("id", "what it is", title=name, title_justify="left")
        for module, about in plugins.describe(name).items():
            table.add_row(module, escape(about))
            if kind:
                for card in plugins.cards(name, module):
                    extra = f" Needs: pip install 'emogap\\[{card.extra}]'." if card.extra else ""
                    table.add_row(f"  {card.id}", f"{escape(card.summary)} Licence: {escape(card.licence)}.{extra}")
        show(table)


@app.command("check-leakage")
def check_leakage(
    first: Annotated[str, typer.Argument(help="One split: manifest, CORPUS:DIR or folder.")],
    second: Annotated[str, typer.Argument(help="The other split.")],
) -> None:
    """Report speakers, texts, sources and recordings that two splits share; exit code 1 if any."""
    with progress_bars() as progress:
        sides = [inspected(read_source(name, LabelPolicy()), _cache(), progress) for name in (first, second)]
    for side in sides:
        list_dropped(side.dropped)
    overlaps = find_overlaps(*(side.utterances for side in sides))
    if not overlaps:
        say("nothing is shared")
        return
    table = Table("shared", "how many", "utterances in first", "in second", "examples")
    for overlap in overlaps:
        table.add_row(
            overlap.kind, str(overlap.n_shared), str(overlap.n_first), str(overlap.n_second),
            escape(", ".join(overlap.examples)),
        )  # fmt: skip
    show(table)
    raise typer.Exit(1)


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="A recipe, e.g. default-head")],
    human: Annotated[list[str], typer.Option(help="Human speech: CORPUS:DIR, a manifest or a folder.")],
    out: Out,
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Run a recipe: default-head rebuilds the head and the reference pack that ship with emogap."""
    with progress_bars() as progress:
        lines = run_recipe(recipe, human, out, _existing(resume, overwrite), _cache(), progress)
    for line in lines:
        say(line)


def _cache() -> Cache:
    return Cache(default_cache_folder())


def _existing(resume: bool, overwrite: bool) -> Existing:
    if resume and overwrite:
        raise EmogapError("--resume and --overwrite exclude each other")
    return "resume" if resume else "overwrite" if overwrite else "refuse"


def _policy(calm: str, excited: str, boredom: str, frustrated: str) -> LabelPolicy:
    chosen = {"calm": calm, "excited": excited, "boredom": boredom, "frustrated": frustrated}
    try:
        return msgspec.convert(chosen, LabelPolicy)
    except msgspec.ValidationError as problem:
        allowed = {name: get_args(kind) for name, kind in LabelPolicy.__annotations__.items()}
        raise EmogapError(f"label policy: {problem}; allowed: {allowed}") from None


def _speech(sources: Sequence[str]) -> tuple[list[Utterance], list[tuple[str, str]]]:
    """Read sources; list what was dropped, and return the files that are named but missing as failures."""
    read = [read_source(name, LabelPolicy()) for name in sources]
    dropped = [item for source in read for item in source.dropped]
    list_dropped(dropped)
    return merged(source.utterances for source in read), _missing(dropped)


def _missing(dropped: Sequence[Dropped]) -> list[tuple[str, str]]:
    return [(item.path, item.reason) for item in dropped if item.reason == "missing file"]


def _finish(outcome: Outcome, out: Path) -> None:
    page = draw(out)
    show(summary(outcome.scores))
    for row in outcome.scores.left_out:
        if not is_placebo(row.group.system):  # the arms leave out what their source does
            place = " ".join(part for part in (row.group.domain, row.group.corpus, row.group.system) if part)
            whose = f" ({row.recognizer})" if row.recognizer else ""
            say(f"left out{whose}: {row.n} of {place}: {row.reason}")
    if outcome.scores.gap and all(gap.pairing != "text+emotion" for gap in outcome.scores.gap):
        say("not paired by text: no text is scored in the same emotion on both sides (see what was left out)")
    seconds = f" after {outcome.run.seconds:.0f} s" if outcome.run.seconds else ""
    say(f"report{seconds}: {page}")
    list_dropped(outcome.dropped)
    exit_with_failures(outcome.failed)
