# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
"""Draws what a ducker did: loudness of dialogue and background, and the gain."""
import html

WIDTH, HEIGHT = 1000, 560
LEFT, RIGHT, TOP, MIDDLE, BOTTOM = 70, 20, 60, 360, 500
LOUDNESS = (-60, 0)                          # LUFS, of the upper plot
COLOURS = {"dialogue": "#1f5fa8", "before": "#b8b8b8", "after": "#c2571a", "gain": "#2b7a3d"}
STYLE = "font-family='sans-serif' font-size='13' fill='#333'"


def scale(value, low, high, start, end):
    """Maps low..high to start..end; beyond is cut off."""
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return start + share * (end - start)


def thinned(values, most, choose):
    """At most `most` values, each the `choose` of its stretch."""
    step = max(1, -(-len(values) // most))
    return [(i, float(choose(values[i:i + step]))) for i in range(0, len(values), step)]


def curve(values, seconds, limits, edges, name, choose):
    points = " ".join(f"{scale(i * seconds / max(len(values), 1), 0, seconds, LEFT, WIDTH - RIGHT):.1f},"
                      f"{scale(v, *limits, *edges):.1f}" for i, v in thinned(values, 1500, choose))
    return f"<polyline points='{points}' fill='none' stroke='{COLOURS[name]}' stroke-width='1.5'/>"


def axis(limits, step, edges, unit):
    """Horizontal lines with their values, and the unit."""
    low, high = limits
    out = [f"<text x='12' y='{edges[1] - 8}' {STYLE}>{unit}</text>"]
    value = low
    while value <= high:
        y = scale(value, low, high, *edges)
        out.append(f"<line x1='{LEFT}' y1='{y:.1f}' x2='{WIDTH - RIGHT}' y2='{y:.1f}' stroke='#e4e4e4'/>"
                   f"<text x='{LEFT - 8}' y='{y + 4:.1f}' text-anchor='end' {STYLE}>{value:g}</text>")
        value += step
    return "".join(out)


def time_axis(seconds):
    step = next(s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 36000) if seconds / s <= 14 or s == 36000)
    out, t = [], 0
    while t <= seconds:
        x = scale(t, 0, seconds, LEFT, WIDTH - RIGHT)
        out.append(f"<line x1='{x:.1f}' y1='{BOTTOM}' x2='{x:.1f}' y2='{BOTTOM + 5}' stroke='#333'/>"
                   f"<text x='{x:.1f}' y='{BOTTOM + 20}' text-anchor='middle' {STYLE}>{t:g}</text>")
        t += step
    return "".join(out) + f"<text x='{WIDTH / 2}' y='{BOTTOM + 42}' text-anchor='middle' {STYLE}>time, s</text>"


def legend(entries):
    out, x = [], LEFT
    for name, text in entries:
        out.append(f"<line x1='{x}' y1='42' x2='{x + 24}' y2='42' stroke='{COLOURS[name]}' stroke-width='3'/>"
                   f"<text x='{x + 30}' y='46' {STYLE}>{text}</text>")
        x += 60 + 7 * len(text)
    return "".join(out)


def balance_svg(m, dialogue, background):
    """m: time (s), dialogue, before, after (LUFS) and gain (dB), arrays of one
    length; seconds. Returns the picture as text."""
    seconds = max(m["seconds"], 0.1)
    upper, lower = (MIDDLE - 20, TOP + 10), (BOTTOM, MIDDLE + 30)
    deepest = min(-12, 6 * (float(m["gain"].min()) // 6))
    title = html.escape(f"{dialogue} over {background}")
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
        f"<text x='{LEFT}' y='24' font-family='sans-serif' font-size='17' fill='#111'>{title}</text>",
        legend([("dialogue", "dialogue"), ("before", "background before"), ("after", "background after"),
                ("gain", "gain of the background")]),
        axis(LOUDNESS, 10, upper, "LUFS"), axis((deepest, 0), 6 if deepest > -30 else 12, lower, "dB"),
        curve(m["before"], seconds, LOUDNESS, upper, "before", max), curve(m["after"], seconds, LOUDNESS, upper, "after", max),
        curve(m["dialogue"], seconds, LOUDNESS, upper, "dialogue", max),
        curve(m["gain"], seconds, (deepest, 0), lower, "gain", min),
        time_axis(seconds), "</svg>", ""])
