#!/bin/bash
# Plans what there is to rebuild, and submits it: a job array, and behind it the job that merges. Prints a folder and the ids of
# both. Run it where jobs can be submitted and endpoints can be reached.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: submit.sh SETTINGS" >&2
  exit 2
fi
settings=$(realpath -- "$1")
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
# shellcheck source=settings.sh
. "$settings"
# A folder for each plan: jobs of an earlier one may still be in the queue.
mkdir -p "$work/plans" "$work/public/manifests"
folder=$(mktemp -d "$work/plans/$(date --utc +%Y%m%dT%H%M%SZ).XXXX")
mkdir "$folder/units" "$folder/logs"

exit=0
"$provenear" batch plan "$list" --to "$folder/plan.json" --store "$work/public/manifests" --trust "$trust" \
  "${plan_options[@]}" > "$folder/units.txt" || exit=$?
# An account that could not be looked up is named in the plan, and keeps nobody else's from being built.
if [ ! -f "$folder/plan.json" ]; then exit "$exit"; fi
count=$(wc -l < "$folder/units.txt")
echo "folder $folder"
if [ "$count" = 0 ]; then
  echo "nothing to rebuild"
  exit "$exit"
fi

last=$(((count < tasks ? count : tasks) - 1))
rebuild=$(sbatch --parsable --array="0-$last%$at_once" --output="$folder/logs/rebuild-%a.log" \
  "${rebuild_resources[@]}" "${rebuild_options[@]}" "$here/rebuild.sbatch" "$settings" "$folder")
# After all of them, however they ended: what is there is merged, and the next plan has what is not.
merge=$(sbatch --parsable --dependency="afterany:$rebuild" --output="$folder/logs/merge.log" \
  "${merge_options[@]}" "$here/merge.sbatch" "$settings" "$folder")
echo "rebuild $rebuild"
echo "merge $merge"
