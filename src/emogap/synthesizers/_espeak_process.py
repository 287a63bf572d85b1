"""The child process that speaks one utterance with libespeak-ng; run as a script, it imports nothing of emogap.

Conventions:
    ``python -I -S _espeak_process.py LIBRARY DATA_FOLDER`` reads one JSON request (``text``, ``voice``, ``rate``,
    ``volume``, ``pitch``, ``range``) from standard input and writes the sampling rate as text, a newline,
    and 16-bit native-endian samples to standard output. A fresh process per utterance, because the library keeps
    phases of its oscillators from one utterance to the next: only its first one can be repeated sample by sample.
"""

import ctypes
import json
import sys

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
_DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
_UTF8 = 1  # espeakCHARS_UTF8
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}  # espeak_PARAMETER

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(library_path: str, data_folder: str, request: dict[str, object]) -> tuple[int, bytes]:
    """Return the sampling rate in Hz and the samples.

    Raises:
        OSError: if the library cannot be loaded
        RuntimeError: if a call into it fails

    """
    library = ctypes.CDLL(library_path)
    pieces: list[bytes] = []

    def collect(samples: "ctypes._Pointer[ctypes.c_short]", num_samples: int, _events: object) -> int:
        if samples and num_samples:
            pieces.append(ctypes.string_at(samples, num_samples * ctypes.sizeof(ctypes.c_short)))
        return 0

    callback = _Callback(collect)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, data_folder.encode(), _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise RuntimeError(f"espeak_Initialize failed with {rate_hz} for {data_folder}")
    library.espeak_SetSynthCallback(callback)
    if status := library.espeak_SetVoiceByName(str(request["voice"]).encode()):
        raise RuntimeError(f"espeak_SetVoiceByName failed with {status} for {request['voice']}")
    for name, code in _PARAMETERS.items():
        if status := library.espeak_SetParameter(code, int(str(request[name])), 0):
            raise RuntimeError(f"espeak_SetParameter failed with {status} for {name}")
    text = str(request["text"]).encode() + b"\0"
    if status := library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, _UTF8, None, None):
        raise RuntimeError(f"espeak_Synth failed with {status}")
    return int(rate_hz), b"".join(pieces)


if __name__ == "__main__":
    rate, spoken = speak(sys.argv[1], sys.argv[2], json.load(sys.stdin))
    sys.stdout.buffer.write(b"%d\n" % rate + spoken)
