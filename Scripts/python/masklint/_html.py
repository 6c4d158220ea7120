"""Tables and pictures as HTML for notebooks, without scripts."""
from html import escape
from typing import Any, List, Sequence

from ._pictures import data_address, size_of


def table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table; whatever is not text is set right."""
    lines = ["<table><thead><tr>", *(f"<th>{escape(title)}</th>" for title in heading), "</tr></thead><tbody>"]
    for row in rows:
        cells = (f"<td>{escape(cell)}</td>" if isinstance(cell, str)
                 else f'<td style="text-align:right">{number(cell)}</td>' for cell in row)
        lines += ["<tr>", *cells, "</tr>"]
    return "".join([*lines, "</tbody></table>"])


def number(value: Any) -> str:
    """A count with commas, a fraction with four decimals, nothing for None."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def figure(picture: Any, caption: str) -> str:
    """A picture with a line below it."""
    width, height = size_of(picture)
    return (f'<figure style="margin:0"><img src="{data_address(picture)}" alt="{escape(caption)}" width="{width}" '
            f'height="{height}" style="image-rendering:pixelated"><figcaption>{escape(caption)}</figcaption></figure>')


def block(parts: List[str]) -> str:
    """Parts beside each other, as far as there is room."""
    cells = "".join(f"<div>{part}</div>" for part in parts)
    return f'<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start">{cells}</div>'
