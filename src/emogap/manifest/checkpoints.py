"""Where the checkpoint of ``ID@PATH_OR_HUB_ID`` lies on this machine.

Conventions:
    An existing folder is taken as it is. ``organization/name`` (or ``organization/name@revision``) is fetched from the
    Hugging Face hub, whole, into its own cache; ``HF_ENDPOINT`` names another hub. Nothing is executed or unpickled.
"""

import re
from pathlib import Path

from emogap.errors import EmogapError, MissingDependencyError

__all__ = ["checkpoint_folder"]

_HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")


def checkpoint_folder(checkpoint: str) -> Path:
    """Return the local folder of a checkpoint, fetched from the hub if it is no folder.

    Args:
        checkpoint: a folder, ``organization/name`` or ``organization/name@revision``

    Raises:
        EmogapError: if it is neither a folder nor a hub id, or the hub does not have it or cannot be reached
        MissingDependencyError: if it is a hub id and huggingface_hub is not installed

    """
    folder = Path(checkpoint).expanduser()
    if folder.is_dir():
        return folder
    hub_id = _HUB_ID.fullmatch(checkpoint)
    if hub_id is None:
        raise EmogapError(f"{checkpoint}: no such folder, expected a checkpoint folder or a hub id, organization/name")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as problem:
        raise MissingDependencyError(f"the hub checkpoint {checkpoint}", "offline", str(problem)) from None
    try:
        return Path(snapshot_download(hub_id["repository"], revision=hub_id["revision"]))
    except (OSError, ValueError) as problem:  # the hub's own errors derive from OSError
        reason = str(problem).partition("\n")[0]
        raise EmogapError(
            f"{checkpoint}: no such folder, and the hub does not give a repository of this name ({reason})"
        ) from None
