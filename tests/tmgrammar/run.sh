#!/usr/bin/env bash
# Tries grammar/dsp.tmLanguage.json on the files beside this one, with `vscode-tmgrammar-test` in a folder of its own.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
if ! command -v npm > /dev/null; then
  echo "skipped: npm is not installed"
  exit 0
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" vscode-tmgrammar-test@0.1.3
node "$folder/node_modules/vscode-tmgrammar-test/dist/unit.js" \
  --grammar "$here/../../grammar/dsp.tmLanguage.json" "$here/*.dsp"
