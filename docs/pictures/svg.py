# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Line charts as SVG text, with nothing but Python's standard library.

A picture has axes and lines; page() puts several below or beside each other.
"""
import html
import math

COLOURS = ("#1f5fa8", "#c2571a", "#2b7a3d", "#8a3ea8", "#b3202c", "#00838f", "#8d6e00", "#555555",
           "#d81b60", "#5c6bc0", "#7cb342", "#3e2723")
TEXT = "font-family='sans-serif' font-size='12' fill='#333'"


def number(x):
    return f"{x:.1f}".rstrip("0").rstrip(".")


def text(x, y, words, anchor="start", style=TEXT):
    return f"<text x='{number(x)}' y='{number(y)}' text-anchor='{anchor}' {style}>{html.escape(words)}</text>"


def polyline(points, colour, dashed):
    path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return (f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='1.4'"
            + (" stroke-dasharray='4 3'" if dashed else "") + "/>")


class Legend:
    """Names with a dash of their colour, in rows below the title."""

    def __init__(self, lines, left, width):
        self.text, x, y = "", left, 34
        for line in lines:
            if line.name:
                length = 38 + 6.7 * len(line.name)
                if x > left and x + length > width:
                    x, y = left, y + 15
                self.text += polyline([(x, y - 4), (x + 18, y - 4)], line.colour, line.dashed) + text(x + 23, y, line.name)
                x += length
        self.bottom = y


class Line:
    def __init__(self, xs, ys, name, dashed, colour):
        self.xs, self.ys, self.name, self.dashed, self.colour = list(xs), list(ys), name, dashed, colour


class Picture:
    """Lines with their colours; the subclasses have the axes."""

    def __init__(self, size, title):
        self.width, self.height = size
        self.title, self.lines = title, []

    def line(self, xs, ys, name=None, dashed=False, colour=None):
        """Without a colour of its own it gets the next one of the row."""
        taken = sum(line.name is not None for line in self.lines)
        self.lines.append(Line(xs, ys, name, dashed, colour or COLOURS[taken % len(COLOURS)]))

    def drawn_lines(self):
        """Points that are NaN interrupt a line."""
        for line in self.lines:
            piece = []
            for x, y in [*zip(line.xs, line.ys), (0, math.nan)]:
                if not math.isnan(y):
                    piece.append(self.place(x, y))
                elif len(piece) > 1:
                    yield polyline(piece, line.colour, line.dashed)
                    piece = []
                else:
                    piece = []

    def draw(self):
        legend = Legend(self.lines, self.left, self.width)
        self.top = legend.bottom + 10
        title = text(self.left, 16, self.title, style="font-family='sans-serif' font-size='14' fill='#111'")
        return "\n".join([title, legend.text, self.axes(), *self.drawn_lines()])


class Chart(Picture):
    """Two axes. limits: ((x low, x high), (y low, y high)); ticks: the marked values
    of both; labels: of both; log_x for frequencies."""
    left, right, below = 56, 14, 38      # margins around the axes, px

    def __init__(self, size, limits, ticks, labels, title, log_x=False):
        super().__init__(size, title)
        self.limits, self.ticks, self.labels, self.log_x = limits, ticks, labels, log_x

    def place(self, x, y):
        """Value to pixel; what is beyond the axes is moved to their edge."""
        (x0, x1), (y0, y1) = self.limits
        if self.log_x:
            x, x0, x1 = math.log(x), math.log(x0), math.log(x1)
        share_x, share_y = (min(max((v - a) / (b - a), 0), 1) for v, a, b in ((x, x0, x1), (y, y0, y1)))
        return (self.left + share_x * (self.width - self.left - self.right),
                self.height - self.below - share_y * (self.height - self.top - self.below))

    def axes(self):
        out, end = [], self.width - self.right
        for x in self.ticks[0]:
            px, bottom = self.place(x, self.limits[1][0])
            out.append(f"<path d='M{number(px)} {number(self.top)}V{number(bottom)}' stroke='#e4e4e4'/>"
                       + text(px, bottom + 15, f"{x:g}", "middle"))
        for y in self.ticks[1]:
            left, py = self.place(self.limits[0][0], y)
            out.append(f"<path d='M{self.left} {number(py)}H{end}' stroke='#e4e4e4'/>"
                       + text(left - 6, py + 4, f"{y:g}", "end"))
        out.append(text((self.left + end) / 2, self.height - 6, self.labels[0], "middle"))
        out.append(f"<g transform='translate(14 {number((self.top + self.height - self.below) / 2)}) rotate(-90)'>"
                   + text(0, 0, self.labels[1], "middle") + "</g>")
        return "".join(out)


class Polar(Picture):
    """Lines around a centre: 0 degrees up, positive angles to the left, as in the
    directions of sound; radius 0 to 1."""
    left = 12

    def place(self, degrees, radius):
        most = min(self.width - 70, self.height - self.top - 36) / 2
        angle = math.radians(degrees)
        return (self.width / 2 - most * radius * math.sin(angle),
                self.top + 18 + most - most * radius * math.cos(angle))

    def axes(self):
        centre, edge, out = self.place(0, 0), self.place(0, 1), []
        for share in (0.25, 0.5, 0.75, 1):
            out.append(f"<circle cx='{number(centre[0])}' cy='{number(centre[1])}' "
                       f"r='{number(share * (centre[1] - edge[1]))}' fill='none' stroke='#e4e4e4'/>")
        for angle, anchor in ((0, "middle"), (90, "end"), (180, "middle"), (-90, "start")):
            x, y = self.place(angle, 1.04)
            out.append(text(x, y + {0: 0, 180: 10}.get(angle, 4), f"{angle}", anchor))
        return "".join(out)


def page(charts, beside=False):
    """The charts below each other, or beside each other, as a picture."""
    width = sum(c.width for c in charts) if beside else max(c.width for c in charts)
    height = max(c.height for c in charts) if beside else sum(c.height for c in charts)
    out, x, y = [], 0, 0
    for chart in charts:
        out.append(f"<g transform='translate({x} {y})'>\n{chart.draw()}\n</g>")
        x, y = (x + chart.width, 0) if beside else (0, y + chart.height)
    return (f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}'>\n"
            f"<rect width='{width}' height='{height}' fill='white'/>\n" + "\n".join(out) + "\n</svg>\n")
