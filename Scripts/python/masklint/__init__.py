"""masklint: finds mislabelled pixels in semantic segmentation datasets, with cleanlab.segmentation's functions.

`from masklint import filter, rank, summary` takes the place of `from cleanlab.segmentation import ...`.
"""
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import filter as filter
    from . import rank as rank
    from . import summary as summary
    from .filter import Audit as Audit
    from .filter import audit as audit
    from .filter import find_label_issues as find_label_issues
    from .rank import get_label_quality_scores as get_label_quality_scores
    from .rank import issues_from_scores as issues_from_scores
    from .summary import common_label_issues as common_label_issues
    from .summary import display_issues as display_issues
    from .summary import filter_by_class as filter_by_class
    from .summary import report as report

    __version__: str

_HOMES = {
    "Audit": "filter", "audit": "filter", "find_label_issues": "filter", "get_label_quality_scores": "rank",
    "issues_from_scores": "rank", "common_label_issues": "summary", "display_issues": "summary",
    "filter_by_class": "summary", "report": "summary",
}

__all__ = [*_HOMES, "filter", "rank", "summary"]


def __getattr__(name: str) -> Any:
    """Imports on first use: the command `masklint` comes through here too and must not wait for NumPy."""
    import importlib

    if name == "__version__":
        from importlib.metadata import version

        return version("masklint")
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    if name in ("filter", "rank", "summary"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'masklint' has no attribute '{name}'")
