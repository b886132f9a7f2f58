"""What to learn: fine-tuning rows chosen from recordings, and the card that says how."""

from slingshot.dataset.build import REJUDGED_FILE, Built, Given, Rejudging, build_dataset, build_folds
from slingshot.dataset.collection.conversations import (
    SavedConversation,
    load_conversation,
    open_conversation,
    save_conversation,
)
from slingshot.dataset.collection.shared_folder import add_conversations, check_collection
from slingshot.dataset.files import Row, read_rows
from slingshot.dataset.formats import Lost, ReadDataset, read_dataset, write_dataset
from slingshot.dataset.licences import Licence, known_licences, licence_of, read_licences
from slingshot.dataset.overlap.report import (
    OverlapLimits,
    OverlapReport,
    Target,
    measure_overlap,
    rows_without_overlap,
    targets_of_suite,
)
from slingshot.dataset.selecting.selection import Selection

__all__ = [
    "REJUDGED_FILE",
    "Built",
    "Given",
    "Licence",
    "Lost",
    "OverlapLimits",
    "OverlapReport",
    "ReadDataset",
    "Rejudging",
    "Row",
    "SavedConversation",
    "Selection",
    "Target",
    "add_conversations",
    "build_dataset",
    "build_folds",
    "check_collection",
    "known_licences",
    "licence_of",
    "load_conversation",
    "measure_overlap",
    "open_conversation",
    "read_dataset",
    "read_licences",
    "read_rows",
    "rows_without_overlap",
    "save_conversation",
    "targets_of_suite",
    "write_dataset",
]
