#!/usr/bin/env bash
# A server of models that others wrote, on 127.0.0.1: start.sh aimock|litellm|llmock|llamacpp PORT [ARGUMENT…]. It is
# installed into $DSP_SERVERS (a folder below the temporary one) where it is not there yet. Ends with 77 where npm or pip is
# absent.
set -euo pipefail
name=$1 port=$2
shift 2
folder=${DSP_SERVERS:-${TMPDIR:-/tmp}/dsp-servers}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"

# Two tests may want one server: the first installs it.
exec 9>"$folder/$name.lock"
flock 9

python() { # NAME PACKAGE
  if [ ! -e "$folder/$1/done" ]; then
    python3 -m venv "$folder/$1" || exit 77
    "$folder/$1/bin/pip" install --quiet "$2" >&2
    touch "$folder/$1/done"
  fi
}

case $name in
  aimock)
    command -v npm >/dev/null || exit 77
    if [ ! -e "$folder/aimock/done" ]; then
      mkdir -p "$folder/aimock"
      (cd "$folder/aimock" && npm install --silent --no-audit --no-fund --prefix . @copilotkit/aimock@1.43.0 >&2)
      touch "$folder/aimock/done"
    fi
    exec 9>&- "$folder/aimock/node_modules/.bin/llmock" -h 127.0.0.1 -p "$port" -f "$here/aimock.json" -c 5 --log-level silent "$@"
    ;;
  litellm)
    command -v python3 >/dev/null || exit 77
    python litellm 'litellm[proxy]==1.106.2'
    # Where the prices would be fetched from is not to be reached.
    export LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY=true
    exec 9>&- "$folder/litellm/bin/litellm" --host 127.0.0.1 --port "$port" "$@" >&2
    ;;
  llmock)
    command -v python3 >/dev/null || exit 77
    python llmock 'llmock==0.2.2'
    exec 9>&- "$folder/llmock/bin/llmock" serve --host 127.0.0.1 --port "$port" --log-level error "$@" >&2
    ;;
  llamacpp)
    command -v python3 >/dev/null || exit 77
    python llamacpp 'xllamacpp==2026.10.11549'
    exec 9>&- "$folder/llamacpp/bin/python" "$here/llamacpp.py" "$port" "$@" >&2
    ;;
  llmock-report)
    exec 9>&- "$folder/llmock/bin/llmock" report --url "http://127.0.0.1:$port" --json "$@"
    ;;
  *)
    echo "no server $name" >&2
    exit 2
    ;;
esac
