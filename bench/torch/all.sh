#!/usr/bin/env bash
# Every open CUDA figure of the PyTorch trainer, in at most 9 minutes on one H100 or H200:
#
#   bench/torch/all.sh [FOLDER] [FIGURE ...]
#
# FOLDER (bench/results/cuda) gets FIGURE.json and FIGURE.log of each figure, and all.json with what became of each: measured, failed or
# cut with the end of its log, or why it was left out. all.json is whole at any moment. What is measured already is not measured again, so
# a call that was cut is repeated as it is. However this script ends, SIGKILL included, the running figure ends with it.
# FIGUREs, in this order if none is named: update, rollout, step, tabletop, suite.
#
#   PYTHON    interpreter with torch, transformers, peft, tokenizers, pillow (python3); trl and datasets for step, pytest for suite.
#             Our pins (plugins/trainer-torch/python/requirements.txt) and PyTorch 2.11 with transformers 5.17 both will do.
#   MINUTES   of all figures together (9)
#   SMOKE=1   tiny, on the CPU: does everything run? FOLDER is then bench/results/cpu, for the two do not mix.
set -u
cd "$(dirname "$0")/../.." || exit
device=cuda smoke=()
[ "${SMOKE:-}" = 1 ] && device=cpu smoke=(--smoke)
out=${1:-bench/results/$device}
[ $# -gt 0 ] && shift
figures=${*:-}
python=${PYTHON:-python3}
deadline=$((SECONDS + 60 * ${MINUTES:-9}))
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit
export PYTHONUNBUFFERED=1
every='update rollout step tabletop suite'
# Seconds that a figure has to end by itself, when it is told to.
grace=10

# What becomes of a figure, beside it; all.json is made of these.
note() { printf '%s' "$2" >"$out/$1.status" && collect; }

collect() { "$python" bench/torch/collect.py "$out"; }

become() { cat "$out/$1.status" 2>/dev/null; }

has() { "$python" -c "import importlib.util as found, sys; sys.exit(found.find_spec('$1') is None)"; }

measured() { [ -s "$out/$1.json" ]; }

# Seconds that a figure may take, and its command.
limit() { case $1 in update) echo 150 ;; rollout) echo 130 ;; step) echo 110 ;; tabletop) echo 200 ;; suite) echo 120 ;; *) echo 0 ;; esac; }

command_of() {
  local json=(--json "$out/.$1.json")
  case $1 in
    update) command=("$python" bench/torch/update.py "${smoke[@]}" --repeats 2 "${json[@]}") ;;
    rollout) command=("$python" bench/torch/rollout.py "${smoke[@]}" --repeats 1 --waves 1 --plan 256 "${json[@]}") ;;
    step) command=("$python" bench/torch/step.py "${smoke[@]}" --size 2b --repeats 2 "${json[@]}") ;;
    tabletop)
      command=(node node_modules/jiti/lib/jiti-cli.mjs bench/torch/tabletop.ts "${smoke[@]}" --python "$python")
      command+=(--out "$out/tabletop-$device" "${json[@]}") ;;
    suite) command=("$python" bench/torch/suite.py "${smoke[@]}" "${json[@]}") ;;
  esac
}

missing() {
  case $1 in
    step) has trl && has datasets || echo 'left out: trl and datasets are not installed' ;;
    suite) has pytest || echo 'left out: pytest is not installed' ;;
    tabletop)
      if ! command -v node >/dev/null; then echo 'left out: there is no node'
      elif [ ! -e packages/cli/dist/main.js ]; then echo 'left out: the project is not built'; fi ;;
  esac
}

# Says what became of a figure that ran when a script ended.
settle() {
  local name end
  for name in $every; do
    end=cut; measured "$name" && end=measured
    case $(become "$name") in running*) printf '%s' "$end" >"$out/$name.status" ;; esac
  done
  collect
}

running=''
stop() {
  trap '' INT TERM HUP
  [ -n "$running" ] && kill -TERM "$running" 2>/dev/null && wait "$running"
  settle
  exit 130
}
trap stop INT TERM HUP

for figure in ${figures:=$every}; do
  if [ "$(limit "$figure")" = 0 ]; then echo "$figure is none of: $every" >&2; exit 2; fi
done
for figure in $every; do
  if measured "$figure" && ! grep -q "\"device\": \"$device\"" "$out/$figure.json"; then
    echo "$out/$figure.json is not of $device: name another folder" >&2; exit 2
  fi
done
settle
failed=0
for figure in $figures; do
  measured "$figure" && { echo "$figure: measured already"; continue; }
  why=$(missing "$figure")
  if [ -n "$why" ]; then note "$figure" "$why"; echo "$figure: $why"; continue; fi
  left=$((deadline - grace - SECONDS)) most=$(limit "$figure")
  if [ "$left" -lt 20 ]; then note "$figure" 'left out: no time was left'; echo "$figure: no time left"; continue; fi
  [ "$most" -gt "$left" ] && most=$left
  note "$figure" "running since $(date -u +%H:%M:%S) UTC for at most $most s; cut, if the script is gone"
  echo "$figure: at most $most s"
  started=$SECONDS
  rm -f "$out/.$figure.json"
  command_of "$figure"
  "$python" -IS bench/torch/guard.py $$ "$most" "$grace" "${command[@]}" >"$out/$figure.log" 2>&1 </dev/null &
  running=$!
  wait "$running"; rc=$?
  running=''
  if [ "$rc" = 0 ] && [ -s "$out/.$figure.json" ]; then
    mv "$out/.$figure.json" "$out/$figure.json"
    note "$figure" "measured in $((SECONDS - started)) s"
  elif [ "$rc" = 124 ]; then
    note "$figure" "cut after $most s"; failed=1
  else
    note "$figure" "failed with $rc"; failed=1
    tail -n 15 "$out/$figure.log" >&2
  fi
  echo "$figure: $(become "$figure")"
done
cat "$out/all.json"
exit "$failed"
