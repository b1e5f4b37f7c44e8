import sys

print(sum([len([i * 2 for i in range(1_000_000)]) for _ in range(int(sys.argv[1]))]))
