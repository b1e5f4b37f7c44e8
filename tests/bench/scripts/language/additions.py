import sys


def additions():
    total = 0
    for i in range(1_000_000):
        total += i
    return total


print(sum([additions() for _ in range(int(sys.argv[1]))]))
