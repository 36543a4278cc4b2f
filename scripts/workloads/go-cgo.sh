# The same service in Go with C in it (CGO_ENABLED=1): names are looked up and threads are made by the C library.
# Source after scripts/lib/servers.sh.
. "$(dirname "${BASH_SOURCE[0]}")/go.sh"

go-cgo_packages() { printf '%s\n' gcc libc6-dev; go_packages; }
go-cgo_versions() { go_versions; }
go-cgo_phases() { go_phases; }
go-cgo_image() { go_image_with "$1" CGO_ENABLED=1 GOFLAGS=-tags=netcgo; }
go-cgo_prepare() { go_prepare "$@"; }
go-cgo_arguments() { go_arguments "$@"; }
go-cgo_command() { go_command "$@"; }
go-cgo_ready() { go_ready "$@"; }
go-cgo_ask() { go_ask "$@"; }
go-cgo_load() { go_load "$@"; }
