"""What to learn: fine-tuning rows chosen from recordings, and the card that says how."""

from slingshot.dataset.build import Selection, build_dataset
from slingshot.dataset.files import Row, read_rows

__all__ = ["Row", "Selection", "build_dataset", "read_rows"]
