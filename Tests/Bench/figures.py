"""Figures and the tables they stand in. A table is printed as Markdown, to be read and to be pasted."""
import statistics


def median(values):
    return statistics.median(values)


def p99(values):
    """The value that one in a hundred passes."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def short(value):
    """Three figures that mean something."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def ratio(values, reference):
    """How many times the reference's median, as text."""
    return f"{short(median(values) / median(reference))} x" if reference else ""


class Table:
    """Rows of text under a title, with a line of what was done."""

    def __init__(self, title, about, *columns):
        self.title, self.about, self.columns, self.rows = title, about, columns, []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def __str__(self):
        rows = [list(self.columns), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]

        def line(cells):
            padded = [cell.ljust(width) if i == 0 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(cells, widths))]
            return "| " + " | ".join(padded) + " |"

        rule = "|" + "|".join("-" * (width + 1) + ("-" if i == 0 else ":") for i, width in enumerate(widths)) + "|"
        return "\n".join([f"### {self.title}", self.about, "", line(rows[0]), rule, *map(line, rows[1:]), ""])
