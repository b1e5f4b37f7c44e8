import re
import string
import sys
import unicodedata
from collections import Counter


# As DSPy defines it.
def normalize_text(s):
    s = unicodedata.normalize("NFD", s).lower()
    exclude = set(string.punctuation)
    s = "".join(ch for ch in s if ch not in exclude)
    s = re.sub(r"\b(a|an|the)\b", " ", s)
    return " ".join(s.split())


def f1(prediction, answer):
    prediction_tokens = normalize_text(prediction).split()
    answer_tokens = normalize_text(answer).split()
    same = sum((Counter(prediction_tokens) & Counter(answer_tokens)).values())
    if same == 0:
        return 0.0
    precision = same / len(prediction_tokens)
    recall = same / len(answer_tokens)
    return 2 * precision * recall / (precision + recall)


def scores():
    return [
        f1(f"The quick brown fox, number {i}!", f"a Quick brown dog (number {i % 7}).")
        for i in range(50_000)
    ]


print(round(sum(sum(scores()) for _ in range(int(sys.argv[1]))), 3))
