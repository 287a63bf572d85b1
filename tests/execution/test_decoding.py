import threading
import time

import numpy as np

from emogap.execution.decoding import decoded, in_order
from emogap.manifest.audio import AudioError
from emogap.manifest.records import Utterance


def test_results_keep_their_order_and_little_waits():
    running, most = set(), 0
    lock = threading.Lock()

    def work(i):
        nonlocal most
        with lock:
            running.add(i)
            most = max(most, max(running) - min(running))
        time.sleep(0.001 * (i % 3))
        with lock:
            running.discard(i)
        return i

    assert list(in_order(work, range(100), ahead=8, workers=3)) == list(range(100))
    assert most <= 8


def test_a_consumer_may_stop_early():
    items = in_order(lambda i: i, range(10**9), ahead=4)
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    items.close()


def test_utterances_come_decoded_or_with_their_fault(speech, tmp_path):
    utterances = speech(3)
    utterances.insert(1, Utterance(id="gone", path=str(tmp_path / "gone.wav"), domain="human"))
    found = list(decoded(utterances, 8_000))
    assert [u.id for u, _ in found] == [u.id for u in utterances]
    assert isinstance(found[1][1], AudioError)
    waveform = found[0][1]
    assert isinstance(waveform, np.ndarray)
    assert len(waveform) == 800
