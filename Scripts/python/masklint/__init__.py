"""Find mislabelled pixels in semantic segmentation datasets, with cleanlab.segmentation's functions.

``from masklint import filter, rank, summary`` takes the place of ``from cleanlab.segmentation import ...``; the
functions of all three are here too. ``python -m masklint.images`` turns folders of masks and photographs into arrays
and back, and `masklint.dask` audits shards on a cluster.

Examples
--------
>>> import masklint
>>> found = masklint.audit("labels.npy", "pred_probs.npy", ignore_label=255)  # doctest: +SKIP
>>> found.label_issues.sum()  # doctest: +SKIP
"""
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from . import filter as filter
    from . import rank as rank
    from . import summary as summary
    from ._inspect import ArrayFacts as ArrayFacts
    from ._inspect import inspect as inspect
    from ._regions import Region as Region
    from ._regions import regions as regions
    from ._shards import Thresholds as Thresholds
    from ._shards import merge as merge
    from ._shards import thresholds as thresholds
    from .filter import Audit as Audit
    from .filter import audit as audit
    from .filter import find_label_issues as find_label_issues
    from .rank import get_label_quality_scores as get_label_quality_scores
    from .rank import issues_from_scores as issues_from_scores
    from .summary import Swap as Swap
    from .summary import common_label_issues as common_label_issues
    from .summary import display_issues as display_issues
    from .summary import filter_by_class as filter_by_class
    from .summary import report as report

    __version__: str

# In the order in which the manual has them.
_HOMES = {
    "find_label_issues": "filter", "audit": "filter", "get_label_quality_scores": "rank", "issues_from_scores": "rank",
    "common_label_issues": "summary", "filter_by_class": "summary", "display_issues": "summary", "regions": "_regions",
    "report": "summary", "inspect": "_inspect", "thresholds": "_shards", "merge": "_shards", "Audit": "filter",
    "Swap": "summary", "Region": "_regions", "ArrayFacts": "_inspect", "Thresholds": "_shards",
}
_MODULES = ("filter", "rank", "summary")

__all__ = [*_HOMES, *_MODULES]


def __getattr__(name: str) -> Any:
    """Imports on first use: the command `masklint` comes through here too and must not wait for NumPy."""
    import importlib

    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("masklint")
        except PackageNotFoundError:
            raise AttributeError("masklint is not installed, which is how its version would be known") from None
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'masklint' has no attribute '{name}'")


def __dir__() -> List[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
