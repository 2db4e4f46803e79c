"""Prints results item by item as a table, JSON lines or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import click

from mien.cli.terminal.output import escape_control, show, table, write_json

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFormat(Generic[Item]):
    """How one kind of item is printed.

    Attributes:
        as_json: Converts an item to a JSON object.
        header: The header of the CSV.
        as_values: Converts an item to rows of CSV.
        columns: The column titles of the table.
        numbers: The ``columns`` that are right-aligned.
        as_cells: Converts an item to rows of the table.
    """

    as_json: Callable[[Item], dict[str, Any]]
    header: Sequence[str]
    as_values: Callable[[Item], Iterable[Sequence[Any]]]
    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    as_cells: Callable[[Item], Iterable[Sequence[str]]]


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` and ``--csv``, which set the parameter ``output_format``: "json", "csv" or None for a table."""
    as_csv = click.option(
        "--csv", "output_format", flag_value="csv", help="Print comma-separated values under a header."
    )
    as_json = click.option("--json", "output_format", flag_value="json", help="Print JSON, an object on each line.")
    return as_json(as_csv(command))


@contextmanager
def row_writer(
    output_format: str | None, layout: RowFormat[Item], *, rows_per_table: int | None = None
) -> Iterator[Callable[[Item], None]]:
    """Yield a function that prints an item: JSON and CSV at once, a table when the body ends, by Ctrl-C too.

    Args:
        output_format: "json", "csv" or None for a table.
        layout: How items are printed.
        rows_per_table: The maximum number of rows per table; None for a single table.
    """
    if output_format == "json":
        yield lambda item: write_json(layout.as_json(item))
    elif output_format == "csv":
        _write_csv(layout.header)
        yield lambda item: _write_each(layout.as_values(item))
    else:
        rows = table(*layout.columns, numbers=layout.numbers)

        def add(item: Item) -> None:
            nonlocal rows
            if rows_per_table is not None and rows.row_count >= rows_per_table:
                show(rows)
                rows = table(*layout.columns, numbers=layout.numbers)
            for cells in layout.as_cells(item):
                rows.add_row(*map(escape_control, cells))

        try:
            yield add
        finally:
            if rows.row_count:
                show(rows)


def _write_each(rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        _write_csv(row)


def _write_csv(row: Sequence[Any]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    click.echo(line.getvalue(), nl=False)
