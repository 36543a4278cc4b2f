#!/bin/sh
# SQLite from its shell: journals of all kinds, several writers at once, sorting on disk, attached and temporary tables, vacuum,
# backup, what was left by a writer that was killed. Usage: job.sh FOLDER
folder=$1
work=$folder/work
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1
sql() { /usr/bin/sqlite3 -batch -bail "$@"; }
{
  for mode in delete truncate persist memory wal; do
    sql $mode.db "pragma journal_mode = $mode; create table t (id integer primary key, w text);
      with recursive n(x) as (select 1 union all select x + 1 from n where x < 20000) insert into t select x, 'word ' || x from n;
      create index i on t (w); begin; delete from t where id % 3 = 0; savepoint s; delete from t; rollback to s; commit;
      select count(*), max(w) from t; pragma integrity_check;"
  done
  for i in 1 2 3 4; do
    (for j in 1 2 3 4 5 6 7 8; do sql -cmd '.timeout 20000' wal.db "insert into t (w) values ('from $i $j')"; done) &
  done
  wait
  sql wal.db "select count(*) from t where w like 'from%'; pragma wal_checkpoint(truncate); pragma mmap_size = 100000000; select sum(length(w)) from t"
  sql sort.db "pragma temp_store = file; pragma cache_size = 10; create table big as
    with recursive n(x) as (select 1 union all select x + 1 from n where x < 60000) select x, hex(x) || printf('%050d', x) as y from n;
    select y from big order by y desc limit 1; attach 'other.db' as other; create table other.u as select * from big where x < 100;
    create temp table v as select * from other.u; select count(*) from v; pragma auto_vacuum = incremental; vacuum; vacuum into 'copy.db';
    select count(*) from big group by x % 2"
  sql sort.db '.backup saved.db' '.dump other' > dumped && sql saved.db 'select count(*) from big' && wc -c < dumped
  printf '1,one\n2,two\n' > table.csv
  sql import.db '.mode csv' '.import table.csv words' && sql import.db '.output out.csv' 'select * from words' && cat out.csv
  (echo 'begin; create table lost (a);'; sleep 2) | sql delete.db & sleep 0.5; kill -9 $!
  wait; sql delete.db "select count(*) from sqlite_master where name = 'lost'; pragma locking_mode = exclusive; insert into t (w) values ('x'); select changes()"
} > "$folder/out" 2>&1
