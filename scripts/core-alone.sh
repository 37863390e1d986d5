#!/usr/bin/env bash
# Copies the core into a folder, as a workspace without what only its benches need; further members may
# be named: scripts/core-alone.sh FOLDER [MEMBER…]. What is made worse there changes nothing here.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
core=crates/kunobi-ha-core

mkdir -p "$folder"
git ls-files --cached --others --exclude-standard -z .cargo Cargo.toml Cargo.lock rust-toolchain.toml $core "$@" |
    xargs -0 cp --parents -P -t "$folder"
members=$(printf ', "%s"' $core "$@")
sed -i "s|^members = .*|members = [${members#, }]|" "$folder/Cargo.toml"
sed -i -e '/^criterion/d' -e '/^\[\[bench\]\]/,/^$/d' "$folder/$core/Cargo.toml"
rm -r "$folder/$core/benches"
