# Java: an HTTP server with files, channels, children, thread pools, compression, cryptography, and a small heap that is full of
# garbage; a thread dump by SIGQUIT. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/requests.sh"

java_packages() { printf '%s\n' openjdk-17-jdk-headless curl; }
java_phases() { :; }

java_image() {
  local root home
  server_has_image "$1" && return 0
  home=$(dirname "$(dirname "$(dpkg -L openjdk-17-jre-headless | grep '/bin/java$')")")
  root=$(server_root)
  server_package "$root" openjdk-17-jre-headless
  # Made at installation, of no package.
  if [ -e "$home/lib/server/classes.jsa" ]; then cp "$home/lib/server/classes.jsa" "$root$home/lib/server/"; fi
  ln -sf busybox "$root/usr/bin/sleep"
  "$home/bin/javac" -d "$root/app" scripts/servers/java/Server.java || return 1
  server_import "$root" "$1" "ENTRYPOINT [\"$home/bin/java\", \"-Xmx96m\", \"-cp\", \"/app\", \"Server\"]"
}

java_prepare() {
  local folder=$1
  mkdir -p "$folder/data"
  rm -rf "$folder"/data/{work,socket,upload}* "$folder/stopped"
  seq 1 100000 > "$folder/data/large.txt"
  echo hello > "$folder/greeting"
}

java_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
java_command() { printf '%s\n' "$1" "$SERVER_PORT"; }
java_ready() { server_until 30 curl -sf -o /dev/null "$(request_base)/"; }
java_ask() { request_each / files children; }

java_load() {
  local folder=$1 container=$2 cycle
  for cycle in $(seq "${SERVER_CYCLES:-8}"); do
    request_each / large files children threads channels network compress crypto memory compile system client missing |
      sed "s/^/$cycle /"
    request upload --data-binary "@$folder/data/large.txt" "$(request_base)/upload" | sed "s/^/$cycle /"
    request head --head "$(request_base)/large" | sed "s/^/$cycle /"
    request_many "$cycle" / large files children threads channels memory compile
    server_signal "$container" QUIT
    server_until 20 java_dumped "$container" "$cycle" || echo "$cycle no thread dump"
    request_each memory compile threads | sed "s/^/$cycle dumped /"
    rm -f "$folder/stopped"
    request_restart "$container" "$cycle" && java_ready "$folder" || echo "$cycle not started again"
    [ $((cycle % 2)) = 1 ] || cat "$folder/stopped"
  done
}

# Counted to the end: a reader that leaves early is a failure to a script with pipefail. The log is that of all starts.
java_dumped() { [ "$("$DOCKER" logs "$1" 2>&1 | grep -c 'Full thread dump')" -ge "$2" ]; }
