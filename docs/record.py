#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Records what a command prints on a terminal, as an SVG.

    docs/record.py PICTURE.svg COLUMNS SHOWN COMMAND...

SHOWN is what the picture has behind the prompt. The command runs on a terminal of its own; of what it sends only text,
line ends and colours (SGR) are taken. Lines that are longer than COLUMNS are cut, with a mark.
"""
import html
import os
import pty
import re
import sys

# the colours of a dark terminal, by the number of SGR
COLOURS = {31: "#f47067", 32: "#8ddb8c", 33: "#daaa3f", 34: "#6cb6ff", 35: "#dcbdfb", 36: "#76e3ea", 90: "#768390"}
PLAIN, GROUND, PROMPT = "#d0d7de", "#1c2128", "#8ddb8c"
STYLES = {False: 'font-weight="normal"', True: 'font-weight="bold"'}
WIDTH, HEIGHT, MARGIN = 7.83, 17, 14  # of a character, a line, the border; in pixels


def run(command):
    """Everything the command sends to its terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.waitpid(pid, 0)
    return b"".join(chunks).decode("utf-8", "replace")


def spans(line):
    """(text, colour, bold) for each part of a line."""
    colour, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        codes = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not codes:
            text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x1f\x7f]", "", part)
            if text:
                yield text, colour, bold
            continue
        for code in (int(c or 0) for c in codes.group(1).split(";")):
            if code == 0:
                colour, bold = PLAIN, False
            elif code == 1:
                bold = True
            elif code == 2:
                colour = COLOURS[90]
            else:
                colour = COLOURS.get(code, colour)


def cut(parts, columns):
    """The parts that fit, the last one with a mark if something does not."""
    parts, left, shown = list(parts), columns, []
    if sum(len(text) for text, _, _ in parts) <= columns:
        return parts
    for text, colour, bold in parts:
        if len(text) >= left:
            shown.append((text[: left - 1], colour, bold))
            break
        shown.append((text, colour, bold))
        left -= len(text)
    return shown + [("\N{HORIZONTAL ELLIPSIS}", COLOURS[90], False)]


def picture(lines, columns):
    width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    yield f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>'
    yield '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13" xml:space="preserve" style="white-space:pre">'
    for number, parts in enumerate(lines):
        length = round(sum(len(text) for text, _, _ in parts) * WIDTH, 2)
        styled = "".join(f'<tspan {STYLES[bold]} fill="{colour}">{html.escape(text)}</tspan>'
                         for text, colour, bold in parts)
        yield f'<text x="{MARGIN}" y="{MARGIN + number * HEIGHT + 13}" textLength="{length}">{styled}</text>'
    yield "</g></svg>"


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    target, columns, shown, command = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    text = run(command).replace("\r\n", "\n").rstrip("\n")
    lines = [[("$ ", PROMPT, True), (shown, PLAIN, True)]]
    lines += [cut(spans(line), columns) for line in text.split("\n")]
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(picture(lines, columns)) + "\n")


main()
