#!/bin/sh
# Train colornet on a GPU: training/on_gpu.sh PHOTOS RUN MINUTES [START [further options of training.train]]
#
# PHOTOS is as training/README.md says; a collection.tsv in RUN's parent folder, copied from the machine that
# holds the whole collection, makes the split the same here. DEVICE=cpu tries all of it without a GPU. What a
# GPU's ten minutes are worth, and why these settings, stands in training/EXPERIMENTS.md.
set -eu
photos=$1 run=$2 minutes=$3 start=${4:-training/colornet.pt}
[ $# -gt 4 ] && shift 4 || shift $#
mkdir -p "$run"
exec "${PYTHON:-python3}" -m training.train --data "$photos" --run "$run" --start "$start" --minutes "$minutes" \
    --device "${DEVICE:-cuda}" --resident 1 --threads 1 --batch 256 --crops 100000000 \
    --rate 3e-3 --warmup 0.03 --decay 0.03 --averaging 0.9995 --consistency 0.3 \
    --sides 128:0.45,160:0.88,192:1 --validate-minutes 1 "$@"
