"""What to learn: fine-tuning rows chosen from recordings, and the card that says how."""

from slingshot.dataset.build import Selection, build_dataset
from slingshot.dataset.files import Row, read_rows
from slingshot.dataset.formats import Lost, ReadDataset, read_dataset, write_dataset

__all__ = [
    "Lost",
    "ReadDataset",
    "Row",
    "Selection",
    "build_dataset",
    "read_dataset",
    "read_rows",
    "write_dataset",
]
