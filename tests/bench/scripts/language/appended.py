import sys


def appended():
    xs = []
    for i in range(1_000_000):
        xs += [i]
    return xs


print(sum([len(appended()) for _ in range(int(sys.argv[1]))]))
