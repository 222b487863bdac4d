# What the scripts beside this file read. Copy it, change it, and name it: `./submit.sh settings.sh`.
# shellcheck shell=bash disable=SC2034 # whoever sources it uses them

# A folder that every node sees under this path: plans, rebuilt units, store and logs lie in it.
work=/shared/provenear
# The helper, of one version for all nodes.
provenear=/shared/provenear/bin/provenear
# The accounts, one a line.
list=$work/accounts.txt
# The key to sign with. The job that merges reads it, and no job that builds.
key=$HOME/rebuilder.pem
# Its public half, as a list of trusted keys: what it has signed already is not built again.
trust=$work/rebuilders.txt

# How accounts are looked up, such as --rpc, --lookups or --accept-image, and what decides a build, such as --network-access.
plan_options=()
# How units are built: the engine, the fence of one build, inside of what Slurm gives the job below, and what a plan may let it
# reach, such as --accept-image.
run_options=(--engine podman --memory 8g --cpus 2)

# What Slurm gives one task: the fence, and one GiB more for the helper.
rebuild_resources=(--cpus-per-task=2 --mem=9G --time=04:00:00)
# Where the jobs go, such as --partition=builds or --exclude=login1.
rebuild_options=()
merge_options=()
# At most so many tasks in the array (Slurm's MaxArraySize, less one), and so many at once. With more units than tasks, each
# task builds several.
tasks=1000
at_once=50
# How often a task that could not fetch something is put back into the queue.
retries=3
