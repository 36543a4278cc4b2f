# The Java server with another garbage collector (-XX:+UseZGC). Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../servers/java.sh"

java-zgc_packages() { java_packages; }
java-zgc_phases() { java_phases; }
java-zgc_image() { workload_image_of java "$1"; }
java-zgc_prepare() { java_prepare "$@"; }
java-zgc_arguments() { java_arguments "$@" && printf '%s\n' -e "JAVA_TOOL_OPTIONS=-XX:+UseZGC -XX:+UseNUMA"; }
java-zgc_command() { java_command "$@"; }
java-zgc_ready() { java_ready "$@"; }
java-zgc_ask() { java_ask "$@"; }
java-zgc_load() { java_load "$@"; }
