"""What to learn: fine-tuning rows chosen from recordings, and the card that says how."""

from slingshot.dataset.build import Built, Given, Rejudging, build_dataset, build_folds
from slingshot.dataset.files import Row, read_rows
from slingshot.dataset.formats import Lost, ReadDataset, read_dataset, write_dataset
from slingshot.dataset.selection import Selection

__all__ = [
    "Built",
    "Given",
    "Lost",
    "ReadDataset",
    "Rejudging",
    "Row",
    "Selection",
    "build_dataset",
    "build_folds",
    "read_dataset",
    "read_rows",
    "write_dataset",
]
