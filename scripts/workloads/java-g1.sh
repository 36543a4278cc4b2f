# The Java server with another garbage collector (-XX:+UseG1GC). Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/workloads.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../servers/java.sh"

java-g1_packages() { java_packages; }
java-g1_phases() { java_phases; }
java-g1_image() { workload_image_of java "$1"; }
java-g1_prepare() { java_prepare "$@"; }
java-g1_arguments() { java_arguments "$@" && printf '%s\n' -e "JAVA_TOOL_OPTIONS=-XX:+UseG1GC -XX:+UseNUMA"; }
java-g1_command() { java_command "$@"; }
java-g1_ready() { java_ready "$@"; }
java-g1_ask() { java_ask "$@"; }
java-g1_load() { java_load "$@"; }
