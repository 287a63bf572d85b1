"""Small trees in the official layout of each corpus, with real names and empty audio files.

Readers open no audio, so an empty file stands for a recording. A tree is a mapping from path to content.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

Tree = Mapping[str, str | bytes]


def plant(folder: Path, tree: Tree | Iterable[str]) -> Path:
    """Write a tree; a plain list of paths gives empty files."""
    contents = tree if isinstance(tree, Mapping) else dict.fromkeys(tree, "")
    for made in {(folder / name).parent for name in contents} | {folder}:
        made.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


IEMOCAP_EVALUATION = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()
C-E3:\tNeutral;\t()
A-E3:\tval 3; act 2; dom  2;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M000\tfru\t[2.5000, 2.5000, 2.5000]
C-E2:\tFrustration;\t()

[14.8872 - 18.0175]\tSes01F_impro01_F001\tang\t[2.0000, 4.0000, 3.0000]

[19.2900 - 20.7875]\tSes01F_impro01_F002\txxx\t[2.5000, 3.0000, 2.5000]

[23.4700 - 28.0300]\tSes01F_impro01_M001\texc\t[4.0000, 3.5000, 3.0000]
"""
IEMOCAP_TRANSCRIPT = """Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
Ses01F_impro01_M000 [010.0100-011.3925]: Do you have your forms?
Ses01F_impro01_F001 [014.8872-018.0175]: Yeah. [LAUGHTER]
Ses01F_impro01_M001 [023.4700-028.0300]: [LAUGHTER]
M: okay
"""
MELD_HEADER = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
MELD_TIMES = '8,21,"00:16:16,059","00:16:21,731"'

TREES: dict[str, Tree] = {
    "tess": dict.fromkeys(
        ("OAF_angry/OAF_back_angry.wav", "OAF_neutral/OA_bite_neutral.wav", "YAF_pleasant_surprised/YAF_walk_ps.wav"),
        "",
    ),
    "ravdess": dict.fromkeys(
        ("Actor_01/03-01-01-01-01-01-01.wav", "Actor_01/03-01-02-02-01-01-01.wav", "Actor_12/03-01-05-02-02-01-12.wav"),
        "",
    ),
    "crema_d": dict.fromkeys(
        ("AudioWAV/1001_IEO_ANG_HI.wav", "AudioWAV/1091_WSI_NEU_XX.wav", "AudioWAV/1040_ITH_SAD_X.wav"), ""
    ),
    "emodb": dict.fromkeys(("wav/03a01Fa.wav", "wav/03a01Wa.wav", "wav/16b10Lb.wav"), "") | {"erklaerung.txt": "x"},
    "iemocap": {
        "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt": IEMOCAP_EVALUATION,
        "Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e2_cat.txt": "Ses01F_impro01_F000 :Neutral state; ()",
        "Session1/dialog/transcriptions/Ses01F_impro01.txt": IEMOCAP_TRANSCRIPT,
        "Session1/dialog/transcriptions/._Ses01F_impro01.txt": b"\x00\x05\x16\x07",
        "Session1/dialog/wav/Ses01F_impro01.wav": "",
        **{
            f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{turn}.wav": ""
            for turn in ("F000", "M000", "F001", "F002", "M001")
        },
    },
    "meld": {
        "train_sent_emo.csv": MELD_HEADER
        + f"1,also I was the point person on my company’s transition,Chandler,neutral,neutral,0,0,{MELD_TIMES}\n"
        + f'2,"You must’ve had your hands full, right?",The Interviewer,joy,positive,0,1,{MELD_TIMES}\n'
        + f"3,No.,Joey,neutral,neutral,125,3,{MELD_TIMES}\n",
        "dev_sent_emo.csv": MELD_HEADER + f"1,Oh my God.,Phoebe,sadness,negative,0,0,{MELD_TIMES}\n",
        "test_sent_emo.csv": MELD_HEADER
        + f"1,Why?,Mark,surprise,positive,0,0,{MELD_TIMES}\n2,Hey.,Joey,anger,negative,38,4,{MELD_TIMES}\n",
        "train_splits/dia0_utt0.mp4": "",
        "train_splits/dia0_utt1.mp4": "",
        "train_splits/._dia0_utt1.mp4": "",
        "train_splits/dia125_utt3.mp4": "",
        "dev_splits_complete/dia0_utt0.mp4": "",
        "output_repeated_splits_test/dia0_utt0.mp4": "",
        "output_repeated_splits_test/dia38_utt4.mp4": "",
        "output_repeated_splits_test/dia99_utt9.mp4": "",
        "output_repeated_splits_test/final_videos_testdia0_utt0.mp4": "",
    },
    "esd": {
        "Emotional Speech Dataset (ESD)/0011/0011.txt": (
            "0011_000001\tThe nine the eggs, I keep.\tNeutral\n\n0011_000351\tThe nine the eggs, I keep.\tAngry\n"
        ),
        "Emotional Speech Dataset (ESD)/0001/0001.txt": "0001_000371\t打远一看，它们的确很是美丽。\t生气\n".encode(
            "gb18030"
        ),
        "Emotional Speech Dataset (ESD)/0011/Angry/train/0011_000401.wav": "",
        "Emotional Speech Dataset (ESD)/0011/Angry/evaluation/0011_000351.wav": "",
        "Emotional Speech Dataset (ESD)/0011/Neutral/evaluation/0011_000001.wav": "",
        "Emotional Speech Dataset (ESD)/0001/Angry/test/0001_000371.wav": "",
    },
    "synthesis_ser": {
        "TESS_Human_TEST.json": '[{"wav_path": "/data/tess/OAF_youth_sad.wav", "emotion": "sad"}]',
        "TESS_SYN_COSY_TEST.json": '{"items": [{"tts_wav_path": "/d/cosy/OAF_youth_sad.wav", "emotion": "sadness"}]}',
        "tess/OAF_youth_sad.wav": "",
        "cosy/OAF_youth_sad.wav": "",
    },
    "folder": {
        "table.csv": "path,emotion,text\nangry/one.wav,angry,Go away.\nhappy/two.wav,joy,Come in.\n",
        "angry/one.wav": "",
        "happy/two.wav": "",
    },
}


@pytest.fixture
def grown(tmp_path: Path) -> Callable[[Tree | Iterable[str]], Path]:
    """``grown(tree)`` writes a tree into a new folder called ``corpus``."""
    return lambda tree: plant(tmp_path / "corpus", tree)


@pytest.fixture
def trees() -> dict[str, Tree]:
    return TREES


@pytest.fixture
def official_tree(tmp_path: Path) -> Callable[[str], Path]:
    """``official_tree("tess")`` writes the small tree of a corpus and returns its folder."""
    return lambda name: plant(tmp_path / f"{name}_tree", TREES[name])
