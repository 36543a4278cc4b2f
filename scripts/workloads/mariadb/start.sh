#!/bin/sh
# Makes the data directory if there is none, and becomes the server. Usage: start.sh FOLDER PORT
set -e
data=$1/data
if [ ! -e "$data/mysql" ]; then
  /bin/sh /usr/bin/mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db > "$1/install.log" 2>&1
fi
exec /usr/sbin/mariadbd --no-defaults --datadir="$data" --bind-address=127.0.0.1 --port="$2" --socket="$data/socket" \
  --log-bin="$data/binlog" --server-id=1 --slow-query-log --innodb-buffer-pool-size=32M --tmpdir=/tmp --secure-file-priv= \
  --sort-buffer-size=32K --event-scheduler=ON --thread-handling=pool-of-threads
