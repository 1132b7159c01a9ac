# Functions that the scripts share. Sourced, never run:
#
#     . "$(dirname "$0")/lib.sh"
#
# Sets `root`, the top of the repository.

# An ordinary user's PATH lacks the directory of ip(8) and others.
PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Prints the program of systemd called $1 (systemd keeps them off PATH). Status 1: not installed.
systemd_program() {
    local directory
    for directory in /usr/lib/systemd /lib/systemd; do
        [ -x "$directory/$1" ] || continue
        printf '%s\n' "$directory/$1"
        return 0
    done
    return 1
}

# Prints a python3 that has the modules named. Status 1: there is none.
#
# The one on PATH may be somebody's own (pyenv, a virtual environment) and lack what
# Debian's has, or the other way round. `find_spec` looks without importing, which is quick.
python_with() {
    local candidate
    for candidate in /usr/bin/python3 python3; do
        command -v "$candidate" >/dev/null || continue
        "$candidate" - "$@" 2>/dev/null <<'PYTHON' || continue
import importlib.util, sys
sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))
PYTHON
        command -v "$candidate"
        return 0
    done
    return 1
}

# Prints the traits of the package, comma separated, in a stable order, without those given as arguments.
package_traits() {
    swift package --package-path "$root" dump-package |
        jq -r '[.traits[]?.name] - ["default"] - $ARGS.positional | sort | join(",")' --args "$@"
}
