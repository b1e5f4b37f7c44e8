import sys


def splits():
    text = "the quick brown fox jumps"
    total = 0
    for i in range(200_000):
        total += len("-".join(text.split(" ")))
    return total


print(sum([splits() for _ in range(int(sys.argv[1]))]))
