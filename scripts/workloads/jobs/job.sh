#!/bin/bash
# What batch jobs do: files by the thousand, pipelines, archives, text tools, scripting languages, children, temporary files,
# locks, signals. Says the same in every run. Usage: job.sh FOLDER
set -u
folder=$1
export TMPDIR=$folder/tmp LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

digest() { sha256sum | cut -c1-16; }

text_tools() {
  seq 1 60000 > numbers
  sort -rn numbers | uniq | head -3 | paste -sd,
  sort -S 1M -T "$TMPDIR" -R numbers | sort -n --parallel=2 | digest
  awk '{ sum += $1 } END { print sum }' numbers
  awk 'BEGIN { while (("echo a; echo b" | getline line) > 0) print line; print "x" | "cat" }'
  sed -e 's/1/one/g' -e '2,4d' numbers | digest
  sed -i.old 's/^7$/seven/' numbers && grep -c seven numbers
  grep -E '^(12|34)' numbers | wc -l
  cut -c1-2 numbers | tr 0-9 a-j | rev | sort -u | wc -l
  split -l 20000 numbers part- && cat part-* | cmp - numbers && echo same
  comm -12 <(sort part-aa) <(sort part-ab) | wc -l
  diff numbers numbers.old
  join <(seq 1 5) <(seq 3 7) | paste -sd,
  nl -ba numbers | tail -1
  od -An -tx1 -N8 numbers
  tac numbers | tail -n 2 | xargs -n 1 echo | shuf --random-source=/dev/zero | sort | paste -sd,
  printf '%s\n' a b c | tee copy | wc -c
  numfmt --to=iec 123456789
  base64 < copy | base64 -d | md5sum | cut -c1-8
  expand copy | fold -w 1 | wc -l
}

archives() {
  mkdir -p tree/{a,b}/deep
  local i
  for i in $(seq 1 200); do echo "file $i" > "tree/a/deep/$i.txt"; done
  ln -s a/deep/1.txt tree/link
  ln tree/a/deep/2.txt tree/b/hard
  mkfifo tree/pipe && rm tree/pipe
  tar -C tree -cf tree.tar . && tar -tf tree.tar | wc -l
  tar -C tree -czf tree.tar.gz . && tar -C tree -cJf tree.tar.xz .
  mkdir out && tar -C out -xpf tree.tar.xz && diff -r tree out && echo unpacked
  tar --listed-incremental=state -cf level0.tar tree && echo more > tree/more && tar --listed-incremental=state -cf level1.tar tree
  tar -tf level1.tar | wc -l
  gzip -k numbers && zcat numbers.gz | digest
  xz -T2 -k numbers && xzcat numbers.xz | digest
  bzip2 -k numbers && bzip2 -dc numbers.bz2 | digest
  zstd -q -T2 numbers -o numbers.zst && zstd -dcq numbers.zst | digest
  find tree -name '*.txt' -newer tree.tar | wc -l
  find tree -type f -size 1 -printf '%f\n' | sort | head -2 | paste -sd,
  find tree -name '1*.txt' -exec cat {} + | digest
  find tree -name '2*.txt' -print0 | xargs -0 -P 4 -n 5 cat | sort | digest
  find out -type f -delete && find out -depth -type d -empty -delete
}

file_tools() {
  cp -a tree copied && cp --reflink=auto --sparse=always numbers sparse && cp -rs "$work/tree" linked
  mv numbers.old renamed && mv -n renamed copied/ && mv copied/renamed "$TMPDIR/other" && mv "$TMPDIR/other" .
  chmod -R u=rwX,go= copied && chmod 4755 copied/more && stat -c %a copied/more
  chown -R 1:1 copied 2> /dev/null && stat -c %u copied/more
  chgrp 2 copied/more && touch -d '2026-01-01 UTC' copied/more && stat -c %Y copied/more
  touch -h copied/link
  truncate -s 100k hole && dd if=/dev/zero of=hole bs=4k count=3 seek=10 conv=notrunc,fsync status=none && stat -c %s hole
  fallocate -l 8192 allocated && stat -c %s allocated
  dd if=numbers bs=1k skip=2 count=1 iflag=fullblock status=none | digest
  install -m 640 numbers installed && stat -c %a installed
  ln -sfn tree current && readlink -f current | sed "s#$work##" && realpath --relative-to=. current
  du -s tree > /dev/null && df . > /dev/null && ls -laR copied | wc -l
  rmdir --ignore-fail-on-non-empty tree/a tree/b/deep; sync numbers
  shred -n 1 -u installed; mktemp -u > /dev/null; mknod node p
  rm -rf copied linked
}

