#!/bin/sh
# The table of optimizers in the README, made live: sh tests/bench/optimizers/measure.sh
# Needs npm and pip for the texts, and the two Qwen models as files in the folder that MODELS names (default: models).
# Takes an hour and a half on two busy cores; a run that is broken off goes on where it was.
set -e
cd "$(dirname "$0")/../../.."
models=$(cd "${MODELS:-models}" && pwd)
python3 tests/bench/optimizers/make_mails.py
python3 tests/bench/optimizers/make_news.py
ask() {
    echo "$*"
    cargo run --release -q -- run --allow-read "$models" tests/bench/optimizers/optimizers.dsp "$@"
}
small="local/$models/qwen2.5-coder-0.5b.gguf"
large="local/$models/qwen2.5-coder-1.5b.gguf"
ask --task language
ask --task language --structured off
ask --task news --model "$small" --candidates 2
ask --task mails --model "$small" --train 20 --test 30 --demos 4 --candidates 2
ask --task mails --model "$large" --train 12 --test 20 --demos 4 --candidates 2
