# Tomcat, a servlet container, with Shenandoah for garbage: static files of two applications. No role was recorded with it. Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"

tomcat_packages() { printf '%s\n' openjdk-17-jre-headless tomcat10 curl; }
tomcat_phases() { :; }

tomcat_image() {
  local root home
  server_has_image "$1" && return 0
  home=$(dirname "$(dirname "$(dpkg -L openjdk-17-jre-headless | grep '/bin/java$')")")
  root=$(server_root)
  server_package "$root" openjdk-17-jre-headless
  mkdir -p "$root/tomcat"
  cp -rL /usr/share/tomcat10/{bin,lib} "$root/tomcat/"
  server_import "$root" "$1" "ENTRYPOINT [\"$home/bin/java\", \"-Xmx128m\", \"-XX:+UseShenandoahGC\", \
\"-cp\", \"/tomcat/bin/bootstrap.jar:/tomcat/bin/tomcat-juli.jar\"]"
}

tomcat_prepare() {
  local folder=$1
  rm -rf "$folder/base"
  mkdir -p "$folder"/base/{conf,logs,temp,work,webapps/ROOT,webapps/other}
  cp -L /usr/share/tomcat10/etc/web.xml "$folder/base/conf/"
  cat > "$folder/base/conf/server.xml" <<CONF
<Server port="-1"><Service name="Catalina">
  <Executor name="pool" maxThreads="16" minSpareThreads="2"/>
  <Connector executor="pool" port="$SERVER_PORT" address="127.0.0.1" protocol="org.apache.coyote.http11.Http11NioProtocol" compression="on"/>
  <Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps" autoDeploy="true">
    <Valve className="org.apache.catalina.valves.AccessLogValve" directory="logs" prefix="access" suffix=".log"/>
  </Host></Engine>
</Service></Server>
CONF
  seq 1 100000 > "$folder/base/webapps/ROOT/large.txt"
  echo other > "$folder/base/webapps/other/index.html"
  echo 'it works' > "$folder/base/webapps/ROOT/index.html"
  touch -d '2026-01-01 00:00:00 UTC' "$folder"/base/webapps/*/*
}

tomcat_arguments() { printf '%s\n' --network host -v "$1:$1" --tmpfs /tmp; }
tomcat_command() {
  printf '%s\n' -Dcatalina.home=/tomcat "-Dcatalina.base=$1/base" "-Djava.io.tmpdir=$1/base/temp" org.apache.catalina.startup.Bootstrap start
}
tomcat_ready() { server_until 40 curl -sf -o /dev/null "$(request_base)/"; }
tomcat_ask() { request_each /; }

tomcat_load() {
  local cycle
  for cycle in $(seq "${SERVER_CYCLES:-2}"); do
    tomcat_ready || { echo "$cycle does not answer"; return 1; }
    request_each / large.txt other/ | sed "s/^/$cycle /"
    request packed --compressed "$(request_base)/large.txt" | sed "s/^/$cycle /"
    request range -r 10-20 "$(request_base)/large.txt" | sed "s/^/$cycle /"
    request_many "$cycle" / large.txt other/
    request_restart "$2" "$cycle" && tomcat_ready || echo "$cycle not started again"
  done
}