processes() {
  local i pid
  for i in 1 2 3 4; do (sleep 0.0$i; exit "$i") & done
  for pid in $(jobs -p); do wait "$pid"; printf '%s ' $?; done
  echo
  timeout 0.2 sleep 5; echo "timeout $?"
  (trap 'echo caught; exit 7' TERM; sleep 1 & wait) & pid=$!
  sleep 0.2; kill -TERM $pid; wait $pid; echo "ended $?"
  flock lock -c 'echo locked' && flock -n lock true
  nice -n 5 true && nohup true > /dev/null 2>&1 && env -i PATH="$PATH" printenv PATH | digest
  setsid sh -c 'echo session'
  ulimit -n 256; ulimit -n; umask 027; umask
  yes | head -1000 | wc -l
  read -r -t 1 line < <(echo read); echo "$line"
  coproc cat; echo pair >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"; kill "$COPROC_PID"
  exec 5> descriptor; echo five >&5; exec 5>&-; cat descriptor
  cat <<< here; date -u -d @0 +%F; id -u; uname -s; nproc > /dev/null; hostname > /dev/null; tty; logname 2> /dev/null
  date -d yesterday > /dev/null; sleep 0.1; ps > /dev/null; pgrep -x nothing; wait
}

languages() {
  perl -e 'use POSIX; use File::Temp; use IPC::Open3; my $t = File::Temp->new; print $t "x" x 10; close $t; print -s $t->filename, "\n";
    my $pid = fork; if (!$pid) { exit 3 } waitpid $pid, 0; print $? >> 8, "\n"; print `echo child`; local $SIG{ALRM} = sub { print "alarm\n" };
    alarm 1; select undef, undef, undef, 1.2; opendir my $d, "tree"; print scalar(grep !/^\./, readdir $d), "\n"; print sort { $a cmp $b } glob "num*.gz"'
  echo
  perl -ne 'print if /99$/' numbers | wc -l
  perl -MDigest::SHA=sha256_hex -e 'print substr(sha256_hex("x"), 0, 8), "\n"'
  /usr/bin/python3.11 - <<'PYTHON'
import csv, glob, gzip, json, multiprocessing, os, pathlib, shutil, sqlite3, subprocess, tempfile, zipfile
from concurrent.futures import ThreadPoolExecutor

with tempfile.TemporaryDirectory() as name:
    at = pathlib.Path(name)
    with open(at / "table.csv", "w", newline="") as file:
        csv.writer(file).writerows([i, i * i] for i in range(1000))
    with open(at / "table.csv", newline="") as file:
        print(sum(int(row[1]) for row in csv.reader(file)))
    with zipfile.ZipFile(at / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(at / "table.csv", "table.csv")
    with gzip.open(at / "table.gz", "wb") as file:
        file.write((at / "table.csv").read_bytes())
    shutil.copytree(at, at / "tree", dirs_exist_ok=True, ignore=lambda *_: ["tree"])
    shutil.move(at / "tree", at / "moved")
    print(len(list(at.rglob("*"))), subprocess.run(["sh", "-c", "exit 4"]).returncode)
    with sqlite3.connect(at / "base") as base:
        base.execute("create table t (x)")
        base.executemany("insert into t values (?)", [(i,) for i in range(100)])
        print(base.execute("select sum(x) from t").fetchone())
    with ThreadPoolExecutor(4) as pool:
        print(sum(pool.map(len, ["a" * i for i in range(20)])))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(pool.map(abs, range(-10, 0))))
    print(json.loads(json.dumps({"a": 1})), os.cpu_count() > 0)
PYTHON
}

small_shell() {
  dash -c 'for f in tree/*; do [ -d "$f" ] && echo "$f"; done; set -e; x=$(echo a | cat); case $x in a) echo "$x";; esac; (cd tree && pwd) | sed "s#.*/##"; trap "echo bye" EXIT'
}

for part in text_tools archives file_tools processes languages small_shell; do
  "$part" 2> "$folder/errors.$part" | sed "s/^/$part: /"
done > "$folder/out"
