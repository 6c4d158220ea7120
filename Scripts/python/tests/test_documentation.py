"""What help, completion and the manual say of the functions."""
import doctest
import importlib.util
import inspect
import pydoc
import re
import rlcompleter
from pathlib import Path
from typing import Annotated, Any, Dict

import numpy as np
import pytest

import masklint.dask
import masklint.images
from masklint import _options

ENTRIES: Dict[str, Any] = {
    **{name: getattr(masklint, name) for name in masklint.__all__},
    **{f"images.{name}": getattr(masklint.images, name) for name in masklint.images.__all__},
    **{f"dask.{name}": getattr(masklint.dask, name) for name in masklint.dask.__all__}}
FUNCTIONS = [name for name, value in ENTRIES.items() if inspect.isfunction(value)]
CLASSES = [name for name, value in ENTRIES.items() if inspect.isclass(value)]
SCRIPT = Path(__file__).parents[1] / "make_api_page.py"


def documented_parameters(function: Any) -> "list[str]":
    """Names in the section of parameters, in their order."""
    section = re.search(r"(?s)Parameters\n-+\n(.*?)\n\n[A-Z]", inspect.getdoc(function) or "")
    assert section is not None
    return [name.lstrip("*") for names in re.findall(r"(?m)^([\w*, ]+) :|^(\*\*\w+)$", section[1])
            for name in "".join(names).split(", ")]


def test_completion_and_dir_know_every_name() -> None:
    assert set(masklint.__all__) <= set(dir(masklint))
    complete = rlcompleter.Completer({"masklint": masklint}).complete
    assert (complete("masklint.find", 0) or "").startswith("masklint.find_label_issues(")


def test_help_shows_every_function() -> None:
    text = pydoc.plain(pydoc.render_doc(masklint))
    for name in FUNCTIONS:
        assert re.search(rf"(?m)^    {name}\(", text) or "." in name, name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_in_the_signature_and_in_the_docstring(name: str) -> None:
    function = ENTRIES[name]
    parameters = inspect.signature(function).parameters
    assert documented_parameters(function) == list(parameters)
    assert "options" not in parameters


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_the_sections_that_a_reader_looks_for(name: str) -> None:
    text = inspect.getdoc(ENTRIES[name]) or ""
    for section in ("Parameters", "Returns|Yields", "Raises", "Examples"):
        assert re.search(rf"\n({section})\n-+\n", text) or (name, section[:7]) == ("display_issues", "Returns"), section
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", FUNCTIONS)
def test_defaults_in_the_docstring_are_those_of_the_signature(name: str) -> None:
    function = ENTRIES[name]
    parameters = inspect.signature(function).parameters
    for keyword, default in re.findall(r"(?m)^(\w+) : .*, default (.+)$", inspect.getdoc(function) or ""):
        if (keyword, default) != ("top", "20"):
            assert repr(parameters[keyword].default) == default, keyword


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = ENTRIES[name]
    if name == "regions":
        pytest.importorskip("pandas", reason="the example shows a DataFrame")
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with np.printoptions(legacy=False):
        for test in doctest.DocTestFinder(recurse=False).find(value, name, globs={}):
            runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_a_keyword_is_added_by_one_line() -> None:
    class More(_options.FindOptions, total=False):
        upside_down: Annotated[bool, _options.About("bool", False, "Images stand on their heads.")]

    @_options.documented(More)
    def find(labels: Any, **options: Any) -> Any:
        """Find.

        Parameters
        ----------
        labels : array
            Labels.
        **options
            Others.

        Returns
        -------
        None
        """
        return _options.arguments(options, More, "find")

    assert inspect.signature(find).parameters["upside_down"].default is False
    assert "upside_down : bool, default False\n    Images stand on their heads.\n" in (find.__doc__ or "")
    assert "**options" not in (find.__doc__ or "")
    assert find(0, upside_down=True, ignore_label=[-1, 255]) == [
        "--upside-down", "--ignore-label=-1", "--ignore-label=255"]


def test_the_manuals_page_is_that_of_the_docstrings() -> None:
    spec = importlib.util.spec_from_file_location("make_api_page", SCRIPT)
    assert spec is not None and spec.loader is not None
    script: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), f"run python3 {SCRIPT.name} and commit the page"
