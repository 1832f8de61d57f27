#!/usr/bin/env bash
# Every open CUDA figure of the PyTorch trainer, in at most 9 minutes on one H100 or H200:
#
#   bench/torch/all.sh [FOLDER] [FIGURE ...]
#
# FOLDER (bench/results/cuda) gets FIGURE.json and FIGURE.log of each figure, and all.json with what became of each: measured, failed,
# cut, or why it was left out. all.json is whole at any moment. What is measured already is not measured again, so a call that was cut is
# repeated as it is.
# FIGUREs, in this order if none is named: update, rollout, step, tabletop, suite.
#
#   PYTHON    interpreter with torch, transformers, peft, tokenizers, pillow (python3); trl and datasets for step, pytest for suite.
#             Our pins (plugins/trainer-torch/python/requirements.txt) and PyTorch 2.11 with transformers 5.17 both will do.
#   MINUTES   of all figures together (9)
#   SMOKE=1   tiny, on the CPU: does everything run?
set -u
cd "$(dirname "$0")/../.." || exit
out=${1:-bench/results/cuda}
[ $# -gt 0 ] && shift
figures=${*:-update rollout step tabletop suite}
python=${PYTHON:-python3}
deadline=$((SECONDS + 60 * ${MINUTES:-9}))
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit
export PYTHONUNBUFFERED=1
smoke=(); [ "${SMOKE:-}" = 1 ] && smoke=(--smoke)

# What becomes of a figure, beside it; all.json is made of these.
note() { printf '%s' "$2" >"$out/$1.status" && "$python" bench/torch/collect.py "$out"; }

has() { "$python" -c "import $1" >/dev/null 2>&1; }

# Seconds that a figure may take, and its command.
limit() { case $1 in update) echo 150 ;; rollout) echo 130 ;; step) echo 110 ;; tabletop) echo 200 ;; suite) echo 120 ;; *) echo 0 ;; esac; }

begin() {
  case $1 in
    update) "$python" bench/torch/update.py "${smoke[@]}" --repeats 2 --json "$out/.update.json" ;;
    rollout) "$python" bench/torch/rollout.py "${smoke[@]}" --repeats 1 --waves 1 --plan 256 --json "$out/.rollout.json" ;;
    step) "$python" bench/torch/step.py "${smoke[@]}" --size 2b --repeats 2 --json "$out/.step.json" ;;
    tabletop) npx --no-install jiti bench/torch/tabletop.ts "${smoke[@]}" --python "$python" --out "$out/tabletop" --json "$out/.tabletop.json" ;;
    suite) "$python" bench/torch/suite.py "${smoke[@]}" --json "$out/.suite.json" ;;
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

# The running figure, with all that it started, ends with this script.
running='' watch=''
stop() {
  for group in $running $watch; do kill -TERM -- "-$group" 2>/dev/null; done
  for figure in $figures; do [ "$(cat "$out/$figure.status" 2>/dev/null)" = running ] && note "$figure" cut; done
  exit 130
}
trap stop INT TERM HUP

failed=0
set -m
for figure in $figures; do
  if [ "$(limit "$figure")" = 0 ]; then echo "$figure is none of: update rollout step tabletop suite" >&2; exit 2; fi
  [ -s "$out/$figure.json" ] && { echo "$figure: measured already"; continue; }
  why=$(missing "$figure")
  if [ -n "$why" ]; then note "$figure" "$why"; echo "$figure: $why"; continue; fi
  left=$((deadline - SECONDS)) most=$(limit "$figure")
  if [ "$left" -lt 20 ]; then note "$figure" 'left out: no time was left'; echo "$figure: no time left"; continue; fi
  [ "$most" -gt "$left" ] && most=$left
  note "$figure" running
  echo "$figure: at most $most s"
  started=$SECONDS
  begin "$figure" >"$out/$figure.log" 2>&1 &
  running=$!
  (sleep "$most"; kill -TERM -- "-$running"; sleep 10; kill -KILL -- "-$running") 2>/dev/null &
  watch=$!
  wait "$running"; rc=$?
  kill -TERM -- "-$watch" 2>/dev/null
  # The shell would tell of its end.
  wait "$watch" 2>/dev/null
  running='' watch=''
  if [ "$rc" = 0 ] && [ -s "$out/.$figure.json" ]; then
    mv "$out/.$figure.json" "$out/$figure.json"
    note "$figure" "measured in $((SECONDS - started)) s"
  elif [ $((SECONDS - started)) -ge "$most" ]; then
    note "$figure" "cut after $most s"; failed=1
  else
    note "$figure" "failed with $rc"; failed=1
    tail -n 15 "$out/$figure.log" >&2
  fi
  echo "$figure: $(cat "$out/$figure.status")"
done
cat "$out/all.json"
exit "$failed"
