#!/usr/bin/env bash
# `whittle prove` as scripts see it. Usage: prove.sh WHITTLE
set -uo pipefail
whittle=$(realpath "$1")
. "$(dirname "$0")/expect.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
target=(--loader docker --loader-version 20.10.24 --runtime runc --runtime-version 1.1.5 --arch x86_64 --kernel 6.1 --cap none)

expect 0 '' "$whittle" prove docker-default docker-default "${target[@]}"
expect 1 '' "$whittle" prove docker-default allow-all "${target[@]}"

# Who reads a pipe gets every difference, and as many as --json has.
"$whittle" prove docker-default allow-all "${target[@]}" > all.tsv 2> all.err
"$whittle" prove docker-default allow-all "${target[@]}" --json > all.json 2> /dev/null
lines=$(wc -l < all.tsv)
checks=$((checks + 3))
[ "$lines" -gt 40 ] || fault "only $lines differences: too few to be cut off"
[ "$lines" = "$(grep -c '"change"' all.json)" ] || fault "$lines lines, --json has another number"
! grep -q 'more' all.err || fault 'a file was told of more differences'

# A terminal gets the first 40, and the number of the others.
script -qec "'$whittle' prove docker-default allow-all ${target[*]}" /dev/null < /dev/null > terminal.txt
checks=$((checks + 2))
[ "$(grep -c $'^looser\t' terminal.txt)" = 40 ] || fault 'a terminal did not get 40 lines'
grep -q "and $((lines - 40)) more" terminal.txt || fault 'a terminal was not told how many more there are'

finish
