# Writes Sources/CBuild/generated.h of the package $1: the commit it is built from, and whether what is built
# differs from it. Written again only where the answer is another, so that one C file is compiled for it.
#
#   sh Plugins/BuildIdentity/identity.sh PACKAGE [FOLDER that the build system asks for]
[ -z "${2:-}" ] || mkdir -p "$2" || exit 0
cd "$1" && top=$(pwd -P) || exit 0
git() { command git -c safe.directory="$top" --no-optional-locks "$@" 2>/dev/null; }
commit=unknown
changes=0
if [ "$(git rev-parse --show-toplevel)" = "$top" ]; then
  commit=$(git rev-parse --verify HEAD) || commit=unknown
  [ -z "$(git status --porcelain -- Package.swift Plugins Sources | head -n 1)" ] || changes=1
fi
text="#define GRADFID_COMMIT \"$commit\"
#define GRADFID_CHANGES $changes"
file=Sources/CBuild/generated.h
[ "$(cat $file 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" > $file || exit 0
