import Foundation
import PackagePlugin

/// Tells the program which commit it is built from, and whether what is built differs from it.
///
/// Before every build git is asked, which takes some hundredths of a second; a header that git ignores
/// is written again only where the answer is another, and one C file is compiled for it.
@main
struct BuildIdentity: BuildToolPlugin {
  private static let script = """
    cd "$1" && top=$(pwd -P) && mkdir -p "$2" || exit 0
    git() { command git -c safe.directory="$top" --no-optional-locks "$@" 2>/dev/null; }
    commit=unknown
    changes=0
    if [ "$(git rev-parse --show-toplevel)" = "$top" ]; then
      commit=$(git rev-parse --verify HEAD) || commit=unknown
      [ -z "$(git status --porcelain -- Package.swift Plugins Sources | head -n 1)" ] || changes=1
    fi
    text="#define GRADFID_COMMIT \\"$commit\\"
    #define GRADFID_CHANGES $changes"
    file=Sources/CBuild/generated.h
    [ "$(cat $file 2>/dev/null)" = "$text" ] || printf '%s\\n' "$text" > $file || exit 0
    """

  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folder = context.pluginWorkDirectoryURL
    return [
      .prebuildCommand(
        displayName: "Build identity", executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: ["-c", Self.script, "sh", context.package.directoryURL.path, folder.path],
        outputFilesDirectory: folder)
    ]
  }
}
