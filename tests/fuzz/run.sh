#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# run.sh FOLDER SECONDS: runs every fuzz target in FOLDER for SECONDS. What it finds stays in FOLDER/findings, the corpus in
# FOLDER/corpus. Closes with "N targets, M executions, K findings"; fails on any finding.
set -uo pipefail
folder=$1 seconds=$2
targets=0 executions=0 findings=0
mkdir -p "$folder/findings"
export ASAN_OPTIONS=allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
for target in "$folder"/*_fuzz; do
  name=$(basename "$target")
  mkdir -p "$folder/corpus/$name"
  log=$folder/$name.log
  targets=$((targets + 1))
  if "$target" "$folder/corpus/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$folder/findings/$name-" >"$log" 2>&1; then
    verdict="ok"
  else
    findings=$((findings + 1))
    verdict="FOUND: see $log"
  fi
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  executions=$((executions + ${count:-0}))
  printf '%-28s %12s executions  %s\n' "$name" "${count:-?}" "$verdict"
done
printf '%d targets, %d executions, %d findings\n' "$targets" "$executions" "$findings"
[ "$targets" -gt 0 ] && [ "$findings" = 0 ]
