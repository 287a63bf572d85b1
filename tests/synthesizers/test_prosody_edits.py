import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emogap.manifest.controls import PROSODY_BOUNDS, ProsodyRules
from emogap.synthesizers._prosody_edits import (
    F0_MAX_HZ,
    F0_MIN_HZ,
    edit_durations,
    edit_energy,
    edit_f0,
    spectral_gain,
)

VOICED_HZ = 40.0

lengths = st.integers(1, 40)
f0_curves = arrays(np.float32, lengths, elements=st.floats(-1, 600, width=32))
durations = arrays(np.float32, st.integers(3, 40), elements=st.integers(1, 30).map(float))
rates = st.floats(*PROSODY_BOUNDS["rate"])
any_rules = st.builds(
    ProsodyRules, **{field: st.floats(low, high) for field, (low, high) in PROSODY_BOUNDS.items()}
)  # fmt: skip


def f0_edited(f0_hz, seed=0, **rules):
    return edit_f0(f0_hz, ProsodyRules(**rules), np.random.default_rng(seed), VOICED_HZ)


def semitones(f0_hz):
    return 12 * np.log2(f0_hz.astype(np.float64))


@given(f0_curves)
def test_neutral_rules_keep_f0_bit_for_bit(f0_hz):
    np.testing.assert_array_equal(f0_edited(f0_hz), f0_hz)


@given(f0_curves, any_rules)
def test_f0_stays_in_bounds_and_voiceless_frames_stay(f0_hz, rules):
    edited = edit_f0(f0_hz, rules, np.random.default_rng(0), VOICED_HZ)
    voiced = f0_hz > VOICED_HZ
    np.testing.assert_array_equal(edited[~voiced], f0_hz[~voiced])
    assert (edited[voiced] >= np.minimum(F0_MIN_HZ, f0_hz[voiced])).all()
    assert (edited[voiced] <= np.maximum(F0_MAX_HZ, f0_hz[voiced])).all()
    assert edited.dtype == np.float32


@given(arrays(np.float32, st.integers(2, 40), elements=st.floats(150, 240, width=32)), st.floats(0.7, 1.5))
def test_level_scales_the_geometric_mean_and_range_keeps_it(f0_hz, factor):
    mean_st = semitones(f0_hz).mean()
    assert semitones(f0_edited(f0_hz, f0_level=factor)).mean() == pytest.approx(
        mean_st + 12 * np.log2(factor), abs=0.01
    )
    stretched = semitones(f0_edited(f0_hz, f0_range=factor))
    assert stretched.mean() == pytest.approx(mean_st, abs=0.01)
    assert stretched.std() == pytest.approx(factor * semitones(f0_hz).std(), abs=0.01)


def test_slope_and_final_bend_a_flat_contour():
    flat = np.full(101, 200.0, dtype=np.float32)
    sloped = semitones(f0_edited(flat, f0_slope_st=4.0))
    assert sloped[-1] - sloped[0] == pytest.approx(4.0, abs=1e-3)
    assert sloped.mean() == pytest.approx(semitones(flat).mean(), abs=1e-3)
    final = semitones(f0_edited(flat, f0_final_st=5.0))
    np.testing.assert_allclose(final[:81], semitones(flat)[:81], atol=1e-3)
    assert final[-1] - final[0] == pytest.approx(5.0, abs=1e-3)


def test_jitter_is_random_relative_and_seeded():
    flat = np.full(4000, 200.0, dtype=np.float32)
    shaken = f0_edited(flat, jitter=0.05)
    assert (shaken / 200 - 1).std() == pytest.approx(0.05, rel=0.1)
    np.testing.assert_array_equal(shaken, f0_edited(flat, jitter=0.05))
    assert not np.array_equal(shaken, f0_edited(flat, seed=1, jitter=0.05))


@given(durations)
def test_rate_one_keeps_durations(steps):
    np.testing.assert_array_equal(edit_durations(steps, 1.0), steps)


@given(durations, rates)
def test_durations_are_whole_keep_every_phoneme_and_the_silence_around(steps, rate):
    edited = edit_durations(steps, rate)
    assert edited.dtype == np.float32
    assert (edited >= 1).all() and (edited == np.round(edited)).all()
    assert edited[0] == steps[0] and edited[-1] == steps[-1]


@given(durations, rates, rates)
def test_faster_is_never_longer(steps, rate, other):
    slow, fast = sorted((rate, other))
    assert edit_durations(steps, fast).sum() <= edit_durations(steps, slow).sum()


@given(arrays(np.float32, st.integers(3, 40), elements=st.integers(2, 30).map(float)), rates)
def test_a_sentence_of_longer_phonemes_is_right_to_half_a_step(steps, rate):
    inner = edit_durations(steps, rate)[1:-1].sum()
    assert abs(inner - steps[1:-1].sum() / rate) <= 0.5


@pytest.mark.parametrize("steps", [[], [3], [3, 4]])
def test_nothing_but_silence_stays(steps):
    np.testing.assert_array_equal(edit_durations(np.array(steps, dtype=np.float32), 2.0), steps)


@settings(max_examples=50)
@given(arrays(np.float32, lengths, elements=st.floats(-10, 10, width=32)), st.floats(0, 2))
def test_energy_excursions_scale_around_their_mean_and_pauses_stay(energy, factor):
    edited = edit_energy(energy, factor)
    speech = energy > 0
    np.testing.assert_array_equal(edited[~speech], energy[~speech])
    np.testing.assert_array_equal(edit_energy(energy, 1.0), energy)
    if speech.any():
        assert edited[speech].mean() == pytest.approx(energy[speech].mean(), abs=1e-3)
        assert edited[speech].std() == pytest.approx(factor * energy[speech].std(), abs=1e-3)


def test_spectral_gain_is_level_plus_tilt_per_octave_above_500_hz():
    frequencies = np.array([0.0, 250.0, 500.0, 1000.0, 4000.0])
    gain_db = spectral_gain(ProsodyRules(energy_db=6.0, tilt_db_per_octave=-2.0), frequencies) * 20 / np.log(10)
    np.testing.assert_allclose(gain_db, [6, 6, 6, 4, 0], atol=1e-4)
    assert not spectral_gain(ProsodyRules(), frequencies).any()
