"""Datasets in and out of the field's formats: what a file holds, and what a format cannot hold."""

from slingshot.dataset.formats.read import FORMATS, ReadDataset, read_dataset
from slingshot.dataset.formats.readme import Card
from slingshot.dataset.formats.write import Lost, write_dataset

__all__ = ["FORMATS", "Card", "Lost", "ReadDataset", "read_dataset", "write_dataset"]
