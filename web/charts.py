"""Charts as SVG within the page: without a script, a style or anything from elsewhere; board.css colours them."""

import sys
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import SubElement

import pygal
from markupsafe import Markup
from pygal.etree import etree
from pygal.graph.graph import Graph
from pygal.style import Style

# Looks for plug-ins of pygal's, of which there are none here, in a way that Python no longer knows: every other
# import that fails would warn of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
# With lxml about it would make other trees than those that are taken apart below.
etree.to_etree()

_WIDTH, _HEIGHT = 560, 150
_LABELS = 6
_KEPT = frozenset({"g", "path", "rect", "circle", "text", "title"})
"""Of an SVG's elements."""


def bars(values: Sequence[int], labels: Sequence[str], tell: Callable[[float], str]) -> Markup:
    """A bar for each day."""
    return _drawn(pygal.Bar, values, labels, tell)


def line(values: Sequence[int], labels: Sequence[str], tell: Callable[[float], str]) -> Markup:
    """A line through all days."""
    return _drawn(pygal.Line, values, labels, tell, show_dots=False)


def _drawn(
    kind: type[Graph], values: Sequence[int], labels: Sequence[str], tell: Callable[[float], str], **more: Any
) -> Markup:
    chart: Any = kind(
        js=[],
        css=[],
        style=Style(),
        width=_WIDTH,
        height=_HEIGHT,
        margin=4,
        spacing=6,
        show_legend=False,
        min_scale=2,
        max_scale=4,
        include_x_axis=True,
        show_minor_x_labels=False,
        formatter=tell,
        value_formatter=tell,
        no_data_text=tell(0),
        truncate_label=-1,
        pretty_print=False,
        **more,
    )
    chart.x_labels = list(labels)
    chart.x_labels_major = list(labels)[:: max(1, len(labels) // _LABELS)]
    chart.add("", list(values))
    chart.add_xml_filter(_bare)
    # It comes from numbers and dates alone; nobody's words are in it.
    return Markup(chart.render(is_unicode=True, disable_xml_declaration=True))  # noqa: S704


def _bare(root: Any) -> Any:
    """Without what a strict page would not run, and hidden from readers: the words beside it say the same."""
    for parent in list(root.iter()):
        said = {child.get("class"): child.text for child in parent if _name(child) == "desc"}
        for child in list(parent):
            if _name(child) not in _KEPT or (parent is root and _name(child) == "title"):
                parent.remove(child)
        parent.attrib.pop("style", None)
        if "value" in said:
            element = SubElement(parent, "title")  # what a pointer shows
            element.text = f"{said.get('x_label', '')}: {said['value']}"
    root.attrib.pop("id", None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return root


def _name(element: Any) -> str:
    """A comment has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
