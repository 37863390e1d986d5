#!/usr/bin/env bash
# The protocol, proved for all delays: `scripts/proof-smt.sh [short|release] [FILE]`.
# FILE has pairs of the Rust table (proofs/smt/compare.py); without it, only the comparison itself is tested.
set -euo pipefail
cd "$(dirname "$0")/.."
form=${1:-short}
pairs=${2:-}

venv=target/proof-smt
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r proofs/smt/requirements.txt
python="$venv/bin/python -B"

echo "== rows: the functions that carry them out"
$python proofs/smt/rows.py
echo "== prove $form"
$python proofs/smt/prove.py "$form"
echo "== mutants"
$python proofs/smt/mutants.py
echo "== compare"
$python proofs/smt/compare.py --self
if [ -n "$pairs" ]; then
    $python proofs/smt/compare.py "$pairs"
fi
echo "proof-smt $form: ok"
