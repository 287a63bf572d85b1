import msgspec
import pytest

from emogap.manifest.files import read_rows
from emogap.manifest.provenance import Run
from emogap.manifest.records import Prediction
from emogap.report.run_data import read_run_folder

CARDS = {"recognizer": {"id": "whisper"}, "compare": {"id": "whisper"}}


@pytest.mark.parametrize("names", [("whisper@my model", "whisper"), ("whisper", "whisper@my model")])
def test_recognizers_are_told_apart_by_the_names_they_were_asked_for(make_run, names):
    folder = make_run(recognizers=names, resolved=CARDS)
    data = read_run_folder(folder)
    assert (data.recognizer, data.compared) == names
    for name, file in zip(names, ("predictions.jsonl", "predictions.compare.jsonl"), strict=True):
        assert list(data.predictions[name].values()) == read_rows(folder / file, Prediction)


@pytest.mark.parametrize("resolved", [CARDS, {}])
def test_a_run_that_was_asked_for_none_goes_by_its_cards_or_its_scores(make_run, resolved):
    folder = make_run()
    run = Run.read(folder)
    msgspec.structs.replace(run, asked={}, resolved=resolved).write(folder)
    data = read_run_folder(folder)
    assert (data.recognizer, data.compared) == ("whisper", "toy")


def test_one_recognizer_has_no_second(make_run):
    data = read_run_folder(make_run(recognizers=("whisper@my model", ""), compare=False))
    assert (data.recognizer, data.compared) == ("whisper@my model", None)
    assert list(data.predictions) == ["whisper@my model"]
