#!/bin/sh
# Says the same in every run. Usage: git.sh FOLDER
folder=$1
export HOME=$folder/home GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
rm -rf "$folder/work" "$HOME" && mkdir -p "$folder/work" "$HOME" && cd "$folder/work" || exit 1
{
  git init -q -b main one && cd one || exit 1
  for i in $(seq 60); do echo "file $i" > "file-$i"; done
  git add . && git commit -q -m first
  git checkout -q -b side && echo changed >> file-1 && git commit -q -a -m second
  git checkout -q main && echo other >> file-2 && git commit -q -a -m third && git merge -q -m merged side
  git log --format=%h --graph | wc -l && git diff --stat HEAD~1 | tail -n 1 && git grep -c changed && git blame file-1 | wc -l
  git tag -a v1 -m v1 && git describe && git stash list && echo dirty >> file-3 && git stash -q && git stash pop -q && git checkout -q .
  git gc -q && git fsck 2> /dev/null && git repack -q -a -d -f && git count-objects
  git clone -q . ../two && git clone -q --no-local --depth 1 "file://$PWD" ../three && git -C ../two log -1 --format=%s
  git -C ../two fetch -q && git -C ../two pull -q && git worktree add -q ../tree side 2> /dev/null && git worktree list | wc -l
  git archive HEAD | wc -c && git bundle create -q ../all.bundle --all && git bundle verify -q ../all.bundle && git rev-parse HEAD
  git rebase -q side 2> /dev/null; git status --short | wc -l; git rm -q file-9 && git mv file-10 moved && git status --short
} > "$folder/out" 2> "$folder/errors"
