"""`hub_model_id`: what was trained goes to a repository of the Hugging Face hub when training is over."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from slingshot.errors import SlingshotError
from slingshot.files import write_text
from slingshot.hub import check_hub, upload_folder
from slingshot.models.base_model import WHEEL
from slingshot.training.config import TrainingConfig

_CARD = "README.md"
_SNAPSHOTS = "snapshots"  # in the path of every model that huggingface_hub has fetched


def check_upload(config: TrainingConfig) -> None:
    """Check before training that its result could be uploaded, if that is asked for.

    Raises:
        RequestError: there is no token, it may not write there, or the repository is public.
        SlingshotError: the hub refuses the token, or cannot be reached.
    """
    if not config.hub_model_id:
        return
    try:
        check_hub(config.hub_model_id, private=True)
    except SlingshotError as error:
        raise type(error)(f"hub_model_id: {error}; or upload nothing: --set hub_model_id=null") from error


def upload_output(
    out: Path, base: Path, config: TrainingConfig, report: Callable[[str], None] = lambda text: None
) -> str | None:
    """Upload the files of a training on `base`, without its checkpoints; the repository's address, None: not asked for.

    Raises:
        RequestError: as `check_upload`.
        SlingshotError: the hub refuses, is full, or cannot be reached.
    """
    repo = config.hub_model_id
    if not repo:
        return None
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file in out.iterdir():  # checkpoints and what trackers wrote are folders
            if file.is_file() and file.name != _CARD:
                (folder / file.name).symlink_to(file.absolute())
        write_text(folder / _CARD, _card(repo, base, config))
        try:
            return upload_folder(folder, repo, private=True, message="Trained by slingshot", report=report)
        except SlingshotError as error:
            raise type(error)(f"{out} holds all that was trained, and was not uploaded: {error}") from error


def _card(repo: str, base: Path, config: TrainingConfig) -> str:
    """A short model card; peft's names a folder of this machine as the base model, which the hub refuses."""
    metadata = [
        f"library_name: {'peft' if config.adapter else 'transformers'}",
        "pipeline_tag: text-generation",
    ]
    name, from_hub = config.base_model or "", _SNAPSHOTS in base.parts
    metadata += [f"base_model: {name}"] if from_hub else []
    shown = name if from_hub or name.startswith(WHEEL) else base.name
    what = "A LoRA adapter for" if config.adapter else "All weights trained, from"
    text = (
        f"{what} `{shown}`, trained with Slingshot. `training.json` has the figures of the training, `metrics.jsonl` "
        "every step, `base.json` the hashes of the base model's files."
    )
    return "\n".join(["---", *metadata, "---", "", f"# {repo.partition('/')[2]}", "", text, ""])
